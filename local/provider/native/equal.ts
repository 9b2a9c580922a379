/** When two values of a property mean the same to AWS. */
import { isObject, type Value } from "../server/wire.ts";
import { alternative } from "./convert.ts";
import type { Shape } from "./spec.ts";

/** JSON text to its value; other text, and anything else, stays what it is. */
function parsed(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** A JSON document with its keys in one order, so that documents compare by content. */
export function canonical(value: unknown): string {
  return JSON.stringify(parsed(value), (_key, item: unknown) =>
    isObject(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
  );
}

/** Tag lists have no order: AWS returns them as it likes. The spec does not say it of other lists. */
function isTagList(list: readonly unknown[]): list is { key: string }[] {
  return list.length > 0 && list.every((item) => isObject(item) && typeof item.key === "string" && "value" in item);
}

/** Brings a tag list into the order of its keys; other lists keep theirs. */
function ordered(list: readonly Value[]): readonly Value[] {
  return isTagList(list) ? [...list].sort((a, b) => (a.key < b.key ? -1 : 1)) : list;
}

/** Whether items stand opposite their counterparts: equally long, and tag lists with the same keys in the same places. */
export function aligned(a: readonly Value[], b: readonly Value[]): boolean {
  if (a.length !== b.length) return false;
  return !isTagList(a) || (isTagList(b) && a.every(({ key }, at) => key === b[at]?.key));
}

/**
 * Equal to AWS: documents by content (text or object), tags in any order, numbers as text or number.
 * Unknown values equal nothing.
 */
export function same(type: Shape, a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return typeof a !== "symbol";
  if (a === undefined || b === undefined || typeof a === "symbol" || typeof b === "symbol") return false;
  const shape = alternative(type, a);
  if (Array.isArray(a) && Array.isArray(b)) {
    const [left, right] = [ordered(a), ordered(b)];
    const element = shape.kind === "array" ? shape.element : ({ kind: "json" } as const);
    return left.length === right.length && left.every((item, at) => same(element, item, right[at]));
  }
  if (shape.kind === "json") return canonical(a) === canonical(b);
  if (isObject(a) && isObject(b)) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    const typeOf = (name: string): Shape =>
      shape.kind === "object"
        ? (shape.fields().bySdk(name)?.type ?? { kind: "json" })
        : shape.kind === "map"
          ? shape.element
          : { kind: "json" };
    return [...names].every((name) => same(typeOf(name), a[name] as Value, b[name] as Value));
  }
  if (typeof a === "object" || typeof b === "object") return canonical(a) === canonical(b);
  if (shape.kind === "string" && typeof a === "string" && typeof b === "string" && /^\s*[[{]/.test(a))
    return canonical(a) === canonical(b);
  return String(a) === String(b);
}
