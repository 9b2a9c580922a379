/** Evaluate against a double of S3: where predictions are found, what is compared, what is refused. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Evaluation } from "../../contracts/submission.ts";
import { makeHandler } from "../../functions/evaluate/evaluate.ts";
import { awsPorts } from "../../functions/evaluate/ports.ts";
import { fakeLog } from "./support/fake-log.ts";
import { FakeS3 } from "./support/fake-s3.ts";
import {
  artifactBucket,
  artifactDigest,
  datasetFolder,
  datasetVersion,
  labels,
  manifest,
  submission,
} from "./support/samples.ts";

const folder = `${artifactBucket}/submissions/${submission.submissionId}`;
const input = {
  submissionId: submission.submissionId,
  featuresUri: `s3://${datasetFolder}/test/features.csv`,
  labelsUri: `s3://${datasetFolder}/test/labels.csv`,
  predictionsPrefix: `s3://${folder}/predictions/`,
  datasetVersion,
  artifactDigest,
};

function setup(predictions: string | undefined = "0.1\n0.9\n0.6\n0.8\n", at = "features.csv.out") {
  const s3 = new FakeS3();
  s3.put(`${datasetFolder}/manifest.json`, manifest());
  s3.put(`${datasetFolder}/test/labels.csv`, labels);
  if (predictions !== "") s3.put(`${folder}/predictions/${at}`, predictions);
  return { s3, handler: makeHandler(awsPorts({ s3: s3.as() }), { ARTIFACT_BUCKET: artifactBucket }, fakeLog()) };
}

describe("functions/evaluate", () => {
  it("compares predictions with labels and keeps the figures", async () => {
    const { s3, handler } = setup();
    const evaluation = await handler(input);
    assert.deepEqual(Evaluation.parse(evaluation), evaluation);
    // By hand: rows 2 and 4 are true positives, row 3 a false positive, row 1 a true negative.
    assert.deepEqual(evaluation.metrics, { accuracy: 0.75, precision: 2 / 3, recall: 1, f1: 0.8, rocAuc: 1 });
    assert.equal(evaluation.sampleSize, 4);
    assert.equal(evaluation.evaluationUri, `s3://${folder}/evaluation.json`);
    const kept = s3.objects.get(`${folder}/evaluation.json`)?.body ?? Buffer.alloc(0);
    assert.equal(evaluation.evaluationDigest, `sha256:${createHash("sha256").update(kept).digest("hex")}`);
    const file = JSON.parse(kept.toString());
    assert.deepEqual(file.binary_classification_metrics.confusion_matrix, { 0: { 0: 1, 1: 1 }, 1: { 0: 0, 1: 2 } });
    assert.equal(file.artifactDigest, artifactDigest);
  });

  it("writes the same bytes for the same inputs", async () => {
    const first = await setup().handler(input);
    assert.deepEqual(await setup().handler(input), first);
  });

  it("finds the predictions below a kept prefix folder too", async () => {
    const { handler } = setup("0.1\n0.9\n0.6\n0.8\n", "test/features.csv.out");
    assert.equal((await handler(input)).sampleSize, 4);
  });

  it("takes lines with carriage returns and a last line without an end", async () => {
    const { handler } = setup("0.1\r\n0.9\r\n0.6\r\n0.8");
    assert.equal((await handler(input)).sampleSize, 4);
  });

  const refusals: [string, string, RegExp][] = [
    ["no predictions", "", /should have left one features\.csv\.out.*there are 0; seen: nothing/s],
    ["too few predictions", "0.1\n0.9\n", /has 4 rows, .* has 2/],
    ["too many predictions", "0.1\n0.9\n0.6\n0.8\n0.8\n", /has 4 rows, .* has 5/],
    ["a prediction that is no number", "0.1\nyes\n0.6\n0.8\n", /line 2 is "yes", not a probability/],
    ["a prediction above 1", "0.1\n1.5\n0.6\n0.8\n", /line 2 is "1\.5"/],
    ["an empty line between", "0.1\n\n0.6\n0.8\n", /line 2 is ""/],
    ["nothing but faults, the first few of them named", "a\n".repeat(20), /line 5 is "a".*and 15 more/],
  ];
  for (const [what, predictions, message] of refusals) {
    it(`refuses ${what}`, async () => {
      const { s3, handler } = setup(predictions);
      await assert.rejects(handler(input), { name: "InvalidInput", message });
      assert.equal(s3.named("PutObjectCommand").length, 0);
    });
  }

  it("refuses two files that could both be the predictions", async () => {
    const { s3, handler } = setup();
    s3.put(`${folder}/predictions/test/features.csv.out`, "0.5\n");
    await assert.rejects(handler(input), { name: "InvalidInput", message: /there are 2/ });
  });

  it("refuses labels that are not those of the dataset version", async () => {
    const { s3, handler } = setup();
    s3.put(`${datasetFolder}/test/labels.csv`, "0\n1\n1\n1\n");
    await assert.rejects(handler(input), {
      name: "LineageMismatch",
      message: /is not what breast-cancer@.*published with/,
    });
  });

  it("refuses labels that are gone, and a dataset version without a manifest", async () => {
    const gone = setup();
    gone.s3.objects.delete(`${datasetFolder}/test/labels.csv`);
    await assert.rejects(gone.handler(input), { name: "InvalidInput", message: /labels\.csv does not exist/ });
    const unpublished = setup();
    unpublished.s3.objects.delete(`${datasetFolder}/manifest.json`);
    await assert.rejects(unpublished.handler(input), { name: "LineageMismatch" });
  });

  it("names every fault of its input", async () => {
    await assert.rejects(setup().handler({ submissionId: "x" }), {
      name: "InvalidInput",
      message: /submissionId.*featuresUri.*predictionsPrefix.*artifactDigest/s,
    });
  });
});
