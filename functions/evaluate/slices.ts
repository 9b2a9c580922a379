/** Which rows belong together, by the values of a column. Pure. */
import { mostSlices } from "../../contracts/evaluation.ts";

/** A column of numbers with more distinct values is cut into quartiles. */
const mostExactNumbers = 10;
/** Distinct texts that are told apart while reading; a column with more of them names rows, not groups. */
const mostDistinct = 10_000;
const mostTextLength = 128;
const other = "other";
const empty = "(empty)";

/** The rows' slices: `codes[row]` is a place in `names`. */
export interface Slicing {
  readonly column: string;
  readonly names: readonly string[];
  readonly codes: Uint8Array;
}

/** A column while it is read: texts by number, or numbers as they are once there are too many texts. */
export class SliceColumn {
  readonly name: string;
  rows = 0;
  fault: string | undefined;
  readonly #values: Float64Array;
  readonly #texts = new Map<string, number>();
  #asNumbers = false;

  /** @param count the rows that the test has; more are counted, not kept */
  constructor(name: string, count: number) {
    this.name = name;
    this.#values = new Float64Array(count);
  }

  take(cell: string): void {
    const row = this.rows++;
    if (this.fault || row >= this.#values.length) return;
    const text = cell.trim().slice(0, mostTextLength);
    if (this.#asNumbers) {
      const value = numberOf(text);
      if (value === undefined) this.#refuse();
      else this.#values[row] = value;
      return;
    }
    let number = this.#texts.get(text);
    if (number === undefined) {
      number = this.#texts.size;
      this.#texts.set(text, number);
    }
    this.#values[row] = number;
    if (this.#texts.size > mostDistinct) this.#toNumbers(row + 1);
  }

  #toNumbers(filled: number): void {
    const numbers = [...this.#texts.keys()].map(numberOf);
    if (numbers.includes(undefined)) {
      this.#refuse();
      return;
    }
    for (let row = 0; row < filled; row++) this.#values[row] = numbers[this.#values[row] ?? 0] ?? Number.NaN;
    this.#texts.clear();
    this.#asNumbers = true;
  }

  #refuse(): void {
    this.fault = `${this.name} has more than ${mostDistinct} different values and not all are numbers: slices are by a column with few values`;
  }

  /** @param share the most slices that the column may have */
  finish(share: number): Slicing {
    if (this.#asNumbers) return { column: this.name, ...quartiles(this.#values) };
    const texts = [...this.#texts.keys()];
    const numbers = texts.map(numberOf);
    const numeric = !numbers.includes(undefined);
    if (numeric && new Set(numbers).size > mostExactNumbers) {
      for (let row = 0; row < this.#values.length; row++) {
        this.#values[row] = numbers[this.#values[row] ?? 0] ?? Number.NaN;
      }
      return { column: this.name, ...quartiles(this.#values) };
    }
    const names = texts.map((text, at) => (text === "" ? empty : numeric ? String(numbers[at]) : text));
    return { column: this.name, ...byValue(this.#values, names, share) };
  }
}

/**
 * One slice a value; the rarest together where there are more than the column's share.
 *
 * @param numbers of each row, its place in `names`; a name may occur twice
 */
function byValue(
  numbers: Float64Array,
  names: readonly string[],
  share: number,
): { names: string[]; codes: Uint8Array } {
  const counts = new Map<string, number>();
  for (let row = 0; row < numbers.length; row++) {
    const name = names[numbers[row] ?? 0] ?? empty;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const order = [...counts.keys()].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || byName(a, b));
  const kept = order.length <= share ? order : order.slice(0, share - 1).filter((name) => name !== other);
  kept.sort(byName);
  const place = names.map((name) => (kept.includes(name) ? kept.indexOf(name) : kept.length));
  const codes = new Uint8Array(numbers.length);
  for (let row = 0; row < numbers.length; row++) codes[row] = place[numbers[row] ?? 0] ?? 0;
  return { names: kept.length < order.length ? [...kept, other] : kept, codes };
}

/** Numbers by size, then texts by code unit, what is no value last. */
function byName(a: string, b: string): number {
  const rank = (name: string) => (name === empty ? 3 : name === other ? 2 : Number.isFinite(Number(name)) ? 0 : 1);
  const numbers = rank(a) === 0 && rank(b) === 0 ? Number(a) - Number(b) : 0;
  return rank(a) - rank(b) || numbers || (a < b ? -1 : a > b ? 1 : 0);
}

/** NaN where there is no number, undefined where there is something else. */
function numberOf(text: string): number | undefined {
  if (text === "" || /^nan$/i.test(text)) return Number.NaN;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Four ranges with about as many rows each, fewer where values repeat; named by their least and greatest value. */
function quartiles(values: Float64Array): { names: string[]; codes: Uint8Array } {
  // Sorting puts what is not a number last.
  const all = values.slice().sort();
  let count = all.length;
  while (count > 0 && Number.isNaN(all[count - 1])) count--;
  const sorted = all.subarray(0, count);
  const most = sorted.at(-1) ?? 0;
  const quartile = (part: number) => sorted[Math.ceil((part * sorted.length) / 4) - 1] ?? 0;
  const cuts = [...new Set([quartile(1), quartile(2), quartile(3)])].filter((cut) => cut < most);
  const codes = new Uint8Array(values.length);
  let missing = false;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? Number.NaN;
    let code = 0;
    // Not a number is below nothing and gets the last code.
    while (code < cuts.length && !(value <= (cuts[code] ?? 0))) code++;
    if (Number.isNaN(value)) code = cuts.length + 1;
    missing ||= code > cuts.length;
    codes[row] = code;
  }
  let at = 0;
  const names = [...cuts, most].map((cut) => {
    const low = sorted[at] ?? 0;
    while (at < sorted.length && (sorted[at] ?? 0) <= cut) at++;
    return low === cut ? `${low}` : `${low} to ${cut}`;
  });
  return { names: missing ? [...names, empty] : names, codes };
}

/** How many slices each of the columns may have. */
export function shareOf(columns: number): number {
  return Math.max(2, Math.floor(mostSlices / columns));
}
