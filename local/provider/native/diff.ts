/** Which inputs changed, and which of the changes need a new resource. */
import type { Change, DiffResult } from "../server/handlers.ts";
import { isObject, type Props, type Value } from "../server/wire.ts";
import { alternative } from "./convert.ts";
import { aligned, same } from "./equal.ts";
import type { Fields, Shape, TypeSpec } from "./spec.ts";

function compare(
  type: Shape,
  a: Value | undefined,
  b: Value | undefined,
  path: string,
  replace: boolean,
  out: Change[],
): void {
  if (same(type, a, b)) return;
  if (a === undefined || b === undefined) {
    out.push({ path, kind: a === undefined ? "add" : "delete", replace });
    return;
  }
  const shape = alternative(type, b);
  if (shape.kind === "object" && isObject(a) && isObject(b)) {
    compareBags(shape.fields(), a as Props, b as Props, path, replace, out);
    return;
  }
  if (shape.kind === "map" && isObject(a) && isObject(b)) {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
      compare(shape.element, a[name] as Value, b[name] as Value, `${path}${key(name)}`, replace, out);
    }
    return;
  }
  if (shape.kind === "array" && Array.isArray(a) && Array.isArray(b) && aligned(a, b)) {
    for (const [at, item] of b.entries()) compare(shape.element, a[at], item, `${path}[${at}]`, replace, out);
    return;
  }
  out.push({ path, kind: "update", replace });
}

/** A map key in Pulumi's property path notation. */
function key(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `["${name.replaceAll('"', '\\"')}"]`;
}

function compareBags(fields: Fields, a: Props, b: Props, path: string, replace: boolean, out: Change[]): void {
  for (const field of fields.all) {
    const under = path === "" ? field.sdk : `${path}.${field.sdk}`;
    compare(field.type, a[field.sdk], b[field.sdk], under, replace || field.replaces, out);
  }
}

/**
 * Compares recorded with wanted inputs.
 *
 * Like pulumi-aws-native (provider.go, Diff), every replacement deletes first, because physical names are unique; a program
 * that gives its resource a new name and wants the new one first says `deleteBeforeReplace: false`, there and here.
 */
export function diffInputs(spec: TypeSpec, olds: Props, news: Props): DiffResult {
  const changes: Change[] = [];
  compareBags(spec.properties, olds, news, "", false, changes);
  return { changes, deleteBeforeReplace: true };
}
