/** From lines of text to rows: what the labels say and what the model answered. */
import { type EvaluationRules, metricTable } from "../../contracts/evaluation.ts";
import { Numbers } from "./numbers.ts";
import { type ClassRows, type Rows, widthOf } from "./rows.ts";

/** Faults of one file that are named one by one. */
const namedFaults = 5;
/** Most classes of a multiclass problem. */
export const mostClasses = 1000;
/** Most figures of one file (rows times classes): what fits into the function's memory. */
const mostFigures = 15_000_000;
/** How far from 1 a row's probabilities may sum up to: as much as scikit-learn takes. */
const sumTolerance = 1e-5 + 1e-8;

/** One file, read line by line. */
export interface Column {
  readonly values: Numbers | Numbers<typeof Uint16Array>;
  /** Figures a row, told by the first line; 0 before it. */
  width: number;
  rows: number;
  faults: string[];
  faultCount: number;
}

/** @param kind classes take a quarter of the memory of numbers */
export function emptyColumn(kind: "classes" | "numbers" = "numbers"): Column {
  const values = kind === "classes" ? new Numbers(Uint16Array) : new Numbers(Float64Array);
  return { values, width: 0, rows: 0, faults: [], faultCount: 0 };
}

type Problem = EvaluationRules["problem"];

/** Takes a line of the labels: a class from 0 on, or a number. */
export function takeLabel(column: Column, line: string, problem: Problem): void {
  const value = numberOf(line);
  const most = problem === "binary" ? 1 : mostClasses - 1;
  const good = problem === "regression" ? Number.isFinite(value) : isClass(value, most);
  const wanted = { binary: "a class, 0 or 1", multiclass: `a class, 0 to ${most}`, regression: "a number" }[problem];
  take(column, line, good ? [value] : wanted);
}

/**
 * Takes a line of the predictions. Binary: the probability of class 1 (or of both classes). Multiclass: every class's
 * probability, or the class. Regression: the number. Several are separated by commas or a JSON array; a JSON object is
 * asked for the fields that SageMaker's own algorithms name so.
 */
export function takePrediction(column: Column, line: string, problem: Problem): void {
  const figures = figuresOf(line, fields[problem]);
  take(column, line, answerOf(figures, problem, column.width));
}

/** The figures that are kept, or in words what was expected. */
function answerOf(figures: readonly number[], problem: Problem, width: number): readonly number[] | string {
  const [first = Number.NaN] = figures;
  if (problem === "regression") return figures.length === 1 && Number.isFinite(first) ? figures : "a number";
  const probabilities = figures.every((value) => value >= 0 && value <= 1);
  const whole = Math.abs(figures.reduce((sum, value) => sum + value, 0) - 1) <= sumTolerance;
  if (problem === "binary") {
    if (figures.length === 1 && probabilities) return figures;
    return figures.length === 2 && probabilities && whole ? figures.slice(1) : "a probability, 0 to 1";
  }
  if (width > 0 && figures.length !== width) {
    return `${width === 1 ? "a class" : `${width} probabilities`} as on the first line`;
  }
  if (figures.length > 1) {
    if (figures.length > mostClasses) return `at most ${mostClasses} probabilities`;
    return probabilities && whole ? figures : "probabilities that sum up to 1";
  }
  return isClass(first, mostClasses - 1) ? figures : "a probability for each class or a class from 0 on";
}

function take(column: Column, line: string, answer: readonly number[] | string): void {
  column.rows++;
  if (typeof answer === "string") {
    column.faultCount++;
    if (column.faults.length < namedFaults) {
      column.faults.push(`line ${column.rows} is "${line.trim().slice(0, 40)}", not ${answer}`);
    }
    return;
  }
  column.width ||= answer.length;
  // More than can be judged is counted, not kept.
  if (column.values.length < mostFigures) for (const value of answer) column.values.push(value);
}

