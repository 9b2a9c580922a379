/** What a rule demands of one leaf, and of the elements of a list, said in one place. */
import type { Reading } from "./read.ts";
import type { Reporter } from "./report.ts";
import { show } from "./show.ts";
import type { Subject } from "./subject.ts";
import { isTree } from "./unknown.ts";

export interface Demand<Check extends string> {
  readonly check: Check;
  readonly limit: string;
  readonly fix: string;
  /** Judges the known value; without it none will do. */
  readonly holds?: (value: unknown) => boolean;
  /** True where the cloud's default is safe, so that an absent value passes. */
  readonly optional?: boolean;
}

/** Reports `reading` unless it holds: unknown waits, malformed is a fault, absent is one unless optional. */
export function demand<Check extends string>(
  reading: Reading,
  { check, limit, fix, holds, optional = false }: Demand<Check>,
  report: Reporter<Check>,
): void {
  const { path, state } = reading;
  if (state === "unknown") report.waits(path, limit);
  else if (state === "absent") {
    if (!optional) report.fault({ check, path, value: show(undefined), limit, fix });
  } else if (state === "malformed" || !holds?.(reading.value)) {
    report.fault({ check, path, value: show(reading.value), limit, fix });
  }
}

/** One element of a list: its own path, and the reading of each field. */
export interface Row<Field extends string> {
  readonly path: string;
  readonly at: Readonly<Record<Field, Reading>>;
}

/** The paths to declare for `rows`. */
export const rowPaths = (list: string, fields: readonly string[]): string[] => [
  `${list}[]`,
  ...fields.map((field) => `${list}[].${field}`),
];

/** The elements of `list`, and what of it cannot be seen: an unknown or malformed list or element. Absent is empty. */
export function rows<Field extends string>(
  subject: Subject,
  list: string,
  fields: readonly Field[],
): { readonly rows: readonly Row<Field>[]; readonly unseen: readonly Reading[] } {
  const columns = fields.map((field) => [field, subject.read(`${list}[].${field}`)] as const);
  const found: Row<Field>[] = [];
  const unseen: Reading[] = [];
  subject.read(`${list}[]`).forEach((element, index) => {
    if (element.state === "absent" && element.path === list) return;
    if (element.state !== "known" || !isTree(element.value)) unseen.push(element);
    else {
      const at = Object.fromEntries(columns.map(([field, readings]) => [field, readings[index]]));
      found.push({ path: element.path, at: at as Record<Field, Reading> });
    }
  });
  return { rows: found, unseen };
}

/** True for a number from `least` to `most`. */
export const within =
  (least: number, most = Number.POSITIVE_INFINITY) =>
  (value: unknown): boolean =>
    typeof value === "number" && value >= least && value <= most;
