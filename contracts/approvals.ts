/**
 * The approvals table: one item for each packet and one for each link. A link's item is found by the hash of the link's
 * random part, so the table holds nothing with which somebody could decide.
 */
import * as z from "zod";
import { canonicalJson, digestOf } from "./digest.ts";
import { digestPattern } from "./lineage.ts";
import { ApprovalDecision, type ApprovalPacket, submissionIdPattern, Vote } from "./submission.ts";

/** Names that the table's resource and its functions share. */
export const approvalsTable = {
  /** Partition key, a string; there is no sort key. */
  partitionKey: "pk",
  /** TTL attribute, seconds since the epoch. DynamoDB deletes late, so expiry is also compared. */
  ttlAttribute: "ttl",
} as const;

/** Path of the approval page below the API's address. */
export const approvalPath = "/approvals/";
/** Path of the decisions that other programs send, below the API's address; signed with IAM. */
export const decisionPath = "/decisions/";
/** Random part of a link: 256 bits in base64url. */
export const linkTokenPattern = /^[A-Za-z0-9_-]{43}$/;
/** What a vote that came by a link says about its way. */
export const viaLink = "link";
/** Minutes after the expiry in which the state machine still finds a decision that was made just before it. */
export const graceMinutes = 60;
/** Longest comment, in characters. */
export const commentLimit = 1000;
/** How long a packet is kept after its expiry, so that an old link still says what became of it. Days. */
export const keepAfterExpiryDays = 30;

export function packetKey(submissionId: string): string {
  return `packet#${submissionId}`;
}

/** Key of a link's item, from the random part of the link. */
export function linkKey(token: string): string {
  return `link#${digestOf(token)}`;
}

/** Digest of exactly what the approver was shown. */
export function packetDigest(packet: ApprovalPacket): string {
  return digestOf(canonicalJson(packet));
}

export const LinkItem = z.object({
  pk: z.string(),
  submissionId: z.string(),
  packetDigest: z.string().regex(digestPattern),
  /** The approver's e-mail address; whoever opens the link decides as this person. */
  approver: z.string(),
  /** Seconds since the epoch. */
  expiresAt: z.number(),
  ttl: z.number(),
});
export type LinkItem = z.infer<typeof LinkItem>;

export const PacketItem = z.object({
  pk: z.string(),
  /** The newest; the one that the waiting state listens to. */
  taskToken: z.string(),
  /** The packet as canonical JSON. */
  packet: z.string(),
  packetDigest: z.string().regex(digestPattern),
  expiresAt: z.number(),
  ttl: z.number(),
  /** How many must approve. */
  required: z.int().min(1),
  /** The addresses that were asked; nobody else's answer counts. */
  approvers: z.array(z.string()).min(1),
  /** One per approver, in time order. */
  votes: z.array(Vote),
  /** Counts the writes: each is made on the condition that nobody wrote since the item was read. */
  revision: z.int().min(0),
  /** Set once, by the vote that decides or by the end of the submission. */
  decision: ApprovalDecision.optional(),
  /** The waiting state took the decision. ISO time. */
  deliveredAt: z.string().optional(),
  /** Nobody waited for the decision any more, and nobody will. ISO time. */
  lapsedAt: z.string().optional(),
});
export type PacketItem = z.infer<typeof PacketItem>;

/** What another program sends to `POST /decisions/{submissionId}`, signed with IAM. */
export const DecisionRequest = z.strictObject({
  /** The address of the person who decided, one of those who were asked. The program vouches for it. */
  approver: z.email().max(254),
  decision: ApprovalDecision.shape.decision,
  comment: z.string().min(1).max(commentLimit),
  /** From the event that asked: binds the answer to what was shown. */
  packetDigest: z.string().regex(digestPattern),
});
export type DecisionRequest = z.infer<typeof DecisionRequest>;

/** What it answers. */
export const DecisionAnswer = z.object({
  submissionId: z.string().regex(submissionIdPattern).optional(),
  /** In a sentence. */
  message: z.string(),
  /** Absent until enough have answered. */
  decision: ApprovalDecision.optional(),
  /** How many more approvals are needed. */
  missing: z.int().min(0).optional(),
});
export type DecisionAnswer = z.infer<typeof DecisionAnswer>;
