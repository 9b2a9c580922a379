/** Evaluate against a double of S3: where predictions are found, what is compared, what is refused. */
import assert from "node:assert/strict";
import { Evaluation } from "../../contracts/evaluation.ts";
import { Environment } from "../../functions/evaluate/evaluate.ts";
import { readEnvironment } from "../../functions/shared/environment.ts";
import { folder, setup, sha256 } from "./support/evaluating.ts";
import { binaryRules, multiclassRules, regressionRules } from "./support/evaluations.ts";
import { artifactBucket, artifactDigest } from "./support/samples.ts";

describe("functions/evaluate", () => {
  it("compares predictions with labels and keeps the figures", async () => {
    const { s3, run, file, input } = setup();
    const evaluation = await run();
    assert.deepEqual(Evaluation.parse(evaluation), evaluation);
    // By hand: rows 2 and 4 are true positives, row 3 a false positive, row 1 a true negative.
    const { logLoss, ...metrics } = evaluation.metrics;
    assert.deepEqual(metrics, {
      accuracy: 0.75,
      balancedAccuracy: 0.75,
      precision: 2 / 3,
      recall: 1,
      f1: 0.8,
      rocAuc: 1,
    });
    assert.ok(Math.abs((logLoss ?? 0) + Math.log(0.9 * 0.9 * 0.4 * 0.8) / 4) < 1e-12);
    assert.deepEqual(Object.keys(evaluation.intervals).sort(), Object.keys(evaluation.metrics).sort());
    assert.deepEqual([evaluation.sampleSize, evaluation.slices, evaluation.confidence], [4, [], 0.95]);
    assert.equal(evaluation.evaluationUri, `s3://${folder}/evaluation.json`);
    const kept = s3.objects.get(`${folder}/evaluation.json`)?.body ?? Buffer.alloc(0);
    assert.equal(evaluation.evaluationDigest, `sha256:${sha256(kept)}`);
    const { artifactDigest: digest, testDatasetVersion, confusion, problem, threshold } = file();
    assert.deepEqual(
      [digest, testDatasetVersion, problem, threshold],
      [artifactDigest, input.testDatasetVersion, "binary", 0.5],
    );
    assert.deepEqual(confusion, [
      [1, 1],
      [0, 2],
    ]);
  });

  it("keeps what each row did to the metric beside it, under a digest", async () => {
    const { s3, run, file } = setup({ rules: { metric: "accuracy" } });
    await run();
    const kept = s3.objects.get(`${folder}/influence.json`)?.body ?? Buffer.alloc(0);
    assert.deepEqual(file().influence, { metric: "accuracy", digest: `sha256:${sha256(kept)}` });
    const bytes = Buffer.from(file("influence.json").influence, "base64");
    assert.deepEqual(
      [0, 4, 8, 12].map((at) => bytes.readFloatLE(at)),
      [0.25, 0.25, -0.75, 0.25],
    );
  });

  it("speaks Model Monitor's format too", async () => {
    const binary = setup();
    await binary.run();
    const found = binary.file().binary_classification_metrics;
    assert.deepEqual(found.confusion_matrix, { 0: { 0: 1, 1: 1 }, 1: { 0: 0, 1: 2 } });
    assert.deepEqual(Object.keys(found), [
      ...["confusion_matrix", "recall", "precision", "accuracy", "true_positive_rate", "true_negative_rate"],
      ...["false_positive_rate", "false_negative_rate", "auc", "f0_5", "f1", "f2"],
    ]);
    assert.deepEqual(found.true_negative_rate, { value: 0.5, standard_deviation: "NaN" });
    assert.equal(found.f1.value, 0.8);

    const rows = { predictions: "0\n1\n2\n1\n", files: { "test/labels.csv": "0\n1\n2\n2\n" } };
    const multiclass = setup({ ...rows, rules: multiclassRules });
    await multiclass.run();
    const weighted = multiclass.file().multiclass_classification_metrics;
    assert.deepEqual(Object.keys(weighted), [
      ...[
        "confusion_matrix",
        "accuracy",
        "weighted_recall",
        "weighted_precision",
        "weighted_f0_5",
        "weighted_f1",
        "weighted_f2",
      ],
    ]);
    assert.equal(weighted.weighted_recall.value, 0.75);
    assert.equal(weighted.weighted_precision.value, 0.875);

    const regression = setup({ ...rows, rules: regressionRules });
    await regression.run();
    assert.deepEqual(Object.keys(regression.file().regression_metrics), ["mae", "mse", "rmse", "r2"]);
    assert.deepEqual(regression.file().regression_metrics.mse, { value: 0.25, standard_deviation: "NaN" });
  });

  it("writes the same bytes for the same inputs", async () => {
    const [first, second] = [setup(), setup()];
    assert.deepEqual(await first.run(), await second.run());
    for (const name of ["evaluation.json", "influence.json"]) {
      assert.deepEqual(
        first.s3.objects.get(`${folder}/${name}`)?.body,
        second.s3.objects.get(`${folder}/${name}`)?.body,
      );
    }
  });

  it("finds the predictions below a kept prefix folder too", async () => {
    assert.equal((await setup({ at: "test/features.csv.out" }).run()).sampleSize, 4);
  });

  it("takes lines with carriage returns and a last line without an end", async () => {
    assert.equal((await setup({ predictions: "0.1\r\n0.9\r\n0.6\r\n0.8" }).run()).sampleSize, 4);
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
      const { s3, run } = setup({ predictions });
      await assert.rejects(run(), { name: "InvalidInput", message });
      assert.equal(s3.named("PutObjectCommand").length, 0);
    });
  }

  it("refuses two files that could both be the predictions", async () => {
    const { s3, run } = setup();
    s3.put(`${folder}/predictions/test/features.csv.out`, "0.5\n");
    await assert.rejects(run(), { name: "InvalidInput", message: /there are 2/ });
  });

  it("refuses predictions for which the gate's metric is not defined", async () => {
    const rows = { predictions: "0\n1\n2\n1\n", files: { "test/labels.csv": "0\n1\n2\n2\n" } };
    const { run } = setup({ ...rows, rules: { ...multiclassRules, metric: "logLoss" } });
    await assert.rejects(run(), {
      name: "InvalidInput",
      message: /judges by logLoss, .* the model tells the class only/,
    });
  });

  it("refuses labels that are not those of the dataset version", async () => {
    const { s3, run, dataset } = setup();
    s3.put(`${dataset}/test/labels.csv`, "0\n1\n1\n1\n");
    await assert.rejects(run(), { name: "LineageMismatch", message: /is not what breast-cancer@.*published with/ });
  });

  it("refuses labels that are gone, and a dataset version without a manifest", async () => {
    const gone = setup();
    gone.s3.objects.delete(`${gone.dataset}/test/labels.csv`);
    await assert.rejects(gone.run(), { name: "InvalidInput", message: /labels\.csv does not exist/ });
    const unpublished = setup();
    unpublished.s3.objects.delete(`${unpublished.dataset}/manifest.json`);
    await assert.rejects(unpublished.run(), { name: "LineageMismatch" });
  });

  it("names every fault of its input", async () => {
    await assert.rejects(setup().handler({ submissionId: "x" }), {
      name: "InvalidInput",
      message: /submissionId.*featuresUri.*predictionsPrefix.*artifactDigest/s,
    });
  });

  it("refuses rules that contradict each other when it starts", () => {
    const EVALUATION = JSON.stringify({ ...binaryRules, metric: "rmse" });
    assert.throws(
      () => readEnvironment(Environment, { ARTIFACT_BUCKET: artifactBucket, EVALUATION }),
      /rmse is a metric of regression, not of binary/,
    );
  });
});
