/** Who may invoke an endpoint, by the permission documents of the program. */
import { covers, grantOf, hasWildcard, isText } from "./actions.ts";
import { BOUNDARY_READS, isBoundary } from "./boundary.ts";
import { type Leaf, parseDocument, type Statement } from "./document.ts";
import { ENDPOINT, PERMISSION_DOCUMENTS, ROLE, tokensOf } from "./families.ts";
import { FUNCTIONS } from "./functions.ts";
import type { Graph, Node } from "./graph.ts";
import { holderOf, OWNER_READS } from "./holders.ts";
import { file, perGraph } from "./per-graph.ts";
import { rootOf, textOf } from "./read.ts";
import type { Target } from "./routers.ts";
import { allReads, reads } from "./rule.ts";
import { show } from "./show.ts";
import type { Reads } from "./subject.ts";

const roles = tokensOf(ROLE);
const ROLE_OF: Readonly<Record<string, string>> = {
  "aws-native:iam:RolePolicy": "roleName",
  "aws:iam/rolePolicy:RolePolicy": "role",
};
const ROLE_NAME: Readonly<Record<string, string>> = { [ROLE.native]: "roleName", [ROLE.classic]: "name" };
/** Service authorization reference, SageMaker: the actions that take an endpoint and call what stands behind it. */
const ACTIONS = [
  "sagemaker:InvokeEndpoint",
  "sagemaker:InvokeEndpointAsync",
  "sagemaker:InvokeEndpointWithResponseStream",
  "sagemaker:InvokeEndpointWithBidirectionalStream",
];

/** What a rule that asks must declare. */
export const INVOKER_READS: Reads = allReads(
  PERMISSION_DOCUMENTS,
  OWNER_READS,
  BOUNDARY_READS,
  reads(FUNCTIONS, "role"),
);

export interface Invoker {
  /** The document's place, with the resource that holds it. */
  readonly path: string;
  readonly words: string;
}

interface Grant {
  readonly node: Node;
  readonly property: string;
  readonly path: string;
  readonly leaf: Leaf;
  readonly statement: Statement;
}
interface Grants {
  readonly byName: ReadonlyMap<string, readonly Grant[]>;
  /** Those that may reach any endpoint. */
  readonly wide: readonly Grant[];
  readonly hidden: readonly string[];
}

/** Every statement that lets somebody invoke some endpoint, and the places that cannot be seen yet. */
const grantsOf = perGraph((graph, ...boundaries): Grants => {
  const byName = new Map<string, Grant[]>();
  const wide: Grant[] = [];
  const hidden: string[] = [];
  for (const node of graph.ofTypes(Object.keys(PERMISSION_DOCUMENTS))) {
    if (isBoundary(node, boundaries)) continue;
    const at = `${node.type.split(":").at(-1)} ${show(node.name)}`;
    for (const path of PERMISSION_DOCUMENTS[node.type] ?? []) {
      const property = rootOf(path);
      for (const reading of node.read(path)) {
        if (reading.state === "unknown") hidden.push(`${at} ${reading.path}`);
        if (reading.state !== "known") continue;
        const document = parseDocument(reading.value, reading.path);
        hidden.push(...document.unknown.map((inner) => `${at} ${inner}`));
        for (const statement of document.statements) {
          if (statement.effect !== "Allow") continue;
          hidden.push(...statement.actions.filter((leaf) => !isText(leaf)).map((leaf) => `${at} ${leaf.path}`));
          const leaf = ACTIONS.map((action) => grantOf(statement, action)).find((one) => one !== undefined);
          if (!leaf) continue;
          const grant = { node, property, path: `${at} ${leaf.path}`, leaf, statement };
          const names = literalNames(statement);
          if (names === undefined) wide.push(grant);
          else for (const name of names) file(byName, name, grant);
        }
      }
    }
  }
  return { byName, wide, hidden };
});

/** The endpoints that a statement names one by one, in small letters; undefined where it may name others. */
function literalNames(statement: Statement): string[] | undefined {
  if (statement.notResources.length > 0) return undefined;
  const names: string[] = [];
  for (const leaf of statement.resources) {
    if (!isText(leaf) || hasWildcard(leaf.value) || leaf.value.split(":").length < 6) return undefined;
    const [, name] = /:endpoint\/(.+)$/i.exec(leaf.value) ?? [];
    if (name !== undefined) names.push(name.toLowerCase());
  }
  return names;
}

