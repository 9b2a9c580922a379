/** What a test found, and what the gate makes of it. */
import * as z from "zod";
import { datasetVersionPattern, digestPattern, modelPackageArnPattern } from "./lineage.ts";
import { anyS3Uri } from "./paths.ts";

/** What kind of answer a model gives. */
export const problems = ["binary", "multiclass", "regression"] as const;
export type Problem = (typeof problems)[number];

/** Whether more or less of a metric is better. */
export type Direction = "higher" | "lower";

/**
 * Every metric, with the direction that is better and the problems that have it. Definitions are scikit-learn's, of the
 * function named; what is not defined for the predictions at hand (no probabilities, one class only) is left out.
 */
export const metricTable = {
  /** accuracy_score */
  accuracy: { direction: "higher", problems: ["binary", "multiclass"] },
  /** balanced_accuracy_score */
  balancedAccuracy: { direction: "higher", problems: ["binary", "multiclass"] },
  /** precision_score; multiclass: average="macro" */
  precision: { direction: "higher", problems: ["binary", "multiclass"] },
  /** recall_score; multiclass: average="macro" */
  recall: { direction: "higher", problems: ["binary", "multiclass"] },
  /** f1_score; multiclass: average="macro" */
  f1: { direction: "higher", problems: ["binary", "multiclass"] },
  /** roc_auc_score; multiclass: multi_class="ovr", average="macro" */
  rocAuc: { direction: "higher", problems: ["binary", "multiclass"] },
  /** log_loss */
  logLoss: { direction: "lower", problems: ["binary", "multiclass"] },
  /** root_mean_squared_error */
  rmse: { direction: "lower", problems: ["regression"] },
  /** mean_absolute_error */
  mae: { direction: "lower", problems: ["regression"] },
  /** r2_score */
  r2: { direction: "higher", problems: ["regression"] },
} as const satisfies Record<string, { direction: Direction; problems: readonly Problem[] }>;
export type MetricName = keyof typeof metricTable;
export const metricNames = Object.keys(metricTable) as [MetricName, ...MetricName[]];
const metricName = z.enum(metricNames);

export function directionOf(metric: MetricName): Direction {
  return metricTable[metric].direction;
}

/** Of two-sided intervals: 0.5 to 0.9999. */
export const Confidence = z.number().min(0.5).max(0.9999);

/** Metrics by name; only those that are defined. */
export const Metrics = z.partialRecord(metricName, z.number());
export type Metrics = z.infer<typeof Metrics>;

/** A two-sided confidence interval of a metric. */
export const Interval = z.object({ low: z.number(), high: z.number(), standardError: z.number().nonnegative() });
export type Interval = z.infer<typeof Interval>;

/** Part of the test rows: those with one value, or a range of values, of a column. */
export const SliceResult = z.object({
  column: z.string().min(1).max(128),
  /** A value, `<low> to <high>` of a range, or `other` for the rare ones together. */
  value: z.string().max(128),
  sampleSize: z.int().positive(),
  /** The gate's metric on these rows; absent where it is not defined on them (one class only). */
  metric: z.number().optional(),
  interval: Interval.optional(),
});
export type SliceResult = z.infer<typeof SliceResult>;
/** Most slices that are kept and shown; a column with more values than its share puts the rare ones together. */
export const mostSlices = 60;

/** Result of the state Evaluate. */
export const Evaluation = z.object({
  problem: z.enum(problems),
  metrics: Metrics,
  /** By metric, at `confidence`. */
  intervals: z.partialRecord(metricName, Interval),
  confidence: Confidence,
  sampleSize: z.int().positive(),
  slices: z.array(SliceResult).max(mostSlices),
  /** The dataset version whose test part was used. */
  testDatasetVersion: z.string().regex(datasetVersionPattern),
  evaluationUri: anyS3Uri,
  evaluationDigest: z.string().regex(digestPattern),
});
export type Evaluation = z.infer<typeof Evaluation>;

