/**
 * What a dataset version says about its tables: schema, row counts and per-column statistics. They are the baseline that
 * drift is measured against, so they hold what that needs and no rows.
 */
import * as z from "zod";

/** How a column's values are read; the narrowest that holds every value of the column. */
export const columnTypes = ["integer", "number", "string", "boolean", "date", "timestamp", "other"] as const;
export type ColumnType = (typeof columnTypes)[number];

/** Most distinct values of which each one's count is kept; a column with more gets a histogram or its top values. */
export const MOST_EXACT_VALUES = 50;
/** Buckets of a histogram, about equally full. Five of them make one of the ten that drift is usually judged by. */
export const HISTOGRAM_BUCKETS = 50;
/** Most values kept of a column of texts with many. */
export const MOST_TOP_VALUES = 20;
/** Longer texts are counted but not kept. */
export const MOST_TEXT_LENGTH = 100;

/** Bucket i counts values above `edges[i]` up to and including `edges[i + 1]`; see {@link histogramEdges}. */
export const Histogram = z.object({ edges: z.array(z.number()).min(2), counts: z.array(z.int().nonnegative()).min(1) });
export type Histogram = z.infer<typeof Histogram>;

export const ValueCount = z.object({
  value: z.union([z.string(), z.number(), z.boolean()]),
  count: z.int().positive(),
});
export type ValueCount = z.infer<typeof ValueCount>;

export const Column = z.object({
  name: z.string(),
  type: z.enum(columnTypes),
  /** Values that are there. */
  count: z.int().nonnegative(),
  /** Empty cells, and numbers that are not one (NaN). */
  missing: z.int().nonnegative(),
  /** Distinct values: exact up to 50, else estimated within a few per cent. */
  distinct: z.int().nonnegative(),
  /** Of numbers: finite values only. */
  mean: z.number().optional(),
  /** Standard deviation of the population. */
  std: z.number().optional(),
  /** Of numbers; of dates and timestamps as ISO text. */
  min: z.union([z.number(), z.string()]).optional(),
  max: z.union([z.number(), z.string()]).optional(),
  /** Infinite values, which no other figure counts. */
  infinite: z.int().positive().optional(),
  /** Every distinct value of a column with at most 50, or the most frequent texts of one with more. By count, then value. */
  values: z.array(ValueCount).optional(),
  /** Rows whose value is not among `values`; absent where `values` holds all. */
  others: z.int().positive().optional(),
  /** Of numbers with more than 50 distinct values. */
  histogram: Histogram.optional(),
});
export type Column = z.infer<typeof Column>;

/** One table of a dataset version: all files of one part. */
export const Part = z.object({
  /** Name of the table in data tests. */
  name: z.string().min(1),
  format: z.enum(["csv", "parquet"]),
  files: z.int().positive(),
  rows: z.int().nonnegative(),
  /** The column that a model learns to predict. */
  label: z.string().optional(),
  columns: z.array(Column),
});
export type Part = z.infer<typeof Part>;

/** Digits that an edge is rounded to: edges are chosen, not measured, and short ones keep the manifest short. */
const EDGE_DIGITS = 6;

/**
 * Histogram edges from a column's quantiles (ascending; first the minimum, last the maximum; estimates are fine). The first
 * edge lies below the minimum, the last at or above the maximum. A value met by several quantiles is an atom, and gets a
 * narrow bucket of its own. Empty for a column with one value only.
 */
export function histogramEdges(quantiles: readonly number[]): number[] {
  const [min = 0, max = 0] = [quantiles[0], quantiles.at(-1)];
  const range = max - min;
  if (!(range > 0) || !Number.isFinite(range)) return [];
  const rounded = quantiles.map((value) => roundTo(value, unitOf(value, range)));
  const edges = new Set<number>();
  for (const [index, value] of rounded.entries()) {
    const unit = unitOf(value, range);
    if (index === 0) edges.add(roundTo(Math.min(value, min) - unit, unit));
    else if (index === rounded.length - 1) edges.add(roundTo(Math.max(value, max) + unit, unit));
    else if (value === rounded[index - 1] || value === rounded[index + 1]) {
      edges.add(roundTo(value - unit / 2, unit / 2));
      edges.add(roundTo(value + unit / 2, unit / 2));
    } else edges.add(value);
  }
  return [...edges].sort((a, b) => a - b);
}

/** The finer of: the sixth digit of the value, the sixth digit of the range. */
function unitOf(value: number, range: number): number {
  const sizes = [range, ...(value === 0 ? [] : [Math.abs(value)])];
  return 10 ** (Math.floor(Math.log10(Math.min(...sizes))) - EDGE_DIGITS + 1);
}

function roundTo(value: number, unit: number): number {
  const rounded = Number((Math.round(value / unit) * unit).toPrecision(15));
  // A unit beyond what a double can tell apart leaves the value as it is.
  return Number.isFinite(rounded) ? rounded : value;
}
