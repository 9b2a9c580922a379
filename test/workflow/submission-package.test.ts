/** What the submission puts into the registry and before the approver. */
import assert from "node:assert/strict";
import { ApprovalPacket } from "../../contracts/submission.ts";
import { RequestApprovalInput } from "../../contracts/tasks.ts";
import { submissionSample } from "../../workflow/samples.ts";
import { definition, grants } from "../../workflow/submission.ts";
import { type Answer, ok } from "./support/script.ts";
import { given, type Machine, type Run, TestStage } from "./support/stage.ts";
import {
  answering,
  evaluation,
  failed,
  happy,
  hex,
  id,
  input,
  packageArn,
  passed,
  pipeline,
  staged,
} from "./support/submission.ts";

describe("the submission's package", function () {
  this.timeout(120_000);
  let stage: TestStage;
  let machine: Machine;

  before(async () => {
    stage = await TestStage.open();
    await stage.functions(["stage-artifact", "evaluate", "gate", "request-approval", "record-decision"]);
    const refs = { ...submissionSample, topicArn: await stage.topic("frugal-dev-notices") };
    machine = await stage.machine("frugal-dev-submission", definition(refs), grants(refs));
  });
  after(() => stage?.close());

  const run = (script: Record<string, Answer[]> = {}): Promise<Run> =>
    stage.run(machine, input, { ...happy, ...script }, answering(stage.sfn));

  it("registers the package with its metrics and where all of it comes from", async () => {
    const found = await run();
    const registered = given(found, "CreateModelPackage");
    assert.equal(registered.ModelApprovalStatus, "PendingManualApproval");
    assert.equal(registered.ClientToken, id);
    assert.equal(registered.ModelPackageDescription, `Submission ${id} of baseline-1, execution ${found.name}`);
    assert.equal(registered.InferenceSpecification.Containers.length, 1);
    assert.equal(registered.InferenceSpecification.Containers[0].ModelDataUrl, staged.containers[0]?.artifactUri);
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
      "frugal:automl-job": "-",
      "frugal:artifact-uri": staged.containers[0]?.artifactUri,
      "frugal:artifact-version-id": "v1",
      "frugal:submission": id,
      "frugal:execution": found.name,
      "frugal:submitted-by": "grace@example.com",
      "frugal:note": "The new columns -all 30-",
      "frugal:test-dataset-version": staged.testDatasetVersion,
      "frugal:evaluation-digest": evaluation.evaluationDigest,
      "frugal:metric-name": "rocAuc",
      "frugal:metric-value": "0.99",
      "frugal:metric-standard-error": "0.005",
      "frugal:sample-size": "171",
      "frugal:gate": "passed",
      "frugal:gate-verdict": `sha256:${hex}`,
      "frugal:gate-reasons": "-",
    });
  });

  it("gives the package a card that says what it is, made from what, and how it was judged", async () => {
    const { ModelCard: card } = given(await run(), "CreateModelPackage");
    assert.equal(card.ModelCardStatus, "PendingReview");
    assert.ok(!/[\r\n]/.test(card.ModelCardContent), "SageMaker's pattern takes no line end");
    const content = JSON.parse(card.ModelCardContent);
    assert.deepEqual(content.model_overview, {
      model_creator: "grace@example.com",
      model_artifact: [staged.containers[0]?.artifactUri],
    });
    assert.deepEqual(content.training_details.training_job_details.training_datasets, [staged.lineage.datasetVersion]);
    const [details] = content.evaluation_details;
    assert.deepEqual(details.datasets, [staged.testDatasetVersion]);
    assert.deepEqual(details.metric_groups[0].metric_data[0], { name: "accuracy", type: "number", value: 0.95 });
    assert.equal(content.additional_information.caveats_and_recommendations, passed.cautions[0]);
    const stopped = given(await run({ gate: [ok(failed)] }), "CreateModelPackage").ModelCard;
    assert.equal(stopped.ModelCardStatus, "Archived");
    assert.equal(JSON.parse(stopped.ModelCardContent).evaluation_details[0].evaluation_observation, failed.reasons[0]);
  });

  it("tests and registers a pipeline with all its containers, in their order", async () => {
    const found = await run({ "stage-artifact": [ok(pipeline)] });
    assert.equal(found.status, "SUCCEEDED", found.cause);
    const urls = pipeline.containers.map(({ artifactUri }) => artifactUri);
    const model = given(found, "CreateModel");
    assert.equal(model.PrimaryContainer, undefined);
    assert.deepEqual(
      model.Containers.map(({ ModelDataUrl }: { ModelDataUrl: string }) => ModelDataUrl),
      urls,
    );
    const { InferenceSpecification, ModelCard } = given(found, "CreateModelPackage");
    assert.deepEqual(
      InferenceSpecification.Containers.map(({ ModelDataUrl }: { ModelDataUrl: string }) => ModelDataUrl),
      urls,
    );
    assert.deepEqual(JSON.parse(ModelCard.ModelCardContent).model_overview.model_artifact, urls);
    assert.equal(given(found, "request-approval").packet.containers.length, 2);
  });

  it("shows the approver a whole packet, and says until when", async () => {
    const asked = RequestApprovalInput.parse(given(await run(), "request-approval"));
    const [container] = staged.containers;
    assert.deepEqual(ApprovalPacket.parse(asked.packet), {
      submissionId: id,
      stage: "dev",
      modelPackageArn: packageArn,
      submittedBy: "grace@example.com",
      note: staged.note,
      lineage: staged.lineage,
      datasetVersion: staged.lineage.datasetVersion,
      testDatasetVersion: staged.testDatasetVersion,
      containers: [
        {
          image: container?.image,
          artifactUri: container?.artifactUri,
          artifactDigest: container?.artifactDigest,
        },
      ],
      evaluation,
      verdict: passed,
      serving: submissionSample.serving,
    });
    assert.equal(asked.reminder, false);
    const hours = (Date.parse(asked.expiresAt) - Date.now()) / 3_600_000;
    assert.ok(hours > 167.9 && hours <= 168, `${hours}`);
  });

  it("registers a metric without an interval", async () => {
    const found = await run({ evaluate: [ok({ ...evaluation, intervals: {} })] });
    assert.equal(found.status, "SUCCEEDED", found.cause);
    const { CustomerMetadataProperties } = given(found, "CreateModelPackage");
    assert.equal(CustomerMetadataProperties["frugal:metric-standard-error"], "-");
  });
});
