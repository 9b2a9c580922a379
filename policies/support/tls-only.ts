/** Whether a bucket policy refuses whatever does not come over TLS. */
import { isText } from "./actions.ts";
import type { Document, Leaf, Statement } from "./document.ts";

export type TlsOnly =
  | { readonly state: "yes" }
  /** `path`: what would have to be known to tell. */
  | { readonly state: "unknown"; readonly path: string }
  | { readonly state: "no" };

/**
 * Judges the document against the bucket's name; `name` is undefined where that is not known yet. The Deny may be split
 * over several statements, but together they must cover the bucket itself and every object in it, for everybody.
 */
export function tlsOnly(document: Document, name: string | undefined, path: string): TlsOnly {
  let unknown = document.unknown[0];
  let bucket = false;
  let objects = false;
  for (const statement of document.statements) {
    const denies = refusesPlain(statement, (text) => text === "*" || text.toLowerCase() === "s3:*");
    if (denies.state === "no") continue;
    unknown ??= denies.state === "unknown" ? denies.path : undefined;
    if (denies.state === "unknown") continue;
    for (const leaf of statement.resources) {
      if (!isText(leaf)) unknown ??= leaf.path;
      else if (leaf.value === "*") bucket = objects = true;
      else if (name === undefined) unknown ??= path;
      else {
        bucket ||= isAllBelow(leaf.value, name, "") || bucketArn(name).test(leaf.value);
        objects ||= isAllBelow(leaf.value, name, "/");
      }
    }
  }
  if (bucket && objects) return { state: "yes" };
  return unknown === undefined ? { state: "no" } : { state: "unknown", path: unknown };
}

const escaped = (name: string): string => name.replace(/[^a-z0-9-]/gi, "\\$&");
const bucketArn = (name: string): RegExp => new RegExp(`^arn:aws[a-z-]*:s3:::${escaped(name)}$`);

/** `arn:aws:s3:::name*` for the bucket, `arn:aws:s3:::name/*` or the former for its objects; nothing narrower. */
function isAllBelow(resource: string, name: string, separator: "" | "/"): boolean {
  const [, partition, rest] = /^arn:(aws[a-z-]*|\*):s3:::(.*)$/s.exec(resource) ?? [];
  if (partition === undefined || rest === undefined || !rest.endsWith("*")) return false;
  const start = rest.replace(/\*+$/, "");
  return !/[*?]/.test(start) && `${name}${separator}`.startsWith(start);
}

/**
 * Whether a statement refuses everybody over plain HTTP, wherever it applies.
 *
 * @param isEvery whether an action pattern stands for every action that counts
 */
export function refusesPlain(statement: Statement, isEvery: (action: string) => boolean): TlsOnly {
  if (statement.effect !== "Deny" || statement.hasNotPrincipal || statement.notActions.length > 0)
    return { state: "no" };
  if (statement.notResources.length > 0) return { state: "no" };
  const principals = statement.principals.filter(({ kind }) => kind === "*" || kind === "AWS");
  const parts = [some(principals, (text) => text === "*"), some(statement.actions, isEvery), condition(statement)];
  return (
    parts.find(({ state }) => state === "no") ?? parts.find(({ state }) => state === "unknown") ?? { state: "yes" }
  );
}

/** Any further condition would narrow the Deny. */
function condition(statement: Statement): TlsOnly {
  const [unknown] = statement.unknownConditions;
  const [only, ...others] = statement.conditions;
  if (others.length > 0) return { state: "no" };
  if (unknown !== undefined) return only ? { state: "no" } : { state: "unknown", path: unknown };
  if (only?.key !== "aws:securetransport" || !/^Bool(?:IfExists)?$/i.test(only.operator)) return { state: "no" };
  if (only.values.length === 0 || only.values.some((leaf) => isText(leaf) && leaf.value.toLowerCase() !== "false"))
    return { state: "no" };
  const open = only.values.find((leaf) => !isText(leaf));
  return open ? { state: "unknown", path: open.path } : { state: "yes" };
}

function some(leaves: readonly Leaf[], test: (text: string) => boolean): TlsOnly {
  if (leaves.some((leaf) => isText(leaf) && test(leaf.value))) return { state: "yes" };
  const open = leaves.find((leaf) => !isText(leaf));
  return open ? { state: "unknown", path: open.path } : { state: "no" };
}
