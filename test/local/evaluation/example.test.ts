/** The example's three models, trained for real, before the gate: the first passes, a worse one fails, a better one passes. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { DatasetManifest } from "../../../contracts/dataset.ts";
import type { GateRules } from "../../../contracts/evaluation.ts";
import { type Judgement, judge } from "../../../functions/evaluate/decide.ts";
import { readWithoutHeader } from "../../../functions/evaluate/slice-files.ts";
import { SliceColumn } from "../../../functions/evaluate/slices.ts";
import { readChampion } from "../../../functions/gate/champion.ts";
import { decideGate } from "../../../functions/gate/decide.ts";
import { correlationOf } from "../../../functions/gate/paired.ts";
import { ensureVenv } from "../../../local/setup/venv.ts";
import { binaryRules, rowsFrom } from "../../functions/support/evaluations.ts";
import { artifactDigest, datasetVersion, packageArn, submission } from "../../functions/support/samples.ts";

/** What the stages ask for; the development stage is the laxer one. */
const demands: Record<"dev" | "prod", GateRules> = {
  dev: {
    metric: "rocAuc",
    bound: 0.9,
    minimumGain: -0.02,
    minimumSamples: 100,
    confidence: 0.95,
    slices: { maximumRegression: 0.05, minimumSamples: 30 },
  },
  get prod() {
    return { ...demands.dev, minimumGain: -0.005 };
  },
};

describe("the example's gate", function () {
  this.timeout(180_000);
  const runs: Record<string, { test: { accuracy: number; roc_auc: number } }> = JSON.parse(
    readFileSync(new URL("../../../examples/breast-cancer/runs.json", import.meta.url), "utf8"),
  );
  let folder: string;
  const judged: Record<string, Judgement> = {};

  before(async () => {
    const { python } = await ensureVenv();
    folder = mkdtempSync(join(tmpdir(), "example-"));
    const script = new URL("example_predictions.py", import.meta.url).pathname;
    const example = new URL("../../../examples/breast-cancer", import.meta.url).pathname;
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
    await promisify(execFile)(python, [script, example, folder], { env });
    const lines = (name: string) => readFileSync(join(folder, name), "utf8").trim().split("\n");
    const labels = lines("data/test/labels.csv");
    const names = (lines("data/train/train.csv")[0] ?? "").split(",").slice(0, -1);
    const manifest = { parts: [{ name: "test_features", columns: names.map((name) => ({ name })) }] };
    const column = new SliceColumn("mean_radius", labels.length);
    const reader = readWithoutHeader([column], manifest as DatasetManifest);
    for (const line of lines("data/test/features.csv")) reader.line(line);
    reader.end();
    const input = {
      submissionId: submission.submissionId,
      testDatasetVersion: datasetVersion,
      artifactDigest,
      featuresUri: "",
      labelsUri: "",
      predictionsPrefix: "",
    };
    const slicing = column.finish(60);
    for (const run of Object.keys(runs)) {
      judged[run] = judge(input, binaryRules, rowsFrom(binaryRules, labels, lines(`${run}.csv`)), [slicing]);
    }
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  function verdictOf(stage: keyof typeof demands, run: string, before?: string) {
    const { evaluation, influence } = judged[run] ?? assert.fail(run);
    const whole = { ...evaluation, evaluationUri: "s3://bucket/key", evaluationDigest: artifactDigest };
    const champion = before === undefined ? undefined : judged[before];
    if (!champion) return decideGate(demands[stage], whole);
    const facts = { modelPackageArn: packageArn, metadata: {}, evaluation: { text: champion.body } };
    const shared = correlationOf([influence?.body ?? "", champion.influence?.body ?? ""], "rocAuc");
    return decideGate(demands[stage], whole, readChampion(facts, whole, demands[stage]), shared);
  }

  it("has the figures that the example says", () => {
    for (const [run, { test }] of Object.entries(runs)) {
      const { accuracy = 0, rocAuc = 0 } = judged[run]?.evaluation.metrics ?? {};
      assert.ok(Math.abs(accuracy - test.accuracy) < 1e-6 && Math.abs(rocAuc - test.roc_auc) < 1e-6, run);
      assert.equal(judged[run]?.evaluation.sampleSize, 171);
    }
  });

  for (const stage of ["dev", "prod"] as const) {
    it(`${stage}: lets the first and the better one pass, and the same one again, and stops the worse one`, () => {
      assert.equal(verdictOf(stage, "first").passed, true);
      assert.equal(verdictOf(stage, "worse").passed, false);
      const better = verdictOf(stage, "better", "first");
      assert.deepEqual([better.passed, better.paired, better.reasons, better.cautions], [true, true, [], []]);
      assert.deepEqual([...new Set(better.slices.map(({ verdict }) => verdict))], ["passed"]);
      assert.equal(verdictOf(stage, "better", "better").passed, true);
      const worse = verdictOf(stage, "worse", "first");
      assert.equal(worse.passed, false);
      assert.match(
        worse.reasons.join(" "),
        /rocAuc is 0\.681951: at least 0\.9 is asked for.*Where mean_radius is .* the gain is -0\.307973/,
      );
    });
  }

  it("knows that the first one, after the better one, is no gain", () => {
    const back = verdictOf("prod", "first", "better");
    assert.equal(back.passed, false);
    assert.match(
      back.reasons.join(),
      /the gain is -0\.008616 and may by chance be -0\.019\d+ where at least -0\.005 is asked for/,
    );
  });
});
