/**
 * IAM and bucket policy documents in one shape. A document may be an object or JSON text; `Statement`, `Action`, `Resource`
 * and `Principal` may each be one or many; leaves may be unknown. Whatever is not understood is reported, not skipped.
 */
import { isTree, join, type Tree, Unknown } from "./unknown.ts";

/** One element of `Action`, `Resource` …: a text, or not known yet. */
export interface Leaf {
  readonly path: string;
  readonly value: string | Unknown;
}

export interface Condition {
  /** `StringEquals`, `ForAnyValue:StringLike` … as written. */
  readonly operator: string;
  /** Lower case: condition keys are not case-sensitive (IAM JSON policy reference). */
  readonly key: string;
  readonly values: readonly Leaf[];
}

export interface Statement {
  readonly path: string;
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly Leaf[];
  readonly notActions: readonly Leaf[];
  readonly resources: readonly Leaf[];
  readonly notResources: readonly Leaf[];
  /** `kind` is `*`, `AWS`, `Service`, `Federated` or `CanonicalUser`. */
  readonly principals: readonly (Leaf & { readonly kind: string })[];
  readonly hasNotPrincipal: boolean;
  readonly conditions: readonly Condition[];
  /** Where a condition cannot be read yet. */
  readonly unknownConditions: readonly string[];
}

/** Something in the document that is no policy. */
export interface Flaw {
  readonly path: string;
  readonly value: unknown;
  readonly limit: string;
}

export interface Document {
  readonly statements: readonly Statement[];
  /** Paths whose content is not known yet (whole documents or statements). */
  readonly unknown: readonly string[];
  readonly flaws: readonly Flaw[];
}

const ELEMENTS = new Set([
  "Sid",
  "Effect",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Principal",
  "NotPrincipal",
  "Condition",
]);

/** Reads the document that stands at `path`. Never throws. */
export function parseDocument(value: unknown, path: string): Document {
  const statements: Statement[] = [];
  const unknown: string[] = [];
  const flaws: Flaw[] = [];
  const body = typeof value === "string" ? parseJson(value) : value;
  if (value instanceof Unknown) unknown.push(path);
  else if (!isTree(body)) flaws.push({ path, value, limit: "a policy document, as an object or as JSON text" });
  else if (body.Statement instanceof Unknown) unknown.push(join(path, "Statement"));
  else {
    const at = join(path, "Statement");
    const list = Array.isArray(body.Statement) ? body.Statement : [body.Statement];
    list.forEach((entry: unknown, index) => {
      const here = Array.isArray(body.Statement) ? join(at, index) : at;
      if (entry instanceof Unknown) unknown.push(here);
      else if (!isTree(entry)) flaws.push({ path: here, value: entry, limit: "a statement" });
      else parseStatement(entry, here, statements, unknown, flaws);
    });
  }
  return { statements, unknown, flaws };
}

function parseStatement(entry: Tree, path: string, out: Statement[], unknown: string[], flaws: Flaw[]): void {
  const strange = Object.keys(entry).find((key) => !ELEMENTS.has(key));
  if (strange !== undefined) {
    flaws.push({
      path: join(path, strange),
      value: entry[strange],
      limit: "one of IAM's elements, spelt as IAM spells them",
    });
    return;
  }
  if (entry.Effect instanceof Unknown) {
    unknown.push(join(path, "Effect"));
    return;
  }
  if (entry.Effect !== "Allow" && entry.Effect !== "Deny") {
    flaws.push({ path: join(path, "Effect"), value: entry.Effect, limit: '"Allow" or "Deny"' });
    return;
  }
  const before = flaws.length;
  const leaves = (key: string) => leavesOf(entry[key], join(path, key), flaws);
  const actions = leaves("Action");
  const notActions = leaves("NotAction");
  if (actions.length + notActions.length === 0 && flaws.length === before) {
    flaws.push({ path: join(path, "Action"), value: entry.Action, limit: "at least one action" });
  }
  const conditions: Condition[] = [];
  const unknownConditions: string[] = [];
  parseConditions(entry.Condition, join(path, "Condition"), conditions, unknownConditions, flaws);
  out.push({
    path,
    effect: entry.Effect,
    actions,
    notActions,
    resources: leaves("Resource"),
    notResources: leaves("NotResource"),
    principals: principalsOf(entry.Principal, join(path, "Principal"), flaws),
    hasNotPrincipal: entry.NotPrincipal !== undefined,
    conditions,
    unknownConditions,
  });
}

function principalsOf(value: unknown, path: string, flaws: Flaw[]): (Leaf & { kind: string })[] {
  if (value === undefined) return [];
  if (!isTree(value)) return leavesOf(value, path, flaws).map((leaf) => ({ ...leaf, kind: "*" }));
  return Object.entries(value).flatMap(([kind, inner]) =>
    leavesOf(inner, join(path, kind), flaws).map((leaf) => ({ ...leaf, kind })),
  );
}

function parseConditions(value: unknown, path: string, out: Condition[], unknown: string[], flaws: Flaw[]): void {
  if (value === undefined) return;
  if (value instanceof Unknown) {
    unknown.push(path);
    return;
  }
  if (!isTree(value)) {
    flaws.push({ path, value, limit: "an object of operators" });
    return;
  }
  for (const [operator, keys] of Object.entries(value)) {
    const at = join(path, operator);
    if (keys instanceof Unknown) unknown.push(at);
    else if (!isTree(keys)) flaws.push({ path: at, value: keys, limit: "an object of condition keys" });
    else {
      for (const [key, values] of Object.entries(keys)) {
        out.push({ operator, key: key.toLowerCase(), values: leavesOf(values, join(at, key), flaws) });
      }
    }
  }
}

function leavesOf(value: unknown, path: string, flaws: Flaw[]): Leaf[] {
  if (value === undefined) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((item, index): Leaf[] => {
    const at = Array.isArray(value) ? join(path, index) : path;
    if (typeof item === "string" || item instanceof Unknown) return [{ path: at, value: item }];
    if (typeof item === "boolean" || typeof item === "number") return [{ path: at, value: String(item) }];
    flaws.push({ path: at, value: item, limit: "text or a list of texts" });
    return [];
  });
}

/** JSON text as the plain tree that rules read (objects without prototype), or undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.assign(Object.create(null), value)
        : value === null
          ? undefined
          : value,
    );
  } catch {
    return undefined;
  }
}
