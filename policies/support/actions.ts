/** Matching of IAM action patterns and ARNs. Actions are compared without case, as IAM does. */
import type { Leaf, Statement } from "./document.ts";
import { Unknown } from "./unknown.ts";

/** Whether an IAM pattern (`*` any run, `?` any one character) covers `text`. Linear; no regular expression. */
export function covers(pattern: string, text: string): boolean {
  const p = pattern.toLowerCase();
  const t = text.toLowerCase();
  let pi = 0;
  let ti = 0;
  let star = -1;
  let mark = 0;
  while (ti < t.length) {
    if (pi < p.length && p[pi] === "*") {
      star = pi++;
      mark = ti;
    } else if (pi < p.length && (p[pi] === "?" || p[pi] === t[ti])) {
      pi++;
      ti++;
    } else if (star >= 0) {
      pi = star + 1;
      ti = ++mark;
    } else return false;
  }
  while (p[pi] === "*") pi++;
  return pi === p.length;
}

/** The leaf by which an Allow statement grants `action`, or undefined. `NotAction` grants all it does not name. */
export function grantOf(statement: Statement, action: string): Leaf | undefined {
  if (statement.effect !== "Allow") return undefined;
  const found = statement.actions.find((leaf) => typeof leaf.value === "string" && covers(leaf.value, action));
  if (found) return found;
  if (statement.notActions.length === 0) return undefined;
  if (statement.notActions.some((leaf) => typeof leaf.value === "string" && covers(leaf.value, action)))
    return undefined;
  return statement.notActions[0];
}

/** Only wildcards, or nothing: `*`, `**`, `*?`. */
export const isAnything = (text: string): boolean => /^[*?]+$/.test(text);

/**
 * Whether a resource pattern names nothing in particular: `*`, or an ARN whose resource part is only wildcards and
 * separators (`arn:aws:s3:::*`, `arn:aws:logs:*:*:*`). A type with a wildcard (`table/*`) names at least a type.
 */
export function isAnyResource(resource: string): boolean {
  if (isAnything(resource)) return true;
  const parts = resource.split(":");
  // Too short for an ARN: its wildcard stands for service, region and account as well.
  if (parts.length < 6) return hasWildcard(resource);
  return /^[*?/:]+$/.test(parts.slice(5).join(":"));
}

export const hasWildcard = (text: string): boolean => /[*?]/.test(text);

export const isText = (leaf: Leaf): leaf is Leaf & { value: string } => !(leaf.value instanceof Unknown);
