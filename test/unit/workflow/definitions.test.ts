import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import jsonata from "jsonata";
import type { Statement } from "../../../contracts/iam.ts";
import * as cleanUp from "../../../workflow/clean-up.ts";
import { stale } from "../../../workflow/generate.ts";
import * as rollout from "../../../workflow/rollout.ts";
import { cleanUpSample, rolloutSample, submissionSample, trainingSample } from "../../../workflow/samples.ts";
import type { State, StateMachine } from "../../../workflow/states.ts";
import * as submission from "../../../workflow/submission.ts";
import * as training from "../../../workflow/training.ts";

interface Way {
  readonly Next?: string;
  readonly ErrorEquals?: readonly string[];
}

/** Where a state may go on to. */
function nexts(state: State): string[] {
  const ways = [...((state.Choices ?? []) as Way[]), ...((state.Catch ?? []) as Way[]), state as Way];
  const all = ways.flatMap((way) => (way.Next === undefined ? [] : [way.Next]));
  return state.Default === undefined ? all : [...all, state.Default as string];
}

/** Every text in a value, with its path. */
function texts(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => texts(inner, `${path}/${key}`));
}

/** The IAM actions that a Task's integration calls (AWS-documented names of the integrations). */
function actionsOf(resource: string): string[] {
  const integration = resource.split(":::")[1] ?? "";
  if (integration.startsWith("lambda:invoke")) return ["lambda:InvokeFunction"];
  if (integration === "sns:publish") return ["sns:Publish"];
  const sdk = /^aws-sdk:sagemaker:(\w)(\w+)$/.exec(integration);
  if (sdk) return [`sagemaker:${sdk[1]?.toUpperCase()}${sdk[2]}`];
  const optimised = /^sagemaker:(\w)(\w+?)(\.sync)?$/.exec(integration);
  assert.ok(optimised, `unknown integration ${integration}`);
  const action = `${optimised[1]?.toUpperCase()}${optimised[2]}`;
  // What is tagged at its creation needs AddTags as well; UpdateEndpoint takes no tags.
  const created = [`sagemaker:${action}`, ...(action.startsWith("Create") ? ["sagemaker:AddTags"] : [])];
  if (!optimised[3]) return created;
  const job = action.slice("Create".length);
  return [
    ...created,
    `sagemaker:Describe${job}`,
    `sagemaker:Stop${job}`,
    "sagemaker:ListTags",
    "events:PutRule",
    "events:PutTargets",
    "events:DescribeRule",
  ];
}

function allowed(statements: readonly Statement[]): Set<string> {
  return new Set(statements.filter(({ Effect }) => Effect === "Allow").flatMap(({ Action }) => Action));
}

const machines: [string, StateMachine, Statement[]][] = [
  ["submission", submission.definition(submissionSample), submission.grants(submissionSample)],
  ["clean-up", cleanUp.definition(cleanUpSample), cleanUp.grants(cleanUpSample)],
  ["training", training.definition(trainingSample), training.grants(trainingSample)],
  ["rollout", rollout.definition(rolloutSample), rollout.grants(rolloutSample)],
];

