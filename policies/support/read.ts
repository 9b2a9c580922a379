/** Reads leaves of a resource by property path. What is not there, not known or of the wrong shape is said, never skipped. */
import { isTree, join, Unknown } from "./unknown.ts";

export type Reading =
  | { readonly state: "known"; readonly path: string; readonly value: unknown }
  | { readonly state: "unknown"; readonly path: string }
  | { readonly state: "absent"; readonly path: string }
  | {
      readonly state: "malformed";
      readonly path: string;
      readonly value: unknown;
      readonly expected: "an object" | "a list";
    };

/**
 * Every leaf that `path` names in `tree`. `a.b[].c` walks each element of the list `a.b`.
 *
 * An empty list gives no reading; a missing list gives one `absent` reading at the list's own path. An unknown on the way
 * gives one `unknown` reading at the place where it stands, because nothing below it can be seen.
 */
export function read(tree: unknown, path: string): Reading[] {
  const readings: Reading[] = [];
  walk(tree, "", path.split("."), 0, readings);
  return readings;
}

/** The one leaf of a path without `[]`. */
export function readOne(tree: unknown, path: string): Reading {
  const [first] = read(tree, path);
  if (!first || path.includes("[]")) throw new Error(`readOne needs a path without []: ${path}`);
  return first;
}

function walk(value: unknown, at: string, segments: readonly string[], index: number, readings: Reading[]): void {
  const segment = segments[index];
  if (segment === undefined) {
    readings.push(settle(value, at));
    return;
  }
  if (value instanceof Unknown) {
    readings.push({ state: "unknown", path: at });
    return;
  }
  if (value === undefined) {
    readings.push({ state: "absent", path: at });
    return;
  }
  if (!isTree(value)) {
    readings.push({ state: "malformed", path: at, value, expected: "an object" });
    return;
  }
  const isList = segment.endsWith("[]");
  const key = isList ? segment.slice(0, -2) : segment;
  const here = join(at, key);
  const next = value[key];
  // Absent on the way: the reading names the deepest property that a person would have to add.
  if (next === undefined) {
    readings.push({ state: "absent", path: isList ? here : [here, ...segments.slice(index + 1)].join(".") });
    return;
  }
  if (next instanceof Unknown) {
    readings.push({ state: "unknown", path: here });
    return;
  }
  if (!isList) {
    walk(next, here, segments, index + 1, readings);
    return;
  }
  if (!Array.isArray(next)) {
    readings.push({ state: "malformed", path: here, value: next, expected: "a list" });
    return;
  }
  next.forEach((element, i) => {
    walk(element, join(here, i), segments, index + 1, readings);
  });
}

/** A value as what would be read at `path`. */
export function settle(value: unknown, path: string): Reading {
  if (value instanceof Unknown) return { state: "unknown", path };
  if (value === undefined) return { state: "absent", path };
  return { state: "known", path, value };
}

/** The value of a reading; undefined where there is none, or none is known. */
export const valueIn = (reading: Reading): unknown => ("value" in reading ? reading.value : undefined);
/** The known, non-empty text of a reading, else undefined. */
export const textOf = (reading: Reading): string | undefined =>
  reading.state === "known" && typeof reading.value === "string" && reading.value !== "" ? reading.value : undefined;
/** The known number of a reading, else undefined. */
export const numberOf = (reading: Reading): number | undefined =>
  reading.state === "known" && typeof reading.value === "number" ? reading.value : undefined;

/** The top-level property in which a path begins: what `propertyDependencies` knows. */
export const rootOf = (path: string): string => path.replace(/[.[].*$/s, "");