/** How a model is evaluated; the stage's configuration, handed over as JSON in the environment variable EVALUATION. */
export const EvaluationRules = z.strictObject({
  problem: z.enum(problems),
  /** The metric that slices are judged by: the gate's. */
  metric: metricName,
  /** Binary: a row counts as positive from this probability on. */
  threshold: z.number().min(0).max(1),
  /** 0 to 1, of all intervals. */
  confidence: Confidence,
  /** Columns of test/slices.csv, or of test/features.csv, whose values make slices. */
  sliceColumns: z.array(z.string().min(1).max(128)).max(10),
});
export type EvaluationRules = z.infer<typeof EvaluationRules>;

/** What the gate asks for; the stage's configuration, handed over as JSON in the environment variable GATE. */
export const GateRules = z.strictObject({
  metric: metricName,
  /** The least value of a metric where higher is better, the greatest of one where lower is. */
  bound: z.number(),
  /**
   * How much better than the champion, in the metric's own unit and in the direction that is better, the lower end of the
   * difference's confidence interval must be. Negative: how much worse is tolerated, beyond chance.
   */
  minimumGain: z.number(),
  /** The least number of test rows. */
  minimumSamples: z.int().min(1),
  /** 0 to 1, of the difference's interval. */
  confidence: Confidence,
  slices: z.strictObject({
    /** How much worse than the champion's a slice may be, in the metric's unit, beyond chance. */
    maximumRegression: z.number().nonnegative(),
    /** Slices with fewer rows are shown and judge nothing. */
    minimumSamples: z.int().min(1),
  }),
});
export type GateRules = z.infer<typeof GateRules>;

/** What a submission may ask for on top: each only stricter than the stage's. */
export const GateOverride = z.strictObject({
  bound: z.number().optional(),
  minimumGain: z.number().optional(),
  minimumSamples: z.int().min(1).optional(),
  maximumSliceRegression: z.number().nonnegative().optional(),
});
export type GateOverride = z.infer<typeof GateOverride>;

export const SliceVerdict = z.object({
  column: z.string(),
  value: z.string(),
  sampleSize: z.int(),
  candidate: z.number().optional(),
  champion: z.number().optional(),
  /** Gain in the direction that is better; negative is worse. */
  gain: z.number().optional(),
  /** passed, failed, or why it judges nothing. */
  verdict: z.enum(["passed", "failed", "too few rows", "no champion", "not defined"]),
});
export type SliceVerdict = z.infer<typeof SliceVerdict>;

/** Result of the state Gate. */
export const GateVerdict = z.object({
  passed: z.boolean(),
  /** One sentence for each demand that was missed; empty when passed. They keep to the alphabet of metadata values. */
  reasons: z.array(z.string()),
  /** What the approver should know though it stops nothing, such as a champion judged on other test data. */
  cautions: z.array(z.string()),
  metric: metricName,
  direction: z.enum(["higher", "lower"]),
  candidate: z.number(),
  bound: z.number(),
  minimumGain: z.number(),
  champion: z
    .object({
      modelPackageArn: z.string().regex(modelPackageArnPattern),
      value: z.number(),
      sampleSize: z.int().optional(),
      testDatasetVersion: z.string().optional(),
    })
    .optional(),
  /** How much better than the champion, in the direction that is better; absent without a champion. */
  margin: z.number().optional(),
  marginInterval: Interval.optional(),
  /** Whether the interval is that of two models on the same rows; else they count as measured apart, which is wider. */
  paired: z.boolean().optional(),
  slices: z.array(SliceVerdict),
  /** Digest of the verdict as it is kept beside the evaluation, in `verdict.json`: all reasons, which metadata has no room for. */
  recordDigest: z.string().regex(digestPattern).optional(),
});
export type GateVerdict = z.infer<typeof GateVerdict>;

/** Content of `influence.json`: what lets two models be compared row by row. */
export const InfluenceFile = z.object({
  schemaVersion: z.literal(1),
  metric: metricName,
  testDatasetVersion: z.string().regex(datasetVersionPattern),
  rows: z.int().positive(),
  /** Base64 of each row's influence, 32-bit floats, little-endian, in the order of the labels. */
  influence: z.base64(),
});
export type InfluenceFile = z.infer<typeof InfluenceFile>;
/** Larger tests keep none: their intervals are narrow as it is. */
export const mostInfluences = 1_000_000;
