/** The gate at its boundaries. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Evaluation, GateRules } from "../../../contracts/evaluation.ts";
import { tagAlphabet } from "../../../contracts/lineage.ts";
import { type Champion, readChampion } from "../../../functions/gate/champion.ts";
import { decideGate } from "../../../functions/gate/decide.ts";
import { mergeRules } from "../../../functions/gate/rules.ts";
import { around, candidate, champion, exact, rules } from "../../functions/support/gates.ts";
import { datasetVersion, packageArn } from "../../functions/support/samples.ts";

describe("functions/gate decide", () => {
  it("lets a candidate pass exactly at each demand", () => {
    assert.equal(decideGate(rules, candidate(0.9, { sampleSize: 100 })).passed, true);
    assert.equal(decideGate({ ...rules, minimumGain: 0.1 }, candidate(0.9), champion(0.8)).passed, true);
    assert.equal(decideGate(rules, candidate(0.95), champion(0.95)).passed, true);
    assert.equal(decideGate({ ...rules, minimumGain: -0.01 }, candidate(0.94), champion(0.95)).passed, true);
  });

  it("stops one just below each demand", () => {
    assert.equal(decideGate(rules, candidate(0.8999999)).passed, false);
    assert.equal(decideGate(rules, candidate(0.9, { sampleSize: 99 })).passed, false);
    assert.equal(decideGate({ ...rules, minimumGain: 0.1 }, candidate(0.8999999), champion(0.8)).passed, false);
    assert.equal(decideGate({ ...rules, minimumGain: -0.01 }, candidate(0.9399), champion(0.95)).passed, false);
  });

  it("turns everything round where lower is better", () => {
    const lower: GateRules = { ...rules, metric: "rmse", bound: 2, minimumGain: 0 };
    const of = (rmse: number) =>
      candidate(0, { problem: "regression", metrics: { rmse }, intervals: { rmse: exact(rmse) } });
    const verdict = decideGate(lower, of(1.5), champion(1.8));
    assert.equal(verdict.passed, true);
    assert.equal(verdict.direction, "lower");
    assert.ok(Math.abs((verdict.margin ?? 0) - 0.3) < 1e-12);
    assert.deepEqual(decideGate(lower, of(2.1), champion(1.8)).reasons, [
      "rmse is 2.1: at most 2 is asked for.",
      "rmse is 2.1 where the champion has 1.8: the gain is -0.3 and may by chance be -0.3 where at least 0 is asked for.",
    ]);
  });

  it("asks the lower end of the gain's interval, not the gain", () => {
    const sure = champion(0.95, { figure: { value: 0.95, interval: around(0.95, 0.01) } });
    const near = candidate(0.96, { intervals: { rocAuc: around(0.96, 0.02) } });
    const verdict = decideGate({ ...rules, minimumGain: -0.02 }, near, sure);
    assert.equal(verdict.passed, true);
    assert.equal(verdict.paired, false);
    assert.ok(Math.abs((verdict.marginInterval?.low ?? 0) - (0.01 - Math.hypot(0.02, 0.01))) < 1e-12);
    const unsure = candidate(0.96, { intervals: { rocAuc: around(0.96, 0.04) } });
    const { passed, reasons } = decideGate({ ...rules, minimumGain: -0.02 }, unsure, sure);
    assert.equal(passed, false);
    assert.match(
      reasons.join(),
      /the gain is 0\.01 and may by chance be -0\.031\d* where at least -0\.02 is asked for/,
    );
  });

  it("is surer of two models on the same rows: of the same model wholly", () => {
    const one = candidate(0.95, { intervals: { rocAuc: around(0.95, 0.05) } });
    const same = champion(0.95, { figure: { value: 0.95, interval: around(0.95, 0.05) } });
    assert.equal(decideGate(rules, one, same).passed, false);
    const paired = decideGate(rules, one, same, 1);
    assert.equal(paired.passed, true);
    assert.equal(paired.paired, true);
    assert.ok(Math.abs(paired.marginInterval?.low ?? 1) < 1e-8);
    assert.deepEqual(paired.cautions, []);
    assert.match(decideGate(rules, one, same).cautions.join(), /cannot be compared row by row/);
  });

  it("takes the intervals at the gate's own confidence", () => {
    const before = champion(0.9, { figure: { value: 0.9, interval: exact(0.9) } });
    const near = candidate(0.95, { confidence: 0.8, intervals: { rocAuc: around(0.95, 0.03) } });
    const { marginInterval } = decideGate(rules, near, before);
    assert.ok(Math.abs((marginInterval?.low ?? 0) - (0.05 - (0.03 * 1.959963984540054) / 1.2815515655446004)) < 1e-9);
  });

  it("lists every reason", () => {
    const { reasons } = decideGate({ ...rules, minimumGain: 0.05 }, candidate(0.8, { sampleSize: 10 }), champion(0.95));
    assert.deepEqual(reasons, [
      "The test has 10 rows: at least 100 are asked for.",
      "rocAuc is 0.8: at least 0.9 is asked for.",
      "rocAuc is 0.8 where the champion has 0.95: the gain is -0.15 and may by chance be -0.15 where at least 0.05 is asked for.",
    ]);
  });

  it("has a case of its own for the first model", () => {
    const verdict = decideGate(rules, candidate(0.95));
    assert.deepEqual(verdict.cautions, ["There is no approved package yet: only the bound judges."]);
    assert.deepEqual([verdict.champion, verdict.margin, verdict.marginInterval], [undefined, undefined, undefined]);
  });

  it("never passes by a champion whose figure is not known", () => {
    const verdict = decideGate(rules, candidate(1), champion(0, { figure: undefined, judgedBy: "accuracy" }));
    assert.equal(verdict.passed, false);
    assert.match(verdict.reasons.join(), /was judged by accuracy and not by rocAuc so the two cannot be compared/);
  });

  it("refuses an evaluation without the metric", () => {
    assert.throws(() => decideGate(rules, candidate(1, { metrics: { accuracy: 1 } })), { name: "InvalidInput" });
  });

  it("tells what the approver should know though it stops nothing", () => {
    const elsewhere = `breast-cancer@sha256:${"9".repeat(64)}`;
    const other = decideGate(rules, candidate(0.95), champion(0.9, { testDatasetVersion: elsewhere }));
    assert.equal(other.passed, true);
    assert.match(other.cautions.join(), new RegExp(`tested on other data: ${elsewhere}`));
    const bare = champion(0.9, {
      figure: { value: 0.9 },
      testDatasetVersion: undefined,
      slices: undefined,
      cautions: ["So it is."],
    });
    assert.deepEqual(decideGate(rules, candidate(0.95), bare).cautions, [
      "Nothing tells which data the champion was tested on: the difference may be one of the data.",
      "There is no standard error of the champion: the figure is taken for exact.",
      "So it is.",
    ]);
  });
});

describe("functions/gate slices", () => {
  const slice = (value: string, metric: number | undefined, half = 0.01, sampleSize = 40) => ({
    column: "town",
    value,
    sampleSize,
    ...(metric === undefined ? {} : { metric, interval: around(metric, half) }),
  });
  const theirs = (value: string, metric: number | undefined, half = 0.01, sampleSize = 40) => ({
    column: "town",
    value,
    sampleSize,
    ...(metric === undefined ? {} : { figure: { value: metric, interval: around(metric, half) } }),
  });
  const verdictsOf = (own: Evaluation["slices"], before: Champion["slices"]) =>
    decideGate(rules, candidate(0.95, { slices: own }), champion(0.95, { slices: before }), 1);

  it("fails one that is worse than the tolerance beyond chance, and names it", () => {
    const { passed, reasons, slices } = verdictsOf(
      [slice("Bath", 0.8), slice("York", 0.94)],
      [theirs("Bath", 0.9), theirs("York", 0.95)],
    );
    assert.equal(passed, false);
    assert.deepEqual(
      slices.map(({ verdict }) => verdict),
      ["failed", "passed"],
    );
    assert.deepEqual(reasons, [
      "Where town is Bath the rocAuc is 0.8 and the champion has 0.9: it may be worse by 0.05 at most.",
    ]);
  });

  it("lets one pass that is worse by chance, or by no more than the tolerance", () => {
    assert.equal(verdictsOf([slice("Bath", 0.8, 0.2)], [theirs("Bath", 0.9, 0.1)]).passed, true);
    assert.equal(verdictsOf([slice("Bath", 0.85)], [theirs("Bath", 0.9)]).passed, true);
  });

  it("shows without judging what has too few rows, no counterpart or no figure", () => {
    const { passed, slices, cautions } = verdictsOf(
      [
        slice("Bath", 0.1, 0.01, 29),
        slice("Ely", 0.1),
        slice("York", 0.1),
        slice("Hull", undefined),
        slice("Ryde", 0.1),
      ],
      [theirs("Bath", 0.9), theirs("Ely", 0.9, 0.01, 29), theirs("Hull", 0.9), theirs("Ryde", undefined)],
    );
    assert.equal(passed, true);
    assert.deepEqual(
      slices.map(({ verdict }) => verdict),
      ["too few rows", "too few rows", "no champion", "not defined", "not defined"],
    );
    assert.deepEqual(cautions, ["1 of 5 slices have no counterpart in the champion."]);
  });

  it("names five of many, in the alphabet of metadata", () => {
    const many = Array.from({ length: 8 }, (_, at) => `"${at}", <b>; 'x'`);
    const { reasons } = verdictsOf(
      many.map((value) => slice(value, 0.5)),
      many.map((value) => theirs(value, 0.9)),
    );
    assert.equal(reasons.length, 6);
    assert.equal(reasons[5], "3 more slices are worse by too much.");
    for (const reason of reasons) assert.match(reason, tagAlphabet);
  });
});

describe("functions/gate rules", () => {
  it("takes what is stricter", () => {
    const override = { bound: 0.95, minimumGain: 0.01, minimumSamples: 150, maximumSliceRegression: 0 };
    assert.deepEqual(mergeRules(rules, override), {
      ...rules,
      bound: 0.95,
      minimumGain: 0.01,
      minimumSamples: 150,
      slices: { maximumRegression: 0, minimumSamples: 30 },
    });
    assert.deepEqual(mergeRules(rules, {}), rules);
    assert.equal(mergeRules({ ...rules, metric: "mae", bound: 2 }, { bound: 1 }).bound, 1);
  });

  it("refuses what is looser, all of it in one message", () => {
    assert.throws(
      () => mergeRules(rules, { bound: 0.89, minimumGain: -0.1, minimumSamples: 99, maximumSliceRegression: 0.06 }),
      {
        name: "InvalidInput",
        message:
          "A submission may only ask for more than the stage's gate: gate.bound must be at least 0.9, the stage's, got 0.89; gate.minimumGain must be at least 0, the stage's, got -0.1; gate.minimumSamples must be at least 100, the stage's, got 99; gate.maximumSliceRegression must be at most 0.05, the stage's, got 0.06",
      },
    );
    assert.throws(
      () => mergeRules({ ...rules, metric: "mae", bound: 2 }, { bound: 3 }),
      /gate\.bound must be at most 2/,
    );
  });
});

describe("functions/gate champion", () => {
  const metadata = { "frugal:metric-name": "rocAuc", "frugal:metric-value": "0.98" };
  const of = (change: Record<string, string>, text?: string) =>
    readChampion(
      {
        modelPackageArn: packageArn,
        metadata: { ...metadata, ...change },
        evaluation: text === undefined ? { missing: "is gone" } : { text },
      },
      { problem: "binary" },
      rules,
    );

  it("takes the metadata where there is no evaluation, and says so", () => {
    const found = of({
      "frugal:metric-standard-error": "0.01",
      "frugal:sample-size": "171",
      "frugal:test-dataset-version": datasetVersion,
    });
    assert.equal(found.figure?.value, 0.98);
    assert.ok(Math.abs((found.figure?.interval?.low ?? 0) - (0.98 - 1.959963984540054 * 0.01)) < 1e-12);
    assert.deepEqual([found.sampleSize, found.testDatasetVersion, found.slices], [171, datasetVersion, undefined]);
    assert.deepEqual(found.cautions, ["The evaluation of the champion is gone. Its slices cannot be compared."]);
  });

  it("knows no figure where the record is none or another metric's", () => {
    for (const value of ["", " ", "NaN", "Infinity", "high"])
      assert.equal(of({ "frugal:metric-value": value }).figure, undefined);
    assert.equal(of({ "frugal:metric-name": "accuracy" }).figure, undefined);
  });

  it("takes any text for an evaluation without a crash", () => {
    assert.match(of({}, "no JSON").cautions.join(), /is not JSON/);
    assert.match(of({}, '{"schemaVersion":1,"metrics":{"rocAuc":1}}').cautions.join(), /of another version/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => assert.equal(of({}, text).figure?.value, 0.98)),
      { numRuns: 10_000 },
    );
  }).timeout(60_000);
});
