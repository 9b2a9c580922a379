/** Queues that functions read from. */
import { demand, within } from "./demand.ts";
import { nameAt, QUEUE, SOURCE_MAPPING, tokensOf } from "./families.ts";
import { FUNCTIONS, functionsMeant } from "./functions.ts";
import type { Graph, Node } from "./graph.ts";
import { numberOf, type Reading, textOf } from "./read.ts";
import type { Reporter } from "./report.ts";
import { allReads, reads } from "./rule.ts";
import { show } from "./show.ts";
import type { Reads } from "./subject.ts";

const queues = tokensOf(QUEUE);
/** Lambda's default timeout. */
const DEFAULT_SECONDS = 3;
/** SQS's default, and how many timeouts of its reader a message stays hidden at least (Lambda developer guide, SQS). */
const DEFAULT_VISIBILITY = 30;
const VISIBILITY_TIMES = 6;
const VISIBILITY: Readonly<Record<string, string>> = {
  [QUEUE.native]: "visibilityTimeout",
  [QUEUE.classic]: "visibilityTimeoutSeconds",
};

/** What a rule that judges source mappings must declare. */
export const SOURCE_READS: Reads = allReads(
  reads(FUNCTIONS, "timeout"),
  reads(tokensOf(SOURCE_MAPPING), "functionName", "eventSourceArn"),
  Object.fromEntries(queues.map((type) => [type, [nameAt(type), VISIBILITY[type] ?? ""]])),
);

/** Judges an event source mapping: the queue must hide a message for as long as its reader may work on it. */
export function judgeSource(mapping: Node, graph: Graph, report: Reporter<"queue">): void {
  const source = mapping.one("eventSourceArn");
  const limit = `a queue that hides messages for ${VISIBILITY_TIMES} times its reader's timeout`;
  const arn = textOf(source);
  const [, service, name] = /^arn:[^:]+:([^:]+):.*:([^:]+)$/.exec(arn ?? "") ?? [];
  if (arn !== undefined && service !== undefined && service !== "sqs") return;
  const found =
    source.state === "unknown" ? mapping.referredBy("eventSourceArn", queues) : graph.named(name ?? "", queues);
  if (found.length === 0) {
    judgeUnseen(source, limit, report);
    return;
  }
  const reader = mapping.one("functionName");
  const readers = functionsMeant(reader, mapping, graph);
  if (readers.length === 0 && reader.state === "unknown") report.waits(reader.path, "a function of this program");
  for (const { node } of readers) for (const queue of found) judgeVisibility(source.path, queue, node, report);
}

/** Absent is a source of its own kind, such as a Kafka cluster; another program's queue is that program's to judge. */
function judgeUnseen(source: Reading, limit: string, report: Reporter<"queue">): void {
  const { path } = source;
  const check = "queue";
  if (source.state === "absent") return;
  if (source.state === "unknown") report.waits(path, limit);
  else if (textOf(source)?.startsWith("arn:")) {
    const value = `${show(source.value)}, which this program does not declare`;
    report.note({ check, path, value, limit, fix: "Not verified: look at the queue's own program." });
  } else report.fault({ check, path, value: show(source.value), limit, fix: "Name the queue by its ARN." });
}

function judgeVisibility(at: string, queue: Node, reader: Node, report: Reporter<"queue">): void {
  const timeout = reader.one("timeout");
  const visibility = queue.one(VISIBILITY[queue.type] ?? "");
  const path = `${at} > ${show(queue.name)} ${visibility.path}`;
  if (timeout.state === "unknown") {
    report.waits(`functionName > ${show(reader.name)} ${timeout.path}`, "known, as the queue hides messages by it");
    return;
  }
  const seconds = numberOf(timeout) ?? DEFAULT_SECONDS;
  const least = VISIBILITY_TIMES * seconds;
  const limit = `${least} or more, ${VISIBILITY_TIMES} times the timeout of ${show(reader.name)}`;
  const fix = "Hide messages so long that retries of the function do not meet them again.";
  const optional = least <= DEFAULT_VISIBILITY;
  demand({ ...visibility, path }, { check: "queue", limit, fix, holds: within(least), optional }, report);
}
