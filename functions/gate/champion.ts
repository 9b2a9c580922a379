/** What is known of the champion: from its evaluation file where that can be trusted, else from the package's metadata. Pure. */
import * as z from "zod";
import {
  Confidence,
  type Evaluation,
  type GateRules,
  Interval,
  type MetricName,
  Metrics,
  metricNames,
  problems,
} from "../../contracts/evaluation.ts";
import { datasetVersionPattern, digestPattern, packageKeys } from "../../contracts/lineage.ts";
import { scaleInterval, zOf } from "../shared/intervals.ts";

/** The newest approved package of the group. */
export interface ChampionFacts {
  modelPackageArn: string;
  metadata: Readonly<Record<string, string>>;
  /** Its evaluation file, or in words why there is none to be read. */
  evaluation: { text: string } | { missing: string };
}

const intervals = z.partialRecord(z.enum(metricNames), Interval);
/** What is read of `evaluation.json`; the version before had neither intervals nor slices. */
const EvaluationFile = z.object({
  schemaVersion: z.literal(2),
  problem: z.enum(problems),
  testDatasetVersion: z.string().regex(datasetVersionPattern),
  sampleSize: z.int().positive(),
  confidence: Confidence,
  metrics: Metrics,
  intervals,
  slices: z.array(
    z.object({
      column: z.string(),
      value: z.string(),
      sampleSize: z.int().positive(),
      metrics: Metrics,
      intervals,
    }),
  ),
  influence: z.object({ digest: z.string().regex(digestPattern) }).optional(),
});
type EvaluationFile = z.infer<typeof EvaluationFile>;

/** A figure with its interval at the gate's confidence; without one it is taken for exact. */
export interface Figure {
  readonly value: number;
  readonly interval?: Interval;
}

export interface ChampionSlice {
  readonly column: string;
  readonly value: string;
  readonly sampleSize: number;
  readonly figure?: Figure;
}

export interface Champion {
  readonly modelPackageArn: string;
  /** Of the gate's metric; absent when nothing tells it. */
  readonly figure?: Figure;
  readonly sampleSize?: number;
  readonly testDatasetVersion?: string;
  /** Absent when nothing tells them. */
  readonly slices?: readonly ChampionSlice[];
  /** Of the file that tells what each test row did to its figure. */
  readonly influenceDigest?: string;
  /** What it was judged by, for the message that it cannot be compared. */
  readonly judgedBy: string;
  readonly cautions: readonly string[];
}

export function readChampion(
  facts: ChampionFacts,
  { problem }: Pick<Evaluation, "problem">,
  { metric, confidence }: Pick<GateRules, "metric" | "confidence">,
): Champion {
  const { modelPackageArn, metadata } = facts;
  const judgedBy = metadata[packageKeys.metricName] ?? "nothing";
  const file = readFile(facts.evaluation);
  if (typeof file !== "string" && file.problem === problem) {
    return { ...fromFile(file, metric, confidence), modelPackageArn, judgedBy };
  }
  const why = typeof file === "string" ? file : `judges another kind of problem: ${file.problem}`;
  // A figure of another kind of problem is not comparable, even where it has the same name.
  const figure = typeof file === "string" ? fromMetadata(metadata, metric, confidence) : undefined;
  const sampleSize = Number(metadata[packageKeys.sampleSize]);
  const testDatasetVersion = metadata[packageKeys.testDatasetVersion];
  return {
    modelPackageArn,
    judgedBy,
    ...(figure ? { figure } : {}),
    ...(Number.isInteger(sampleSize) && sampleSize > 0 ? { sampleSize } : {}),
    ...(testDatasetVersion && datasetVersionPattern.test(testDatasetVersion) ? { testDatasetVersion } : {}),
    cautions: [`The evaluation of the champion ${why}. Its slices cannot be compared.`],
  };
}

/** The digest of the influences that an evaluation file names. */
export function influenceDigest(evaluation: string): string | undefined {
  const file = readFile({ text: evaluation });
  return typeof file === "string" ? undefined : file.influence?.digest;
}

function readFile(evaluation: ChampionFacts["evaluation"]): EvaluationFile | string {
  if ("missing" in evaluation) return evaluation.missing;
  let value: unknown;
  try {
    value = JSON.parse(evaluation.text);
  } catch {
    return "is not JSON";
  }
  const parsed = EvaluationFile.safeParse(value);
  return parsed.success ? parsed.data : "is of another version of this project";
}

function fromFile(
  file: EvaluationFile,
  metric: MetricName,
  confidence: number,
): Omit<Champion, "modelPackageArn" | "judgedBy"> {
  const factor = confidence === file.confidence ? 1 : zOf(confidence) / zOf(file.confidence);
  const figureOf = (part: Pick<EvaluationFile, "metrics" | "intervals">): { figure?: Figure } => {
    const value = part.metrics[metric];
    const interval = part.intervals[metric];
    if (value === undefined) return {};
    return { figure: { value, ...(interval ? { interval: scaleInterval(value, interval, factor) } : {}) } };
  };
  return {
    ...figureOf(file),
    sampleSize: file.sampleSize,
    testDatasetVersion: file.testDatasetVersion,
    ...(file.influence ? { influenceDigest: file.influence.digest } : {}),
    slices: file.slices.map((slice) => ({
      column: slice.column,
      value: slice.value,
      sampleSize: slice.sampleSize,
      ...figureOf(slice),
    })),
    cautions: [],
  };
}

/** Undefined when the package was judged by another metric or its record is no number. */
function fromMetadata(metadata: ChampionFacts["metadata"], metric: MetricName, confidence: number): Figure | undefined {
  const value = numberIn(metadata[packageKeys.metricValue]);
  if (metadata[packageKeys.metricName] !== metric || value === undefined) return undefined;
  const standardError = numberIn(metadata[packageKeys.metricStandardError]);
  if (standardError === undefined || standardError < 0) return { value };
  const half = zOf(confidence) * standardError;
  return { value, interval: { low: value - half, high: value + half, standardError } };
}

function numberIn(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
