/** Who calls the functions of a program: from outside, without waiting, or waiting for a limited time. */
import { parseJson } from "./document.ts";
import {
  EVENT_RULE,
  EVENT_TARGET,
  FUNCTION_URL,
  HTTP_API,
  INTEGRATION,
  PERMISSION,
  SCHEDULE,
  STATE_MACHINE,
  SUBSCRIPTION,
  tokensOf,
} from "./families.ts";
import { ALIAS_READS, type Called, functionsMeant, functionsNamed } from "./functions.ts";
import type { Graph, Node } from "./graph.ts";
import { numberOf, type Reading, textOf } from "./read.ts";
import { allReads, reads } from "./rule.ts";
import { show } from "./show.ts";
import { callsOf, tasksOn } from "./state-calls.ts";
import { DEFINITION } from "./states.ts";
import type { Reads } from "./subject.ts";
import { isTree } from "./unknown.ts";

export interface Caller {
  /** For messages. */
  readonly words: string;
  readonly kind: "outside" | "asynchronous" | "waiting";
  /** The version or alias that is called; undefined where it is not known yet. */
  readonly qualifier: string | undefined;
  /** Milliseconds after which the caller gives up. */
  readonly limit?: number;
}

/** An HTTP API waits so long at most, and by default (API Gateway, quotas of HTTP APIs). */
const API_MS = 30_000;
/** Services that let anybody in, and services that do not wait for an answer (Lambda developer guide, invocation types). */
const OUTSIDE = /^(?:apigateway|elasticloadbalancing|vpc-lattice|cloudfront|appsync|alexa-.*)\.amazonaws\.com$/;
const ASYNCHRONOUS =
  /^(?:events|scheduler|sns|s3|ses|logs|iot|config|cloudformation|codecommit|codepipeline)\.amazonaws\.com$/;

/** Where a resource names the function that it calls. */
export const CALLS: Readonly<Record<string, string>> = {
  [INTEGRATION.native]: "integrationUri",
  [INTEGRATION.classic]: "integrationUri",
  // Quick create: the API makes its integration itself.
  [HTTP_API.api]: "target",
  [HTTP_API.classicApi]: "target",
  [FUNCTION_URL.native]: "targetFunctionArn",
  [FUNCTION_URL.classic]: "functionName",
  [PERMISSION.native]: "functionName",
  [PERMISSION.classic]: "function",
  [EVENT_RULE.native]: "targets[].arn",
  [EVENT_TARGET.classic]: "arn",
  [SCHEDULE.native]: "target.arn",
  [SCHEDULE.classic]: "target.arn",
  [SUBSCRIPTION.native]: "endpoint",
  [SUBSCRIPTION.classic]: "endpoint",
};
const API_LIMIT: Readonly<Record<string, string>> = {
  [INTEGRATION.native]: "timeoutInMillis",
  [INTEGRATION.classic]: "timeoutMilliseconds",
};

/** What a rule that asks for callers must declare besides the functions' own paths. */
export const CALLER_READS: Reads = allReads(
  ALIAS_READS,
  Object.fromEntries(Object.entries(CALLS).map(([type, path]) => [type, [path]])),
  Object.fromEntries(Object.entries(API_LIMIT).map(([type, path]) => [type, [path]])),
  reads(tokensOf(PERMISSION), "principal"),
  reads(tokensOf(SCHEDULE), "target.input"),
  reads(tokensOf(SUBSCRIPTION), "protocol"),
  { [STATE_MACHINE.native]: DEFINITION.native, [STATE_MACHINE.classic]: DEFINITION.classic },
);

const found = new WeakMap<Graph, ReadonlyMap<string, readonly Caller[]>>();

