/** StageArtifact: what it refuses, and in which words. */
import assert from "node:assert/strict";
import { DescribeTrainingJobCommand } from "@aws-sdk/client-sagemaker";
import { awsError } from "./support/fake-client.ts";
import { datasetFolder, manifest, submission } from "./support/samples.ts";
import { type Overrides, stagingSetup as setup, sourcePath } from "./support/staging.ts";

describe("functions/stage-artifact refusals", () => {
  const refusals: [string, Overrides & { event?: object }, string, RegExp][] = [
    [
      "input with every fault named",
      { event: { submissionId: "x", extra: 1 } },
      "InvalidInput",
      /submissionId.*trainingJobName.*extra/s,
    ],
    [
      "a submission id that does not follow from its job",
      { event: { ...submission, submissionId: `sub-${"0".repeat(20)}` } },
      "InvalidInput",
      /does not follow/,
    ],
    [
      "a job that runs",
      { job: { TrainingJobStatus: "InProgress", SecondaryStatus: "Training" } },
      "InvalidInput",
      /InProgress \(Training\)/,
    ],
    [
      "a job stopped at its time limit",
      { job: { TrainingJobStatus: "Stopped", SecondaryStatus: "MaxRuntimeExceeded" } },
      "InvalidInput",
      /MaxRuntimeExceeded/,
    ],
    [
      "a job without an artefact or image",
      { job: { ModelArtifacts: undefined, AlgorithmSpecification: {} } },
      "InvalidInput",
      /no model artefact.*image/,
    ],
    [
      "missing lineage tags, both named",
      { tags: {} },
      "LineageMismatch",
      /frugal:dataset-version is missing.*frugal:run is missing/,
    ],
    [
      "a malformed dataset version",
      { tags: { "frugal:dataset-version": "v1", "frugal:run": "r" } },
      "LineageMismatch",
      /is "v1"/,
    ],
    [
      "a job that learned from other data than its tag says",
      { job: { InputDataConfig: [{ DataSource: { S3DataSource: { S3Uri: "s3://elsewhere/train/" } } }] } },
      "LineageMismatch",
      /none of its channels reads from/,
    ],
  ];
  for (const [what, { event = submission, ...overrides }, name, message] of refusals) {
    it(`refuses ${what}`, async () => {
      const { s3, handler } = setup(overrides);
      await assert.rejects(handler(event), { name, message });
      assert.equal(s3.named("CopyObjectCommand").length, 0);
    });
  }

  it("refuses a training job that does not exist, in either of SageMaker's words", async () => {
    for (const error of [
      awsError("ValidationException", "Requested resource not found."),
      awsError("ResourceNotFound"),
    ]) {
      const { sagemaker, handler } = setup();
      sagemaker.on(DescribeTrainingJobCommand, () => error);
      await assert.rejects(handler(submission), { name: "InvalidInput", message: /There is no training job/ });
    }
  });

  it("lets a throttle through under its own name, so that the state tries again", async () => {
    const { sagemaker, handler, log } = setup();
    sagemaker.on(DescribeTrainingJobCommand, () => awsError("ThrottlingException", "Rate exceeded"));
    await assert.rejects(handler(submission), { name: "ThrottlingException" });
    assert.match(log.text(), /ThrottlingException/);
  });

  const manifests: [string, string | undefined, string, RegExp][] = [
    ["that was never published", undefined, "LineageMismatch", /was never published/],
    ["whose manifest is no JSON", "{", "LineageMismatch", /is not JSON/],
    ["whose manifest has another shape", "{}", "LineageMismatch", /is not a manifest: schemaVersion/],
    [
      "whose manifest names another version",
      manifest({ version: `other@sha256:${"0".repeat(64)}` }),
      "LineageMismatch",
      /another digest/,
    ],
    [
      "whose manifest lists other content",
      manifest({ files: [{ path: "test/labels.csv", sha256: "0".repeat(64), bytes: 1 }] }),
      "LineageMismatch",
      /another digest/,
    ],
  ];
  for (const [what, text, name, message] of manifests) {
    it(`refuses a dataset version ${what}`, async () => {
      const { s3, handler } = setup();
      s3.objects.delete(`${datasetFolder}/manifest.json`);
      if (text !== undefined) s3.put(`${datasetFolder}/manifest.json`, text);
      await assert.rejects(handler(submission), { name, message });
    });
  }

  it("refuses an artefact that is gone or empty", async () => {
    const gone = setup();
    gone.s3.objects.delete(sourcePath);
    await assert.rejects(gone.handler(submission), { name: "InvalidInput", message: /does not exist/ });
    const empty = setup();
    empty.s3.put(sourcePath, "");
    await assert.rejects(empty.handler(submission), { name: "InvalidInput", message: /is empty/ });
  });
});
