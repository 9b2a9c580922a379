/** Functions as others name them: by name or ARN, with or without a qualifier, inside an API's address, or by reference. */
import { FUNCTION, FUNCTION_ALIAS, tokensOf } from "./families.ts";
import type { Graph, Node } from "./graph.ts";
import { type Reading, rootOf } from "./read.ts";
import { reads } from "./rule.ts";
import type { Reads } from "./subject.ts";

export const FUNCTIONS = tokensOf(FUNCTION);
const aliases = tokensOf(FUNCTION_ALIAS);
/** What a rule that asks for functions must declare: an alias stands between. */
export const ALIAS_READS: Reads = reads(aliases, "functionName");
/** What is called where no version or alias is named. */
export const LATEST = "$LATEST";

export interface Called {
  readonly node: Node;
  /** Version or alias; undefined where it is not known yet. */
  readonly qualifier: string | undefined;
}

const ARN = /(?:^|\/functions\/)arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:/]+)(?::([^:/]+))?(?:\/invocations)?$/;
const SHORT = /^(?:\d{12}:)?(?:function:)?([\w-]+)(?::([\w$-]+))?$/;

/** The functions of the program that a reading means: none when it is another's, or not known and computed from none. */
export function functionsMeant(reading: Reading, from: Node, graph: Graph): Called[] {
  if (reading.state === "unknown") {
    const property = rootOf(reading.path);
    const direct = from.referredBy(property, FUNCTIONS).map((node) => ({ node, qualifier: undefined }));
    const through = from.referredBy(property, aliases).flatMap((alias) => behind(alias, graph));
    return [...direct, ...through];
  }
  return reading.state === "known" && typeof reading.value === "string" ? functionsNamed(reading.value, graph) : [];
}

/** The function of an alias, whose own name is not known yet where it is referred to. */
function behind(alias: Node, graph: Graph): Called[] {
  const reading = alias.one("functionName");
  const found =
    reading.state === "unknown"
      ? alias.referredBy("functionName", FUNCTIONS)
      : functionsMeant(reading, alias, graph).map(({ node }) => node);
  return found.map((node) => ({ node, qualifier: undefined }));
}

export function functionsNamed(text: string, graph: Graph): Called[] {
  const [, name, qualifier = LATEST] = ARN.exec(text) ?? SHORT.exec(text) ?? [];
  return name === undefined ? [] : graph.named(name, FUNCTIONS).map((node) => ({ node, qualifier }));
}
