/** Quality of a binary classifier, with scikit-learn's definitions. Pure arithmetic. */
import type { Metrics } from "../../contracts/submission.ts";

/** A row counts as positive from this probability on. */
export const threshold = 0.5;

export interface Confusion {
  truePositives: number;
  falsePositives: number;
  trueNegatives: number;
  falseNegatives: number;
}

/**
 * @param labels 0 or 1 a row, both present
 * @param probabilities of class 1, as many as labels
 */
export function binaryMetrics(
  labels: readonly number[],
  probabilities: readonly number[],
): { metrics: Metrics; confusion: Confusion } {
  const confusion = countOutcomes(labels, probabilities);
  const { truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn } = confusion;
  const precision = ratio(tp, tp + fp);
  const recall = ratio(tp, tp + fn);
  return {
    confusion,
    metrics: {
      accuracy: ratio(tp + tn, labels.length),
      precision,
      recall,
      f1: ratio(2 * tp, 2 * tp + fp + fn),
      rocAuc: rocAuc(labels, probabilities),
    },
  };
}

function countOutcomes(labels: readonly number[], probabilities: readonly number[]): Confusion {
  const counts: Confusion = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 };
  labels.forEach((label, row) => {
    const positive = (probabilities[row] ?? 0) >= threshold;
    if (label === 1) counts[positive ? "truePositives" : "falseNegatives"]++;
    else counts[positive ? "falsePositives" : "trueNegatives"]++;
  });
  return counts;
}

/** Nothing of nothing is 0, as scikit-learn has it by default (`zero_division`). */
function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** The share of (positive, negative) pairs ranked rightly; a tie counts half. */
function rocAuc(labels: readonly number[], probabilities: readonly number[]): number {
  const order = Array.from(labels.keys()).sort((a, b) => (probabilities[a] ?? 0) - (probabilities[b] ?? 0));
  let negativesBelow = 0;
  let positives = 0;
  // In halves of a pair, so that every intermediate value is a whole number.
  let halves = 0;
  for (let start = 0; start < order.length; ) {
    const value = probabilities[order[start] ?? 0];
    let tiedPositives = 0;
    let tiedNegatives = 0;
    let end = start;
    for (; end < order.length && probabilities[order[end] ?? 0] === value; end++) {
      if (labels[order[end] ?? 0] === 1) tiedPositives++;
      else tiedNegatives++;
    }
    halves += tiedPositives * (2 * negativesBelow + tiedNegatives);
    negativesBelow += tiedNegatives;
    positives += tiedPositives;
    start = end;
  }
  return ratio(halves, 2 * positives * negativesBelow);
}
