import assert from "node:assert/strict";
import type { SFNClient } from "@aws-sdk/client-sfn";
import { type Outcome, outcomeOf, stateOf, submit } from "../../../cli/submit.ts";
import { submissionId } from "../../../contracts/submission.ts";

const machine = "arn:aws:states:us-east-1:111122223333:stateMachine:frugal-dev-submission";
const input = { trainingJobName: "t1", submittedBy: "grace@example.com" };
const id = submissionId(input);

/** Step Functions with executions of earlier submissions, by name. */
function fakeSfn(executions: Record<string, { status: string; output?: Outcome }> = {}) {
  const started: { name: string; input: string }[] = [];
  const client = {
    send: async (command: { input: Record<string, string> }) => {
      const { input } = command;
      if (command.constructor.name === "DescribeExecutionCommand") {
        const found = executions[(input.executionArn ?? "").split(":").at(-1) ?? ""];
        return { status: found?.status, output: found?.output && JSON.stringify(found.output) };
      }
      const name = input.name ?? "";
      if (executions[name]) throw Object.assign(new Error("exists"), { name: "ExecutionAlreadyExists" });
      started.push({ name, input: input.input ?? "" });
      return {};
    },
  };
  return { client: client as unknown as SFNClient, started };
}

describe("frugal submit", () => {
  it("names the execution after the submission, and hands over the plain input", async () => {
    const { client, started } = fakeSfn();
    const submission = await submit(client, machine, input);
    assert.deepEqual(submission, {
      submissionId: id,
      executionArn: `arn:aws:states:us-east-1:111122223333:execution:frugal-dev-submission:${id}`,
      created: true,
    });
    assert.deepEqual(started, [{ name: id, input: JSON.stringify(input) }]);
  });

  it("does not start again what runs or was decided", async () => {
    for (const status of ["RUNNING", "SUCCEEDED"]) {
      const { client, started } = fakeSfn({
        [id]: { status, output: { decision: "Rejected", decidedBy: "ada@example.com" } },
      });
      assert.equal((await submit(client, machine, input)).created, false);
      assert.deepEqual(started, []);
    }
  });

  it("starts again what failed, was stopped or expired, under the next name", async () => {
    const { client, started } = fakeSfn({
      [id]: { status: "FAILED" },
      [`${id}-2`]: { status: "ABORTED" },
      [`${id}-3`]: { status: "TIMED_OUT" },
      [`${id}-4`]: { status: "SUCCEEDED", output: { decision: "Rejected", decidedBy: "expiry" } },
    });
    const submission = await submit(client, machine, input);
    assert.deepEqual([submission.submissionId, submission.created], [id, true]);
    assert.deepEqual(
      started.map(({ name }) => name),
      [`${id}-5`],
    );
  });

  it("looks at the package where another execution had registered it", async () => {
    const output = { decision: "PendingManualApproval", modelPackageArn: "arn:package", submittedBefore: true };
    for (const [ended, created] of [
      [false, false],
      [true, true],
    ] as const) {
      const { client } = fakeSfn({ [id]: { status: "SUCCEEDED", output } });
      const submission = await submit(client, machine, input, async (arn) => arn === "arn:package" && ended);
      assert.equal(submission.created, created);
    }
  });

  it("tells every fault before anything is started", async () => {
    const { client, started } = fakeSfn();
    const wrong = { ...input, autoMlJobName: "a", image: "with space", testDatasetVersion: "v1" };
    await assert.rejects(submit(client, machine, wrong), (error: Error) => {
      for (const part of ["exactly one of", "must be an image's address", "must be <name>@sha256"])
        assert.ok(error.message.includes(part), part);
      return true;
    });
    assert.deepEqual(started, []);
  });

  it("reads the state that an execution is in, and what it ended with", async () => {
    const events = [
      { type: "TaskScheduled" },
      { stateEnteredEventDetails: { name: "BatchTest" } },
      { stateEnteredEventDetails: { name: "Begin" } },
    ];
    const client = { send: async () => ({ events }) } as unknown as SFNClient;
    assert.equal(await stateOf(client, "arn"), "BatchTest");
    assert.deepEqual(
      [outcomeOf(undefined), outcomeOf("no JSON"), outcomeOf('{"decision":"Approved"}')],
      [{}, {}, { decision: "Approved" }],
    );
  });
});
