/** The evaluation as a file, `submissions/<id>/evaluation.json`: the same inputs give the same bytes. */
import {
  directionOf,
  type EvaluationRules,
  type InfluenceFile,
  type MetricName,
  type Metrics,
  metricNames,
  metricTable,
  mostInfluences,
  type SliceResult,
} from "../../contracts/evaluation.ts";
import type { EvaluateInput } from "../../contracts/tasks.ts";
import type { Confusion } from "./classes.ts";
import { influenceOf } from "./influence.ts";
import type { Intervals, Measures } from "./measure.ts";
import type { Rows } from "./rows.ts";

/** Rows that a slice has, and what was measured on them. */
export interface MeasuredSlice {
  readonly column: string;
  readonly value: string;
  readonly sampleSize: number;
  readonly measures: Measures;
}

/** A larger confusion matrix is left out. */
const mostShownClasses = 50;

export function evaluationFile(
  input: EvaluateInput,
  rules: EvaluationRules,
  sampleSize: number,
  measures: Measures,
  slices: readonly MeasuredSlice[],
  influenceDigest?: string,
): string {
  const { metrics, intervals, confusion } = measures;
  const content = {
    schemaVersion: 2,
    submissionId: input.submissionId,
    testDatasetVersion: input.testDatasetVersion,
    artifactDigest: input.artifactDigest,
    problem: rules.problem,
    sampleSize,
    confidence: rules.confidence,
    ...(rules.problem === "binary" ? { threshold: rules.threshold } : {}),
    metrics: inOrder(metrics),
    intervals: inOrder(intervals),
    directions: Object.fromEntries(
      metricNames
        .filter((name) => (metricTable[name].problems as readonly string[]).includes(rules.problem))
        .map((name) => [name, directionOf(name)]),
    ),
    ...(confusion && confusion.length <= mostShownClasses ? { confusion } : {}),
    slices: slices.map(({ column, value, sampleSize: rows, measures: found }) => ({
      column,
      value,
      sampleSize: rows,
      metrics: inOrder(found.metrics),
      intervals: inOrder(found.intervals),
    })),
    ...(influenceDigest === undefined ? {} : { influence: { metric: rules.metric, digest: influenceDigest } }),
    ...modelMonitorStatistics(rules.problem, measures),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/** Each row's influence on the gate's metric, as a file; undefined where it has none or there are too many rows. */
export function influenceFile(input: EvaluateInput, metric: MetricName, rows: Rows): string | undefined {
  const influence = rows.count <= mostInfluences ? influenceOf(rows, metric) : undefined;
  if (!influence) return undefined;
  const bytes = Buffer.alloc(4 * influence.length);
  for (const [row, value] of influence.entries()) bytes.writeFloatLE(Math.fround(value), 4 * row);
  const content: InfluenceFile = {
    schemaVersion: 1,
    metric,
    testDatasetVersion: input.testDatasetVersion,
    rows: rows.count,
    influence: bytes.toString("base64"),
  };
  return `${JSON.stringify(content)}\n`;
}

/** A slice as it travels through the state machine: the gate's metric only. */
export function sliceResult({ column, value, sampleSize, measures }: MeasuredSlice, metric: MetricName): SliceResult {
  const figure = measures.metrics[metric];
  const interval = measures.intervals[metric];
  return {
    column,
    value,
    sampleSize,
    ...(figure === undefined ? {} : { metric: figure }),
    ...(interval === undefined ? {} : { interval }),
  };
}

function inOrder<T>(values: Partial<Record<MetricName, T>>): Partial<Record<MetricName, T>> {
  return Object.fromEntries(metricNames.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])));
}

/**
 * The statistics as SageMaker Model Monitor writes them, which the model registry shows (source: SageMaker developer guide,
 * "Model quality metrics"). The standard deviation is this project's standard error; where there is none it is, as there,
 * the text "NaN".
 */
function modelMonitorStatistics(
  problem: EvaluationRules["problem"],
  { metrics, intervals, confusion }: Measures,
): object {
  const figures = (names: Readonly<Record<string, MetricName>>) =>
    Object.fromEntries(
      Object.entries(names).flatMap(([theirs, ours]) => {
        return metrics[ours] === undefined ? [] : [[theirs, figure(metrics, intervals, ours)]];
      }),
    );
  if (problem === "regression") {
    const mse = metrics.rmse === undefined ? {} : { mse: unsure(metrics.rmse ** 2) };
    return { regression_metrics: { ...figures({ mae: "mae" }), ...mse, ...figures({ rmse: "rmse", r2: "r2" }) } };
  }
  const matrix = confusion ?? [];
  const confusion_matrix = matrix.length <= mostShownClasses ? asObject(matrix) : {};
  if (problem === "binary") {
    const [[tn = 0, fp = 0] = [], [fn = 0, tp = 0] = []] = matrix;
    const rates = {
      true_positive_rate: unsure(ratio(tp, tp + fn)),
      true_negative_rate: unsure(ratio(tn, tn + fp)),
      false_positive_rate: unsure(ratio(fp, tn + fp)),
      false_negative_rate: unsure(ratio(fn, tp + fn)),
    };
    const names = { recall: "recall", precision: "precision", accuracy: "accuracy" } as const;
    return {
      binary_classification_metrics: {
        confusion_matrix,
        ...figures(names),
        ...rates,
        ...figures({ auc: "rocAuc" }),
        f0_5: unsure(fScore(tp, fp, fn, 0.5)),
        ...figures({ f1: "f1" }),
        f2: unsure(fScore(tp, fp, fn, 2)),
      },
    };
  }
  return {
    multiclass_classification_metrics: { confusion_matrix, ...figures({ accuracy: "accuracy" }), ...weighted(matrix) },
  };
}

function figure(metrics: Metrics, intervals: Intervals, name: MetricName) {
  return { value: metrics[name], standard_deviation: intervals[name]?.standardError ?? "NaN" };
}

function unsure(value: number) {
  return { value, standard_deviation: "NaN" };
}

function asObject(confusion: Confusion): Record<string, Record<string, number>> {
  return Object.fromEntries(
    confusion.map((line, truth) => [truth, Object.fromEntries(line.map((count, said) => [said, count]))]),
  );
}

/** Each class's figure, weighted by its rows. */
function weighted(confusion: Confusion) {
  const rows = confusion.map((line) => line.reduce((sum, count) => sum + count, 0));
  const all = rows.reduce((sum, count) => sum + count, 0);
  const of = (score: (tp: number, fp: number, fn: number) => number) => {
    const parts = confusion.map((line, at) => {
      const tp = line[at] ?? 0;
      const fp = confusion.reduce((sum, other) => sum + (other[at] ?? 0), 0) - tp;
      return ((rows[at] ?? 0) / all) * score(tp, fp, (rows[at] ?? 0) - tp);
    });
    return unsure(parts.reduce((sum, part) => sum + part, 0));
  };
  return {
    weighted_recall: of((tp, _fp, fn) => ratio(tp, tp + fn)),
    weighted_precision: of((tp, fp) => ratio(tp, tp + fp)),
    weighted_f0_5: of((tp, fp, fn) => fScore(tp, fp, fn, 0.5)),
    weighted_f1: of((tp, fp, fn) => fScore(tp, fp, fn, 1)),
    weighted_f2: of((tp, fp, fn) => fScore(tp, fp, fn, 2)),
  };
}

function fScore(tp: number, fp: number, fn: number, beta: number): number {
  const square = beta * beta;
  return ratio((1 + square) * tp, (1 + square) * tp + square * fn + fp);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
