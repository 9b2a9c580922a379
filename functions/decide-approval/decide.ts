/** In what state a link is, and what a decision is. No I/O. */
import type { LinkItem, PacketItem } from "../../contracts/approvals.ts";
import type { ApprovalDecision } from "../../contracts/submission.ts";
import type { Form } from "./request.ts";

/**
 * - `unknown`: no such link, or its packet is gone
 * - `replaced`: the link belongs to other evidence than what is asked now
 * - `decided`: somebody has decided and the state took it
 * - `undelivered`: somebody has decided, but the waiting state did not get it yet
 * - `ended`: nobody waits any more
 * - `open`: may be decided
 */
export type LinkState = "unknown" | "replaced" | "decided" | "undelivered" | "ended" | "open";

/** @param now milliseconds since the epoch; DynamoDB's TTL deletes late, so the time is compared here */
export function linkState(link: LinkItem | undefined, packet: PacketItem | undefined, now: number): LinkState {
  if (!link || !packet) return "unknown";
  if (link.packetDigest !== packet.packetDigest) return "replaced";
  if (packet.lapsedAt !== undefined) return "ended";
  if (packet.decision) return packet.deliveredAt === undefined ? "undelivered" : "decided";
  return now < Math.min(link.expiresAt, packet.expiresAt) * 1000 ? "open" : "ended";
}

/** The decision as it is kept. The person is the link's, never something the form says. */
export function makeDecision(form: Form, link: LinkItem, now: number): ApprovalDecision {
  return {
    decision: form.decision,
    decidedBy: link.approver,
    decidedAt: new Date(now).toISOString(),
    comment: form.comment,
    packetDigest: link.packetDigest,
  };
}

/** Errors of SendTaskSuccess after which no further try helps (source: botocore stepfunctions 2016-11-23). */
const finalErrors = ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"];

/**
 * What a failure of SendTaskSuccess means. `ended`: the state timed out, was stopped, or took an answer whose receipt was
 * lost; `later`: trying again may help.
 */
export function deliveryFailure(errorName: string): "ended" | "later" {
  return finalErrors.includes(errorName) ? "ended" : "later";
}