/**
 * Whoever may invoke the endpoint, but for the roles of the functions in `through` and the roles that go by a name in
 * `allowed`. Documents that are no role's own can come into any hands.
 */
export function invokersOf(
  endpoint: Target,
  graph: Graph,
  options: {
    readonly through: readonly Node[];
    readonly allowed: readonly string[];
    readonly boundaries: readonly string[];
    readonly roleKey: string;
  },
): { readonly invokers: readonly Invoker[]; readonly hidden: readonly string[] } {
  const { byName, wide, hidden } = grantsOf(graph, ...options.boundaries);
  const { name } = endpoint;
  const named = name === undefined ? [...byName.values()].flat() : (byName.get(name.toLowerCase()) ?? []);
  const own = new Set(options.through.flatMap((router) => rolesOf(router, graph)));
  const invokers: Invoker[] = [];
  const waiting: string[] = [...hidden];
  for (const grant of new Set([...named, ...wide])) {
    const sight = sightOf(grant, endpoint);
    if (sight === "no") continue;
    if (ownersOf(grant.node, graph).some((key) => own.has(key))) continue;
    const holder = holderOf(grant.node, graph, options.roleKey);
    if (options.allowed.some((name) => holder.names.includes(name))) continue;
    if (sight === "unknown" || (holder.hidden !== undefined && holder.names.length === 0)) waiting.push(grant.path);
    else invokers.push({ path: grant.path, words: `${show(grant.leaf.value)} in ${holder.words}` });
  }
  return { invokers, hidden: waiting };
}

/** Whether the grant reaches the endpoint. */
function sightOf({ node, property, statement }: Grant, endpoint: Target): "yes" | "no" | "unknown" {
  if (statement.notResources.length > 0) {
    const spared = statement.notResources.map((leaf) => reaches(leaf, endpoint.name));
    return spared.includes("yes") ? "no" : spared.includes("unknown") ? "unknown" : "yes";
  }
  const sights = statement.resources.map((leaf) => reaches(leaf, endpoint.name));
  if (sights.includes("yes")) return "yes";
  if (!sights.includes("unknown")) return "no";
  return node.referredBy(property, tokensOf(ENDPOINT)).some(({ urn }) => urn === endpoint.node.urn) ? "yes" : "unknown";
}

/** A pattern of ARNs: of any region and account, as the endpoint's own are not known before it exists. */
function reaches(leaf: Leaf, name: string | undefined): "yes" | "no" | "unknown" {
  if (!isText(leaf)) return "unknown";
  const parts = leaf.value.split(":");
  if (parts.length < 6) return covers(leaf.value, `arn:aws:sagemaker:r:a:endpoint/${name ?? "x"}`) ? "yes" : "no";
  const [, , service = ""] = parts;
  const rest = parts.slice(5).join(":");
  if (!covers(service, "sagemaker")) return "no";
  if (covers(rest, `endpoint/${name ?? "\0"}`)) return "yes";
  return name === undefined && /^[^/]*endpoint\/|^[^/]*[*?]/i.test(rest) ? "unknown" : "no";
}

/** What a function's role goes by: a name, or the URN where the name is not known yet. */
function rolesOf(fn: Node, graph: Graph): string[] {
  const reading = fn.one("role");
  const name = textOf(reading)?.split("/").at(-1);
  if (name === undefined) return fn.referredBy("role", roles).flatMap(keysOf);
  return [`name ${name}`, ...graph.named(name, roles).flatMap(keysOf)];
}

/** The same of the role that a document belongs to. */
function ownersOf(node: Node, graph: Graph): string[] {
  if (roles.includes(node.type)) return keysOf(node);
  const property = ROLE_OF[node.type];
  if (property === undefined) return [];
  const name = textOf(node.one(property));
  if (name === undefined) return node.referredBy(property, roles).flatMap(keysOf);
  return [`name ${name}`, ...graph.named(name, roles).flatMap(keysOf)];
}

function keysOf(role: Node): string[] {
  const name = textOf(role.one(ROLE_NAME[role.type] ?? ""));
  return [`urn ${role.urn}`, ...(name === undefined ? [] : [`name ${name}`])];
}
