import rule from "../../../policies/reliability/tasks-guarded.ts";
import { broken, compliant, PROVIDERS, type Provider } from "../support/fixtures.ts";
import { analyze, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const RETRY = "Retry throttling and service errors, a bounded number of times.";
const RETRIER = "a list with a retrier for transient errors, of 1 to 100 attempts";
const CATCH = "Lead every error to the state that cleans up and tells.";
const CATCHER = "a list with a catcher of States.ALL that leads to another state";

type Json = Record<string, unknown>;

/** The compliant machine with one value of its definition replaced, in the form that the provider takes. */
function machine(provider: Provider, path: string, value: unknown): Resource {
  const resource = compliant(provider, "stateMachine");
  const { definition } = resource.props;
  const object: Resource = {
    ...resource,
    props: {
      ...resource.props,
      definition: typeof definition === "string" ? (JSON.parse(definition) as Json) : definition,
    },
  };
  const changed = broken(object, `definition.${path}`, value);
  if (provider === "native") return changed;
  return { ...changed, props: { ...changed.props, definition: JSON.stringify(changed.props.definition) } };
}

describe("tasks-guarded", () => {
  for (const provider of PROVIDERS) {
    const at = (path: string) => `definition.${path}`;
    const change = (path: string, value: unknown) => analyze(rule, machine(provider, path, value));

    it(`${provider}: a task without a time limit`, async () => {
      const path = "States.Register.TimeoutSeconds";
      for (const [value, shown] of [
        [undefined, "absent"],
        [0, "0"],
        [31_536_000, "31536000"],
        ["60", '"60"'],
      ] as const) {
        violates(
          await change(path, value),
          `tasks-guarded/timeout: ${at(path)} is ${shown}, must be a number of seconds above 0 and below a year, or an expression. Add it: a task may last a year.`,
        );
      }
      for (const text of ["{% $limit %}", " {% $limit %}\n"]) violates(await change(path, text));
      const over = async (more: Json, left: string) =>
        violates(
          await analyze(
            rule,
            machineWith(machine(provider, path, undefined), (states) => Object.assign(states.Register as Json, more)),
          ),
          `tasks-guarded/timeout: ${at("States.Register")}.${left}, must be a number of seconds above 0 and below a year, or an expression. Add it: a task may last a year.`,
        );
      await over({ TimeoutSecondsPath: 7 }, "TimeoutSecondsPath is 7");
      await over({ TimeoutSeconds: 0, TimeoutSecondsPath: "$.limit" }, "TimeoutSeconds is 0");
      const byPath = machine(provider, path, undefined);
      violates(
        await analyze(
          rule,
          machineWith(byPath, (states) => Object.assign(states.Register as Json, { TimeoutSecondsPath: "$.limit" })),
        ),
      );
    });

    it(`${provider}: an answer is waited for no longer than the stage allows`, async () => {
      const path = "States.Ask.TimeoutSeconds";
      for (const [value, shown] of [
        [604_801, "604801"],
        [undefined, "absent"],
        ["{% $limit %}", '"{% $limit %}"'],
      ] as const) {
        violates(
          await change(path, value),
          `tasks-guarded/token: ${at(path)} is ${shown}, must be a number of seconds up to 604800. Write the number; whoever has not answered by then is not asked for ever.`,
        );
      }
      violates(await analyze(rule, machine(provider, path, 604_801), { config: { approvalSeconds: 700_000 } }));
    });

    it(`${provider}: retries that are none, or without end`, async () => {
      const path = "States.Register.Retry";
      violates(
        await change(path, undefined),
        `tasks-guarded/retry: ${at(path)} is absent, must be ${RETRIER}. ${RETRY}`,
      );
      for (const retriers of [
        [],
        [{ ErrorEquals: ["Lambda.Unknown"] }],
        [{ ErrorEquals: ["States.ALL"], MaxAttempts: 0 }],
      ]) {
        violates(
          await change(path, retriers),
          `tasks-guarded/retry: ${at(path)} is ${JSON.stringify(retriers)}, must be ${RETRIER}. ${RETRY}`,
        );
      }
      violates(await change(path, [{ ErrorEquals: ["Lambda.Unknown", "States.Timeout"] }]));
      for (const MaxAttempts of [1, 100]) violates(await change(path, [{ ErrorEquals: ["States.ALL"], MaxAttempts }]));
      const wordy = [{ ErrorEquals: ["States.ALL"], MaxAttempts: "3" }];
      violates(
        await change(path, wordy),
        `tasks-guarded/retry: ${at(path)}[0].MaxAttempts is "3", must be 100 or less. ${RETRY}`,
        `tasks-guarded/retry: ${at(path)} is ${JSON.stringify(wordy)}, must be ${RETRIER}. ${RETRY}`,
      );
      violates(
        await change(path, [{ ErrorEquals: "States.ALL" }]),
        `tasks-guarded/retry: ${at(path)}[0] is {"ErrorEquals":"States.ALL"}, must be a retrier with ErrorEquals. ${RETRY}`,
        `tasks-guarded/retry: ${at(path)} is [{"ErrorEquals":"States.ALL"}], must be ${RETRIER}. ${RETRY}`,
      );
      violates(
        await change(path, [{ ErrorEquals: ["States.ALL"], MaxAttempts: 101 }]),
        `tasks-guarded/retry: ${at(path)}[0].MaxAttempts is 101, must be 100 or less. ${RETRY}`,
      );
      violates(
        await change(`${path}[0]`, 7),
        `tasks-guarded/retry: ${at(path)}[0] is 7, must be a retrier with ErrorEquals. ${RETRY}`,
        `tasks-guarded/retry: ${at(path)} is [7], must be ${RETRIER}. ${RETRY}`,
      );
    });

    it(`${provider}: errors that lead nowhere`, async () => {
      const path = "States.Register.Catch";
      violates(
        await change(path, undefined),
        `tasks-guarded/catch: ${at(path)} is absent, must be ${CATCHER}. ${CATCH}`,
      );
      for (const catchers of [
        [],
        [{ ErrorEquals: ["States.Timeout"], Next: "Failed" }],
        [{ ErrorEquals: ["States.ALL"], Next: "Register" }],
        [{ ErrorEquals: ["States.ALL"], Next: "Nowhere" }],
        [{ ErrorEquals: ["States.ALL"] }],
        [7],
        [null],
      ]) {
        violates(
          await change(path, catchers),
          `tasks-guarded/catch: ${at(path)} is ${JSON.stringify(catchers)}, must be ${CATCHER}. ${CATCH}`,
        );
      }
    });

    it(`${provider}: a choice without a default, and a machine without a time limit`, async () => {
      for (const [value, shown] of [
        [undefined, "absent"],
        ["Nowhere", '"Nowhere"'],
      ] as const) {
        violates(
          await change("States.IsWanted.Default", value),
          `tasks-guarded/default: definition.States.IsWanted.Default is ${shown}, must be the name of a state beside it. Say where to go when nothing matches; otherwise the execution fails there.`,
        );
      }
      violates(
        await change("TimeoutSeconds", undefined),
        "tasks-guarded/machine: definition.TimeoutSeconds is absent, must be a number of seconds above 0 and below a year. Add it: an execution may last a year.",
      );
    });

    it(`${provider}: tasks inside Map and Parallel`, async () => {
      const bare = {
        Type: "Task",
        Resource: "arn:aws:states:::lambda:invoke",
        Retry: [{ ErrorEquals: ["States.ALL"] }],
      };
      const inner = (end: object) => ({
        StartAt: "In",
        States: {
          In: { ...bare, Catch: [{ ErrorEquals: ["States.ALL"], Next: "Out" }], ...end },
          Out: { Type: "Fail" },
        },
      });
      for (const [state, where] of [
        [{ Type: "Map", ItemProcessor: inner({}) }, "ItemProcessor"],
        [{ Type: "Map", Iterator: inner({}) }, "Iterator"],
        [{ Type: "Parallel", Branches: [inner({ TimeoutSeconds: 1 }), inner({})] }, "Branches[1]"],
      ] as const) {
        violates(
          await change("States.Each", state),
          `tasks-guarded/timeout: definition.States.Each.${where}.States.In.TimeoutSeconds is absent, must be a number of seconds above 0 and below a year, or an expression. Add it: a task may last a year.`,
        );
      }
    });

    it(`${provider}: a definition that cannot be read, or is not known yet`, async () => {
      const resource = compliant(provider, "stateMachine");
      const limit = "a state machine definition that can be read: an object or JSON text with States";
      violates(
        await analyze(rule, broken(resource, "definition", "{")),
        `tasks-guarded/unreadable: definition is "{", must be ${limit}. Give the definition in the program.`,
      );
      notes(
        await analyze(rule, broken(resource, "definition", UNKNOWN)),
        `tasks-guarded/waits: definition is not known yet, must be tasks with a time limit, a retry and a catch. ${LATER}`,
      );
    });
  }

  it("native: a definition in S3 cannot be judged", async () => {
    const elsewhere = broken(compliant("native", "stateMachine"), "definition", undefined);
    violates(
      await analyze(rule, broken(elsewhere, "definitionS3Location", { bucket: "b", key: "k" })),
      'tasks-guarded/unreadable: definitionS3Location is {"bucket":"b","key":"k"}, must be a state machine definition that can be read: an object or JSON text with States. Give the definition in the program.',
    );
  });

  it("native: parts that are not known yet are waited for, each by its path", async () => {
    notes(
      await analyze(rule, machine("native", "States.Register.Retry[0].ErrorEquals", UNKNOWN)),
      `tasks-guarded/waits: definition.States.Register.Retry[0] is not known yet, must be a retrier with a bound. ${LATER}`,
    );
    for (const [path, limit] of [
      ["States.Register.TimeoutSeconds", "a number of seconds above 0 and below a year, or an expression"],
      ["States.Register.Resource", "literal, as the time limit hangs on it"],
      ["States.Register.Retry", RETRIER],
      ["States.Register.Retry[0]", "a retrier with a bound"],
      ["States.Register.Retry[0].MaxAttempts", "100 or less"],
      ["States.Register.Catch[0].ErrorEquals", "what leads every error to another state"],
      ["States.Register.Catch", CATCHER],
      ["States.Register.Catch[0]", "a catcher"],
      ["States.Register.Catch[0].Next", "what leads every error to another state"],
      ["States.IsWanted.Default", "the name of a state beside it"],
      ["TimeoutSeconds", "a number of seconds above 0 and below a year"],
    ] as const) {
      notes(
        await analyze(rule, machine("native", path, UNKNOWN)),
        `tasks-guarded/waits: definition.${path} is not known yet, must be ${limit}. ${LATER}`,
      );
    }
  });
});

/** The machine with its states changed, whichever form its definition has. */
function machineWith(resource: Resource, change: (states: Json) => unknown): Resource {
  const copy = structuredClone(resource);
  const { definition } = copy.props;
  const object = (typeof definition === "string" ? JSON.parse(definition) : definition) as { States: Json };
  change(object.States);
  copy.props.definition = typeof definition === "string" ? JSON.stringify(object) : object;
  return copy;
}
