/**
 * Notices and queued messages are encrypted at rest and on the way, and come from named senders.
 *
 * Stricter than SNS.1 and AwsSolutions-SNS3 in one place: a topic or queue without a policy does not refuse plain transport,
 * so it is reported too (the stack half).
 */
import { demand } from "../support/demand.ts";
import { QUEUE, TOPIC, tokensOf } from "../support/families.ts";
import type { Node } from "../support/graph.ts";
import {
  hasPolicy,
  isQueuePolicy,
  OWNER_NAME_READS,
  POLICY_PLACES,
  POLICY_READS,
  refusesClear,
  targetNames,
} from "../support/message-policies.ts";
import { openDocument } from "../support/open-document.ts";
import { judgeOpenStatements } from "../support/open-principal.ts";
import { isAwsKey, isOwnKey } from "../support/own-key.ts";
import { restriction } from "../support/public-access.ts";
import { textOf, valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { show } from "../support/show.ts";
import type { Subject } from "../support/subject.ts";

type Check = "topic" | "publisher" | "queue" | "transport" | "policy" | "none" | "unreadable";

const topics = tokensOf(TOPIC);
const queues = tokensOf(QUEUE);
const KEY = "kmsMasterKeyId";
const MANAGED = "sqsManagedSseEnabled";
const REFUSES = "a policy that denies everybody plain transport";

export default rule({
  id: "messages-encrypted",
  group: "encryption",
  severity: "medium",
  what: "A topic or queue keeps messages in clear, takes them over plain HTTP, or takes them from anybody.",
  why: "Notices carry metrics and links, and whoever can send can start what listens.",
  fix: "Encrypt with the stage's key, and give each topic and queue a policy that denies plain transport and names the senders.",
  levels: { dev: "advisory", prod: "mandatory" },
  checks: {
    topic: "The topic is not encrypted under a key of the stage's own.",
    publisher: "The topic is under AWS's key, under which CloudWatch and EventBridge cannot publish.",
    queue: "The queue's encryption is turned off.",
    transport: "The policy does not refuse plain HTTP.",
    policy: "The policy lets everyone in.",
    none: "The topic or queue has no policy, so that plain HTTP is not refused.",
    unreadable: "The policy cannot be read.",
  } satisfies Record<Check, string>,
  outside: [
    { source: "Security Hub", ids: ["SNS.1", "SQS.1"] },
    { source: "checkov", ids: ["CKV_AWS_26", "CKV_AWS_168", "CKV_AWS_169"] },
    { source: "checkov", ids: ["CKV_AWS_27"], note: "it takes only a key of KMS, not the encryption that SQS manages" },
    { source: "cdk-nag", ids: ["AwsSolutions-SQS2"] },
    {
      source: "cdk-nag",
      ids: ["AwsSolutions-SQS4"],
      note: "it does not see a policy that is inline in CloudFormation",
    },
    { source: "cdk-nag", ids: ["AwsSolutions-SNS3"], note: "it takes a topic's key for enough, without a policy" },
  ],
  settings: ["topicKey"],
  resource: {
    reads: allReads(reads(topics, KEY), reads(queues, KEY, MANAGED), POLICY_READS),
    judge(subject, { settings, report }) {
      if (topics.some((type) => type === subject.type)) judgeTopic(subject, settings.topicKey, report);
      if (queues.some((type) => type === subject.type)) judgeQueue(subject, report);
      if (POLICY_PLACES[subject.type]) judgePolicy(subject, report);
    },
  },
  stack: {
    types: [...topics, ...queues],
    reads: allReads(OWNER_NAME_READS, reads([TOPIC.classic, QUEUE.classic], "policy")),
    judge(node, { report, graph }) {
      if (hasPolicy(node, graph) || hasInline(node)) return;
      const fix = "Declare one, with a Deny when aws:SecureTransport is false.";
      report.fault({ check: "none", path: "policy", value: "absent", limit: REFUSES, fix });
    },
  },
});

/** A policy in the topic or queue itself is the resource half's; what AWS fills in after creation is none of ours. */
function hasInline(node: Node): boolean {
  if (!node.has("policy")) return false;
  const reading = node.one("policy");
  if (reading.state === "unknown") return node.derives("policy");
  return reading.state !== "absent" && valueIn(reading) !== "";
}

function judgeTopic(topic: Subject, demanded: "demand" | "optional", report: Reporter<Check>): void {
  const key = topic.one(KEY);
  const limit = "a key of the stage's own";
  const named = valueIn(key);
  if (isAwsKey(named)) {
    const fix = "Use a key whose policy lets the publishing services use it; AWS's own cannot be changed.";
    report.fault({ check: "publisher", path: key.path, value: show(named), limit, fix });
  } else {
    const optional = demanded === "optional";
    const fix = "Name the key; its policy must let the publishing services use it.";
    demand(key, { check: "topic", limit, fix, holds: isOwnKey, optional }, report);
  }
}

/** Absent means encrypted by SQS's own key (SQS developer guide, SSE-SQS: the default of new queues). */
function judgeQueue(queue: Subject, report: Reporter<Check>): void {
  const managed = queue.one(MANAGED);
  if (managed.state === "absent" || valueIn(managed) === true) return;
  const key = queue.one(KEY);
  if (textOf(key) !== undefined) return;
  const limit = `true, as there is no ${KEY}`;
  const unknown = [managed, key].find(({ state }) => state === "unknown");
  if (unknown) report.waits(unknown.path, unknown === key ? `a key, as ${MANAGED} is not true` : limit);
  else {
    const value = show(valueIn(managed));
    const fix = "Leave it out, or name a key.";
    report.fault({ check: "queue", path: managed.path, value, limit, fix });
  }
}

function judgePolicy(policy: Subject, report: Reporter<Check>): void {
  const reading = policy.one(POLICY_PLACES[policy.type]?.document ?? "");
  // None in the topic or queue itself: the stack half looks for another.
  if (valueIn(reading) === "") return;
  const document = openDocument(reading, { document: REFUSES, statement: REFUSES }, report);
  if (!document) return;
  judgeOpenStatements(document, restriction, report);
  const { path } = reading;
  const refused = refusesClear(document, isQueuePolicy(policy.type), targetNames(policy));
  // What is unknown as a whole has been said.
  if (refused.state === "unknown" && !document.unknown.includes(refused.path)) report.waits(refused.path, REFUSES);
  else if (refused.state === "no" && document.flaws.length === 0) {
    const fix = 'Add: Deny, Principal "*", sns:Publish or sqs:* on it, Bool aws:SecureTransport "false".';
    report.fault({ check: "transport", path, value: "a policy without it", limit: REFUSES, fix });
  }
}
