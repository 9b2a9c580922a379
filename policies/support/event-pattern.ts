/** EventBridge patterns: whether one lets SageMaker's model package changes through, and what a field's filter admits. */
import { parseJson } from "./document.ts";
import { isTree, join, type Tree, Unknown } from "./unknown.ts";

export const SAGEMAKER_SOURCE = "aws.sagemaker";
/** The one event type of a package: registration, decision, and changes of metadata only (EventBridge reference). */
export const PACKAGE_CHANGE = "SageMaker Model Package State Change";

export type Pattern =
  | { readonly state: "read"; readonly tree: Tree }
  | { readonly state: "unknown" }
  | { readonly state: "unreadable"; readonly value: unknown };

/** An object or JSON text. */
export function patternOf(value: unknown): Pattern {
  if (value instanceof Unknown) return { state: "unknown" };
  const tree = typeof value === "string" ? parseJson(value) : value;
  return isTree(tree) ? { state: "read", tree } : { state: "unreadable", value };
}

/**
 * Whether the pattern is about model packages: it admits their source and event type, and asks for one of the two at all
 * (a pattern for everything, such as an archive's, is not about packages). What is not known yet admits; so does whatever a
 * matcher may mean that is not known here.
 */
export function meansPackages(tree: Tree): boolean {
  const { source, "detail-type": type } = tree;
  if (source === undefined && type === undefined && tree.$or === undefined) return false;
  return admits(source, SAGEMAKER_SOURCE) && admits(type, PACKAGE_CHANGE);
}

/** Whether a field's list of matchers admits `text`; an absent field admits everything. */
export function admits(matchers: unknown, text: string): boolean {
  if (matchers === undefined || matchers instanceof Unknown) return true;
  // A pattern's leaf must be a list; EventBridge refuses anything else, so it lets nothing through.
  return Array.isArray(matchers) && matchers.some((matcher: unknown) => matches(matcher, text));
}

function matches(matcher: unknown, text: string): boolean {
  if (matcher instanceof Unknown) return true;
  if (typeof matcher === "string") return matcher === text;
  if (!isTree(matcher)) return false;
  const { prefix, suffix, "equals-ignore-case": same, exists } = matcher;
  if (typeof prefix === "string") return text.startsWith(prefix);
  if (typeof suffix === "string") return text.endsWith(suffix);
  if (typeof same === "string") return text.toLowerCase() === same.toLowerCase();
  if (typeof exists === "boolean") return exists;
  const not = matcher["anything-but"];
  if (typeof not === "string") return not !== text;
  if (Array.isArray(not) && !not.some((item) => item instanceof Unknown)) return !not.includes(text);
  return true;
}

export type Filter =
  /** Only these literal texts pass. */
  | { readonly state: "only"; readonly path: string; readonly texts: readonly string[] }
  | { readonly state: "unknown"; readonly path: string }
  /** Absent, or with matchers that also admit what is not written out. */
  | { readonly state: "open"; readonly path: string; readonly value: unknown };

/** What the pattern at `path` demands of `detail.<key>`. Alternatives in `$or` are no demand: one of them is enough. */
export function filterOf(tree: Tree, path: string, key: string): Filter {
  const { detail } = tree;
  const at = join(join(path, "detail"), key);
  if (detail instanceof Unknown) return { state: "unknown", path: join(path, "detail") };
  const value = isTree(detail) ? detail[key] : undefined;
  if (value instanceof Unknown) return { state: "unknown", path: at };
  if (!Array.isArray(value)) return { state: "open", path: at, value };
  const unknown = value.findIndex((item) => item instanceof Unknown);
  if (unknown >= 0) return { state: "unknown", path: join(at, unknown) };
  const texts = value.filter((item): item is string => typeof item === "string");
  if (texts.length === 0 || texts.length < value.length) return { state: "open", path: at, value };
  return { state: "only", path: at, texts };
}
