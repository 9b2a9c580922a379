/** The policies of topics and queues: resources of their own, or written in the topic or queue. */
import { covers, isText } from "./actions.ts";
import type { Document, Statement } from "./document.ts";
import { QUEUE, QUEUE_POLICY, TOPIC, TOPIC_POLICY, tokensOf } from "./families.ts";
import type { Graph, Node } from "./graph.ts";
import type { Reads, Subject } from "./subject.ts";
import { refusesPlain, type TlsOnly } from "./tls-only.ts";

interface Place {
  /** Where the document stands. */
  readonly document: string;
  /** Where it stands whose policy it is: ARNs or URLs. */
  readonly target?: string;
}

export const POLICY_PLACES: Readonly<Record<string, Place>> = {
  [TOPIC_POLICY.native]: { document: "policyDocument", target: "topics[]" },
  [TOPIC_POLICY.inline]: { document: "policyDocument", target: "topicArn" },
  [TOPIC_POLICY.classic]: { document: "policy", target: "arn" },
  [QUEUE_POLICY.inline]: { document: "policyDocument", target: "queue" },
  [QUEUE_POLICY.classic]: { document: "policy", target: "queueUrl" },
  [TOPIC.classic]: { document: "policy" },
  [QUEUE.classic]: { document: "policy" },
};

export const POLICY_READS: Reads = Object.fromEntries(
  Object.entries(POLICY_PLACES).map(([type, { document, target }]) => [type, target ? [document, target] : [document]]),
);
const TARGET_READS: Reads = Object.fromEntries(
  Object.entries(POLICY_PLACES).flatMap(([type, { target }]) => (target ? [[type, [target]]] : [])),
);
const NAME: Readonly<Record<string, string>> = {
  [TOPIC.native]: "topicName",
  [TOPIC.classic]: "name",
  [QUEUE.native]: "queueName",
  [QUEUE.classic]: "name",
};

/** What a rule must declare that asks for the policy of a topic or queue. */
export const OWNER_NAME_READS: Reads = {
  ...TARGET_READS,
  ...Object.fromEntries(Object.entries(NAME).map(([type, property]) => [type, [property]])),
};

export const isQueuePolicy = (type: string): boolean => tokensOf(QUEUE_POLICY, QUEUE).includes(type);

/** The last part of an ARN or URL: the name of the topic or queue. */
const lastPart = (text: string): string => text.split(/[:/]/).at(-1) ?? "";

/** Names of the topics or queues that a policy is of, as far as they are known. */
export function targetNames(policy: Subject): string[] {
  const target = POLICY_PLACES[policy.type]?.target;
  if (target === undefined) return [];
  return policy
    .read(target)
    .flatMap((reading) =>
      reading.state === "known" && typeof reading.value === "string" ? [lastPart(reading.value)] : [],
    );
}

/**
 * Whether the document refuses everybody what does not come over TLS, on each of the named topics or queues. SNS takes no
 * `sns:*` in a topic's policy (only the actions of its own list), so that publishing is what counts there.
 */
export function refusesClear(document: Document, isQueue: boolean, names: readonly string[]): TlsOnly {
  const isEvery = (text: string) => covers(text, isQueue ? "sqs:*" : "sns:Publish");
  const found = document.statements.map((statement) => {
    const refused = refusesPlain(statement, isEvery);
    return refused.state === "yes" ? reaches(statement, names) : refused;
  });
  const unknown = found.find(({ state }) => state === "unknown");
  const [hidden] = document.unknown;
  return (
    found.find(({ state }) => state === "yes") ??
    unknown ??
    (hidden === undefined ? { state: "no" } : { state: "unknown", path: hidden })
  );
}

function reaches({ resources }: Statement, names: readonly string[]): TlsOnly {
  const patterns = resources.filter(isText).map((leaf) => lastPart(leaf.value));
  if (patterns.length > 0 && names.every((name) => patterns.some((pattern) => covers(pattern, name))))
    return { state: "yes" };
  const hidden = resources.find((leaf) => !isText(leaf));
  return hidden ? { state: "unknown", path: hidden.path } : { state: "no" };
}

interface Owned {
  readonly names: ReadonlySet<string>;
  readonly urns: ReadonlySet<string>;
}
const indexes = new WeakMap<Graph, Owned>();

/** Whether a policy resource of the stack is this topic's or queue's, by name or by reference. */
export function hasPolicy(owner: Node, graph: Graph): boolean {
  let index = indexes.get(graph);
  if (!index) {
    index = indexOf(graph);
    indexes.set(graph, index);
  }
  const name = owner.one(NAME[owner.type] ?? "");
  const isQueue = tokensOf(QUEUE).includes(owner.type);
  return (
    index.urns.has(owner.urn) ||
    (name.state === "known" &&
      typeof name.value === "string" &&
      index.names.has(`${isQueue ? "queue" : "topic"} ${name.value}`))
  );
}

function indexOf(graph: Graph): Owned {
  const names = new Set<string>();
  const urns = new Set<string>();
  for (const policy of graph.ofTypes(Object.keys(TARGET_READS))) {
    const kind = isQueuePolicy(policy.type) ? "queue" : "topic";
    for (const name of targetNames(policy)) names.add(`${kind} ${name}`);
    const property = (POLICY_PLACES[policy.type]?.target ?? "").replace("[]", "");
    for (const owner of policy.referredBy(property, tokensOf(TOPIC, QUEUE))) urns.add(owner.urn);
  }
  return { names, urns };
}
