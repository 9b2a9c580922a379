import rule from "../../../policies/observability/alarm-acts.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyzeStack, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const AGAIN = "It is judged again when the update has made it known.";
const LIMIT = "at least one action's ARN, unless a rollback or a composite alarm that acts hangs on it";
const MISSING = "breaching, notBreaching or ignore, or missing beside insufficientDataActions";
const TOPIC = "arn:aws:sns:us-east-1:111122223333:frugal-prod-notices";
const silent = (path: string, shown: string) =>
  `alarm-acts/silent: ${path} is ${shown}, must be ${LIMIT}. Name whom it tells.`;

describe("alarm-acts", () => {
  for (const provider of PROVIDERS) {
    const alarm = compliant(provider, "alarm");
    const composite = compliant(provider, "compositeAlarm");
    const nameOf = provider === "native" ? "alarmName" : "name";
    const mute = broken(alarm, "alarmActions", undefined);
    const judge = (...resources: Resource[]) => analyzeStack(rule, resources);

    for (const [kind, one] of [
      ["metric", alarm],
      ["composite", composite],
    ] as const) {
      it(`${provider}: a ${kind} alarm that tells nobody`, async () => {
        violates(await judge(one));
        for (const [value, path, shown] of [
          [undefined, "alarmActions", "absent"],
          [[], "alarmActions", "empty"],
          [[""], "alarmActions[0]", "empty"],
          [["ops"], "alarmActions[0]", '"ops"'],
        ] as const) {
          violates(await judge(broken(one, "alarmActions", value)), silent(path, shown));
        }
        violates(await judge(broken(one, "alarmActions", ["ops", TOPIC])));
      });

      it(`${provider}: a ${kind} alarm whose actions are off`, async () => {
        violates(await judge(broken(one, "actionsEnabled", undefined)));
        for (const [value, shown] of [
          [false, "false"],
          ["true", '"true"'],
        ] as const) {
          violates(
            await judge(broken(one, "actionsEnabled", value)),
            `alarm-acts/disabled: actionsEnabled is ${shown}, must be true or absent. Turn them on, or delete the alarm.`,
          );
        }
      });

      it(`${provider}: a ${kind} alarm without a runbook`, async () => {
        for (const [value, shown] of [
          [undefined, "absent"],
          ["", "empty"],
          ["It failed. Runbook: none.", '"It failed. Runbook: none."'],
          ["See https://", '"See https://"'],
          ["See page.mdx", '"See page.mdx"'],
        ] as const) {
          violates(
            await judge(broken(one, "alarmDescription", value)),
            `alarm-acts/runbook: alarmDescription is ${shown}, must be a text with a runbook's address or path. Say in it what to do when the alarm goes off, or where that is written.`,
          );
        }
        for (const link of [
          "https://wiki.example.com/x",
          "http://wiki",
          "RUNBOOK.MD",
          "Runbook: RUNBOOK.md",
          "(../ops/on-call.adoc#failed)",
        ])
          violates(await judge(broken(one, "alarmDescription", link)));
      });

      it(`${provider}: what is not known yet of a ${kind} alarm`, async () => {
        for (const [property, limit] of [
          ["actionsEnabled", "true or absent"],
          ["alarmActions", LIMIT],
          ["alarmDescription", "a text with a runbook's address or path"],
        ] as const) {
          notes(
            await judge(broken(one, property, UNKNOWN)),
            `alarm-acts/waits: ${property} is not known yet, must be ${limit}. ${AGAIN}`,
          );
        }
        const hidden = broken(one, "alarmActions", [UNKNOWN]);
        notes(await judge(hidden), `alarm-acts/waits: alarmActions[0] is not known yet, must be ${LIMIT}. ${AGAIN}`);
        const dependencies = { propertyDependencies: { alarmActions: ["bucket"] } };
        violates(await judge({ ...hidden, ...dependencies }, compliant(provider, "bucket")));
        // A list that is not known as a whole may be empty.
        notes(
          await judge({ ...broken(one, "alarmActions", UNKNOWN), ...dependencies }, compliant(provider, "bucket")),
          `alarm-acts/waits: alarmActions is not known yet, must be ${LIMIT}. ${AGAIN}`,
        );
      });
    }

    it(`${provider}: what missing data means is written`, async () => {
      const words = (shown: string) =>
        `alarm-acts/missing-data: treatMissingData is ${shown}, must be ${MISSING}. Write what silence means; by default nobody hears of it.`;
      for (const value of ["breaching", "notBreaching", "ignore"])
        violates(await judge(broken(alarm, "treatMissingData", value)));
      violates(await judge(broken(alarm, "treatMissingData", undefined)), words("absent"));
      violates(await judge(broken(alarm, "treatMissingData", "Breaching")), words('"Breaching"'));
      notes(
        await judge(broken(alarm, "treatMissingData", UNKNOWN)),
        `alarm-acts/waits: treatMissingData is not known yet, must be ${MISSING}. ${AGAIN}`,
      );
      // The classic provider writes `missing` where nothing was written.
      const missing = broken(alarm, "treatMissingData", "missing");
      violates(await judge(missing), words('"missing"'));
      violates(await judge(broken(missing, "insufficientDataActions", [])), words('"missing"'));
      violates(await judge(broken(missing, "insufficientDataActions", [TOPIC])));
      notes(
        await judge(broken(missing, "insufficientDataActions", UNKNOWN)),
        `alarm-acts/waits: insufficientDataActions is not known yet, must be at least one action's ARN, as treatMissingData is missing. ${AGAIN}`,
      );
    });

    it(`${provider}: an alarm on a query takes no such setting`, async () => {
      const query = broken(alarm, "treatMissingData", undefined);
      violates(await judge(broken(query, "evaluationCriteria", { promql: {} })));
      notes(
        await judge(broken(query, "evaluationCriteria", UNKNOWN)),
        `alarm-acts/waits: evaluationCriteria is not known yet, must be known, as an alarm on a query has no treatMissingData. ${AGAIN}`,
      );
    });

    it(`${provider}: a composite alarm that acts speaks for its members, in every spelling`, async () => {
      violates(await judge(broken(mute, "actionsEnabled", false), composite));
      for (const rule of [
        "ALARM(frugal-prod-submission-failed)",
        "NOT OK('frugal-prod-submission-failed') AND TRUE",
        'FALSE OR INSUFFICIENT_DATA( "frugal-prod-submission-failed" )',
        "ALARM(arn:aws:cloudwatch:us-east-1:111122223333:alarm:frugal-prod-submission-failed)",
      ])
        violates(await judge(mute, broken(composite, "alarmRule", rule)));
      const other = broken(composite, "alarmRule", 'ALARM("frugal-prod-submission")');
      violates(await judge(mute, other), silent("alarmActions", "absent"));
      violates(
        await judge(broken(mute, nameOf, UNKNOWN), {
          ...broken(composite, "alarmRule", UNKNOWN),
          propertyDependencies: { alarmRule: ["alarm"] },
        }),
      );
      violates(await judge(mute, broken(composite, "alarmRule", UNKNOWN)), silent("alarmActions", "absent"));
    });

    it(`${provider}: a composite alarm that does not act speaks for nobody, and neither do two that hold each other`, async () => {
      const quiet = broken(composite, "alarmActions", []);
      const off = broken(composite, "actionsEnabled", false);
      violates(await judge(mute, quiet), silent("alarmActions", "absent"), silent("alarmActions", "empty"));
      violates(
        await judge(mute, off),
        silent("alarmActions", "absent"),
        "alarm-acts/disabled: actionsEnabled is false, must be true or absent. Turn them on, or delete the alarm.",
      );
      const ring = (name: string, inner: string): Resource => {
        const named = broken(quiet, "alarmName", name);
        return { ...broken(named, "alarmRule", `ALARM(${inner})`), name };
      };
      violates(
        await judge(ring("a", "b"), ring("b", "a")),
        silent("alarmActions", "empty"),
        silent("alarmActions", "empty"),
      );
      // One that acts speaks for all below it.
      const top = { ...broken(composite, "alarmRule", "ALARM(a)"), name: "top" };
      const middle = broken(ring("a", "x"), "alarmRule", "ALARM(frugal-prod-submission-failed)");
      violates(await judge(mute, middle, top));
    });

    it(`${provider}: a rollback hangs on it, by name or by reference`, async () => {
      const endpoint = compliant(provider, "endpoint");
      const rolling = (alarmName: string) =>
        broken(endpoint, "deploymentConfig", { autoRollbackConfiguration: { alarms: [{ alarmName }] } });
      violates(await judge(mute, rolling("frugal-prod-submission-failed")));
      violates(await judge(mute, rolling("another")), silent("alarmActions", "absent"));
      violates(await judge(mute, { ...rolling(UNKNOWN), propertyDependencies: { deploymentConfig: ["alarm"] } }));
      violates(await judge(mute, rolling(UNKNOWN)), silent("alarmActions", "absent"));
      // A composite alarm named there brings its members along.
      const quiet = broken(composite, "alarmActions", []);
      violates(await judge(mute, quiet, rolling("frugal-prod-anything-failed")));
    });

    it(`${provider}: a state machine that looks at it rolls back`, async () => {
      const machine = compliant(provider, "stateMachine");
      const looking = (names: unknown, resource = "arn:aws:states:::aws-sdk:cloudwatch:describeAlarms"): Resource => {
        const look = { Type: "Task", Resource: resource, Arguments: { AlarmNames: names }, End: true };
        const definition = { StartAt: "Look", States: { Look: look } };
        return broken(machine, "definition", provider === "native" ? definition : JSON.stringify(definition));
      };
      violates(await judge(mute, looking(["frugal-prod-submission-failed"])));
      violates(await judge(mute, looking(["another"])), silent("alarmActions", "absent"));
      violates(
        await judge(mute, looking(["frugal-prod-submission-failed"], "arn:aws:states:::lambda:invoke")),
        silent("alarmActions", "absent"),
      );
      if (provider === "classic") return;
      const unknown = { ...looking([UNKNOWN]), propertyDependencies: { definition: ["alarm"] } };
      violates(await judge(mute, unknown));
      violates(await judge(mute, looking([UNKNOWN])), silent("alarmActions", "absent"));
    });
  }
});
