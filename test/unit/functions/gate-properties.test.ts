/** What holds of the gate whatever the figures are. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { GateOverride, GateRules } from "../../../contracts/evaluation.ts";
import { tagAlphabet } from "../../../contracts/lineage.ts";
import { influenceOf } from "../../../functions/evaluate/influence.ts";
import { measure } from "../../../functions/evaluate/measure.ts";
import { decideGate } from "../../../functions/gate/decide.ts";
import { correlationOf } from "../../../functions/gate/paired.ts";
import { mergeRules } from "../../../functions/gate/rules.ts";
import { binaryRules, normal, random, rowsFrom } from "../../functions/support/evaluations.ts";
import { around, champion, rules } from "../../functions/support/gates.ts";
import { datasetVersion, evaluation } from "../../functions/support/samples.ts";

describe("functions/gate properties", () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const half = fc.double({ min: 0, max: 0.2, noNaN: true });
  const metric = fc.constantFrom("rocAuc" as const, "rmse" as const);
  const anyRules = fc.record({
    metric,
    bound: unit,
    minimumGain: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
    samples: fc.integer({ min: 1, max: 300 }),
    regression: half,
  });
  const anyPair = fc.record({
    rules: anyRules,
    own: unit,
    before: fc.option(unit, { nil: undefined }),
    halves: fc.tuple(half, half, half, half),
    slices: fc.tuple(unit, unit),
    correlation: fc.option(fc.double({ min: -1, max: 1, noNaN: true }), { nil: undefined }),
    sampleSize: fc.integer({ min: 1, max: 300 }),
    better: unit,
  });
  type Pair = typeof anyPair extends fc.Arbitrary<infer T> ? T : never;

  function decide(
    { rules: demand, own, before, halves, slices, correlation, sampleSize }: Pair,
    override: GateOverride = {},
  ) {
    const set: GateRules = {
      ...rules,
      metric: demand.metric,
      bound: demand.bound,
      minimumGain: demand.minimumGain,
      minimumSamples: demand.samples,
      slices: { maximumRegression: demand.regression, minimumSamples: 30 },
    };
    const [mine, theirs] = slices;
    return decideGate(
      mergeRules(set, override),
      {
        ...evaluation,
        sampleSize,
        metrics: { [demand.metric]: own },
        intervals: { [demand.metric]: around(own, halves[0]) },
        slices: [{ column: "c", value: "v", sampleSize: 30, metric: mine, interval: around(mine, halves[2]) }],
      },
      before === undefined
        ? undefined
        : champion(before, {
            figure: { value: before, interval: around(before, halves[1]) },
            slices: [
              {
                column: "c",
                value: "v",
                sampleSize: 30,
                figure: { value: theirs, interval: around(theirs, halves[3]) },
              },
            ],
          }),
      correlation,
    );
  }

  it("passes if and only if there is no reason, and says all in the alphabet of metadata", () => {
    fc.assert(
      fc.property(anyPair, (pair) => {
        const verdict = decide(pair);
        assert.equal(verdict.passed, verdict.reasons.length === 0);
        for (const sentence of [...verdict.reasons, ...verdict.cautions]) assert.match(sentence, tagAlphabet);
        const { low = 0, high = 0 } = verdict.marginInterval ?? {};
        if (verdict.margin !== undefined) assert.ok(low <= verdict.margin && verdict.margin <= high);
      }),
    );
  });

  it("never fails a candidate for being better, as a whole or in a slice", () => {
    fc.assert(
      fc.property(anyPair, (pair) => {
        if (!decide(pair).passed) return;
        const toward = (value: number) => value + (pair.rules.metric === "rocAuc" ? 1 : -1) * pair.better;
        const slices: Pair["slices"] = [toward(pair.slices[0]), pair.slices[1]];
        assert.equal(decide({ ...pair, own: toward(pair.own), slices }).passed, true);
      }),
      { numRuns: 2000 },
    );
  });

  it("never lets a stricter rule pass what a looser one stopped", () => {
    fc.assert(
      fc.property(anyPair, fc.tuple(unit, unit, fc.nat(100), unit), (pair, [bound, gain, samples, regression]) => {
        const demand = pair.rules;
        const stricter: GateOverride = {
          bound: demand.metric === "rocAuc" ? demand.bound + bound : demand.bound - bound,
          minimumGain: demand.minimumGain + gain,
          minimumSamples: demand.samples + samples,
          maximumSliceRegression: demand.regression * regression,
        };
        if (decide(pair, stricter).passed) assert.equal(decide(pair).passed, true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("functions/gate pairs", () => {
  const file = (values: number[], change: object = {}) => {
    const bytes = Buffer.alloc(4 * values.length);
    for (const [at, value] of values.entries()) bytes.writeFloatLE(value, 4 * at);
    const influence = bytes.toString("base64");
    const rows = values.length;
    return JSON.stringify({
      schemaVersion: 1,
      metric: "rocAuc",
      testDatasetVersion: datasetVersion,
      rows,
      influence,
      ...change,
    });
  };

  it("tells how much of their errors two models share", () => {
    const values = [0.5, -1, 0.25, 0.25];
    assert.equal(correlationOf([file(values), file(values)], "rocAuc"), 1);
    assert.equal(correlationOf([file(values), file(values.map((value) => -2 * value))], "rocAuc"), -1);
    assert.equal(correlationOf([file([1, -1, 0, 0]), file([0, 0, 1, -1])], "rocAuc"), 0);
  });

  it("tells nothing of models on other rows, by another metric, or without an error", () => {
    const values = [0.5, -1, 0.25, 0.25];
    const others = [
      file(values, { testDatasetVersion: datasetVersion.replace("breast", "chest") }),
      file(values, { metric: "accuracy" }),
      file(values, { rows: 5 }),
      file([...values, 1]),
      file([0, 0, 0, 0]),
      file(values, { influence: "no base64" }),
      "{}",
      "no JSON",
    ];
    for (const other of others) assert.equal(correlationOf([file(values), other], "rocAuc"), undefined, other);
  });

  it("holds the true gain of two models on the same rows as often as it says", function () {
    this.timeout(60_000);
    const pair = (seed: number, count: number) => {
      const uniform = random(seed);
      const rows = Array.from({ length: count }, () => {
        const label = uniform() < 0.4 ? 1 : 0;
        const shared = 1.5 * label + 0.8 * normal(uniform);
        return [label, shared + 0.5 * normal(uniform), shared + 0.9 * normal(uniform)];
      });
      return [1, 2].map((model) => {
        const answers = rows.map((row) => String(1 / (1 + Math.exp(-(row[model] ?? 0)))));
        return rowsFrom(
          binaryRules,
          rows.map(([label]) => String(label)),
          answers,
        );
      });
    };
    const gainOf = (seed: number, count: number, metric: "rocAuc" | "logLoss") => {
      const [a, b] = pair(seed, count).map((rows) => {
        const influence = influenceOf(rows, metric) ?? new Float64Array();
        return { ...measure(rows, 1.959963984540054), influence: file([...influence], { metric }) };
      });
      assert.ok(a && b);
      const theirs = champion(b.metrics[metric] ?? 0, {
        figure: { value: b.metrics[metric] ?? 0, interval: b.intervals[metric] },
      });
      const whole = { ...evaluation, metrics: a.metrics, intervals: a.intervals, slices: [] };
      return decideGate({ ...rules, metric }, whole, theirs, correlationOf([a.influence, b.influence], metric));
    };
    for (const metric of ["rocAuc", "logLoss"] as const) {
      const truth = gainOf(1, 200_000, metric).margin ?? Number.NaN;
      const held = Array.from({ length: 400 }, (_, seed) => gainOf(seed + 2, 171, metric).marginInterval).filter(
        (interval) => interval && interval.low <= truth && truth <= interval.high,
      );
      const share = held.length / 400;
      assert.ok(share >= 0.91 && share <= 0.995, `${metric}: ${share} of the intervals hold ${truth}`);
    }
  });
});
