/** From two columns of text to an evaluation. No I/O. */
import { DatasetManifest, testFiles } from "../../contracts/dataset.ts";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import { evaluationKey } from "../../contracts/paths.ts";
import type { Metrics } from "../../contracts/submission.ts";
import type { EvaluateInput } from "../../contracts/tasks.ts";
import { refuse } from "../shared/parse.ts";
import { binaryMetrics, type Confusion, threshold } from "./metrics.ts";

/** Faults of one file that are named one by one. */
const namedFaults = 5;

/** Numbers of a one-column CSV file without a header, read line by line. */
export interface Column {
  values: number[];
  faults: string[];
  faultCount: number;
}

export function emptyColumn(): Column {
  return { values: [], faults: [], faultCount: 0 };
}

/** Takes one line into the column: a class of 0 or 1, or a probability of 0 to 1. */
export function takeLine(column: Column, line: string, kind: "label" | "probability"): void {
  const text = line.trim();
  const value = text === "" ? Number.NaN : Number(text);
  const good = kind === "label" ? value === 0 || value === 1 : value >= 0 && value <= 1;
  if (!good) {
    column.faultCount++;
    if (column.faults.length < namedFaults) {
      const wanted = kind === "label" ? "a class, 0 or 1" : "a probability, 0 to 1";
      column.faults.push(`line ${column.values.length + 1} is "${text.slice(0, 40)}", not ${wanted}`);
    }
  }
  column.values.push(value);
}

/** What the evaluation file holds, and what the state answers. */
export interface Judgement {
  metrics: Metrics;
  sampleSize: number;
  key: string;
  body: string;
}

/** Throws `InvalidInput` when the two columns cannot be compared; every fault in one message. */
export function judge(input: EvaluateInput, labels: Column, predictions: Column, predictionsUri: string): Judgement {
  const faults = [...columnFaults(labels, input.labelsUri), ...columnFaults(predictions, predictionsUri)];
  if (labels.values.length !== predictions.values.length) {
    faults.push(
      `${input.labelsUri} has ${labels.values.length} rows, ${predictionsUri} has ${predictions.values.length}; the model must answer each row with one line`,
    );
  }
  if (labels.faultCount === 0 && new Set(labels.values).size < 2) {
    faults.push(`${input.labelsUri} holds fewer than two classes, so quality cannot be told`);
  }
  refuse(errorNames.invalidInput, "The batch test cannot be evaluated", faults);
  const { metrics, confusion } = binaryMetrics(labels.values, predictions.values);
  return {
    metrics,
    sampleSize: labels.values.length,
    key: evaluationKey(input.submissionId),
    body: evaluationFile(input, metrics, confusion, labels.values.length),
  };
}

function columnFaults(column: Column, uri: string): string[] {
  if (column.values.length === 0) return [`${uri} has no rows`];
  if (column.faultCount === 0) return [];
  const more = column.faultCount - column.faults.length;
  return [`${uri}: ${column.faults.join(", ")}${more > 0 ? ` and ${more} more` : ""}`];
}

/**
 * The evaluation as a file: the same inputs give the same bytes. The part `binary_classification_metrics` follows the
 * statistics file of SageMaker Model Monitor (source: SageMaker developer guide, "Model quality metrics"), which the model
 * registry shows; a standard deviation is not computed and, as there, is then the text "NaN".
 */
function evaluationFile(input: EvaluateInput, metrics: Metrics, confusion: Confusion, sampleSize: number): string {
  const figure = (value: number) => ({ value, standard_deviation: "NaN" });
  return `${JSON.stringify(
    {
      schemaVersion: 1,
      submissionId: input.submissionId,
      datasetVersion: input.datasetVersion,
      artifactDigest: input.artifactDigest,
      sampleSize,
      threshold,
      metrics,
      confusion,
      binary_classification_metrics: {
        confusion_matrix: {
          0: { 0: confusion.trueNegatives, 1: confusion.falsePositives },
          1: { 0: confusion.falseNegatives, 1: confusion.truePositives },
        },
        accuracy: figure(metrics.accuracy),
        precision: figure(metrics.precision),
        recall: figure(metrics.recall),
        f1: figure(metrics.f1),
        auc: figure(metrics.rocAuc),
      },
    },
    undefined,
    2,
  )}\n`;
}

/** The digest that the manifest gives for the labels. Throws `LineageMismatch` when it gives none. */
export function labelsDigest(manifestText: string | undefined, version: string): string {
  let value: unknown;
  try {
    value = JSON.parse(manifestText ?? "");
  } catch {
    value = undefined;
  }
  const manifest = DatasetManifest.safeParse(value);
  const file = manifest.data?.files.find(({ path }) => path === testFiles.labels);
  if (file && manifest.data?.version === version) return `sha256:${file.sha256}`;
  throw new FlowError(errorNames.lineageMismatch, `The manifest of ${version} does not name ${testFiles.labels}`);
}

/**
 * The key of the predictions among those found: batch transform writes `<input key's name>.out`, by the API's text below
 * the input's last prefix folder, by the guide's example right under the output prefix.
 */
export function findPredictions(keys: readonly string[], prefix: string, name: string): string {
  const found = keys.filter((key) => key === prefix + name || key.endsWith(`/${name}`));
  if (found[0] !== undefined && found.length === 1) return found[0];
  const seen = keys.length === 0 ? "nothing" : keys.slice(0, 5).join(", ");
  throw new FlowError(
    errorNames.invalidInput,
    `The batch test should have left one ${name} under ${prefix}, but there are ${found.length}; seen: ${seen}`,
  );
}
