import assert from "node:assert/strict";
import { otherHint, submissionHints } from "../../contracts/errors.ts";
import { RecordDecisionInput } from "../../contracts/tasks.ts";
import { definition as cleanUp, grants as cleanUpGrants, endings } from "../../workflow/clean-up.ts";
import { cleanUpSample, submissionSample } from "../../workflow/samples.ts";
import { definition, grants } from "../../workflow/submission.ts";
import { type Answer, type Call, notFound, ok, refuse, throttled } from "./support/script.ts";
import { edges, given, type Machine, TestStage, times } from "./support/stage.ts";
import { ended, happy, input, packageArn, staged } from "./support/submission.ts";

describe("the clean-up after a submission that was cut off", function () {
  this.timeout(120_000);
  let stage: TestStage;
  let submission: Machine;
  /** The same, which may take three seconds. */
  let hasty: Machine;
  let machine: Machine;

  before(async () => {
    stage = await TestStage.open();
    await stage.functions(["stage-artifact", "evaluate", "gate", "request-approval", "record-decision"]);
    const topicArn = await stage.topic("frugal-dev-notices");
    const refs = { ...submissionSample, topicArn };
    const [made, granted] = [definition(refs), grants(refs)];
    submission = await stage.machine("frugal-dev-submission", made, granted);
    hasty = await stage.machine("frugal-dev-hasty", { ...made, TimeoutSeconds: 3 }, granted);
    const own = { ...cleanUpSample, topicArn };
    machine = await stage.machine("frugal-dev-clean-up", cleanUp(own), cleanUpGrants(own));
    await stage.rule(
      "submission-ended",
      {
        source: ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        detail: { stateMachineArn: [submission.arn, hasty.arn], status: [...endings] },
      },
      machine,
    );
  });
  after(() => stage?.close());

  const script: Record<string, Answer[]> = { ...happy, "record-decision": [ok({ decision: ended })] };
  const running = [ok({ TransformJobStatus: "InProgress" })];

  /** Stops an execution as soon as a call was made. */
  function stopAt(key: string) {
    let stopped = false;
    return async (calls: readonly Call[], executionArn: string) => {
      if (stopped || !calls.some((call) => call.key === key)) return;
      stopped = true;
      await stage.abort(executionArn);
    };
  }

  it("stops the job and removes the model of a submission that somebody stopped", async () => {
    const since = Date.now();
    const cut = await stage.run(
      submission,
      input,
      { ...script, DescribeTransformJob: running, StopTransformJob: [ok()] },
      stopAt("DescribeTransformJob"),
    );
    assert.equal(cut.status, "ABORTED");
    const found = await stage.startedByEvent(machine, since);
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.deepEqual(found.path, [
      "Begin",
      "StopBatchTest",
      "RemoveTestModel",
      "FindPackage",
      "PackageWaits",
      "WasItTold",
      "NotifyEnd",
      "CleanedUp",
    ]);
    // By the very names under which they were made.
    assert.equal(
      given(found, "StopTransformJob").TransformJobName,
      given(found, "CreateTransformJob").TransformJobName,
    );
    assert.equal(given(found, "DeleteModel").ModelName, given(found, "CreateModel").ModelName);
    assert.deepEqual(found.output, { execution: cut.name, withdrawn: [] });
    const [notice] = found.notices;
    assert.equal(notice?.Subject, "dev: a submission was cut off");
    assert.match(notice?.Message ?? "", new RegExp(`^Submission ${cut.name} ended as ABORTED\\.`));
    assert.match(notice?.Message ?? "", /What to do: Somebody stopped it/);
    assert.deepEqual(
      found.calls.filter((call) => call.denied),
      [],
    );
  });

  it("withdraws the package of a submission that was stopped while people were asked, and no other", async () => {
    const since = Date.now();
    // Two submissions wait; one of them is stopped.
    const second = { ...staged, submissionId: "sub-ffffffffffffffffffff" };
    let stopped: string | undefined;
    const both = stage.runs(
      submission,
      [input, input],
      { ...script, "stage-artifact": [ok(staged), ok(second)] },
      async (calls, executionArn) => {
        if (calls.filter(({ key }) => key === "request-approval").length < 2) return;
        if (stopped !== undefined && !calls.some(({ key }) => key === "record-decision")) return;
        stopped ??= executionArn;
        await stage.abort(executionArn);
      },
    );
    const found = await stage.startedByEvent(machine, since);
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.ok(found.path.includes("WithdrawPackage"));
    const name = stopped?.split(":").at(-1);
    const registered = found.calls.filter(({ key }) => key === "CreateModelPackage").map((call) => call.input);
    const index = registered.findIndex((one) => one.CustomerMetadataProperties["frugal:execution"] === name);
    const recorded = RecordDecisionInput.parse(found.calls.find(({ key }) => key === "record-decision")?.input);
    assert.equal(recorded.modelPackageArn, packageArn.replace(/4$/, String(4 + index)));
    assert.ok("ended" in recorded);
    assert.deepEqual(recorded.ended, { by: "failure", comment: "The submission ended without an answer: ABORTED" });
    assert.deepEqual(
      (await both).map(({ status }) => status),
      ["ABORTED", "ABORTED"],
    );
  });

  it("cleans up after a submission that took longer than its machine may", async () => {
    const since = Date.now();
    const cut = await stage.run(hasty, input, script, async () => {});
    assert.equal(cut.status, "TIMED_OUT");
    const found = await stage.startedByEvent(machine, since);
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.deepEqual(found.output, { execution: cut.name, withdrawn: [packageArn] });
    assert.match(found.notices[0]?.Message ?? "", /ended as TIMED_OUT\./);
    assert.ok(found.notices[0]?.Message.endsWith(`What to do: ${submissionHints["States.Timeout"]}`));
  });

  it("does not tell twice what a submission has told itself", async () => {
    const since = Date.now();
    const failed = await stage.run(submission, input, { ...script, gate: [refuse("InvalidInput", "no")] });
    assert.equal(failed.status, "FAILED");
    const found = await stage.startedByEvent(machine, since);
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.deepEqual(found.notices, []);
    // What is gone already cannot be removed again, and that is fine.
    assert.ok(found.path.includes("CleanedUp"));
  });

  /** An event as Step Functions sends it. */
  const event = (detail: object) => ({
    source: "aws.states",
    "detail-type": "Step Functions Execution Status Change",
    detail: {
      executionArn: submission.arn.replace(":stateMachine:", ":execution:").concat(":by-hand"),
      name: "by-hand",
      ...detail,
    },
  });
  const listed = (names: readonly string[], NextToken?: string) =>
    ok({
      ModelPackageSummaryList: names.map((name, at) => ({
        ModelPackageArn: packageArn.replace(/4$/, String(at + 1)),
        ModelPackageDescription: `Submission sub-1 of job, execution ${name}`,
        ModelPackageStatus: "Completed",
        CreationTime: 1767225600,
      })),
      NextToken,
    });

  it("tells of an error that no state can catch, with what to do", async () => {
    for (const [error, hint] of [
      ["States.DataLimitExceeded", submissionHints["States.DataLimitExceeded"]],
      ["States.Runtime", otherHint],
    ]) {
      const found = await stage.run(machine, event({ status: "FAILED", error, cause: "too much" }), script);
      assert.equal(found.status, "SUCCEEDED", found.cause);
      assert.match(found.notices[0]?.Message ?? "", new RegExp(`ended as FAILED: ${error}: too much`));
      assert.ok(found.notices[0]?.Message.endsWith(`What to do: ${hint}`));
    }
  });

  it("looks through all pages, and takes no name for another that begins alike", async () => {
    const found = await stage.run(machine, event({ status: "ABORTED", error: null, cause: null }), {
      ...script,
      ListModelPackages: [listed(["by-hand-2", "other"], "more"), listed(["x", "by-hand"])],
    });
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.equal(times(found, "ListModelPackages"), 2);
    assert.equal(given(found, "ListModelPackages").NextToken, "more");
    assert.equal(given(found, "record-decision").modelPackageArn, packageArn.replace(/4$/, "2"));
  });

  it("goes on where there is nothing to remove, and where the package was decided meanwhile", async () => {
    const found = await stage.run(machine, event({ status: "ABORTED" }), {
      ...script,
      StopTransformJob: [notFound("transform job")],
      DeleteModel: [notFound("model")],
      ListModelPackages: [throttled, listed(["by-hand"])],
      "record-decision": [refuse("InvalidInput", "it is Approved")],
    });
    assert.equal(found.status, "SUCCEEDED", found.cause);
  });

  it("tells what is left where it cannot look for packages", async () => {
    const found = await stage.run(machine, event({ status: "ABORTED" }), {
      ...script,
      ListModelPackages: [refuse("AccessDeniedException", "not allowed")],
    });
    assert.equal(found.status, "FAILED");
    assert.match(found.notices[0]?.Message ?? "", /reject by hand what waits in group frugal-dev-breast-cancer/);
  });

  it("has by now taken every path that there is", () => {
    assert.deepEqual(
      edges(machine.definition).filter((edge) => !machine.taken.has(edge)),
      [],
    );
  });
});
