/** Whether a candidate may be shown to a person at all. No I/O. */
import { errorNames, FlowError } from "../../contracts/errors.ts";
import {
  type Direction,
  directionOf,
  type Evaluation,
  type GateRules,
  type GateVerdict,
  type Interval,
  type SliceVerdict,
} from "../../contracts/evaluation.ts";
import { differenceInterval, scaleInterval, zOf } from "../shared/intervals.ts";
import type { Champion, ChampionSlice, Figure } from "./champion.ts";

/** Differences below this are arithmetic, not quality: 0.9 − 0.8 is 0.09999999999999998. */
const epsilon = 1e-12;
/** Slices named one by one in a reason. */
const namedSlices = 5;

/**
 * Every demand that was missed is a reason; none is hidden behind another. The sentences keep to the alphabet of a model
 * package's metadata, where they are kept.
 *
 * @param rules the demands, already merged with the submission's
 * @param correlation how much of their errors candidate and champion share, where both were measured on the same rows
 * @throws FlowError InvalidInput when the evaluation does not have the metric
 */
export function decideGate(
  rules: GateRules,
  evaluation: Evaluation,
  champion?: Champion,
  correlation?: number,
): GateVerdict {
  const { metric } = rules;
  const direction = directionOf(metric);
  const candidate = evaluation.metrics[metric];
  if (candidate === undefined) {
    throw new FlowError(errorNames.invalidInput, `The evaluation has no ${metric}, which the gate judges by`);
  }
  const interval = evaluation.intervals[metric];
  const own: Figure = {
    value: candidate,
    ...(interval ? { interval: atConfidence(rules, evaluation, candidate, interval) } : {}),
  };
  const slices = evaluation.slices.map((slice) => judgeSlice(rules, evaluation, direction, slice, champion));
  const reasons = [...ownReasons(rules, evaluation, direction, candidate), ...sliceReasons(rules, slices)];
  const base = { metric, direction, candidate, bound: rules.bound, minimumGain: rules.minimumGain, slices };
  const done = (more: Partial<GateVerdict>, cautions: readonly string[]): GateVerdict => {
    return {
      passed: reasons.length === 0,
      reasons: reasons.map(plain),
      cautions: cautions.map(plain),
      ...base,
      ...more,
    };
  };
  if (!champion) return done({}, ["There is no approved package yet: only the bound judges."]);
  if (!champion.figure) {
    reasons.push(
      `The champion ${champion.modelPackageArn} was judged by ${champion.judgedBy} and not by ${metric} so the two cannot be compared: reject it or approve a package that carries ${metric}.`,
    );
    return done({}, champion.cautions);
  }
  const gain = gainOf(
    direction,
    own,
    champion.figure,
    correlation === undefined ? undefined : { correlation, z: zOf(rules.confidence) },
  );
  const reached = gain.interval?.low ?? gain.value;
  if (reached + epsilon < rules.minimumGain) {
    const sure = gain.interval ? ` and may by chance be ${show(gain.interval.low)}` : "";
    reasons.push(
      `${metric} is ${show(candidate)} where the champion has ${show(champion.figure.value)}: the gain is ${show(gain.value)}${sure} where at least ${show(rules.minimumGain)} is asked for.`,
    );
  }
  const { modelPackageArn, sampleSize, testDatasetVersion } = champion;
  return done(
    {
      champion: {
        modelPackageArn,
        value: champion.figure.value,
        ...(sampleSize === undefined ? {} : { sampleSize }),
        ...(testDatasetVersion === undefined ? {} : { testDatasetVersion }),
      },
      margin: gain.value,
      ...(gain.interval ? { marginInterval: gain.interval, paired: correlation !== undefined } : {}),
    },
    [...comparisonCautions(evaluation, champion, own, correlation !== undefined), ...champion.cautions],
  );
}

/** What a candidate is judged by alone. */
function ownReasons(rules: GateRules, evaluation: Evaluation, direction: Direction, candidate: number): string[] {
  const { metric, bound, minimumSamples } = rules;
  const reasons: string[] = [];
  if (evaluation.sampleSize < minimumSamples) {
    reasons.push(`The test has ${evaluation.sampleSize} rows: at least ${minimumSamples} are asked for.`);
  }
  if (better(direction, candidate, bound) < -epsilon) {
    const limit = direction === "higher" ? "at least" : "at most";
    reasons.push(`${metric} is ${show(candidate)}: ${limit} ${show(bound)} is asked for.`);
  }
  return reasons;
}

/**
 * A slice fails when it is worse than the champion's by more than the tolerance, and so much that chance alone does not
 * explain that it is worse at all.
 */
