/** Test rows for evaluations: made from a seed, or read from lines as the function reads them. */
import type { EvaluationRules } from "../../../contracts/evaluation.ts";
import { emptyColumn, rowFaults, takeLabel, takePrediction, toRows } from "../../../functions/evaluate/predictions.ts";
import type { Rows } from "../../../functions/evaluate/rows.ts";

export const binaryRules: EvaluationRules = {
  problem: "binary",
  metric: "rocAuc",
  threshold: 0.5,
  confidence: 0.95,
  sliceColumns: [],
};
export const multiclassRules: EvaluationRules = { ...binaryRules, problem: "multiclass", metric: "f1" };
export const regressionRules: EvaluationRules = { ...binaryRules, problem: "regression", metric: "rmse" };

/** Rows from lines, by the function's own way; throws what is wrong with them. */
export function rowsFrom(rules: EvaluationRules, labels: readonly string[], predictions: readonly string[]): Rows {
  const kind = rules.problem === "regression" ? "numbers" : "classes";
  const truth = { column: emptyColumn(kind), uri: "labels" };
  const answers = { column: emptyColumn(), uri: "predictions" };
  for (const line of labels) takeLabel(truth.column, line, rules.problem);
  for (const line of predictions) takePrediction(answers.column, line, rules.problem);
  const faults = rowFaults(truth, answers);
  const rows = faults.length > 0 ? faults.join("; ") : toRows(truth, answers, rules);
  if (typeof rows === "string") throw new Error(rows);
  return rows;
}

/** Numbers of 0 to 1 from a seed, the same ones every time (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normally distributed, mean 0, deviation 1 (Box and Muller). */
export function normal(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
