/** Functions with a duty towards an endpoint: the router before it, the function that looks for drift. Known by role tag. */
import { ENDPOINT, tokensOf } from "./families.ts";
import { FUNCTIONS } from "./functions.ts";
import type { Graph, Node } from "./graph.ts";
import { file, perGraph, wordsOf } from "./per-graph.ts";
import { reads } from "./rule.ts";
import { show } from "./show.ts";
import type { Reads } from "./subject.ts";
import { tagsOf } from "./tags.ts";
import { isTree, Unknown } from "./unknown.ts";

const VARIABLES = "environment.variables";

/** What a rule must declare that looks for such functions. */
export const DUTY_READS: Reads = reads(FUNCTIONS, "tags", VARIABLES);

/** Something of the program that others name. */
export interface Target {
  readonly node: Node;
  /** Its physical name, where that is known. */
  readonly name: string | undefined;
}

/** Whether a function carries the role tag with one of the values. */
export function hasRole(node: Node, key: string, roles: readonly string[]): "yes" | "no" | "unknown" {
  const tags = tagsOf(node.one("tags"));
  const found = tags.byKey.get(key) ?? [];
  if (found.some(({ value }) => typeof value === "string" && roles.includes(value))) return "yes";
  return tags.unknownKeys.length > 0 || found.some(({ value }) => value instanceof Unknown) ? "unknown" : "no";
}

/** The words of a function's environment; `isOpen`: there is more that is not known yet. */
function environmentOf(node: Node): { readonly words: ReadonlySet<string>; readonly isOpen: boolean } {
  const reading = node.one(VARIABLES);
  const values = reading.state === "known" && isTree(reading.value) ? Object.values(reading.value) : [];
  return {
    words: new Set(values.flatMap((value) => (typeof value === "string" ? [...wordsOf(value)] : []))),
    isOpen: reading.state === "unknown" || values.some((value) => value instanceof Unknown),
  };
}

interface Entry {
  readonly node: Node;
  readonly isSure: boolean;
  readonly isOpen: boolean;
}

/** The functions with one of the roles, by what they name. */
const dutiesOf = perGraph((graph, key, ...roles) => {
  const byWord = new Map<string, Entry[]>();
  const byUrn = new Map<string, Entry[]>();
  const all: Entry[] = [];
  for (const node of graph.ofTypes(FUNCTIONS)) {
    const role = hasRole(node, key, roles);
    if (role === "no") continue;
    const { words, isOpen } = environmentOf(node);
    const entry = { node, isSure: role === "yes", isOpen };
    all.push(entry);
    for (const word of words) file(byWord, word, entry);
    for (const { urn } of node.referredBy("environment", tokensOf(ENDPOINT))) file(byUrn, urn, entry);
  }
  return { byWord, byUrn, all };
});

export interface Dutiful {
  readonly nodes: readonly Node[];
  /** In words: where there are none, functions of which it is not known yet. */
  readonly hidden: readonly string[];
}

/** The functions with the role that name `target` in their environment, by its name or by reference. */
export function dutifulFor(target: Target, graph: Graph, key: string, roles: readonly string[]): Dutiful {
  const { byWord, byUrn, all } = dutiesOf(graph, key, ...roles);
  const { name } = target;
  const naming = new Set([...(byUrn.get(target.node.urn) ?? []), ...((name && byWord.get(name)) || [])]);
  const nodes = [...naming].filter(({ isSure }) => isSure).map(({ node }) => node);
  if (nodes.length > 0) return { nodes, hidden: [] };
  const open = all.filter((entry) => naming.has(entry) || entry.isOpen || name === undefined);
  return { nodes, hidden: open.map(({ node }) => `function ${show(node.name)}`) };
}

/** Whether the function's environment names the target. */
export function namesInEnvironment(node: Node, { node: other, name }: Target): "yes" | "no" | "unknown" {
  const referred = node.referredBy("environment", [other.type]);
  if (referred.some(({ urn }) => urn === other.urn)) return "yes";
  const { words, isOpen } = environmentOf(node);
  if (name !== undefined && words.has(name)) return "yes";
  // What is computed from another of its kind is that one.
  return isOpen && referred.length === 0 ? "unknown" : "no";
}
