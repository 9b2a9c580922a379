/** Quality of a regression, with scikit-learn's definitions. */
import { positiveInterval } from "../shared/intervals.ts";
import type { Measures } from "./measure.ts";
import { meanOf } from "./numbers.ts";
import type { NumberRows } from "./rows.ts";

export function measureValues({ count, labels, predictions }: NumberRows, z: number): Measures {
  if (count === 0) return { metrics: {}, intervals: {} };
  const residual = (row: number) => (labels[row] ?? 0) - (predictions[row] ?? 0);
  const absolute = meanOf(count, (row) => Math.abs(residual(row)));
  const square = meanOf(count, (row) => residual(row) ** 2);
  const rmse = Math.sqrt(square.mean);
  const measures: Measures = {
    metrics: { rmse, mae: absolute.mean },
    intervals:
      count > 1
        ? {
            rmse: positiveInterval(rmse, rmse > 0 ? square.standardError / (2 * rmse) : 0, z),
            mae: positiveInterval(absolute.mean, absolute.standardError, z),
          }
        : {},
  };
  // Of one row there is no variance to explain.
  if (count > 1) explained(measures, labels, residual, square.mean, z);
  return finite(measures);
}

/** R2 is 1 − the squared error over the labels' variance; its standard error is the delta method's for that ratio. */
function explained(
  { metrics, intervals }: Measures,
  labels: Float64Array,
  residual: (row: number) => number,
  error: number,
  z: number,
): void {
  const count = labels.length;
  const { mean } = meanOf(count, (row) => labels[row] ?? 0);
  const deviation = (row: number) => ((labels[row] ?? 0) - mean) ** 2;
  const variance = meanOf(count, deviation).mean;
  if (!(variance > 0)) {
    // scikit-learn's `force_finite`: constant labels are explained wholly or not at all.
    metrics.r2 = error === 0 ? 1 : 0;
    return;
  }
  const left = error / variance;
  metrics.r2 = 1 - left;
  const { standardError } = meanOf(count, (row) => (residual(row) ** 2 - left * deviation(row)) / variance);
  const interval = positiveInterval(left, standardError, z);
  intervals.r2 = { low: 1 - interval.high, high: 1 - interval.low, standardError };
}

/** Numbers so large that their squares are none leave no figure. */
function finite({ metrics, intervals }: Measures): Measures {
  const kept = Object.entries(metrics).filter(([, value]) => Number.isFinite(value));
  const sure = Object.entries(intervals).filter(
    ([name, { low, high, standardError }]) =>
      kept.some(([one]) => one === name) && Number.isFinite(high - low + standardError),
  );
  return { metrics: Object.fromEntries(kept), intervals: Object.fromEntries(sure) };
}
