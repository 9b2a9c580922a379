/** RecordTraining: what a finished job brought is on record, once; what brought nothing is not. */
import assert from "node:assert/strict";
import { TrainingRecord } from "../../contracts/training-record.ts";
import { first, world } from "./support/training-world.ts";
import { artifactBucket, type Job, key, request } from "./support/trainings.ts";

describe("functions/record-training", () => {
  it("keeps where the artefact is, in which version, and what it was made from", async () => {
    const { record, trainings } = world();
    trainings.job(first, "Completed", {}, { ...request, force: true });
    const kept = await record();
    const object = trainings.s3.objects.get(`${artifactBucket}/training/${key.slice(7)}/${first}.json`);
    assert.deepEqual(TrainingRecord.parse(JSON.parse(object?.body.toString() ?? "")), kept);
    const artifact = trainings.s3.objects.get(`${artifactBucket}/runs/${first}/output/model.tar.gz`);
    assert.deepEqual(kept, {
      schemaVersion: 1,
      key,
      trainingJobName: first,
      trainingJobArn: `arn:aws:sagemaker:us-east-1:111122223333:training-job/${first}`,
      datasetVersion: request.datasetVersion,
      sourceUri: request.sourceUri,
      entry: "train.py",
      image: "repo/image:1",
      hyperparameters: { c: 0.5, penalty: "l2" },
      run: "baseline",
      submittedBy: "ada@example.com",
      forced: true,
      artifactUri: `s3://${artifactBucket}/runs/${first}/output/model.tar.gz`,
      artifactVersionId: artifact?.versionId,
      artifactBytes: artifact?.body.length,
      instanceType: "ml.m5.large",
      spot: true,
      billableSeconds: 42,
      endedAt: "2026-03-01T10:00:00.000Z",
    });
  });

  it("writes once: a second record changes nothing", async () => {
    const { record, trainings } = world();
    trainings.job(first, "Completed");
    await record();
    const path = `${artifactBucket}/training/${key.slice(7)}/${first}.json`;
    const before = trainings.s3.objects.get(path);
    await record();
    assert.equal(trainings.s3.objects.get(path), before);
  });

  const ends: [string, Job, string, RegExp][] = [
    ["Failed", { FailureReason: "AlgorithmError: x" }, "TrainingFailed", /AlgorithmError: x/],
    ["Failed", { FailureReason: "CapacityError: Unable to provision" }, "CapacityUnavailable", /got no machine/],
    ["Failed", { FailureReason: "InternalServerError: We encountered" }, "CapacityUnavailable", /InternalServerError/],
    ["Stopped", { SecondaryStatus: "MaxRuntimeExceeded" }, "TrainingStopped", /after 600 seconds, its time limit/],
    ["Stopped", { SecondaryStatus: "MaxWaitTimeExceeded" }, "TrainingStopped", /no spare capacity within 4200 seconds/],
    ["Stopped", {}, "TrainingStopped", /by hand/],
    ["InProgress", {}, "TrainingFailed", /InProgress/],
    ["Completed", { Environment: { SEED: "1" } }, "LineageMismatch", /was not made from what the key/],
    [
      "Completed",
      { ModelArtifacts: { S3ModelArtifacts: "s3://elsewhere/model.tar.gz" } },
      "LineageMismatch",
      /not to this stage/,
    ],
    [
      "Completed",
      { ModelArtifacts: { S3ModelArtifacts: `s3://${artifactBucket}/runs/none/model.tar.gz` } },
      "TrainingFailed",
      /holds no model/,
    ],
  ];
  for (const [status, more, name, message] of ends) {
    it(`records nothing of a job that is ${status} with ${JSON.stringify(more)}: ${name}`, async () => {
      const { record, trainings } = world();
      trainings.job(first, status, more);
      await assert.rejects(record(), { name, message });
      assert.deepEqual(
        [...trainings.s3.objects.keys()].filter((path) => path.includes("/training/")),
        [],
      );
    });
  }
});
