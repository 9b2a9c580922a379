/** How far two distributions of one column lie apart, from their statistics alone. Pure arithmetic. */
import type { Column, Histogram } from "./statistics.ts";

/** Usual reading of the population stability index: below 0.1 the same, above 0.25 another population. */
export const psiLevels = { moderate: 0.1, large: 0.25 } as const;

/** Buckets that the population stability index is summed over. */
const PSI_BUCKETS = 10;
/** Share that an empty bucket counts as, so that the logarithm exists. */
const LEAST_SHARE = 1e-4;
/** Width, as a share of the whole range, up to which a bucket holds one value; see histogramEdges. */
const NARROW = 1.1e-5;

export interface Shift {
  /** Population stability index over ten buckets of the first distribution (numbers), or over values (all others). */
  readonly psi: number;
  /** Kolmogorov-Smirnov distance, the greatest gap between the two cumulative shares, 0 to 1; numbers only. */
  readonly ks?: number;
  /** Missing values: share in the second less share in the first. */
  readonly missing: number;
}

/** The shift from one column to the other; undefined where one of them has no distribution (dates, nested values, no rows). */
export function shift(before: Column, after: Column): Shift | undefined {
  const missing = missingShare(after) - missingShare(before);
  const [a, b] = [numericShares(before), numericShares(after)];
  if (a && b) return { psi: numericPsi(a, b), ks: ksDistance(a, b), missing };
  if (before.values && after.values && !a && !b) return { psi: valuePsi(before, after), missing };
  return undefined;
}

export function missingShare(column: Pick<Column, "count" | "missing">): number {
  const all = column.count + column.missing;
  return all === 0 ? 0 : column.missing / all;
}

/** A column of numbers as shares: at points (a step each) or spread evenly over buckets. */
export interface NumericShares {
  readonly points: readonly number[];
  /** Cumulative share up to and including the point. */
  readonly cumulated: readonly number[];
  /** Whether shares lie on the points, not between them. */
  readonly steps: boolean;
}

export function numericShares(column: Column): NumericShares | undefined {
  if (column.type !== "integer" && column.type !== "number") return undefined;
  if (column.histogram) return fromHistogram(column.histogram);
  if (!column.values || column.values.length === 0 || column.others) return undefined;
  const sorted = [...column.values].sort((a, b) => Number(a.value) - Number(b.value));
  return {
    points: sorted.map(({ value }) => Number(value)),
    cumulated: cumulate(sorted.map((one) => one.count)),
    steps: true,
  };
}

function fromHistogram({ edges, counts }: Histogram): NumericShares {
  return { points: edges, cumulated: [0, ...cumulate(counts)], steps: false };
}

function cumulate(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  let sum = 0;
  return counts.map((count) => {
    sum += count;
    return sum / total;
  });
}

/** Share of values up to and including x. */
export function cumulatedShare(shares: NumericShares, x: number): number {
  const { points, cumulated, steps } = shares;
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle] ?? 0) <= x) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return 0;
  const [at, below] = [points[low - 1] ?? 0, cumulated[low - 1] ?? 0];
  const [next, above] = [points[low], cumulated[low]];
  if (steps || next === undefined || above === undefined) return below;
  // So narrow a bucket is one value that many rows have, somewhere inside it.
  if (next - at <= ((points.at(-1) ?? 0) - (points[0] ?? 0)) * NARROW) return above;
  return below + ((above - below) * (x - at)) / (next - at);
}

/** Ten upper bounds that split the distribution about equally; the last is open. */
function bounds(shares: NumericShares): number[] {
  const found: number[] = [];
  for (const [index, point] of shares.points.entries()) {
    const reached = shares.cumulated[index] ?? 0;
    if (reached >= (found.length + 1) / PSI_BUCKETS - 1e-9 && reached < 1 - 1e-9) found.push(point);
  }
  return [...found, Number.POSITIVE_INFINITY];
}

function numericPsi(before: NumericShares, after: NumericShares): number {
  let [a, b, psi] = [0, 0, 0];
  for (const bound of bounds(before)) {
    const nextA = bound === Number.POSITIVE_INFINITY ? 1 : cumulatedShare(before, bound);
    const nextB = bound === Number.POSITIVE_INFINITY ? 1 : cumulatedShare(after, bound);
    psi += psiTerm(nextA - a, nextB - b);
    [a, b] = [nextA, nextB];
  }
  return psi;
}

function psiTerm(before: number, after: number): number {
  const [p, q] = [Math.max(before, LEAST_SHARE), Math.max(after, LEAST_SHARE)];
  return (q - p) * Math.log(q / p);
}

function ksDistance(before: NumericShares, after: NumericShares): number {
  let most = 0;
  for (const point of [...before.points, ...after.points]) {
    most = Math.max(most, Math.abs(cumulatedShare(before, point) - cumulatedShare(after, point)));
  }
  return most;
}

/** Over each value kept of either, and all others together. */
function valuePsi(before: Column, after: Column): number {
  const [a, b] = [valueShares(before), valueShares(after)];
  let [restA, restB, psi] = [1, 1, 0];
  for (const value of new Set([...a.keys(), ...b.keys()])) {
    // A value that only one of them keeps may be among the other's rest.
    if ((!a.has(value) && before.others) || (!b.has(value) && after.others)) continue;
    const [p, q] = [a.get(value) ?? 0, b.get(value) ?? 0];
    psi += psiTerm(p, q);
    restA -= p;
    restB -= q;
  }
  return psi + (before.others || after.others ? psiTerm(restA, restB) : 0);
}

function valueShares(column: Column): Map<string, number> {
  const total = Math.max(1, column.count);
  return new Map((column.values ?? []).map(({ value, count }) => [String(value), count / total]));
}
