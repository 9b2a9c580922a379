import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import {
  GetExecutionHistoryCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { type Bench, ending, execute, machine, nodeFunction, oneTask, role, startBench, until } from "./support.ts";

type States = Record<string, Record<string, unknown>>;
const LAMBDA = "arn:aws:states:::lambda:invoke";
const caught = (name: string) => [{ ErrorEquals: [name], Next: "Caught", Output: "{% $states.errorOutput %}" }];

describe("Step Functions as AWS runs it", function () {
  this.timeout(40_000);
  let bench: Bench;
  let roleArn: string;
  let echo: string;
  before(async () => {
    bench = await startBench();
    roleArn = await role(bench, "states.amazonaws.com", [{ Action: "*" }]);
    echo = await nodeFunction(bench, "return event");
  });
  after(() => bench?.stop());

  const define = (StartAt: string, States: States, more: Record<string, unknown> = {}) =>
    machine(bench, { QueryLanguage: "JSONata", StartAt, States, ...more }, roleArn);
  const withCatch = (task: Record<string, unknown>, name = "States.ALL") =>
    define("Work", { Work: { Type: "Task", End: true, Catch: caught(name), ...task }, Caught: { Type: "Succeed" } });
  const start = async (stateMachineArn: string, input = "{}", name?: string) =>
    (await bench.sfn.send(new StartExecutionCommand({ stateMachineArn, input, name }))).executionArn ?? "";
  const tokens = async (executionArn: string): Promise<string[]> => {
    const { events } = await bench.sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
    return (events ?? []).flatMap((event) => {
      const parameters = event.taskScheduledEventDetails?.parameters;
      return parameters ? [JSON.parse(parameters).Payload.token as string] : [];
    });
  };
  const waiting = (functionArn = echo): Record<string, unknown> => ({
    Resource: `${LAMBDA}.waitForTaskToken`,
    Arguments: { FunctionName: functionArn, Payload: { token: "{% $states.context.Task.Token %}" } },
  });
  const tokenOf = async (executionArn: string): Promise<string> => {
    let found: string[] = [];
    await until("a token", async () => {
      found = await tokens(executionArn);
      return found.length > 0;
    });
    return found.at(-1) ?? "";
  };

  describe("task tokens", () => {
    it("succeed once; afterwards the token is worth nothing", async () => {
      const execution = await start(await define("Work", oneTask(waiting()).States as States));
      const taskToken = await tokenOf(execution);
      assert.match(taskToken, /[/+=]/, "a token must need encoding in URLs, as AWS's does");
      await bench.sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{"approved":true}' }));
      assert.deepEqual((await ending(bench, execution)).value, { approved: true });
      const again = new SendTaskSuccessCommand({ taskToken, output: "{}" });
      await assert.rejects(bench.sfn.send(again), {
        name: "TaskTimedOut",
        message: "Task Timed Out: 'Provided task does not exist anymore'",
      });
    });

    it("fail with the error given", async () => {
      const execution = await start(await withCatch(waiting(), "Rejected"));
      const taskToken = await tokenOf(execution);
      await bench.sfn.send(new SendTaskFailureCommand({ taskToken, error: "Rejected", cause: "by ada" }));
      assert.deepEqual((await ending(bench, execution)).value, { Error: "Rejected", Cause: "by ada" });
    });

    it("expire with TimeoutSeconds given as an expression", async () => {
      const execution = await start(
        await withCatch({ ...waiting(), TimeoutSeconds: "{% $states.input.seconds %}" }, "States.Timeout"),
        '{"seconds":1}',
      );
      const taskToken = await tokenOf(execution);
      assert.deepEqual((await ending(bench, execution)).value, { Error: "States.Timeout", Cause: "" });
      await assert.rejects(bench.sfn.send(new SendTaskSuccessCommand({ taskToken, output: "{}" })), {
        name: "TaskTimedOut",
      });
    });

    it("live on heartbeats and die without", async () => {
      const execution = await start(await withCatch({ ...waiting(), HeartbeatSeconds: 1 }, "States.HeartbeatTimeout"));
      const taskToken = await tokenOf(execution);
      for (let beat = 0; beat < 3; beat++) {
        await pause(600);
        await bench.sfn.send(new SendTaskHeartbeatCommand({ taskToken }));
      }
      assert.deepEqual((await ending(bench, execution)).value, { Error: "States.HeartbeatTimeout", Cause: "" });
    });

    it("are new for every attempt", async () => {
      const execution = await start(
        await define("Work", {
          Work: {
            Type: "Task",
            End: true,
            ...waiting(),
            Retry: [{ ErrorEquals: ["Again"], MaxAttempts: 1, IntervalSeconds: 1 }],
          },
        }),
      );
      const first = await tokenOf(execution);
      await bench.sfn.send(new SendTaskFailureCommand({ taskToken: first, error: "Again" }));
      await until("a second token", async () => (await tokens(execution)).length === 2);
      const second = (await tokens(execution))[1] ?? "";
      assert.notEqual(second, first);
      await assert.rejects(bench.sfn.send(new SendTaskSuccessCommand({ taskToken: first, output: "{}" })), {
        name: "TaskTimedOut",
      });
      await bench.sfn.send(new SendTaskSuccessCommand({ taskToken: second, output: "2" }));
      assert.equal((await ending(bench, execution)).value, 2);
    });

    it("belong to one branch each", async () => {
      const branch = { StartAt: "Work", States: { Work: { Type: "Task", End: true, ...waiting() } } };
      const execution = await start(
        await define("Both", { Both: { Type: "Parallel", End: true, Branches: [branch, branch, branch] } }),
      );
      await until("three tokens", async () => (await tokens(execution)).length === 3);
      const all = await tokens(execution);
      assert.equal(new Set(all).size, 3);
      for (const [index, taskToken] of all.entries()) {
        await bench.sfn.send(new SendTaskSuccessCommand({ taskToken, output: String(index) }));
      }
      assert.deepEqual(((await ending(bench, execution)).value as number[]).toSorted(), [0, 1, 2]);
    });

    it("are closed by StopExecution", async () => {
      const execution = await start(await define("Work", oneTask(waiting()).States as States));
      const taskToken = await tokenOf(execution);
      await bench.sfn.send(new StopExecutionCommand({ executionArn: execution }));
      await until("the closed token", async () => {
        const send = bench.sfn.send(new SendTaskSuccessCommand({ taskToken, output: "{}" }));
        return await send.then(
          () => false,
          (error: Error) => error.name === "TaskTimedOut",
        );
      });
      assert.equal((await ending(bench, execution)).status, "ABORTED");
    });

    it("fail the task at once when the function that was to take them throws", async () => {
      const thrower = await nodeFunction(bench, 'const e = new Error("no mail"); e.name = "MailError"; throw e;');
      const began = Date.now();
      const outcome = await execute(bench, await withCatch({ ...waiting(thrower), TimeoutSeconds: 30 }, "MailError"));
      const value = outcome.value as { Error: string; Cause: string };
      assert.equal(value.Error, "MailError");
      assert.equal(JSON.parse(value.Cause).errorMessage, "no mail");
      assert.ok(Date.now() - began < 10_000);
    });

    it("that were never issued, and outputs that are not JSON, are refused", async () => {
      await assert.rejects(bench.sfn.send(new SendTaskSuccessCommand({ taskToken: "made up", output: "{}" })), {
        name: "InvalidToken",
      });
      await assert.rejects(bench.sfn.send(new SendTaskSuccessCommand({ taskToken: "made up", output: "{" })), {
        name: "InvalidOutput",
      });
    });
  });

  describe("StartExecution", () => {
    it("returns the running execution of the same name and input; refuses another input", async () => {
      const arn = await define("Work", oneTask(waiting()).States as States);
      const first = await start(arn, '{"a":1}', "one");
      assert.equal(await start(arn, '{"a":1}', "one"), first);
      await assert.rejects(start(arn, '{"a":2}', "one"), { name: "ExecutionAlreadyExists" });
      await bench.sfn.send(new SendTaskSuccessCommand({ taskToken: await tokenOf(first), output: "1" }));
      await ending(bench, first);
      await assert.rejects(start(arn, '{"a":1}', "one"), { name: "ExecutionAlreadyExists" });
      assert.equal((await tokens(first)).length, 1, "it must have run once");
    });

    it("refuses names and inputs that AWS refuses", async () => {
      const arn = await define("End", { End: { Type: "Succeed" } });
      await assert.rejects(start(arn, "{}", "a b"), { name: "InvalidName" });
      await assert.rejects(start(arn, "{}", "x".repeat(81)), { name: "InvalidName" });
      await assert.rejects(start(arn, "{"), { name: "InvalidExecutionInput" });
    });
  });

  describe("limits", () => {
    it("a result above 262,144 bytes fails with States.DataLimitExceeded, which no wildcard catches", async () => {
      const large = await nodeFunction(bench, 'return "x".repeat(event.size)');
      const task = {
        Resource: LAMBDA,
        Arguments: { FunctionName: large, Payload: "{% $states.input %}" },
        Output: "{% $length($states.result.Payload) %}",
      };
      const fits = await execute(bench, await withCatch(task), { size: 262_000 });
      assert.equal(fits.value, 262_000, fits.cause);
      for (const wildcard of ["States.ALL", "States.TaskFailed"]) {
        const outcome = await execute(bench, await withCatch(task, wildcard), { size: 262_144 });
        assert.equal(outcome.error, "States.DataLimitExceeded");
        assert.equal(
          outcome.cause,
          "The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit.",
        );
      }
      const named = await execute(bench, await withCatch(task, "States.DataLimitExceeded"), { size: 262_144 });
      assert.equal((named.value as { Error: string }).Error, "States.DataLimitExceeded");
    });

    it("a function that runs too long is Lambda.Unknown", async () => {
      const slow = await nodeFunction(bench, "await new Promise((done) => setTimeout(done, 5000))", 1);
      const outcome = await execute(bench, await withCatch({ Resource: LAMBDA, Arguments: { FunctionName: slow } }));
      assert.equal((outcome.value as { Error: string }).Error, "Lambda.Unknown");
    });

    it("a function that exits is Lambda.Unknown", async () => {
      const exits = await nodeFunction(bench, "process.exit(1)");
      const outcome = await execute(bench, await withCatch({ Resource: LAMBDA, Arguments: { FunctionName: exits } }));
      assert.equal((outcome.value as { Error: string }).Error, "Lambda.Unknown", JSON.stringify(outcome.value));
    });

    it("TimeoutSeconds of a Task holds while a function runs", async () => {
      const slow = await nodeFunction(bench, "await new Promise((done) => setTimeout(done, 4000))");
      const task = { Resource: LAMBDA, Arguments: { FunctionName: slow }, TimeoutSeconds: 1 };
      const outcome = await execute(bench, await withCatch(task, "States.Timeout"));
      assert.deepEqual(outcome.value, { Error: "States.Timeout", Cause: "" });
    });

    it("TimeoutSeconds that are no positive whole number are refused", async () => {
      const task = { Resource: LAMBDA, Arguments: { FunctionName: echo }, TimeoutSeconds: "{% 0 %}" };
      assert.equal((await execute(bench, await withCatch(task))).error, "States.Runtime");
    });

    it("TimeoutSeconds of the machine end the execution as TIMED_OUT", async () => {
      const arn = await define("Wait", { Wait: { Type: "Wait", Seconds: 3000, End: true } }, { TimeoutSeconds: 1 });
      const outcome = await execute(bench, arn);
      assert.equal(outcome.status, "TIMED_OUT");
      assert.equal(outcome.error, "States.Timeout");
    });

    it("JSONPath: TimeoutSecondsPath", async () => {
      const slow = await nodeFunction(bench, "await new Promise((done) => setTimeout(done, 4000))");
      const definition = {
        StartAt: "Work",
        States: {
          Work: {
            Type: "Task",
            Resource: LAMBDA,
            Parameters: { FunctionName: slow },
            TimeoutSecondsPath: "$.limit",
            Catch: [{ ErrorEquals: ["States.Timeout"], Next: "Caught" }],
            End: true,
          },
          Caught: { Type: "Succeed" },
        },
      };
      const outcome = await execute(bench, await machine(bench, definition, roleArn), { limit: 1 });
      assert.deepEqual(outcome.value, { Error: "States.Timeout", Cause: "" });
    });
  });

  it("a function's error keeps its name, and its environment lives on", async () => {
    const fails = await nodeFunction(
      bench,
      `globalThis.n = (globalThis.n ?? 0) + 1;
       class GateFailed extends Error { constructor(m) { super(m); this.name = "GateFailed"; } }
       throw new GateFailed("call " + globalThis.n);`,
    );
    const arn = await withCatch({ Resource: fails }, "GateFailed");
    for (const call of [1, 2]) {
      const { Error: name, Cause } = (await execute(bench, arn)).value as { Error: string; Cause: string };
      assert.equal(name, "GateFailed");
      const cause = JSON.parse(Cause);
      assert.equal(cause.errorType, "GateFailed");
      assert.equal(cause.errorMessage, `call ${call}`);
      assert.match(cause.trace[0], /^GateFailed: call/);
    }
    const answer = await bench.lambda.send(new InvokeCommand({ FunctionName: fails, LogType: "Tail" }));
    assert.equal(answer.FunctionError, "Unhandled");
    assert.equal(JSON.parse(Buffer.from(answer.Payload ?? []).toString()).errorType, "GateFailed");
  });

  it("a failed Map item ends the others; items of a distributed Map may fail by themselves", async () => {
    const check = {
      StartAt: "Check",
      States: {
        Check: {
          Type: "Choice",
          Choices: [{ Variable: "$.fail", BooleanEquals: true, Next: "Fail" }],
          Default: "Pause",
        },
        Fail: { Type: "Fail", Error: "Item", Cause: "wanted" },
        Pause: { Type: "Wait", SecondsPath: "$.seconds", Next: "Done" },
        Done: { Type: "Pass", Result: "done", End: true },
      },
    };
    const map = (Mode: string, more: Record<string, unknown>) =>
      machine(
        bench,
        {
          StartAt: "Each",
          States: {
            Each: { Type: "Map", End: true, ItemProcessor: { ...check, ProcessorConfig: { Mode } }, ...more },
          },
        },
        roleArn,
      );
    const began = Date.now();
    const items = (seconds: number) => [{ fail: true }, { fail: false, seconds }];
    const inline = await execute(bench, await map("INLINE", {}), items(1000));
    assert.equal(inline.error, "Item");
    assert.ok(Date.now() - began < 10_000, "the other item must not be waited for (20 s)");
    const tolerant = await execute(bench, await map("DISTRIBUTED", { ToleratedFailureCount: 1 }), items(10));
    assert.deepEqual(tolerant.value, [null, "done"], tolerant.cause);
  });

  describe("JSONata", () => {
    it("Succeed and Parallel honour Output, Arguments and Assign; branches have variables of their own", async () => {
      const branch = (value: string) => ({
        StartAt: "Set",
        States: {
          Set: { Type: "Pass", Assign: { mine: value }, Next: "Get" },
          Get: { Type: "Pass", Output: "{% $mine & ':' & $states.input.given %}", End: true },
        },
      });
      const arn = await define("Outer", {
        Outer: { Type: "Pass", Assign: { mine: "outer" }, Next: "Both" },
        Both: {
          Type: "Parallel",
          Arguments: { given: "{% $states.input.n %}" },
          Branches: [branch("a"), branch("b")],
          Assign: { both: "{% $join($states.result, '+') %}" },
          Output: "{% $count($states.result) %}",
          Next: "End",
        },
        End: {
          Type: "Succeed",
          Output: { count: "{% $states.input %}", both: "{% $both %}", mine: "{% $mine %}" },
        },
      });
      const outcome = await execute(bench, arn, { n: 7 });
      assert.deepEqual(outcome.value, { count: 2, both: "a:7+b:7", mine: "outer" }, outcome.cause);
    });
  });

  it("a stopped execution waits no longer, and keeps its status", async () => {
    const arn = await define("Wait", { Wait: { Type: "Wait", Seconds: 3000, Next: "Fail" }, Fail: { Type: "Fail" } });
    const execution = await start(arn);
    await pause(300);
    await bench.sfn.send(new StopExecutionCommand({ executionArn: execution, error: "Enough" }));
    await pause(300);
    const outcome = await ending(bench, execution);
    assert.equal(outcome.status, "ABORTED");
    assert.equal(outcome.error, "Enough");
  });
});
