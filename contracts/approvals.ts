/**
 * The approvals table: one item for each packet and one for each link. A link's item is found by the hash of the link's
 * random part, so the table holds nothing with which somebody could decide.
 */
import * as z from "zod";
import { canonicalJson, digestOf } from "./digest.ts";
import { digestPattern } from "./lineage.ts";
import { ApprovalDecision, type ApprovalPacket } from "./submission.ts";

/** Names that the table's resource and its functions share. */
export const approvalsTable = {
  /** Partition key, a string; there is no sort key. */
  partitionKey: "pk",
  /** TTL attribute, seconds since the epoch. DynamoDB deletes late, so expiry is also compared. */
  ttlAttribute: "ttl",
} as const;

/** Path of the approval page below the API's address. */
export const approvalPath = "/approvals/";
/** Random part of a link: 256 bits in base64url. */
export const linkTokenPattern = /^[A-Za-z0-9_-]{43}$/;
/** Who decides when nobody did in time. */
export const expiryDecider = "expiry";
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
  taskToken: z.string(),
  /** The packet as canonical JSON. */
  packet: z.string(),
  packetDigest: z.string().regex(digestPattern),
  expiresAt: z.number(),
  ttl: z.number(),
  /** Set once, by a conditional update. */
  decision: ApprovalDecision.optional(),
  /** The waiting state took the decision. ISO time. */
  deliveredAt: z.string().optional(),
  /** The state no longer waited when the decision came. ISO time. */
  lapsedAt: z.string().optional(),
});
export type PacketItem = z.infer<typeof PacketItem>;
