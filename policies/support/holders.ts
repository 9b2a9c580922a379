/** Whose document it is: the role that it stands in, by physical name and by role tag. */
import { ROLE, tokensOf } from "./families.ts";
import type { Graph, Node } from "./graph.ts";
import { show } from "./show.ts";
import type { Reads } from "./subject.ts";
import { tagsOf, tagText } from "./tags.ts";
import { Unknown } from "./unknown.ts";

const roles = tokensOf(ROLE);
const ROLE_NAME: Readonly<Record<string, string>> = { [ROLE.native]: "roleName", [ROLE.classic]: "name" };
/** Documents that belong to one role, and the property that names it. */
const ROLE_OF: Readonly<Record<string, string>> = {
  "aws-native:iam:RolePolicy": "roleName",
  "aws:iam/rolePolicy:RolePolicy": "role",
};

/** What a rule that asks for holders must declare. */
export const OWNER_READS: Reads = Object.fromEntries([
  ...roles.map((type): [string, string[]] => [type, [ROLE_NAME[type] ?? "", "tags"]]),
  ...Object.entries(ROLE_OF).map(([type, property]): [string, string[]] => [type, [property]]),
]);

export interface Holder {
  /** What the role goes by: its physical name and its role tag. Empty where a document is no role's own. */
  readonly names: readonly string[];
  /** For messages. */
  readonly words: string;
  /** Where it is not known yet whose it is. */
  readonly hidden?: string;
}

/**
 * The holder of the document that `node` is or contains. Only a role's own document has one: what is shared (a managed
 * policy) or a user's or group's can come into any hands.
 */
export function holderOf(node: Node, graph: Graph, key: string): Holder {
  if (roles.includes(node.type)) return ofRole(node, key);
  const property = ROLE_OF[node.type];
  if (property === undefined) return { names: [], words: "a document that is no role's own" };
  const reading = node.one(property);
  const found =
    reading.state === "known" && typeof reading.value === "string"
      ? graph.named(reading.value, roles)
      : node.referredBy(property, roles);
  const [only] = found;
  if (only && found.length === 1) return ofRole(only, key);
  if (reading.state === "unknown") return { names: [], words: "a role", hidden: reading.path };
  const name = reading.state === "known" ? reading.value : undefined;
  return { names: typeof name === "string" ? [name] : [], words: `role ${show(name)}` };
}

function ofRole(role: Node, key: string): Holder {
  const tags = tagsOf(role.one("tags"));
  const name = role.one(ROLE_NAME[role.type] ?? "");
  const tag = tagText(tags, key);
  const names = [name.state === "known" ? name.value : undefined, tag?.text].filter(
    (text): text is string => typeof text === "string",
  );
  const unknown = tags.byKey.get(key)?.find(({ value }) => value instanceof Unknown)?.path ?? tags.unknownKeys[0];
  const words = `role ${JSON.stringify(names[0] ?? role.name)}`;
  return { names, words, ...(unknown === undefined ? {} : { hidden: unknown }) };
}

const counted = new WeakMap<Graph, ReadonlyMap<string, number>>();

/** How many roles of the program go by `name`. Counted once per stack, by the first tag key that is asked for. */
export function namesake(graph: Graph, key: string, name: string): number {
  let counts = counted.get(graph);
  if (!counts) {
    const found = new Map<string, number>();
    for (const role of graph.ofTypes(roles)) {
      for (const one of new Set(ofRole(role, key).names)) found.set(one, (found.get(one) ?? 0) + 1);
    }
    counts = found;
    counted.set(graph, counts);
  }
  return counts.get(name) ?? 0;
}