function isClass(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

/** A field's names in answers of SageMaker's built-in algorithms and of AutoML containers, in the order they are tried. */
const fields: Readonly<Record<Problem, readonly string[]>> = {
  binary: ["probability", "probabilities", "score"],
  multiclass: ["probabilities", "score", "predicted_label"],
  regression: ["score", "prediction", "predicted_label"],
};

function numberOf(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}

/** Every figure of a line; NaN stands for what is none. */
function figuresOf(line: string, names: readonly string[]): number[] {
  const text = line.trim().replace(/^"(.*)"$/, "$1");
  const first = text[0];
  if (first !== "[" && first !== "{") return text.split(",").map(numberOf);
  try {
    return jsonFigures(JSON.parse(text), names);
  } catch {
    return [Number.NaN];
  }
}

function jsonFigures(value: unknown, names: readonly string[]): number[] {
  if (typeof value === "number") return [value];
  if (Array.isArray(value)) {
    if (value.length === 1 && typeof value[0] === "object") return jsonFigures(value[0], names);
    return value.map((one) => (typeof one === "number" ? one : Number.NaN));
  }
  if (typeof value !== "object" || value === null) return [Number.NaN];
  const object = value as Record<string, unknown>;
  const name = ["predictions", ...names].find((key) => Object.hasOwn(object, key));
  return name === undefined ? [Number.NaN] : jsonFigures(object[name], names);
}

/** A file, for messages. */
export interface Source {
  readonly column: Column;
  readonly uri: string;
}

/** Why labels and predictions cannot be compared; empty when they can. */
export function rowFaults(labels: Source, predictions: Source): string[] {
  const faults = [labels, predictions].flatMap(({ column, uri }) => columnFaults(column, uri));
  if (labels.column.rows !== predictions.column.rows) {
    faults.push(
      `${labels.uri} has ${labels.column.rows} rows, ${predictions.uri} has ${predictions.column.rows}; the model must answer each row with one line`,
    );
  }
  return faults;
}

function columnFaults({ rows, values, width, faults, faultCount }: Column, uri: string): string[] {
  if (rows === 0) return [`${uri} has no rows`];
  const more = faultCount - faults.length;
  if (faultCount > 0) return [`${uri}: ${faults.join(", ")}${more > 0 ? ` and ${more} more` : ""}`];
  if (values.length < rows * width) {
    return [
      `${uri} has ${rows} rows of ${width} figures; at most ${mostFigures} figures can be judged: test on fewer rows`,
    ];
  }
  return [];
}

/** The rows of two files without faults; takes the figures out of them. Or in words why they cannot be judged. */
export function toRows(labels: Source, predictions: Source, rules: EvaluationRules): Rows | string {
  const count = labels.column.rows;
  const said = labels.column.values.take();
  const answers = doubles(predictions.column.values.take());
  if (rules.problem === "regression") {
    return { problem: rules.problem, count, labels: doubles(said), predictions: answers };
  }
  const truth = said instanceof Uint16Array ? said : Uint16Array.from(said);
  const { width } = predictions.column;
  const probable = rules.problem === "binary" || width > 1;
  const highest = truth.reduce((most, label) => Math.max(most, label), 0);
  const classes =
    rules.problem === "binary"
      ? 2
      : probable
        ? width
        : 1 + answers.reduce((most, answer) => Math.max(most, answer), highest);
  if (truth.every((label) => label === truth[0])) {
    return `${labels.uri} holds fewer than two classes, so quality cannot be told`;
  }
  if (highest >= classes) {
    return `${labels.uri} has the class ${highest}, but ${predictions.uri} gives probabilities of ${classes} classes, 0 to ${classes - 1}`;
  }
  const shape = { problem: rules.problem, count, classes, labels: truth };
  if (!probable) return { ...shape, predicted: Uint16Array.from(answers) };
  return { ...shape, probabilities: answers, predicted: chosen(shape, answers, rules.threshold) };
}

function doubles(values: Float64Array | Uint16Array): Float64Array {
  return values instanceof Float64Array ? values : Float64Array.from(values);
}

/** Binary: class 1 from the threshold on. Multiclass: the most probable class, the first of equal ones. */
function chosen(
  shape: Pick<ClassRows, "problem" | "classes" | "count">,
  probabilities: Float64Array,
  threshold: number,
) {
  const predicted = new Uint16Array(shape.count);
  const width = widthOf(shape);
  for (let row = 0; row < shape.count; row++) {
    if (width === 1) {
      predicted[row] = (probabilities[row] ?? 0) >= threshold ? 1 : 0;
      continue;
    }
    let best = 0;
    for (let at = 1; at < width; at++) {
      if ((probabilities[row * width + at] ?? 0) > (probabilities[row * width + best] ?? 0)) best = at;
    }
    predicted[row] = best;
  }
  return predicted;
}

/** In words what keeps a problem's metric from being judged; undefined when nothing does. */
export function metricFault({ problem, metric }: EvaluationRules): string | undefined {
  const { problems } = metricTable[metric];
  if ((problems as readonly string[]).includes(problem)) return undefined;
  return `${metric} is a metric of ${problems.join(" and ")}, not of ${problem}`;
}
