/** The figures, against values worked out by hand and against their definitions. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { directionOf, type EvaluationRules, metricNames, metricTable } from "../../../contracts/evaluation.ts";
import { influenceOf } from "../../../functions/evaluate/influence.ts";
import { measure } from "../../../functions/evaluate/measure.ts";
import type { ClassRows, Rows } from "../../../functions/evaluate/rows.ts";
import { zOf } from "../../../functions/shared/intervals.ts";
import {
  binaryRules,
  multiclassRules,
  normal,
  random,
  regressionRules,
  rowsFrom,
} from "../../functions/support/evaluations.ts";

const z = zOf(0.95);
const near = (actual: number | undefined, expected: number, tolerance = 1e-12) =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) <= tolerance, `${actual} is not ${expected}`);
const figures = (rules: EvaluationRules, labels: readonly number[], answers: readonly (number | number[])[]) =>
  measure(rowsFrom(rules, labels.map(String), answers.map(String)), z);
/** Unlike files, arrays may hold a single class, as a slice does. */
const binary = (labels: number[], probabilities: number[]): ClassRows => ({
  problem: "binary",
  count: labels.length,
  classes: 2,
  labels: Uint16Array.from(labels),
  predicted: Uint16Array.from(probabilities, (value) => (value >= 0.5 ? 1 : 0)),
  probabilities: Float64Array.from(probabilities),
});

