/**
 * Values that are not known before the update, and the only code that touches the library's checking proxy.
 *
 * `@pulumi/policy` wraps `props` in a proxy that throws `UnknownValueError` when an unknown is *read*; `in`, `Object.keys`,
 * `.length` and property descriptors do not throw. Letting that error escape turns a mandatory verdict into an advisory
 * note. So each resource is copied once, here, into a plain tree in which unknown leaves are `Unknown` objects; rules read
 * that tree and cannot meet the proxy.
 */
import * as library from "@pulumi/policy";

interface UnknownValueErrorLike extends Error {
  /** Path of the unknown value, outermost key first. */
  readonly props: readonly (string | symbol)[];
}

/** The two names are exported at run time since 1.21, but the package's declarations leave their types empty. */
const untyped = library as unknown as {
  UnknownValueError: new (sentinel: string, props: string[]) => UnknownValueErrorLike;
  unknownCheckingProxy: <T>(value: T) => T;
};
export const { UnknownValueError, unknownCheckingProxy } = untyped;

/** Stands in the plain tree where a value is not known yet. */
export class Unknown {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
}

/** Stands in the plain tree for an asset, an archive or anything else that is not plain data. */
export class Opaque {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
}

/** Deeper than any AWS document (Step Functions and IAM stay below 30); beyond it a value is opaque, hence refused. */
const MAX_DEPTH = 100;

/** A plain object of the tree: no prototype, so no inherited name can be taken for a property. */
export type Tree = { readonly [key: string]: unknown };

/** The path of `key` below `parent`, in the spelling used in messages: `a.b[0].c`, and `a["x.y"]` for odd keys. */
export function join(parent: string, key: string | number): string {
  if (typeof key === "number") return `${parent}[${key}]`;
  if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(key)) return `${parent}[${JSON.stringify(key)}]`;
  return parent === "" ? key : `${parent}.${key}`;
}

/** Copies `value` (proxied or not) into plain, frozen data; unknown leaves become `Unknown`, strange objects `Opaque`. */
export function snapshot(value: unknown, path = "", depth = 0): unknown {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "function" || typeof value === "symbol") return new Opaque(path);
  if (typeof value !== "object") return value;
  if (depth > MAX_DEPTH) return new Opaque(path);
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    const length = value.length;
    for (let i = 0; i < length; i++) list.push(child(value, i, join(path, i), depth));
    return Object.freeze(list);
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return new Opaque(path);
  const tree: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(value)) {
    const copy = child(value, key, join(path, key), depth);
    if (copy !== undefined) tree[key] = copy;
  }
  return Object.freeze(tree);
}

function child(parent: object, key: string | number, path: string, depth: number): unknown {
  let value: unknown;
  try {
    value = (parent as Record<string | number, unknown>)[key];
  } catch (error) {
    if (error instanceof UnknownValueError) return new Unknown(path);
    throw error;
  }
  return snapshot(value, path, depth + 1);
}

/** True for an object of the plain tree (not a list, not unknown, not opaque). */
export function isTree(value: unknown): value is Tree {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Unknown) &&
    !(value instanceof Opaque)
  );
}
