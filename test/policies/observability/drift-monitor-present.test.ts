import rule from "../../../policies/observability/drift-monitor-present.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyzeStack, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const AGAIN = "It is judged again when the update has made it known.";
const LOOKED =
  "looked at by a monitoring schedule, or by a schedule that starts a function tagged frugal:role = drift with the endpoint in its input";
const FOUND = "named by a dimension of an alarm on what its monitor finds";
const HEARD = "watched by an alarm on its monitor's metric or function that treats missing data as breaching";

describe("drift-monitor-present", () => {
  for (const provider of PROVIDERS) {
    const isNative = provider === "native";
    const at = isNative ? "endpointName" : "name";
    const judge = (...resources: Resource[]) => analyzeStack(rule, resources);
    const waits = (limit: string) => `drift-monitor-present/waits: ${at} is not known yet, must be ${limit}. ${AGAIN}`;
    const unseen = (name: string) =>
      `drift-monitor-present/schedule: ${at} is "${name}", which nothing looks at, must be ${LOOKED}. Schedule a monitor on the endpoint.`;
    const off = (name: string, monitor: string) =>
      `drift-monitor-present/off: ${at} is "${name}", whose monitor "${monitor}" is off or runs only once, must be looked at again and again. Give it a rate or a cron expression, and switch it on.`;
    const unfound = (name: string) =>
      `drift-monitor-present/alarm: ${at} is "${name}" without such an alarm, must be ${FOUND}. Declare an alarm on the metric that the monitor writes.`;
    const unheard = (name: string) =>
      `drift-monitor-present/stopped: ${at} is "${name}" without such an alarm, must be ${HEARD}. Let silence be an alarm too: a schedule that stopped looks like a model that is well.`;

    describe(`${provider}: a function of the program looks`, () => {
      const endpoint = compliant(provider, "endpoint");
      const fn = compliant(provider, "driftFunction");
      const schedule = compliant(provider, "driftSchedule");
      const drift = compliant(provider, "driftAlarm");
      const stopped = compliant(provider, "stoppedAlarm");
      const alarms = [drift, stopped];
      const missing = unseen("churn-prod");
      const tag = isNative ? "tags[4].value" : 'tags["frugal:role"]';

      it("by a schedule that hands it the endpoint", async () => {
        violates(await judge(endpoint, fn, schedule, ...alarms));
        violates(await judge(endpoint, fn, ...alarms), missing);
        violates(await judge(endpoint, schedule, ...alarms), missing);
        for (const input of ["{}", '{"endpoint":"churn-prod-2"}', '{"endpoint":"a-churn-prod"}', undefined, 7])
          violates(await judge(endpoint, fn, broken(schedule, "target.input", input), ...alarms), missing);
        violates(await judge(endpoint, broken(fn, tag, "gate"), schedule, ...alarms), missing);
        const stack = [endpoint, broken(fn, tag, "gate"), schedule, ...alarms];
        violates(await analyzeStack(rule, stack, { config: { driftRoles: ["gate"] } }));
      });

      it("again and again", async () => {
        for (const expression of ["cron(0 6 * * ? *)", "rate(1 day)"])
          violates(await judge(endpoint, fn, broken(schedule, "scheduleExpression", expression), ...alarms));
        const once = off("churn-prod", "driftSchedule");
        for (const [path, value] of [
          ["scheduleExpression", "at(2026-12-01T00:00:00)"],
          ["state", "DISABLED"],
          ["endDate", "2020-01-01T00:00:00Z"],
        ] as const)
          violates(await judge(endpoint, fn, broken(schedule, path, value), ...alarms), once);
        violates(await judge(endpoint, fn, broken(schedule, "scheduleExpression", undefined), ...alarms), missing);
        violates(await judge(endpoint, fn, broken(schedule, "state", undefined), ...alarms));
        notes(
          await judge(endpoint, fn, broken(schedule, "scheduleExpression", UNKNOWN), ...alarms),
          waits('looked at again and again; when "driftSchedule" runs is not known yet'),
        );
        violates(await judge(endpoint, fn, broken(schedule, "endDate", "2099-01-01T00:00:00Z"), ...alarms));
        // One that runs is enough.
        const second = { ...broken(schedule, "state", "DISABLED"), name: "second" };
        violates(await judge(endpoint, fn, schedule, second, ...alarms));
      });

      it("by a rule that runs by the clock", async () => {
        const input = '{"endpoint":"churn-prod"}';
        const arn = "arn:aws:lambda:us-east-1:111122223333:function:frugal-prod-drift:live";
        const events = compliant(provider, "eventRule");
        const clock = broken(broken(events, "eventPattern", undefined), "scheduleExpression", "rate(1 day)");
        const stack = (one: Resource, more: Record<string, unknown> = {}): Resource[] =>
          isNative
            ? [
                broken(one, "targets", [
                  { id: "a", arn: "arn:aws:sqs:us-east-1:1:q" },
                  { id: "b", arn, input, ...more },
                ]),
              ]
            : [
                one,
                {
                  ...compliant("classic", "eventTarget"),
                  props: { rule: "frugal-prod-approved", arn, input, ...more },
                },
              ];
        violates(await judge(endpoint, fn, ...stack(clock), ...alarms));
        violates(await judge(endpoint, fn, ...stack(events), ...alarms), missing);
        violates(await judge(endpoint, fn, ...stack(clock, { input: "{}" }), ...alarms), missing);
        const name = isNative ? "eventRule" : "eventTarget";
        violates(
          await judge(endpoint, fn, ...stack(broken(clock, "state", "DISABLED")), ...alarms),
          off("churn-prod", name),
        );
        if (isNative) return;
        violates(
          await judge(endpoint, fn, ...stack(broken(clock, "isEnabled", false)), ...alarms),
          off("churn-prod", name),
        );
        violates(await judge(endpoint, fn, ...stack(clock, { rule: "another" }), ...alarms), missing);
        notes(
          await judge(endpoint, fn, ...stack(clock, { rule: UNKNOWN }), ...alarms),
          waits('looked at again and again; when "eventTarget" runs is not known yet'),
        );
        const [first, target] = stack(clock, { rule: UNKNOWN });
        if (first && target)
          violates(
            await judge(endpoint, fn, first, { ...target, propertyDependencies: { rule: ["eventRule"] } }, ...alarms),
          );
      });

      it("by reference, where names are not known yet", async () => {
        const maybe = waits(`${LOOKED}; "driftSchedule" may be it`);
        const handed = broken(schedule, "target.input", UNKNOWN);
        notes(await judge(endpoint, fn, handed, ...alarms), maybe);
        violates(await judge(endpoint, fn, { ...handed, propertyDependencies: { target: ["endpoint"] } }, ...alarms));
        const other = compliant(provider, "liveEndpoint");
        violates(
          (
            await judge(
              endpoint,
              other,
              fn,
              { ...handed, propertyDependencies: { target: ["liveEndpoint"] } },
              ...alarms,
            )
          ).filter(({ on }) => on === "endpoint"),
          missing,
        );
        notes(await judge(broken(endpoint, at, UNKNOWN), fn, schedule, ...alarms), maybe);
        notes(await judge(endpoint, broken(fn, "tags", UNKNOWN), schedule, ...alarms), maybe);
        notes(await judge(endpoint, broken(fn, tag, UNKNOWN), schedule, ...alarms), maybe);
        const started = broken(schedule, "target.arn", UNKNOWN);
        notes(await judge(endpoint, fn, started, ...alarms), maybe);
        violates(
          await judge(endpoint, fn, { ...started, propertyDependencies: { target: ["driftFunction"] } }, ...alarms),
        );
      });

      it("and drift is heard", async () => {
        violates(await judge(endpoint, fn, schedule, stopped), unfound("churn-prod"));
        violates(
          await judge(endpoint, fn, schedule, stopped, broken(drift, "namespace", "AWS/SageMaker")),
          unfound("churn-prod"),
        );
        const dimension = isNative ? "dimensions[0].value" : "dimensions.Endpoint";
        violates(
          await judge(endpoint, fn, schedule, stopped, broken(drift, dimension, "churn-prod-2")),
          unfound("churn-prod"),
        );
        notes(await judge(endpoint, fn, schedule, stopped, broken(drift, "dimensions", UNKNOWN)), waits(FOUND));
        const referring = {
          ...broken(drift, "dimensions", UNKNOWN),
          propertyDependencies: { dimensions: ["endpoint"] },
        };
        violates(await judge(endpoint, fn, schedule, stopped, referring));
      });

      it("and so is silence", async () => {
        violates(await judge(endpoint, fn, schedule, drift), unheard("churn-prod"));
        for (const [path, value] of [
          ["treatMissingData", "notBreaching"],
          ["treatMissingData", undefined],
          ["metricName", "Errors"],
          ["namespace", "AWS/States"],
          [isNative ? "dimensions[0].value" : "dimensions.FunctionName", "frugal-prod-gate"],
        ] as const)
          violates(await judge(endpoint, fn, schedule, drift, broken(stopped, path, value)), unheard("churn-prod"));
        notes(await judge(endpoint, fn, schedule, drift, broken(stopped, "treatMissingData", UNKNOWN)), waits(HEARD));
        // One alarm may say both.
        violates(await judge(endpoint, fn, schedule, broken(drift, "treatMissingData", "breaching")));
      });
    });

    describe(`${provider}: SageMaker looks`, () => {
      const endpoint = compliant(provider, "liveEndpoint");
      const schedule = compliant(provider, "monitoringSchedule");
      const alarm = compliant(provider, "liveDriftAlarm");
      const missing = unseen("churn-prod-live");
      const job = "monitoringScheduleConfig.monitoringJobDefinition";
      const input = `${job}.monitoringInputs${isNative ? "[0]" : ""}.endpointInput.endpointName`;
      const named = broken(
        broken(schedule, job, undefined),
        "monitoringScheduleConfig.monitoringJobDefinitionName",
        "frugal-prod-dataquality",
      );

      it("by a schedule of its own", async () => {
        violates(await judge(endpoint, schedule, alarm));
        violates(await judge(endpoint, alarm), missing);
        for (const value of ["churn-prod", "churn-prod-live-2", "", undefined, 7])
          violates(await judge(endpoint, broken(schedule, input, value), alarm), missing);
        if (isNative)
          violates(
            await judge(endpoint, broken(broken(schedule, job, undefined), "endpointName", "churn-prod-live"), alarm),
          );
      });

      it("again and again", async () => {
        const expression = "monitoringScheduleConfig.scheduleConfig.scheduleExpression";
        const once = off("churn-prod-live", "monitoringSchedule");
        violates(await judge(endpoint, broken(schedule, expression, "NOW"), alarm), once);
        violates(await judge(endpoint, broken(schedule, expression, undefined), alarm), once);
        if (isNative)
          violates(await judge(endpoint, broken(schedule, "monitoringScheduleStatus", "Stopped"), alarm), once);
      });

      it("by a job definition, by name or by reference", async () => {
        const families = isNative
          ? ["dataQuality", "modelQuality", "modelBias", "modelExplainability"]
          : ["dataQuality"];
        for (const family of families) {
          const definition = broken(
            broken(
              compliant(provider, `${family}JobDefinition`),
              isNative ? "jobDefinitionName" : "name",
              "frugal-prod-dataquality",
            ),
            `${family}JobInput`,
            { endpointInput: { endpointName: "churn-prod-live" } },
          );
          violates(await judge(endpoint, named, definition, alarm));
          const other = broken(definition, `${family}JobInput.endpointInput.endpointName`, "churn-prod");
          violates(await judge(endpoint, named, other, alarm), missing);
          const hidden = broken(named, "monitoringScheduleConfig.monitoringJobDefinitionName", UNKNOWN);
          const referring = { ...hidden, propertyDependencies: { monitoringScheduleConfig: [definition.name] } };
          violates(await judge(endpoint, referring, definition, alarm));
          notes(await judge(endpoint, hidden, definition, alarm), waits(`${LOOKED}; "monitoringSchedule" may be it`));
        }
        violates(await judge(endpoint, named, alarm), missing);
      });

      it("at an endpoint that is not known yet", async () => {
        const hidden = broken(schedule, input, UNKNOWN);
        notes(await judge(endpoint, hidden, alarm), waits(`${LOOKED}; "monitoringSchedule" may be it`));
        const referring = { ...hidden, propertyDependencies: { monitoringScheduleConfig: ["liveEndpoint"] } };
        violates(await judge(endpoint, referring, alarm));
        // What SageMaker fills in says nothing.
        if (isNative) {
          const filled = broken(broken(schedule, input, "churn-prod"), "endpointName", UNKNOWN);
          violates(await judge(endpoint, filled, alarm), missing);
        }
      });

      it("and what it finds is heard, and its silence", async () => {
        violates(await judge(endpoint, schedule), unfound("churn-prod-live"), unheard("churn-prod-live"));
        violates(
          await judge(endpoint, schedule, broken(alarm, "treatMissingData", "ignore")),
          unheard("churn-prod-live"),
        );
      });
    });
  }
});