for (const [name, machine, grants] of machines) {
  const states = Object.entries(machine.States);
  const tasks = states.filter(([, state]) => state.Type === "Task");

  describe(`state machine ${name}`, () => {
    it("fits AWS's limits and speaks JSONata only", () => {
      const text = JSON.stringify(machine);
      // Step Functions: a definition has at most 1,048,576 bytes, a state's name 80 characters.
      assert.ok(Buffer.byteLength(text) < 1_048_576);
      for (const [state] of states) assert.ok(state.length <= 80);
      assert.equal(machine.QueryLanguage, "JSONata");
      assert.ok(!/"(InputPath|OutputPath|ResultPath|Parameters|ResultSelector|[^"]*\.\$)":/.test(text));
      assert.ok(machine.TimeoutSeconds > 0);
    });

    it("goes on to states that exist, and reaches every one", () => {
      const reached = new Set([machine.StartAt]);
      for (const from of reached) {
        const state = machine.States[from];
        assert.ok(state, `${from} does not exist`);
        for (const next of nexts(state)) reached.add(next);
      }
      assert.deepEqual([...reached].sort(), states.map(([state]) => state).sort());
    });

    it("ends in Succeed or Fail, and nowhere else", () => {
      for (const [state, { Type, End, Next, Default }] of states) {
        assert.equal(End, undefined, state);
        const final = Type === "Succeed" || Type === "Fail";
        assert.equal(Next === undefined && Default === undefined, final, `${state} ${Type}`);
      }
    });

    it("gives every Choice a Default", () => {
      for (const [state, { Type, Default }] of states) if (Type === "Choice") assert.ok(Default, state);
    });

    it("guards every Task: a time limit, bounded retries, a way out", () => {
      for (const [state, task] of tasks) {
        const seconds = task.TimeoutSeconds as number;
        assert.ok(seconds > 0 && seconds <= machine.TimeoutSeconds, `${state} ${seconds}`);
        const retries = task.Retry as { MaxAttempts: number; IntervalSeconds?: number }[];
        assert.ok(retries.length > 0, state);
        for (const retry of retries) assert.ok(retry.MaxAttempts <= 60, state);
        const last = (task.Catch as Way[]).at(-1);
        assert.deepEqual(last?.ErrorEquals, ["States.ALL"], `${state} must catch whatever comes`);
      }
    });

    it("puts States.ALL last, and alone, in Retry and Catch", () => {
      for (const [state, task] of tasks) {
        for (const list of [task.Retry, task.Catch] as Way[][]) {
          list.forEach((way, at) => {
            if (!way.ErrorEquals?.includes("States.ALL")) return;
            assert.equal(way.ErrorEquals.length, 1, state);
            assert.equal(at, list.length - 1, state);
          });
        }
      }
    });

    it("holds expressions that parse, and that fill their text", () => {
      for (const [path, text] of texts(machine.States)) {
        if (!text.includes("{%")) continue;
        const found = /^\{% (.*) %\}$/s.exec(text);
        assert.ok(found?.[1], `${path}: an expression must fill the whole text: ${text}`);
        assert.doesNotThrow(() => jsonata(found[1] ?? ""), `${path}: ${text}`);
      }
    });

    it("uses variables that were assigned on every way there", () => {
      // Forward over all ways: what is assigned for certain when a state begins.
      const certain = new Map<string, Set<string>>([[machine.StartAt, new Set()]]);
      const queue = [machine.StartAt];
      const assigned = (value: unknown) => Object.keys((value ?? {}) as object);
      const flow = (to: string, variables: Iterable<string>) => {
        const known = certain.get(to);
        const next = known ? new Set([...variables].filter((one) => known.has(one))) : new Set(variables);
        if (known && next.size === known.size) return;
        certain.set(to, next);
        queue.push(to);
      };
      for (let from = queue.shift(); from !== undefined; from = queue.shift()) {
        const state = machine.States[from] as State;
        const before = certain.get(from) as Set<string>;
        const after = [...before, ...assigned(state.Assign)];
        if (state.Next) flow(state.Next as string, after);
        if (state.Default) flow(state.Default as string, after);
        for (const way of (state.Choices ?? []) as (Way & { Assign?: object })[])
          flow(way.Next as string, [...after, ...assigned(way.Assign)]);
        for (const way of (state.Catch ?? []) as (Way & { Assign?: object })[])
          flow(way.Next as string, [...before, ...assigned(way.Assign)]);
      }
      const own = [
        ..."states append contains count each exists fromMillis hash join lookup lowercase merge millis min not now".split(
          " ",
        ),
        ..."replace string substring substringAfter substringBefore".split(" "),
      ];
      for (const [state, body] of states) {
        for (const [path, text] of texts(body)) {
          if (!text.startsWith("{%")) continue;
          // Named inside the expression itself: `$x := …` and a function's parameters.
          const local = [...text.matchAll(/\$(\w+) :=/g), ...text.matchAll(/function\(\$(\w+), \$(\w+)\)/g)];
          const inside = local.flatMap(([, ...names]) => names);
          for (const [, variable] of text.matchAll(/\$([A-Za-z]\w*)/g)) {
            assert.ok(
              [...own, ...inside].includes(variable ?? "") || certain.get(state)?.has(variable ?? ""),
              `${state}${path} uses $${variable}, which is not assigned on every way to it`,
            );
          }
        }
      }
    });

    it("is granted what its Tasks call", () => {
      const has = allowed(grants);
      for (const [state, task] of tasks) {
        for (const action of actionsOf(task.Resource as string)) assert.ok(has.has(action), `${state} needs ${action}`);
      }
    });

    it("is granted nothing that no Task calls", () => {
      const needed = new Set(tasks.flatMap(([, task]) => actionsOf(task.Resource as string)));
      const beside = /^(logs|xray):|^iam:PassRole$|^sagemaker:(ListTags|AddTags|DescribeModelPackage)$/;
      for (const action of allowed(grants)) assert.ok(needed.has(action) || beside.test(action), action);
    });

    it("passes its roles to SageMaker only, and names what it may touch", () => {
      for (const { Action, Resource, Condition } of grants) {
        const actions = [Action].flat();
        if (actions.includes("iam:PassRole")) {
          assert.match(String(Resource), /^arn:aws:iam::111122223333:role\/frugal-dev-[a-z-]+$/);
          assert.deepEqual(Condition, { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } });
        }
        // Listing packages knows no narrower resource.
        const anywhere = /^(logs|xray):|^sagemaker:ListModelPackages$/;
        if ([Resource].flat().includes("*")) assert.ok(actions.every((action) => anywhere.test(action)));
      }
    });
  });
}

