import rule from "../../../policies/observability/state-machine-observable.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyze, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const SECRET = "known, as a log must not hold task tokens";
const GROUP = "arn:aws:logs:us-east-1:111122223333:log-group:/frugal/prod/audit";

/** The compliant machine with states that ask nobody. */
function plain(machine: Resource, states: Record<string, unknown> = { Do: task("arn:aws:states:::lambda:invoke") }) {
  return defined(machine, { StartAt: "Do", States: states });
}
const task = (Resource: string) => ({ Type: "Task", Resource, End: true });
function defined(machine: Resource, definition: unknown): Resource {
  const isNative = machine.type.startsWith("aws-native");
  return broken(machine, "definition", isNative ? definition : JSON.stringify(definition));
}

describe("state-machine-observable", () => {
  for (const provider of PROVIDERS) {
    const machine = compliant(provider, "stateMachine");
    const data = (shown: string, limit: string, fix: string) =>
      `state-machine-observable/data: loggingConfiguration.includeExecutionData is ${shown}, must be ${limit}. ${fix}`;
    const asked = (shown: string, path = "definition.States.Ask") =>
      data(
        shown,
        `false, as ${path} waits for an answer`,
        "Leave execution data out: it holds the task token and who decided what.",
      );
    const wanted = (shown: string) =>
      data(shown, "true", "Log what the states were given; a failure cannot be explained without it.");

    it(`${provider}: the level, by stage and kind of machine`, async () => {
      const level = (shown: string, limit: string, fix: string) =>
        `state-machine-observable/level: loggingConfiguration.level is ${shown}, must be ${limit}. ${fix}`;
      const config = { executionLogs: "ERROR" };
      const type = provider === "native" ? "stateMachineType" : "type";
      for (const [value, shown] of [
        [undefined, "absent"],
        ["OFF", '"OFF"'],
        ["FATAL", '"FATAL"'],
      ] as const) {
        const one = broken(machine, "loggingConfiguration.level", value);
        violates(await analyze(rule, one), level(shown, "ALL", "Log every event."));
        violates(
          await analyze(rule, one, { config }),
          level(shown, "ERROR or ALL", "Log the events of what fails at least."),
        );
      }
      const error = broken(machine, "loggingConfiguration.level", "ERROR");
      violates(await analyze(rule, error), level('"ERROR"', "ALL", "Log every event."));
      violates(await analyze(rule, machine, { config }));
      for (const standard of [undefined, "STANDARD"])
        violates(await analyze(rule, broken(error, type, standard), { config }));
      // The service keeps no history of these.
      violates(
        await analyze(rule, broken(error, type, "EXPRESS"), { config }),
        level('"ERROR"', "ALL", "Log every event."),
      );
      notes(
        await analyze(rule, broken(machine, type, UNKNOWN), { config }),
        `state-machine-observable/waits: ${type} is not known yet, must be STANDARD, or beside a log of every event. ${LATER}`,
      );
      notes(
        await analyze(rule, broken(machine, "loggingConfiguration.level", UNKNOWN)),
        `state-machine-observable/waits: loggingConfiguration.level is not known yet, must be ALL. ${LATER}`,
      );
    });

    it(`${provider}: the log goes somewhere`, async () => {
      const list = "loggingConfiguration.destinations";
      const path =
        provider === "native" ? `${list}[0].cloudWatchLogsLogGroup.logGroupArn` : "loggingConfiguration.logDestination";
      const limit = "the ARN of a log group, with :* at its end";
      const target = (at: string, shown: string) =>
        `state-machine-observable/target: ${at} is ${shown}, must be ${limit}. Name a declared log group.`;
      for (const [value, shown] of [
        [undefined, "absent"],
        ["", "empty"],
        [GROUP, JSON.stringify(GROUP)],
        [`x${GROUP}:*`, JSON.stringify(`x${GROUP}:*`)],
        [`${GROUP}:*x`, JSON.stringify(`${GROUP}:*x`)],
      ] as const)
        violates(await analyze(rule, broken(machine, path, value)), target(path, shown));
      notes(
        await analyze(rule, broken(machine, path, UNKNOWN)),
        `state-machine-observable/waits: ${path} is not known yet, must be ${limit}. ${LATER}`,
      );
      if (provider === "classic") return;
      for (const [value, shown] of [
        [undefined, "absent"],
        [[], "empty"],
        ["x", '"x"'],
      ] as const)
        violates(await analyze(rule, broken(machine, list, value)), target(list, shown));
      violates(await analyze(rule, broken(machine, list, [7])), target(`${list}[0]`, "7"));
    });

    it(`${provider}: execution data stays out where a state waits for an answer`, async () => {
      violates(await analyze(rule, broken(machine, "loggingConfiguration.includeExecutionData", undefined)));
      const open = broken(machine, "loggingConfiguration.includeExecutionData", true);
      violates(await analyze(rule, open), asked("true"));
      // However deep the state lies, whatever service hands the token on, however it is spelt.
      const inner = { StartAt: "W", States: { W: task("arn:aws:states:::sqs:sendMessage.waitForTaskToken") } };
      for (const [states, path] of [
        [{ Do: { Type: "Map", ItemProcessor: inner, End: true } }, "definition.States.Do.ItemProcessor.States.W"],
        [{ Do: { Type: "Parallel", Branches: [inner], End: true } }, "definition.States.Do.Branches[0].States.W"],
        [{ Do: task("arn:aws:states:::lambda:invoke.WAITFORTASKTOKEN ") }, "definition.States.Do"],
      ] as const)
        violates(await analyze(rule, plain(open, states)), asked("true", path));
      notes(
        await analyze(rule, broken(machine, "loggingConfiguration.includeExecutionData", UNKNOWN)),
        `state-machine-observable/waits: loggingConfiguration.includeExecutionData is not known yet, must be false, as definition.States.Ask waits for an answer. ${LATER}`,
      );
    });

    it(`${provider}: execution data stays out where a tag says that it is personal`, async () => {
      const tagged = (value: unknown) => {
        const { tags } = machine.props;
        const key = "frugal:personal-data";
        return broken(
          plain(machine),
          "tags",
          Array.isArray(tags) ? [...tags, { key, value }] : { ...(tags as object), [key]: value },
        );
      };
      const place = provider === "native" ? "tags[4].value" : 'tags["frugal:personal-data"]';
      const open = (one: Resource) => broken(one, "loggingConfiguration.includeExecutionData", true);
      const closed = (one: Resource) => broken(one, "loggingConfiguration.includeExecutionData", false);
      violates(await analyze(rule, closed(tagged("true"))));
      violates(
        await analyze(rule, open(tagged("true"))),
        data(
          "true",
          `false, as ${place} says that its input is personal data`,
          "Leave execution data out: logs are kept longer, and read by more people, than what they wrote.",
        ),
      );
      violates(await analyze(rule, open(tagged("false"))));
      for (const [one, path] of [
        [tagged(UNKNOWN), place],
        [broken(plain(machine), "tags", UNKNOWN), "tags"],
      ] as const)
        notes(
          await analyze(rule, open(one)),
          `state-machine-observable/waits: ${path} is not known yet, must be known, as what is personal must not be logged. ${LATER}`,
        );
      violates(await analyze(rule, closed(tagged("false"))), wanted("false"));
    });

    it(`${provider}: execution data is logged everywhere else`, async () => {
      for (const [value, shown] of [
        [undefined, "absent"],
        [false, "false"],
        ["true", '"true"'],
      ] as const)
        violates(
          await analyze(rule, plain(broken(machine, "loggingConfiguration.includeExecutionData", value))),
          wanted(shown),
        );
      violates(await analyze(rule, plain(broken(machine, "loggingConfiguration.includeExecutionData", true))));
    });

    it(`${provider}: a definition that is not known yet, or cannot be read`, async () => {
      const open = broken(machine, "loggingConfiguration.includeExecutionData", true);
      notes(
        await analyze(rule, broken(open, "definition", UNKNOWN)),
        `state-machine-observable/waits: definition is not known yet, must be ${SECRET}. ${LATER}`,
      );
      const limit = "a state machine definition that can be read: an object or JSON text with States";
      violates(
        await analyze(rule, broken(machine, "definition", "{")),
        `state-machine-observable/unreadable: definition is "{", must be ${limit}. Give the definition in the program.`,
      );
      if (provider === "classic") return;
      const hidden = plain(open, { Do: { Type: "Task", Resource: UNKNOWN, End: true } });
      notes(
        await analyze(rule, hidden),
        `state-machine-observable/waits: definition.States.Do is not known yet, must be ${SECRET}. ${LATER}`,
      );
      const far = broken(broken(machine, "definition", undefined), "definitionS3Location", { bucket: "b", key: "k" });
      violates(
        await analyze(rule, far),
        `state-machine-observable/unreadable: definitionS3Location is {"bucket":"b","key":"k"}, must be ${limit}. Give the definition in the program.`,
      );
      // What is filled in later counts too.
      const filled = plain(open, { Do: task("arn:aws:states:::lambda:invoke$" + "{how}") });
      violates(
        await analyze(rule, broken(filled, "definitionSubstitutions", { how: ".waitForTaskToken" })),
        asked("true", "definition.States.Do"),
      );
    });

    it(`${provider}: tracing`, async () => {
      for (const [value, shown] of [
        [undefined, "absent"],
        [false, "false"],
      ] as const) {
        violates(
          await analyze(rule, broken(machine, "tracingConfiguration.enabled", value)),
          `state-machine-observable/traces: tracingConfiguration.enabled is ${shown}, must be true. Turn it on; it shows where the time went and which call failed.`,
        );
      }
      notes(
        await analyze(rule, broken(machine, "tracingConfiguration.enabled", UNKNOWN)),
        `state-machine-observable/waits: tracingConfiguration.enabled is not known yet, must be true. ${LATER}`,
      );
    });
  }
});