function judgeSlice(
  rules: GateRules,
  evaluation: Evaluation,
  direction: Direction,
  slice: Evaluation["slices"][number],
  champion: Champion | undefined,
): SliceVerdict {
  const { column, value, sampleSize, metric, interval } = slice;
  const theirs = champion?.slices?.find((one) => one.column === column && one.value === value);
  const shown = {
    column,
    value,
    sampleSize,
    ...(metric === undefined ? {} : { candidate: metric }),
    ...(theirs?.figure ? { champion: theirs.figure.value } : {}),
  };
  if (metric === undefined) return { ...shown, verdict: "not defined" };
  if (!theirs) return { ...shown, verdict: "no champion" };
  if (!theirs.figure) return { ...shown, verdict: "not defined" };
  const own = { value: metric, ...(interval ? { interval: atConfidence(rules, evaluation, metric, interval) } : {}) };
  const gain = gainOf(direction, own, theirs.figure);
  const judged = { ...shown, gain: gain.value };
  if (tooFew(rules, sampleSize, theirs)) return { ...judged, verdict: "too few rows" };
  const worse = -gain.value > rules.slices.maximumRegression + epsilon && (gain.interval?.high ?? gain.value) < 0;
  return { ...judged, verdict: worse ? "failed" : "passed" };
}

function tooFew({ slices }: GateRules, rows: number, theirs: ChampionSlice): boolean {
  return Math.min(rows, theirs.sampleSize) < slices.minimumSamples;
}

function sliceReasons(rules: GateRules, slices: readonly SliceVerdict[]): string[] {
  const failed = slices.filter(({ verdict }) => verdict === "failed");
  const reasons = failed.slice(0, namedSlices).map(({ column, value, candidate = 0, champion = 0 }) => {
    return `Where ${column} is ${value} the ${rules.metric} is ${show(candidate)} and the champion has ${show(champion)}: it may be worse by ${show(rules.slices.maximumRegression)} at most.`;
  });
  const more = failed.length - reasons.length;
  return more > 0 ? [...reasons, `${more} more slices are worse by too much.`] : reasons;
}

function comparisonCautions(evaluation: Evaluation, champion: Champion, own: Figure, paired: boolean): string[] {
  const cautions: string[] = [];
  if (champion.testDatasetVersion === undefined) {
    cautions.push("Nothing tells which data the champion was tested on: the difference may be one of the data.");
  } else if (champion.testDatasetVersion !== evaluation.testDatasetVersion) {
    cautions.push(
      `The champion was tested on other data: ${champion.testDatasetVersion}. A part of the difference may be one of the data.`,
    );
  }
  const exact = [...(champion.figure?.interval ? [] : ["the champion"]), ...(own.interval ? [] : ["the candidate"])];
  if (exact.length > 0) {
    cautions.push(`There is no standard error of ${exact.join(" and of ")}: the figure is taken for exact.`);
  } else if (!paired && champion.testDatasetVersion === evaluation.testDatasetVersion) {
    cautions.push("The two cannot be compared row by row and count as measured apart: the margin is surer than shown.");
  }
  if (champion.slices && evaluation.slices.length > 0) {
    const known = new Set(champion.slices.map(({ column, value }) => JSON.stringify([column, value])));
    const unknown = evaluation.slices.filter(({ column, value }) => !known.has(JSON.stringify([column, value])));
    if (unknown.length > 0) {
      cautions.push(`${unknown.length} of ${evaluation.slices.length} slices have no counterpart in the champion.`);
    }
  }
  return cautions;
}

/**
 * How much better `a` is than `b`, in the direction that is better. On the same rows the variance of the difference is less
 * by what the two share; measured apart, or taken as such, each side of the interval is made of theirs. Without any interval
 * there is only the value.
 */
function gainOf(direction: Direction, a: Figure, b: Figure, paired?: { correlation: number; z: number }): Figure {
  const [more, less] = direction === "higher" ? [a, b] : [b, a];
  const value = more.value - less.value;
  if (!a.interval && !b.interval) return { value };
  if (!paired) return whole(value, differenceInterval(withInterval(more), withInterval(less)));
  const [first, second] = [a.interval?.standardError ?? 0, b.interval?.standardError ?? 0];
  const shared = 2 * paired.correlation * first * second;
  const standardError = Math.sqrt(Math.max(0, first * first + second * second - shared));
  const half = paired.z * standardError;
  return whole(value, { low: value - half, high: value + half, standardError });
}

/** Figures so large that their interval has no ends have none. */
function whole(value: number, interval: Interval): Figure {
  return Number.isFinite(interval.high - interval.low) ? { value, interval } : { value };
}

function withInterval({ value, interval }: Figure) {
  return { value, interval: interval ?? { low: value, high: value, standardError: 0 } };
}

function atConfidence(rules: GateRules, evaluation: Evaluation, value: number, interval: Interval): Interval {
  if (rules.confidence === evaluation.confidence) return interval;
  return scaleInterval(value, interval, zOf(rules.confidence) / zOf(evaluation.confidence));
}

function better(direction: Direction, a: number, b: number): number {
  return direction === "higher" ? a - b : b - a;
}

/** At most six digits after the point. */
function show(value: number): string {
  return String(Number(value.toFixed(6)));
}

/** Other characters than metadata values may have become hyphens; column names may hold any. */
function plain(sentence: string): string {
  return sentence.replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, "-");
}
