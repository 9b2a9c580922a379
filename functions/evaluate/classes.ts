/** Quality of a classifier, with scikit-learn's definitions and its answer of 0 where nothing is divided by nothing. */
import type { Interval, Metrics } from "../../contracts/evaluation.ts";
import { meanInterval, positiveInterval, scoreInterval, shareInterval } from "../shared/intervals.ts";
import type { Intervals, Measures } from "./measure.ts";
import { meanOf } from "./numbers.ts";
import { areaOf, macroArea, split } from "./ranking.ts";
import type { ClassRows } from "./rows.ts";

/** Rows by true class, then by predicted class. */
export type Confusion = number[][];

/** What a class has to do with: its rows, the rows that were taken for it, and those that are both. */
interface Counts {
  readonly right: number;
  readonly actual: number;
  readonly predicted: number;
}

interface Figure {
  readonly value: number;
  readonly interval: Interval;
}

export function confusionOf({ classes, labels, predicted }: ClassRows): Confusion {
  const flat = new Float64Array(classes * classes);
  for (let row = 0; row < labels.length; row++) {
    const cell = (labels[row] ?? 0) * classes + (predicted[row] ?? 0);
    flat[cell] = (flat[cell] ?? 0) + 1;
  }
  return Array.from({ length: classes }, (_, at) => [...flat.subarray(at * classes, (at + 1) * classes)]);
}

export function measureClasses(rows: ClassRows, z: number): Measures {
  const confusion = confusionOf(rows);
  const counts = confusion.map((line, at) => ({
    right: line[at] ?? 0,
    actual: total(line),
    predicted: total(confusion.map((other) => other[at] ?? 0)),
  }));
  const right = total(counts.map((one) => one.right));
  const figures: Partial<Record<keyof Metrics, Figure | undefined>> = {
    accuracy: shareOf(right, rows.count, z),
    balancedAccuracy: meanFigure(counts.filter((one) => one.actual > 0).map((one) => recallOf(one, z))),
    ...(rows.problem === "binary" ? binaryFigures(counts, z) : macroFigures(counts, confusion, rows.count, z)),
    rocAuc: areaFigure(rows, z),
    logLoss: lossFigure(rows, z),
  };
  const defined = Object.entries(figures).filter(([, figure]) => figure !== undefined) as [keyof Metrics, Figure][];
  return {
    metrics: Object.fromEntries(defined.map(([name, { value }]) => [name, value])),
    intervals: Object.fromEntries(
      defined
        .filter(([, { interval }]) => Number.isFinite(interval.standardError))
        .map(([name, one]) => [name, one.interval]),
    ) as Intervals,
    confusion,
  };
}

/** Of class 1. Left out where no row is of class 1: they would be 0 whatever the model said. */
function binaryFigures(counts: readonly Counts[], z: number) {
  const positive = counts[1];
  if (!positive || positive.actual === 0) return {};
  return { precision: precisionOf(positive, z), recall: recallOf(positive, z), f1: f1Of(positive, z) };
}

/** The mean over the classes that occur, in truth or in prediction. */
function macroFigures(counts: readonly Counts[], confusion: Confusion, rows: number, z: number) {
  const seen = counts.filter((one) => one.actual > 0 || one.predicted > 0);
  return {
    precision: meanFigure(seen.map((one) => precisionOf(one, z))),
    recall: meanFigure(seen.map((one) => recallOf(one, z))),
    f1: macroF1(seen, counts, confusion, rows, z),
  };
}

const precisionOf = ({ right, predicted }: Counts, z: number) => shareOf(right, predicted, z);
const recallOf = ({ right, actual }: Counts, z: number) => shareOf(right, actual, z);

/** F1 grows with the share of the rows concerned (of the class, or taken for it) that are right, whose interval it takes. */
function f1Of({ right, actual, predicted }: Counts, z: number): Figure {
  const share = shareOf(right, actual + predicted - right, z);
  const f1 = (part: number) => (2 * part) / (1 + part);
  const { low, high, standardError } = share.interval;
  return {
    value: ratio(2 * right, actual + predicted),
    interval: { low: f1(low), high: f1(high), standardError: (2 * standardError) / (1 + share.value) ** 2 },
  };
}

/**
 * One wrong row lowers the F1 of two classes, so they err together: the standard error is the delta method's over the whole
 * confusion matrix (Takahashi and others, 2022). Rare classes without an error make it too small; then the classes'
 * own intervals widen it.
 */
function macroF1(seen: readonly Counts[], counts: readonly Counts[], confusion: Confusion, rows: number, z: number) {
  const alone = meanFigure(seen.map((one) => f1Of(one, z)));
  if (!alone) return undefined;
  const size = counts.map(({ actual, predicted }) => actual + predicted);
  const pull = counts.map(({ right }, at) => ratio(2 * right, (size[at] ?? 0) ** 2));
  let mean = 0;
  let squares = 0;
  for (const [truth, line] of confusion.entries()) {
    for (const [said, count] of line.entries()) {
      if (count === 0) continue;
      const gain = truth === said ? 2 / (size[truth] ?? 1) : 0;
      const slope = (rows / seen.length) * (gain - (pull[truth] ?? 0) - (pull[said] ?? 0));
      mean += (count / rows) * slope;
      squares += (count / rows) * slope * slope;
    }
  }
  const standardError = Math.sqrt(Math.max(0, squares - mean * mean) / rows);
  const joint = scoreInterval(alone.value, standardError, rows, z);
  const interval = {
    low: Math.min(joint.low, alone.interval.low),
    high: Math.max(joint.high, alone.interval.high),
    standardError: Math.max(joint.standardError, alone.interval.standardError),
  };
  return { value: alone.value, interval };
}

function areaFigure({ problem, classes, labels, probabilities, count }: ClassRows, z: number): Figure | undefined {
  if (!probabilities) return undefined;
  const parts = problem === "binary" ? split(labels, 1, probabilities) : undefined;
  const found = problem === "binary" ? parts && areaOf(parts) : macroArea(labels, classes, probabilities);
  return found && { value: found.area, interval: scoreInterval(found.area, found.standardError, count, z) };
}

/** Probabilities are kept this far from 0 and 1, as scikit-learn does with doubles. */
const epsilon = 2 ** -52;

function lossFigure(rows: ClassRows, z: number): Figure | undefined {
  const { probabilities, count } = rows;
  if (!probabilities || count === 0) return undefined;
  const { mean, standardError } = meanOf(count, (row) => lossAt(rows, probabilities, row));
  return { value: mean, interval: positiveInterval(mean, standardError, z) };
}

/** A row's logarithmic loss. */
export function lossAt(
  { problem, classes, labels }: Pick<ClassRows, "problem" | "classes" | "labels">,
  probabilities: Float64Array,
  row: number,
): number {
  const label = labels[row] ?? 0;
  const at = problem === "binary" ? row : row * classes + label;
  const given = probabilities[at] ?? 0;
  const ofLabel = problem === "binary" && label === 0 ? 1 - given : given;
  return -Math.log(Math.min(Math.max(ofLabel, epsilon), 1 - epsilon));
}

function shareOf(part: number, whole: number, z: number): Figure {
  const value = ratio(part, whole);
  return { value, interval: shareInterval(value, whole, z) };
}

function meanFigure(parts: readonly Figure[]): Figure | undefined {
  if (parts.length === 0) return undefined;
  return { value: total(parts.map(({ value }) => value)) / parts.length, interval: meanInterval(parts) };
}

/** Nothing of nothing is 0, as scikit-learn has it by default (`zero_division`). */
function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
