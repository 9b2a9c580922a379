/** The figures, against values worked out by hand and against their definitions. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { binaryMetrics } from "../../../functions/evaluate/metrics.ts";

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);
const auc = (labels: number[], probabilities: number[]) => binaryMetrics(labels, probabilities).metrics.rocAuc;

/** Rows with both classes in them. */
const rows = fc
  .array(
    fc.record({
      label: fc.constantFrom(0, 1),
      // Few values, so that ties are common.
      probability: fc.oneof(fc.constantFrom(0, 0.25, 0.5, 0.75, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    }),
    { minLength: 2, maxLength: 40 },
  )
  .filter((list) => new Set(list.map(({ label }) => label)).size === 2);
const split = (list: { label: number; probability: number }[]) =>
  [list.map(({ label }) => label), list.map(({ probability }) => probability)] as const;

describe("functions/evaluate metrics", () => {
  it("counts outcomes as worked out by hand", () => {
    const { metrics, confusion } = binaryMetrics([1, 1, 1, 0, 0, 0, 0, 1], [0.9, 0.8, 0.4, 0.3, 0.6, 0.1, 0.2, 0.7]);
    assert.deepEqual(confusion, { truePositives: 3, falsePositives: 1, trueNegatives: 3, falseNegatives: 1 });
    assert.deepEqual({ ...metrics, rocAuc: 0 }, { accuracy: 0.75, precision: 0.75, recall: 0.75, f1: 0.75, rocAuc: 0 });
    // 15 of 16 pairs are ranked rightly: only 0.4 (positive) stands below 0.6 (negative).
    near(metrics.rocAuc, 15 / 16);
  });

  it("gives scikit-learn's documented example of roc_auc_score", () => {
    near(auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 0.75);
  });

  it("counts a tie as half", () => {
    near(auc([0, 1], [0.5, 0.5]), 0.5);
    near(auc([0, 0, 1, 1], [0.2, 0.5, 0.5, 0.8]), 3.5 / 4);
    near(auc([1, 0, 1, 0, 1], [0.3, 0.3, 0.3, 0.1, 0.9]), (0.5 + 1 + 0.5 + 1 + 1 + 1) / 6);
  });

  it("takes a row at the threshold as positive", () => {
    assert.deepEqual(binaryMetrics([1, 0], [0.5, 0.5]).confusion, {
      truePositives: 1,
      falsePositives: 1,
      trueNegatives: 0,
      falseNegatives: 0,
    });
  });

  it("answers 0 where there is nothing to divide by", () => {
    const { metrics } = binaryMetrics([1, 0], [0.1, 0.2]);
    assert.deepEqual(metrics, { accuracy: 0.5, precision: 0, recall: 0, f1: 0, rocAuc: 0 });
  });

  it("agrees with the definition of the area: the share of pairs ranked rightly", () => {
    fc.assert(
      fc.property(rows, (list) => {
        let right = 0;
        let pairs = 0;
        for (const positive of list.filter(({ label }) => label === 1)) {
          for (const negative of list.filter(({ label }) => label === 0)) {
            pairs++;
            if (positive.probability > negative.probability) right += 1;
            else if (positive.probability === negative.probability) right += 0.5;
          }
        }
        near(auc(...(split(list) as [number[], number[]])), right / pairs);
      }),
    );
  });

  it("stays within 0 and 1, does not depend on the order of rows, and turns over with the probabilities", () => {
    fc.assert(
      fc.property(rows, (list) => {
        const [labels, probabilities] = split(list);
        const { metrics } = binaryMetrics(labels, probabilities);
        for (const value of Object.values(metrics)) assert.ok(value >= 0 && value <= 1);
        const [backLabels, backProbabilities] = split([...list].reverse());
        assert.deepEqual(binaryMetrics(backLabels, backProbabilities).metrics, metrics);
        // Adding 1 would round near values together; a negation keeps the order exactly.
        near(
          binaryMetrics(
            labels,
            probabilities.map((value) => -value),
          ).metrics.rocAuc,
          1 - metrics.rocAuc,
        );
      }),
    );
  });

  it("takes a million rows in no time", function () {
    this.timeout(5000);
    const labels = Array.from({ length: 1_000_000 }, (_, row) => row % 2);
    const probabilities = labels.map((label, row) => (label + ((row * 7919) % 1000) / 1000) / 2);
    assert.ok(binaryMetrics(labels, probabilities).metrics.rocAuc > 0.9);
  });
});
