/** The test rows: what is true of each and what the model said, in arrays of numbers. */
import type { Problem } from "../../contracts/evaluation.ts";

export interface ClassRows {
  readonly problem: Exclude<Problem, "regression">;
  readonly count: number;
  /** Number of classes; binary has 2. */
  readonly classes: number;
  /** Class index of each row. */
  readonly labels: Uint16Array;
  /** The class that the model chose. */
  readonly predicted: Uint16Array;
  /** Binary: of class 1, one a row. Multiclass: `classes` a row. Absent where the model tells classes only. */
  readonly probabilities?: Float64Array;
}

export interface NumberRows {
  readonly problem: "regression";
  readonly count: number;
  readonly labels: Float64Array;
  readonly predictions: Float64Array;
}

export type Rows = ClassRows | NumberRows;

/** Probabilities a row. */
export function widthOf({ problem, classes }: Pick<ClassRows, "problem" | "classes">): number {
  return problem === "binary" ? 1 : classes;
}

/** The rows of one code. */
export function rowsOf(rows: Rows, codes: Uint8Array, code: number): Rows {
  let count = 0;
  for (let row = 0; row < rows.count; row++) if (codes[row] === code) count++;
  if (rows.problem === "regression") {
    const labels = pick(rows.labels, new Float64Array(count), codes, code);
    return { ...rows, count, labels, predictions: pick(rows.predictions, new Float64Array(count), codes, code) };
  }
  const width = widthOf(rows);
  return {
    ...rows,
    count,
    labels: pick(rows.labels, new Uint16Array(count), codes, code),
    predicted: pick(rows.predicted, new Uint16Array(count), codes, code),
    ...(rows.probabilities && {
      probabilities: pick(rows.probabilities, new Float64Array(count * width), codes, code, width),
    }),
  };
}

function pick<T extends Float64Array | Uint16Array>(from: T, to: T, codes: Uint8Array, code: number, width = 1): T {
  let at = 0;
  for (let row = 0; row < codes.length; row++) {
    if (codes[row] !== code) continue;
    for (let cell = row * width; cell < (row + 1) * width; cell++) to[at++] = from[cell] ?? 0;
  }
  return to;
}