describe("the submission's powers", () => {
  it("never approve: packages are registered as pending or rejected only", () => {
    const grants = submission.grants(submissionSample);
    assert.ok(!allowed(grants).has("sagemaker:UpdateModelPackage"));
    const register = grants.filter(({ Action }) => [Action].flat().includes("sagemaker:CreateModelPackage"));
    assert.equal(register.length, 1);
    assert.deepEqual(register[0]?.Condition, {
      StringEquals: { "sagemaker:ModelApprovalStatus": ["PendingManualApproval", "Rejected"] },
    });
  });

  it("wait for people as long as the stage says, and no longer", () => {
    const machine = submission.definition({ ...submissionSample, expiryHours: 5, remindHours: 0 });
    assert.equal(machine.States.RequestApproval?.TimeoutSeconds, 5 * 3600);
    assert.equal(machine.States.RemindApprovers, undefined);
    assert.ok(machine.TimeoutSeconds > 5 * 3600 + 30 * 60);
    // A new try would be a new link and the wait from the start.
    const [first] = (machine.States.RequestApproval as State).Retry as { ErrorEquals: string[]; MaxAttempts: number }[];
    assert.ok(first?.ErrorEquals.includes("States.Timeout"));
    assert.equal(first?.MaxAttempts, 0);
    const reminding = submission.definition({ ...submissionSample, expiryHours: 5, remindHours: 2 });
    assert.equal(reminding.States.RequestApproval?.TimeoutSeconds, 3 * 3600);
    assert.equal(reminding.States.RemindApprovers?.TimeoutSeconds, 2 * 3600);
  });
});

describe("what the submission makes for its test", () => {
  const { States } = submission.definition(submissionSample);

  /** Where one can come to without passing through any of `closed`. */
  function reach(from: readonly string[], closed: readonly string[]): Set<string> {
    const reached = new Set(from.filter((state) => !closed.includes(state)));
    for (const state of reached)
      for (const next of nexts(States[state] as State)) if (!closed.includes(next)) reached.add(next);
    return reached;
  }
  const ends = Object.keys(States).filter((state) => nexts(States[state] as State).length === 0);

  it("is gone at every end, whichever way was taken", () => {
    const open = reach(nexts(States.CreateTestModel as State), ["DeleteTestModel", "RemoveTestModel"]);
    assert.deepEqual(
      ends.filter((end) => open.has(end)),
      [],
    );
  });

  it("is stopped and removed after every failure, and a package that waits is withdrawn", () => {
    const open = reach(["Begin"], ["StopBatchTest"]);
    assert.ok(!open.has("Failed"), "a failure goes by the clean-up");
    for (const step of ["RemoveTestModel", "PackageWaits"]) {
      assert.ok(!reach(["StopBatchTest"], [step]).has("Failed"), step);
    }
    const catches = Object.entries(States).filter(([, { Type }]) => Type === "Task");
    for (const [state, task] of catches) {
      const last = ((task.Catch as Way[]).at(-1) as Way).Next as string;
      const goesOn = last === task.Next;
      assert.ok(goesOn || reach([last], []).has("RemoveTestModel"), `${state} > ${last}`);
    }
  });

  it("has a name of its own for each execution, the same for whoever cleans up", async () => {
    const arn = "arn:aws:states:us-east-1:111122223333:execution:frugal-dev-submission:sub-1";
    const evaluate = async (text: unknown, states: object) => {
      const expression = jsonata(/^\{% (.*) %\}$/s.exec(String(text))?.[1] ?? "");
      expression.registerFunction("hash", (value: string) => createHash("sha256").update(value).digest("hex"));
      return expression.evaluate({}, { states });
    };
    const own = (States.Begin as State).Assign as Record<string, unknown>;
    const other = cleanUp.definition(cleanUpSample).States.Begin?.Assign as Record<string, unknown>;
    const name = await evaluate(own.testModel, { context: { Execution: { Id: arn } } });
    assert.match(name, /^frugal-dev-test-[0-9a-f]{20}$/);
    assert.equal(await evaluate(other.testModel, { input: { detail: { executionArn: arn } } }), name);
    assert.equal(own.testModel, own.batchTest);
    assert.notEqual(await evaluate(own.testModel, { context: { Execution: { Id: `${arn}2` } } }), name);
  });
});

describe("reviewers' copies", () => {
  it("are what the program makes", () => {
    assert.deepEqual(stale(), [], "run node workflow/generate.ts");
  });
});
