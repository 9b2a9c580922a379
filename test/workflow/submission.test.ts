import assert from "node:assert/strict";
import { submissionHints } from "../../contracts/errors.ts";
import { EvaluateInput, GateInput, RecordDecisionInput } from "../../contracts/tasks.ts";
import { submissionSample } from "../../workflow/samples.ts";
import { definition, grants } from "../../workflow/submission.ts";
import { type Answer, ok, refuse, throttled } from "./support/script.ts";
import { edges, given, type Machine, type Run, TestStage, times } from "./support/stage.ts";
import {
  answering as answer,
  bucket,
  decided,
  ended,
  evaluation,
  failed,
  failures,
  happy,
  id,
  input,
  packageArn,
  staged,
} from "./support/submission.ts";

describe("the submission on the emulated Step Functions", function () {
  this.timeout(120_000);
  let stage: TestStage;
  let machine: Machine;
  /** The same, whose wait for people is three seconds with a reminder after two, and whose batch test may take two. */
  let hasty: Machine;
  /** The same, whose wait is two seconds, and which reminds nobody. */
  let brief: Machine;
  /** The same, whose notices go nowhere. */
  let unheard: Machine;

  before(async () => {
    stage = await TestStage.open();
    await stage.functions(["stage-artifact", "evaluate", "gate", "request-approval", "record-decision"]);
    const refs = { ...submissionSample, topicArn: await stage.topic("frugal-dev-notices") };
    const short = { ...refs, expiryHours: 3 / 3600, remindHours: 1 / 3600, batchTestTimeoutMinutes: 2 / 60 };
    const once = { ...short, expiryHours: 2 / 3600, remindHours: 0 };
    const mute = { ...refs, topicArn: `${refs.topicArn}-gone` };
    machine = await stage.machine("frugal-dev-submission", definition(refs), grants(refs));
    hasty = await stage.machine("frugal-dev-hasty", definition(short), grants(short));
    brief = await stage.machine("frugal-dev-brief", definition(once), grants(once));
    unheard = await stage.machine("frugal-dev-unheard", definition(mute), grants(mute));
  });
  after(() => stage?.close());

  const answering = (decision?: object, from?: number) => answer(stage.sfn, decision, from);
  const nobody = async () => {};
  const run = (script: Record<string, Answer[]> = {}, person = answering(), on = machine) =>
    stage.run(on, input, { ...happy, ...script }, person);

  /** What every failure comes to: the test's things are gone, a package is withdrawn, and the first error is told. */
  function assertFailed(found: Run, error: string, cause?: RegExp): void {
    assert.equal(found.status, "FAILED");
    assert.equal(found.error, error);
    if (cause) assert.match(found.cause ?? "", cause);
    const waits = found.path.includes("RequestApproval");
    const end = ["PackageWaits", ...(waits ? ["WithdrawPackage"] : []), "NotifyFailure", "Failed"];
    assert.deepEqual(found.path.slice(found.path.indexOf("StopBatchTest")), [
      "StopBatchTest",
      "RemoveTestModel",
      ...end,
    ]);
    const { TransformJobName } = given(found, "StopTransformJob");
    assert.match(TransformJobName, /^frugal-dev-test-[0-9a-f]{20}$/);
    assert.equal(given(found, "DeleteModel").ModelName, TransformJobName);
    if (waits) assert.equal(RecordDecisionInput.parse(given(found, "record-decision")).modelPackageArn, packageArn);
  }

  it("tests, judges, registers, asks, and records what a person approved", async () => {
    const found = await run();
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.deepEqual(found.output, {
      submissionId: id,
      modelPackageArn: packageArn,
      decision: "Approved",
      decidedBy: "ada@example.com",
    });
    assert.deepEqual(found.path, [
      "Begin",
      "StageArtifact",
      "CreateTestModel",
      "BatchTest",
      "DeleteTestModel",
      "Evaluate",
      "Gate",
      "RegisterPackage",
      "LookAtPackage",
      "WhosePackage",
      "MakePacket",
      "GatePassed",
      "RequestApproval",
      "RecordDecision",
      "NotifyDecision",
      "Decided",
    ]);
    assert.deepEqual(given(found, "stage-artifact"), { submission: input, execution: found.name });

    const model = given(found, "CreateModel");
    const [container] = staged.containers;
    assert.match(model.ModelName, /^frugal-dev-test-[0-9a-f]{20}$/);
    assert.deepEqual(model.PrimaryContainer, {
      Image: container?.image,
      ModelDataUrl: container?.artifactUri,
      Environment: container?.environment,
    });
    assert.equal(model.Containers, undefined);
    assert.equal(model.EnableNetworkIsolation, true);
    assert.deepEqual(
      model.Tags.map(({ Key }: { Key: string }) => Key).sort(),
      ["artifact-digest", "component", "dataset-version", "owner", "project", "run", "stage", "training-job"].map(
        (key) => `frugal:${key}`,
      ),
    );

    const job = given(found, "CreateTransformJob");
    const predictions = `s3://${bucket}/submissions/${id}/predictions/${model.ModelName.slice("frugal-dev-test-".length)}`;
    assert.equal(job.ModelName, model.ModelName);
    assert.equal(job.TransformInput.DataSource.S3DataSource.S3Uri, staged.featuresUri);
    assert.equal(job.TransformOutput.S3OutputPath, predictions);
    assert.deepEqual(EvaluateInput.parse(given(found, "evaluate")), {
      submissionId: id,
      featuresUri: staged.featuresUri,
      labelsUri: staged.labelsUri,
      predictionsPrefix: `${predictions}/`,
      testDatasetVersion: staged.testDatasetVersion,
      artifactDigest: staged.lineage.artifactDigest,
    });
    assert.deepEqual(GateInput.parse(given(found, "gate")), {
      evaluation,
      modelPackageGroupName: "frugal-dev-breast-cancer",
      gate: { bound: 0.95 },
    });
    assert.deepEqual(given(found, "record-decision"), { modelPackageArn: packageArn, decision: decided });
    assert.equal(times(found, "StopTransformJob"), 0);
  });

  it("records a person's refusal", async () => {
    const no = { ...decided, decision: "Rejected", comment: "leaks the label" };
    const found = await run({ "record-decision": [ok({ decision: no })] }, answering(no));
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.equal(found.output.decision, "Rejected");
    assert.deepEqual(given(found, "record-decision").decision, no);
  });

  it("registers what the gate stopped as rejected, and bothers nobody", async () => {
    const found = await run({ gate: [ok(failed)] });
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.deepEqual(found.output, {
      submissionId: id,
      modelPackageArn: packageArn,
      decision: "Rejected",
      decidedBy: "gate",
      reasons: failed.reasons,
    });
    assert.equal(times(found, "request-approval"), 0);
    const registered = given(found, "CreateModelPackage");
    assert.equal(registered.ModelApprovalStatus, "Rejected");
    assert.equal(registered.CustomerMetadataProperties["frugal:gate"], "failed");
    // Metadata takes no comma and no parenthesis.
    assert.equal(
      registered.CustomerMetadataProperties["frugal:gate-reasons"],
      "rocAuc is 0.5- the stage asks for 0.9 -at least-.",
    );
  });

  it("asks once more before the time is up, and takes the answer to that", async () => {
    const found = await run({}, answering(decided, 1), hasty);
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.ok(found.path.includes("RemindApprovers"));
    const [first, second] = found.calls.filter((call) => call.key === "request-approval").map((call) => call.input);
    assert.deepEqual([first.reminder, second.reminder], [false, true]);
    assert.equal(second.expiresAt, first.expiresAt);
    assert.deepEqual(second.packet, first.packet);
    assert.notEqual(second.taskToken, first.taskToken);
  });

  for (const [what, on] of [
    ["after a reminder", () => hasty],
    ["where nobody is reminded", () => brief],
  ] as const) {
    it(`rejects what nobody decided in time, ${what}`, async () => {
      const expired = { ...ended, decidedBy: "expiry" };
      const found = await run({ "record-decision": [ok({ decision: expired })] }, nobody, on());
      assert.equal(found.status, "SUCCEEDED", found.cause);
      assert.deepEqual([found.output.decision, found.output.decidedBy], ["Rejected", "expiry"]);
      const recorded = RecordDecisionInput.parse(given(found, "record-decision"));
      assert.ok("ended" in recorded);
      assert.equal(recorded.ended.by, "expiry");
      assert.match(recorded.ended.comment, /Too few answered within/);
      assert.equal(recorded.ended.packet?.submissionId, id);
      // One request and at most one reminder: a second try would begin the wait anew.
      assert.equal(times(found, "request-approval"), on() === hasty ? 2 : 1);
    });
  }

  it("stands by a decision that was made in the last moment", async () => {
    const found = await run({ "record-decision": [ok({ decision: decided })] }, nobody, brief);
    assert.ok(found.path.includes("RecordExpiry"));
    assert.deepEqual([found.output.decision, found.output.decidedBy], ["Approved", "ada@example.com"]);
  });

  it("tries again what is passing, and not what cannot be mended", async () => {
    const found = await run({
      "stage-artifact": [refuse("TimeoutError"), ok(staged)],
      CreateModel: [throttled, throttled, ok({ ModelArn: "m" })],
      CreateModelPackage: [refuse("ConflictException"), ok({ ModelPackageArn: packageArn })],
      DescribeModelPackage: [throttled, own()],
    });
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.equal(times(found, "stage-artifact"), 2);
    assert.equal(times(found, "CreateModel"), 3);
    assert.equal(times(found, "CreateModelPackage"), 2);
    const mismatch = await run({ "stage-artifact": [refuse("LineageMismatch", "the job has no dataset version")] });
    assertFailed(mismatch, "LineageMismatch", /no dataset version/);
    assert.equal(times(mismatch, "stage-artifact"), 1);
  });

  it("repeats nothing in a step that is tried again after its answer was lost", async () => {
    const there = refuse("ValidationException", 'Cannot create already existing model "arn".');
    const found = await run({
      // The first call made the model, and its answer never came.
      CreateModel: [throttled, there],
      CreateModelPackage: [throttled, ok({ ModelPackageArn: packageArn })],
      DescribeModelPackage: [own()],
      "record-decision": [refuse("TimeoutError"), ok({ decision: decided })],
    });
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.ok(found.path.includes("TestModelThere"));
    const tokens = found.calls.filter(({ key }) => key === "CreateModelPackage").map((call) => call.input.ClientToken);
    assert.deepEqual(tokens, [id, id]);
    assert.equal(times(found, "CreateTransformJob"), 1);
    assert.equal(times(found, "request-approval"), 1);
  });

  it("is one package where the same is submitted twice at once, and asks once", async () => {
    const found = await stage.runs(machine, [input, input], happy, answering());
    const [asker, other] = found[0]?.path.includes("RequestApproval") ? found : [...found].reverse();
    assert.ok(asker && other);
    assert.equal(asker.output.decision, "Approved");
    assert.deepEqual(other.output, {
      submissionId: id,
      modelPackageArn: packageArn,
      decision: "PendingManualApproval",
      submittedBefore: true,
    });
    assert.equal(times(asker, "request-approval"), 1);
    // Each tested with things of its own, and removed only those.
    const models = asker.calls.filter(({ key }) => key === "CreateModel").map((call) => call.input.ModelName);
    const deleted = asker.calls.filter(({ key }) => key === "DeleteModel").map((call) => call.input.ModelName);
    assert.equal(new Set(models).size, 2);
    assert.deepEqual(deleted.sort(), models.sort());
  });

  it("runs two submissions of the same model side by side, each with its own package", async () => {
    const second = { ...staged, submissionId: "sub-ffffffffffffffffffff" };
    const found = await stage.runs(
      machine,
      [input, input],
      { ...happy, "stage-artifact": [ok(staged), ok(second)] },
      answering(),
    );
    const packages = found.map(({ status, output }) => [status, output.modelPackageArn, output.submissionId]);
    assert.deepEqual(
      packages.map(([status]) => status),
      ["SUCCEEDED", "SUCCEEDED"],
    );
    assert.equal(new Set(packages.map(([, arn]) => arn)).size, 2);
    assert.equal(new Set(packages.map(([, , one]) => one)).size, 2);
  });

  it("registers anew what ended before anybody decided, and leaves alone what was decided", async () => {
    const properties = (by: string) => ({ "frugal:execution": "earlier", "frugal:approved-by": by });
    const endedBy = (by: string) => ok({ ModelApprovalStatus: "Rejected", CustomerMetadataProperties: properties(by) });
    for (const by of ["expiry", "failure"]) {
      const found = await run({ DescribeModelPackage: [endedBy(by), own()] });
      assert.equal(found.status, "SUCCEEDED", found.cause);
      const tokens = found.calls
        .filter(({ key }) => key === "CreateModelPackage")
        .map((call) => call.input.ClientToken);
      assert.equal(tokens[0], id);
      assert.match(tokens[1], new RegExp(`^${id}-[0-9a-f]{8}$`));
      assert.equal(tokens[1].length <= 36, true);
      assert.notEqual(found.output.modelPackageArn, packageArn);
    }
    const decidedBefore = await run({ DescribeModelPackage: [endedBy("ada@example.com")] });
    assert.equal(decidedBefore.output.submittedBefore, true);
    assert.equal(decidedBefore.output.decision, "Rejected");
    assert.equal(times(decidedBefore, "record-decision"), 0);
  });

  for (const [what, script, error, cause] of failures) {
    it(`cleans up and tells when ${what}`, async () => {
      // A function that fails has mailed nobody, so nobody answers.
      const person = script["request-approval"] ? nobody : answering();
      assertFailed(await run(script, person), error, cause);
    });
  }

  it("cleans up and tells when an expiry cannot be recorded, or nobody be reminded", async () => {
    const unrecorded = await run({ "record-decision": [refuse("InvalidInput", "set by hand")] }, nobody, hasty);
    assertFailed(unrecorded, "InvalidInput");
    assert.ok(unrecorded.path.includes("RecordExpiry"));
    const mute = await run({ "request-approval": [ok({}), refuse("MessageRejected")] }, nobody, hasty);
    assertFailed(mute, "MessageRejected");
    assert.ok(mute.path.includes("RemindApprovers"));
  });

  it("stops a batch test that takes too long", async () => {
    const slow = [ok({ TransformJobStatus: "InProgress" })];
    const found = await run({ DescribeTransformJob: slow, StopTransformJob: [ok()] }, nobody, hasty);
    assertFailed(found, "States.Timeout");
  });

  it("tells the first failure even where the clean-up fails", async () => {
    const found = await run({
      evaluate: [refuse("InvalidInput", "the first failure")],
      StopTransformJob: [refuse("ValidationException", "cannot stop")],
      DeleteModel: [ok(), refuse("ValidationException", "cannot delete")],
    });
    assertFailed(found, "InvalidInput", /the first failure/);
  });

  it("says what happened and what to do about it", async () => {
    const found = await run({ gate: [refuse("InvalidInput", 'bound is "0.5", and the stage asks for 0.9')] });
    const [notice] = found.notices;
    assert.equal(notice?.Subject, "dev: a submission failed");
    assert.equal(
      notice?.Message,
      `Submission ${found.name} failed: InvalidInput: bound is \\"0.5\\", and the stage asks for 0.9\n\n` +
        `What to do: ${submissionHints.InvalidInput}`,
    );
  });

  it("stands by its outcome where nobody could be told", async () => {
    assert.equal((await run({}, answering(), unheard)).status, "SUCCEEDED");
    assert.equal((await run({ gate: [ok(failed)] }, answering(), unheard)).status, "SUCCEEDED");
    assertFailed(await run({ gate: [refuse("InvalidInput")] }, answering(), unheard), "InvalidInput");
  });

  it("lets StageArtifact say what is wrong with any input at all", async () => {
    for (const strange of [5, [], "text", null, { submissionId: {} }]) {
      const found = await stage.run(machine, strange, { ...happy, "stage-artifact": [refuse("InvalidInput", "no")] });
      assertFailed(found, "InvalidInput");
      assert.deepEqual(given(found, "stage-artifact").submission, strange);
    }
  });

  it("was granted everything that it called", async () => {
    const found = await run({ gate: [ok(failed)] });
    assert.deepEqual(
      found.calls.filter((call) => call.denied),
      [],
    );
  });

  it("has by now taken every path that there is", () => {
    const taken = new Set([machine, hasty, brief, unheard].flatMap((one) => [...one.taken]));
    const all = new Set([...edges(machine.definition), ...edges(brief.definition)]);
    assert.deepEqual(
      [...all].filter((edge) => !taken.has(edge)),
      [],
    );
  });
});

/** The package is this execution's own. */
function own(): Answer {
  return ok({
    ModelApprovalStatus: "PendingManualApproval",
    CustomerMetadataProperties: { "frugal:execution": "$EXECUTION" },
  });
}