/** The callers of each function, by the function's URN. Found once per stack. */
export function callersOf(graph: Graph): ReadonlyMap<string, readonly Caller[]> {
  let callers = found.get(graph);
  if (!callers) {
    const all = new Map<string, Caller[]>();
    const add = (called: readonly Called[], caller: Omit<Caller, "qualifier">) => {
      for (const { node, qualifier } of called) {
        const same = all.get(node.urn);
        if (same) same.push({ ...caller, qualifier });
        else all.set(node.urn, [{ ...caller, qualifier }]);
      }
    };
    for (const node of graph.ofTypes(Object.keys(CALLS))) addResource(node, graph, add);
    for (const node of graph.ofTypes(tokensOf(STATE_MACHINE))) addMachine(node, graph, add);
    callers = all;
    found.set(graph, callers);
  }
  return callers;
}

type Add = (called: readonly Called[], caller: Omit<Caller, "qualifier">) => void;

function addResource(node: Node, graph: Graph, add: Add): void {
  const how = kindOf(node);
  if (how === undefined) return;
  for (const reading of node.read(CALLS[node.type] ?? "")) add(calledAt(reading, node, graph), how);
}

/** The functions that a target, an address or a permission means. */
export function calledAt(reading: Reading, node: Node, graph: Graph): Called[] {
  const called = functionsMeant(reading, node, graph);
  return called.length > 0 ? called : throughApi(reading, node, graph);
}

/** How the resource calls; undefined where it calls no function, or only lets a caller in that is listed itself. */
function kindOf(node: Node): Omit<Caller, "qualifier"> | undefined {
  const words = `${node.type.split(":").at(-1)} ${show(node.name)}`;
  const limitAt = API_LIMIT[node.type];
  if (limitAt !== undefined) {
    const limit = node.one(limitAt);
    return { words, kind: "outside", limit: numberOf(limit) ?? API_MS };
  }
  if (node.type === HTTP_API.api || node.type === HTTP_API.classicApi) return { words, kind: "outside", limit: API_MS };
  if (tokensOf(FUNCTION_URL).includes(node.type)) return { words, kind: "outside" };
  if (tokensOf(PERMISSION).includes(node.type)) {
    const principal = textOf(node.one("principal"));
    if (principal === undefined) return undefined;
    if (ASYNCHRONOUS.test(principal)) return { words, kind: "asynchronous" };
    // Everybody, another account, or a service at the door.
    const isOpen = principal === "*" || /^(?:\d{12}$|arn:)/.test(principal) || OUTSIDE.test(principal);
    return isOpen ? { words, kind: "outside" } : undefined;
  }
  if (tokensOf(SUBSCRIPTION).includes(node.type) && textOf(node.one("protocol")) !== "lambda") return undefined;
  return { words, kind: "asynchronous" };
}

/** A schedule may call the API itself and name the function in its input. */
function throughApi(reading: Reading, node: Node, graph: Graph): Called[] {
  if (!tokensOf(SCHEDULE).includes(node.type)) return [];
  if (!/:scheduler:::aws-sdk:lambda:invoke(?:Async)?$/i.test(textOf(reading) ?? "")) return [];
  const input = parseJson(textOf(node.one("target.input")) ?? "");
  const name = isTree(input) ? input.FunctionName : undefined;
  return typeof name === "string" ? functionsNamed(name, graph) : [];
}

function addMachine(machine: Node, graph: Graph, add: Add): void {
  const named = callsOf(machine, "lambda:invoke").calls.map(({ path, state, input }) => ({
    path,
    state,
    name: input.FunctionName,
    isEvent: input.InvocationType === "Event",
  }));
  const direct = tasksOn(machine, /^arn:[^:]+:lambda:/).map(({ path, state }) => ({
    path,
    state,
    name: state.Resource,
    isEvent: false,
  }));
  for (const { path, state, name, isEvent } of [...named, ...direct]) {
    if (typeof name !== "string") continue;
    const words = `${show(machine.name)} ${path}`;
    const { Resource: resource, TimeoutSeconds: seconds } = state;
    // Where a state waits for an answer, its limit is the answer's.
    const isAnswer = typeof resource === "string" && /\.waitForTaskToken$/i.test(resource);
    const limit = typeof seconds === "number" && !isAnswer ? { limit: seconds * 1000 } : {};
    add(functionsNamed(name, graph), { words, kind: isEvent ? "asynchronous" : "waiting", ...limit });
  }
}
