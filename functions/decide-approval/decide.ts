/** In what state an approver's question is, and what an answer is. No I/O. */
import { graceMinutes, type LinkItem, type PacketItem } from "../../contracts/approvals.ts";
import type { Vote } from "../../contracts/submission.ts";
import { withoutAnswer } from "../../contracts/tasks.ts";
import { voteOf } from "../shared/votes.ts";

/**
 * - `unknown`: no such link, or its packet is gone
 * - `replaced`: the link or the digest belongs to other evidence than what is asked now
 * - `decided`: it is decided, and the waiting state took it
 * - `undelivered`: it is decided, but the waiting state did not get it yet
 * - `voted`: this approver has answered, and others are still to answer
 * - `ended`: nobody waits any more
 * - `open`: may be decided
 */
export type AskState = "unknown" | "replaced" | "decided" | "undelivered" | "voted" | "ended" | "open";

/** What an answer is bound to: of a link, or of a signed request. */
export type Bound = Pick<LinkItem, "packetDigest" | "approver"> & Partial<Pick<LinkItem, "expiresAt">>;

/** @param now milliseconds since the epoch; DynamoDB's TTL deletes late, so the time is compared here */
export function askState(bound: Bound | undefined, packet: PacketItem | undefined, now: number): AskState {
  if (!bound || !packet) return "unknown";
  if (bound.packetDigest !== packet.packetDigest) return "replaced";
  if (packet.lapsedAt !== undefined) return "ended";
  if (packet.decision) {
    if (isWithoutAnswer(packet.decision.decidedBy)) return "ended";
    return packet.deliveredAt === undefined ? "undelivered" : "decided";
  }
  if (now >= Math.min(bound.expiresAt ?? Number.POSITIVE_INFINITY, packet.expiresAt) * 1000) return "ended";
  return voteOf(packet.votes, bound.approver) ? "voted" : "open";
}

function isWithoutAnswer(decidedBy: string): boolean {
  return (withoutAnswer as readonly string[]).includes(decidedBy);
}

/** The answer as it is kept. The person is the link's or the one vouched for, never something the form says. */
export function makeVote(answer: Pick<Vote, "decision" | "comment">, approver: string, via: string, now: number): Vote {
  const { decision, comment } = answer;
  return { approver, decision, at: new Date(now).toISOString(), comment, via };
}

/** Errors of SendTaskSuccess after which the same token is of no more use (source: botocore stepfunctions 2016-11-23). */
const deadTokenErrors = ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"];

/** Whether nobody listens to the task token: the state timed out, was stopped, or took an answer whose receipt was lost. */
export function isDeadToken(errorName: string): boolean {
  return deadTokenErrors.includes(errorName);
}

/**
 * Whether nobody will fetch a kept decision any more. The state machine looks for one when its wait times out, so until
 * shortly after the expiry a dead token only means that it is between two states.
 */
export function isLapsed(packet: Pick<PacketItem, "expiresAt">, now: number): boolean {
  return now >= (packet.expiresAt + graceMinutes * 60) * 1000;
}