describe("functions/evaluate metrics: binary", () => {
  it("are those worked out by hand", () => {
    const found = figures(binaryRules, [1, 1, 1, 0, 0, 0, 0, 1], [0.9, 0.8, 0.4, 0.3, 0.6, 0.1, 0.2, 0.7]);
    assert.deepEqual(found.confusion, [
      [3, 1],
      [1, 3],
    ]);
    const { rocAuc, logLoss, ...rest } = found.metrics;
    assert.deepEqual(rest, { accuracy: 0.75, balancedAccuracy: 0.75, precision: 0.75, recall: 0.75, f1: 0.75 });
    // 15 of 16 pairs are ranked rightly: only 0.4 (positive) stands below 0.6 (negative).
    near(rocAuc, 15 / 16);
    near(logLoss, -Math.log(0.9 * 0.8 * 0.4 * 0.7 * 0.4 * 0.9 * 0.8 * 0.7) / 8);
  });

  it("give scikit-learn's documented examples", () => {
    near(figures(binaryRules, [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).metrics.rocAuc, 0.75);
    near(figures(binaryRules, [1, 0, 0, 1], [0.9, 0.1, 0.2, 0.65]).metrics.logLoss, 0.21616187468057912);
  });

  it("count a tie as half, and a row at the threshold as positive", () => {
    near(figures(binaryRules, [0, 0, 1, 1], [0.2, 0.5, 0.5, 0.8]).metrics.rocAuc, 3.5 / 4);
    assert.deepEqual(figures(binaryRules, [1, 0], [0.5, 0.5]).confusion, [
      [0, 1],
      [0, 1],
    ]);
    assert.deepEqual(figures({ ...binaryRules, threshold: 0.51 }, [1, 0], [0.5, 0.5]).confusion, [
      [1, 0],
      [1, 0],
    ]);
  });

  it("are 0 where nothing is divided by nothing, and left out where the rows do not define them", () => {
    const never = measure(binary([1, 0], [0.1, 0.2]), z).metrics;
    assert.deepEqual([never.precision, never.recall, never.f1, never.rocAuc], [0, 0, 0, 0]);
    assert.deepEqual(Object.keys(measure(binary([0, 0], [0.1, 0.2]), z).metrics), [
      "accuracy",
      "balancedAccuracy",
      "logLoss",
    ]);
    assert.equal(measure(binary([1, 1], [0.1, 0.2]), z).metrics.rocAuc, undefined);
    assert.equal(measure(binary([1, 1], [0.1, 0.9]), z).metrics.recall, 0.5);
  });
});

describe("functions/evaluate metrics: multiclass", () => {
  it("are those worked out by hand", () => {
    const found = figures(
      multiclassRules,
      [0, 1, 2, 2, 1],
      [
        [0.6, 0.3, 0.1],
        [0.2, 0.2, 0.6],
        [0.1, 0.1, 0.8],
        [0.5, 0.25, 0.25],
        [0.1, 0.8, 0.1],
      ],
    );
    assert.deepEqual(found.confusion, [
      [1, 0, 0],
      [0, 1, 1],
      [1, 0, 1],
    ]);
    near(found.metrics.accuracy, 3 / 5);
    near(found.metrics.recall, (1 + 0.5 + 0.5) / 3);
    near(found.metrics.precision, (0.5 + 1 + 0.5) / 3);
    near(found.metrics.f1, (2 / 3 + 2 / 3 + 0.5) / 3);
    near(found.metrics.logLoss, -Math.log(0.6 * 0.2 * 0.8 * 0.25 * 0.8) / 5);
    // Class 0: 4 of 4 pairs. Class 1: (0.2 over 0.1) + (0.8 over all) of 6. Class 2: 0.8 over all, 0.25 over 0.1 twice.
    near(found.metrics.rocAuc, (4 / 4 + 4 / 6 + 5 / 6) / 3);
  });

  it("take a class a line too, without the figures that need probabilities", () => {
    const { metrics } = figures(multiclassRules, [0, 1, 2, 2], [0, 1, 2, 1]);
    assert.deepEqual(Object.keys(metrics).sort(), ["accuracy", "balancedAccuracy", "f1", "precision", "recall"]);
    near(metrics.accuracy, 0.75);
  });

  it("have no area where a class has no rows", () => {
    const answers = [
      [0.6, 0.3, 0.1],
      [0.2, 0.6, 0.2],
    ];
    assert.equal(figures(multiclassRules, [0, 1], answers).metrics.rocAuc, undefined);
  });
});

describe("functions/evaluate metrics: regression", () => {
  it("are those worked out by hand", () => {
    const { metrics } = figures(regressionRules, [3, -0.5, 2, 7], [2.5, 0, 2, 8]);
    near(metrics.mae, 0.5);
    near(metrics.rmse, Math.sqrt(0.375));
    near(metrics.r2, 0.9486081370449679);
  });

  it("explain constant labels wholly or not at all", () => {
    assert.equal(figures(regressionRules, [2, 2], [2, 2]).metrics.r2, 1);
    assert.equal(figures(regressionRules, [2, 2], [2, 3]).metrics.r2, 0);
    assert.equal(figures(regressionRules, [2], [3]).metrics.r2, undefined);
  });
});

/** Some rows of each problem, ties and single classes included. */
const someRows: fc.Arbitrary<Rows> = fc
  .record({
    problem: fc.constantFrom("binary" as const, "multiclass" as const, "regression" as const),
    rows: fc.array(fc.tuple(fc.nat(2), fc.nat(4), fc.double({ min: -1e3, max: 1e3, noNaN: true })), {
      minLength: 1,
      maxLength: 40,
    }),
  })
  .map(({ problem, rows }): Rows => {
    const count = rows.length;
    if (problem === "binary") {
      return binary(
        rows.map(([label]) => label % 2),
        rows.map(([, score]) => score / 4),
      );
    }
    if (problem === "regression") {
      const labels = Float64Array.from(rows, ([label, , value]) => label + value);
      return { problem, count, labels, predictions: Float64Array.from(rows, ([, score, value]) => score + value / 2) };
    }
    const probabilities = rows.flatMap(([, score]) => [score / 8, 0.5 - score / 8, 0.5]);
    const predicted = Uint16Array.from(rows, ([, score]) => (score === 0 ? 1 : 2));
    const labels = Uint16Array.from(rows, ([label]) => label);
    return { problem, count, classes: 3, labels, predicted, probabilities: Float64Array.from(probabilities) };
  });

function reversed(rows: Rows): Rows {
  if (rows.problem === "regression") {
    return { ...rows, labels: rows.labels.toReversed(), predictions: rows.predictions.toReversed() };
  }
  const width = (rows.probabilities?.length ?? 0) / rows.count;
  const probabilities = Float64Array.from(rows.probabilities ?? [], (_, at) => {
    return rows.probabilities?.[(rows.count - 1 - Math.floor(at / width)) * width + (at % width)] ?? 0;
  });
  return { ...rows, labels: rows.labels.toReversed(), predicted: rows.predicted.toReversed(), probabilities };
}

describe("functions/evaluate metrics: properties", () => {
  it("are those of the problem, within their range, inside their intervals", () => {
    fc.assert(
      fc.property(someRows, (rows) => {
        const { metrics, intervals } = measure(rows, z);
        for (const [name, value] of Object.entries(metrics) as [keyof typeof metrics, number][]) {
          assert.ok((metricTable[name].problems as readonly string[]).includes(rows.problem), name);
          assert.ok(Number.isFinite(value), `${name} is ${value}`);
          if (directionOf(name) === "higher") assert.ok(value <= 1, `${name} is ${value}`);
          if (name !== "r2") assert.ok(value >= 0, `${name} is ${value}`);
        }
        for (const [name, { low, high, standardError }] of Object.entries(intervals)) {
          const value = metrics[name as keyof typeof metrics] ?? Number.NaN;
          assert.ok(low <= value + 1e-12 && value <= high + 1e-12, `${name}: ${value} in ${low} to ${high}`);
          assert.ok(standardError >= 0 && Number.isFinite(standardError), `${name}: ${standardError}`);
        }
      }),
    );
  });

  it("do not depend on the order of the rows", () => {
    fc.assert(
      fc.property(someRows, (rows) => {
        const [forth, back] = [measure(rows, z), measure(reversed(rows), z)];
        assert.deepEqual(forth.confusion, back.confusion);
        for (const name of metricNames) {
          const value = forth.metrics[name];
          if (value === undefined) assert.equal(back.metrics[name], undefined);
          else near(back.metrics[name], value, 1e-12 * Math.max(1, Math.abs(value)));
        }
      }),
    );
  });

  it("have the standard error that the rows' influences give", () => {
    const uniform = random(5);
    const count = 400;
    const labels = Array.from({ length: count }, () => Math.floor(3 * uniform()));
    const noisy = labels.map((label) => label + 0.7 * normal(uniform));
    const softmax = (scores: number[]) => {
      const all = scores.reduce((sum, score) => sum + Math.exp(score), 0);
      return scores.map((score) => Math.exp(score) / all);
    };
    const cases: [EvaluationRules, number[], (number | number[])[]][] = [
      [
        binaryRules,
        labels.map((label) => label % 2),
        noisy.map((_, at) => 1 / (1 + Math.exp(-normal(uniform) - 2 * ((labels[at] ?? 0) % 2) + 1))),
      ],
      [
        multiclassRules,
        labels,
        labels.map((label) => softmax([0, 1, 2].map((at) => (at === label ? 1 : 0) + normal(uniform)))),
      ],
      [regressionRules, labels, noisy],
    ];
    for (const [rules, truth, answers] of cases) {
      const rows = rowsFrom(rules, truth.map(String), answers.map(String));
      for (const [name, interval] of Object.entries(measure(rows, z).intervals)) {
        const influence = influenceOf(rows, name as keyof typeof metricTable) ?? new Float64Array();
        assert.equal(influence.length, count, name);
        near(influence.reduce((sum, one) => sum + one, 0) / count, 0, 1e-9);
        const error = Math.sqrt(influence.reduce((sum, one) => sum + one * one, 0)) / count;
        // No area and no mean of F1 is taken for surer than as many trials as there are rows.
        const least = ["rocAuc", "f1"].includes(name) ? 0.8 : 0.97;
        const ratio = error / interval.standardError;
        assert.ok(least < ratio && ratio < 1.03, `${rules.problem} ${name}: ${error}, ${interval.standardError}`);
      }
    }
  });
});
