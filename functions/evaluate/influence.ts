/**
 * What each single row does to a metric: the metric's first-order change, times the number of rows, if the row weighed a
 * little more. Two models' influences on the same rows tell how much of their errors they share, which makes their
 * difference surer than two separate measurements. The square root of the influences' sum of squares, over the number of
 * rows, is the metric's standard error.
 */
import type { MetricName } from "../../contracts/evaluation.ts";
import { lossAt } from "./classes.ts";
import { meanOf } from "./numbers.ts";
import { areaInfluence } from "./ranking.ts";
import type { ClassRows, NumberRows, Rows } from "./rows.ts";

/** Undefined where the metric is not defined. */
export function influenceOf(rows: Rows, metric: MetricName): Float64Array | undefined {
  return rows.problem === "regression" ? ofValues(rows, metric) : ofClasses(rows, metric);
}

function ofValues({ count, labels, predictions }: NumberRows, metric: MetricName): Float64Array | undefined {
  const error = (row: number) => (labels[row] ?? 0) - (predictions[row] ?? 0);
  const square = (row: number) => error(row) ** 2;
  if (metric === "mae") return centred(count, (row) => Math.abs(error(row)));
  const { mean: mse } = meanOf(count, square);
  if (metric === "rmse") return centred(count, (row) => (mse > 0 ? square(row) / (2 * Math.sqrt(mse)) : 0));
  if (metric !== "r2") return undefined;
  const { mean } = meanOf(count, (row) => labels[row] ?? 0);
  const deviation = (row: number) => ((labels[row] ?? 0) - mean) ** 2;
  const variance = meanOf(count, deviation).mean;
  if (!(variance > 0)) return undefined;
  return centred(count, (row) => ((mse / variance) * deviation(row) - square(row)) / variance);
}

function ofClasses(rows: ClassRows, metric: MetricName): Float64Array | undefined {
  const { count, classes, labels, predicted, probabilities } = rows;
  const right = (row: number) => (labels[row] === predicted[row] ? 1 : 0);
  if (metric === "accuracy") return centred(count, right);
  if (metric === "logLoss") return probabilities && centred(count, (row) => lossAt(rows, probabilities, row));
  if (metric === "rocAuc") return probabilities && areaInfluence(labels, classes, probabilities);
  const actual = new Float64Array(classes);
  const said = new Float64Array(classes);
  const both = new Float64Array(classes);
  for (let row = 0; row < count; row++) {
    add(actual, labels[row] ?? 0);
    add(said, predicted[row] ?? 0);
    if (right(row)) add(both, labels[row] ?? 0);
  }
  const judged = judgedClasses(rows.problem, metric, actual, said);
  const scale = count / judged.filter(Boolean).length;
  // Each metric of a class is 2 × (or 1 ×) its right rows over a number of rows; a row counts in both.
  const whole = (at: number) => {
    if (metric === "precision") return said[at] ?? 0;
    return metric === "f1" ? ((actual[at] ?? 0) + (said[at] ?? 0)) / 2 : (actual[at] ?? 0);
  };
  const part = (at: number, hit: number, weight: number) => {
    const rowsOfClass = whole(at);
    if (!judged[at] || rowsOfClass === 0) return 0;
    return (scale * (hit - (weight * (both[at] ?? 0)) / rowsOfClass)) / rowsOfClass;
  };
  return Float64Array.from({ length: count }, (_, row) => {
    const [truth, answer] = [labels[row] ?? 0, predicted[row] ?? 0];
    if (metric === "precision") return part(answer, right(row), 1);
    if (metric !== "f1") return part(truth, right(row), 1);
    return truth === answer ? part(truth, 1, 1) : part(truth, 0, 0.5) + part(answer, 0, 0.5);
  });
}

function judgedClasses(problem: ClassRows["problem"], metric: MetricName, actual: Float64Array, said: Float64Array) {
  if (problem === "binary" && metric !== "balancedAccuracy") return [false, true];
  return Array.from(actual, (rows, at) => rows > 0 || (metric !== "balancedAccuracy" && (said[at] ?? 0) > 0));
}

function add(counts: Float64Array, at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}

function centred(count: number, term: (row: number) => number): Float64Array {
  const { mean } = meanOf(count, term);
  return Float64Array.from({ length: count }, (_, row) => term(row) - mean);
}
