import assert from "node:assert/strict";
import { SendTaskSuccessCommand } from "@aws-sdk/client-sfn";
import { ApprovalPacket, SubmissionInput } from "../../contracts/submission.ts";
import { RecordDecisionInput } from "../../contracts/tasks.ts";
import { submissionSample } from "../../workflow/samples.ts";
import { definition, grants } from "../../workflow/submission.ts";
import { type Answer, type Call, ok, refuse, throttled } from "./support/script.ts";
import { edges, given, type Machine, type Run, TestStage, times } from "./support/stage.ts";
import {
  bucket,
  decided,
  evaluation,
  failed,
  failures,
  happy,
  hex,
  id,
  input,
  packageArn,
  passed,
  staged,
  testModel,
} from "./support/submission.ts";

describe("the submission on the emulated Step Functions", function () {
  this.timeout(120_000);
  let stage: TestStage;
  let machine: Machine;
  /** The same, whose wait for a person is two seconds and whose batch test may take two. */
  let hasty: Machine;
  /** The same, whose notices go nowhere. */
  let unheard: Machine;

  before(async () => {
    stage = await TestStage.open();
    await stage.functions(["stage-artifact", "evaluate", "gate", "request-approval", "record-decision"]);
    const refs = { ...submissionSample, topicArn: await stage.topic("frugal-dev-notices") };
    const short = { ...refs, expiryHours: 2 / 3600, batchTestTimeoutMinutes: 2 / 60 };
    const mute = { ...refs, topicArn: `${refs.topicArn}-gone` };
    machine = await stage.machine("frugal-dev-submission", definition(refs), grants(refs));
    hasty = await stage.machine("frugal-dev-hasty", definition(short), grants(short));
    unheard = await stage.machine("frugal-dev-unheard", definition(mute), grants(mute));
  });
  after(() => stage?.close());

  /** A person who decides as soon as they are asked. */
  function answering(decision: object = decided) {
    let answered = false;
    return async (calls: readonly Call[]) => {
      const taskToken = calls.find((call) => call.key === "request-approval")?.input.taskToken as string | undefined;
      if (answered || taskToken === undefined) return;
      answered = true;
      await stage.sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(decision) }));
    };
  }
  const run = (script: Record<string, Answer[]> = {}, person = answering(), on = machine) =>
    stage.run(on, SubmissionInput.parse(input), { ...happy, ...script }, person);

  /** What every failure comes to: the test's things are gone, and the first error is the one that is told. */
  function assertFailed(found: Run, error: string, cause?: RegExp): void {
    assert.equal(found.status, "FAILED");
    assert.equal(found.error, error);
    if (cause) assert.match(found.cause ?? "", cause);
    assert.deepEqual(found.path.slice(-4), ["StopBatchTest", "RemoveTestModel", "NotifyFailure", "Failed"]);
    assert.match(given(found, "StopTransformJob").TransformJobName, /^frugal-dev-0123456789abcdef0123-[0-9a-f]{8}$/);
    assert.equal(given(found, "DeleteModel").ModelName, testModel);
  }

  it("tests, judges, registers, asks, and records what a person approved", async () => {
    const found = await run();
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.deepEqual(found.output, { modelPackageArn: packageArn, decision: "Approved" });
    assert.deepEqual(found.path, [
      "Begin",
      "StageArtifact",
      "CreateTestModel",
      "BatchTest",
      "DeleteTestModel",
      "Evaluate",
      "Gate",
      "RegisterPackage",
      "GatePassed",
      "RequestApproval",
      "RecordDecision",
      "NotifyDecision",
      "Decided",
    ]);
    assert.deepEqual(given(found, "stage-artifact"), input);

    const model = given(found, "CreateModel");
    assert.equal(model.ModelName, testModel);
    assert.deepEqual(model.PrimaryContainer, {
      Image: staged.image,
      ModelDataUrl: staged.artifactUri,
      Environment: input.environment,
    });
    assert.equal(model.EnableNetworkIsolation, true);
    assert.deepEqual(
      model.Tags.map(({ Key }: { Key: string }) => Key).sort(),
      ["artifact-digest", "component", "dataset-version", "owner", "project", "run", "stage", "training-job"].map(
        (key) => `frugal:${key}`,
      ),
    );

    const job = given(found, "CreateTransformJob");
    assert.equal(job.ModelName, testModel);
    assert.equal(job.TransformInput.DataSource.S3DataSource.S3Uri, staged.featuresUri);
    assert.equal(job.TransformOutput.S3OutputPath, `s3://${bucket}/submissions/${id}/predictions`);
    assert.deepEqual(given(found, "evaluate"), {
      submissionId: id,
      featuresUri: staged.featuresUri,
      labelsUri: staged.labelsUri,
      predictionsPrefix: `s3://${bucket}/submissions/${id}/predictions/`,
      datasetVersion: staged.lineage.datasetVersion,
      artifactDigest: staged.lineage.artifactDigest,
    });
    assert.deepEqual(given(found, "gate"), { evaluation, modelPackageGroupName: "frugal-dev-breast-cancer" });
    assert.deepEqual(given(found, "record-decision"), { modelPackageArn: packageArn, decision: decided });
    assert.equal(times(found, "StopTransformJob"), 0);
  });

  it("registers the package with its metrics and where all of it comes from", async () => {
    const registered = given(await run(), "CreateModelPackage");
    assert.equal(registered.ModelApprovalStatus, "PendingManualApproval");
    assert.equal(registered.ClientToken, id);
    assert.equal(registered.InferenceSpecification.Containers[0].ModelDataUrl, staged.artifactUri);
    assert.deepEqual(registered.ModelMetrics.ModelQuality.Statistics, {
      ContentType: "application/json",
      S3Uri: evaluation.evaluationUri,
      ContentDigest: evaluation.evaluationDigest,
    });
    assert.deepEqual(registered.CustomerMetadataProperties, {
      "frugal:dataset-version": staged.lineage.datasetVersion,
      "frugal:run": "baseline",
      "frugal:training-job": "baseline-1",
      "frugal:artifact-digest": `sha256:${hex}`,
      "frugal:artifact-uri": staged.artifactUri,
      "frugal:artifact-version-id": "v1",
      "frugal:submission": id,
      "frugal:submitted-by": "grace@example.com",
      "frugal:evaluation-digest": evaluation.evaluationDigest,
      "frugal:metric-name": "rocAuc",
      "frugal:metric-value": "0.99",
      "frugal:sample-size": "171",
      "frugal:gate": "passed",
      "frugal:gate-reasons": "-",
    });
  });

  it("shows the approver a whole packet, and says until when", async () => {
    const asked = given(await run(), "request-approval");
    assert.deepEqual(ApprovalPacket.parse(asked.packet), {
      submissionId: id,
      stage: "dev",
      modelPackageArn: packageArn,
      submittedBy: "grace@example.com",
      lineage: staged.lineage,
      datasetVersion: staged.lineage.datasetVersion,
      evaluation,
      verdict: passed,
    });
    const hours = (Date.parse(asked.expiresAt) - Date.now()) / 3_600_000;
    assert.ok(hours > 167.9 && hours <= 168, `${hours}`);
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
    assert.deepEqual(found.output, { modelPackageArn: packageArn, decision: "Rejected", reasons: failed.reasons });
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

  it("rejects what nobody decided in time", async () => {
    const expired = { ...decided, decision: "Rejected", decidedBy: "expiry" };
    const found = await run({ "record-decision": [ok({ decision: expired })] }, async () => {}, hasty);
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.equal(found.output.decision, "Rejected");
    assert.ok(found.path.includes("RecordExpiry"));
    const { decision } = RecordDecisionInput.parse(given(found, "record-decision"));
    assert.equal(decision.decidedBy, "expiry");
    assert.equal(decision.decision, "Rejected");
    assert.match(decision.comment, /Nobody decided within/);
    // One request, one wait: a second try would begin the wait anew.
    assert.equal(times(found, "request-approval"), 1);
  });

  it("tries again what is passing, and not what cannot be mended", async () => {
    const found = await run({
      "stage-artifact": [refuse("TimeoutError"), ok(staged)],
      CreateModel: [throttled, throttled, ok({ ModelArn: "m" })],
      CreateModelPackage: [refuse("ConflictException"), ok({ ModelPackageArn: packageArn })],
    });
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.equal(times(found, "stage-artifact"), 2);
    assert.equal(times(found, "CreateModel"), 3);
    assert.equal(times(found, "CreateModelPackage"), 2);
    const mismatch = await run({ "stage-artifact": [refuse("LineageMismatch", "the job has no dataset version")] });
    assertFailed(mismatch, "LineageMismatch", /no dataset version/);
    assert.equal(times(mismatch, "stage-artifact"), 1);
  });

  for (const [what, script, error, cause] of failures) {
    it(`cleans up and tells when ${what}`, async () => {
      // A function that fails has mailed nobody, so nobody answers.
      const person = script["request-approval"] ? async () => {} : answering();
      assertFailed(await run(script, person), error, cause);
    });
  }

  it("cleans up and tells when an expiry cannot be recorded", async () => {
    const found = await run({ "record-decision": [refuse("InvalidInput", "set by hand")] }, async () => {}, hasty);
    assertFailed(found, "InvalidInput");
    assert.ok(found.path.includes("RecordExpiry"));
  });

  it("stops a batch test that takes too long", async () => {
    const slow = [ok({ TransformJobStatus: "InProgress" })];
    const found = await run({ DescribeTransformJob: slow, StopTransformJob: [ok()] }, async () => {}, hasty);
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

  it("stands by its outcome where nobody could be told", async () => {
    assert.equal((await run({}, answering(), unheard)).status, "SUCCEEDED");
    assert.equal((await run({ gate: [ok(failed)] }, answering(), unheard)).status, "SUCCEEDED");
    assertFailed(await run({ gate: [refuse("InvalidInput")] }, answering(), unheard), "InvalidInput");
  });

  it("was granted everything that it called", async () => {
    const found = await run({ gate: [ok(failed)] });
    assert.deepEqual(
      found.calls.filter((call) => call.denied),
      [],
    );
  });

  it("has by now taken every path that there is", () => {
    const taken = new Set([machine, hasty, unheard].flatMap((one) => [...one.taken]));
    assert.deepEqual(
      edges(machine.definition).filter((edge) => !taken.has(edge)),
      [],
    );
  });
});
