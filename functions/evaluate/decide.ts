/** From the test rows to an evaluation. No I/O. */
import { DatasetManifest } from "../../contracts/dataset.ts";
import { digestOf } from "../../contracts/digest.ts";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import type { Evaluation, EvaluationRules } from "../../contracts/evaluation.ts";
import { evaluationKey, influenceKey } from "../../contracts/paths.ts";
import type { EvaluateInput } from "../../contracts/tasks.ts";
import { zOf } from "../shared/intervals.ts";
import { measure } from "./measure.ts";
import { evaluationFile, influenceFile, type MeasuredSlice, sliceResult } from "./report.ts";
import { type Rows, rowsOf } from "./rows.ts";
import type { Slicing } from "./slices.ts";

/** The files, and what the state answers besides the evaluation's place. */
export interface Judgement {
  readonly key: string;
  readonly body: string;
  /** The evaluation holds its digest, so it is written first. */
  readonly influence?: { readonly key: string; readonly body: string };
  readonly evaluation: Omit<Evaluation, "evaluationUri" | "evaluationDigest">;
}

/** Throws `InvalidInput` when the gate's metric is not defined for what the model answered. */
export function judge(
  input: EvaluateInput,
  rules: EvaluationRules,
  rows: Rows,
  slicings: readonly Slicing[],
): Judgement {
  const z = zOf(rules.confidence);
  const measures = measure(rows, z);
  if (measures.metrics[rules.metric] === undefined) {
    throw new FlowError(
      errorNames.invalidInput,
      `The gate judges by ${rules.metric}, which is not defined for these predictions: ${whyUndefined(rules)}`,
    );
  }
  const slices = slicings.flatMap(({ column, names, codes }) =>
    names.map((value, code): MeasuredSlice => {
      const part = rowsOf(rows, codes, code);
      return { column, value, sampleSize: part.count, measures: measure(part, z) };
    }),
  );
  const influence = influenceFile(input, rules.metric, rows);
  return {
    key: evaluationKey(input.submissionId),
    body: evaluationFile(input, rules, rows.count, measures, slices, influence && digestOf(influence)),
    ...(influence && { influence: { key: influenceKey(input.submissionId), body: influence } }),
    evaluation: {
      problem: rules.problem,
      metrics: measures.metrics,
      intervals: measures.intervals,
      confidence: rules.confidence,
      sampleSize: rows.count,
      slices: slices.map((slice) => sliceResult(slice, rules.metric)),
      testDatasetVersion: input.testDatasetVersion,
    },
  };
}

function whyUndefined({ problem, metric }: EvaluationRules): string {
  if (problem === "regression") return "R2 needs two rows at least";
  if (metric === "rocAuc") return "it needs the probabilities of all classes and test rows of each of them";
  return "it needs the probabilities of all classes; the model tells the class only";
}

/** The manifest of a dataset version. Throws `LineageMismatch` when it is not one, or another version's. */
export function readManifest(text: string | undefined, version: string): DatasetManifest {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "");
  } catch {
    value = undefined;
  }
  const manifest = DatasetManifest.safeParse(value).data;
  if (manifest?.version === version) return manifest;
  throw new FlowError(errorNames.lineageMismatch, `${version} has no manifest: it was never published whole`);
}

/** The digest that the manifest gives for a file; undefined when it names no such file. */
export function digestIn(manifest: DatasetManifest, path: string): string | undefined {
  const file = manifest.files.find((one) => one.path === path);
  return file && `sha256:${file.sha256}`;
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
