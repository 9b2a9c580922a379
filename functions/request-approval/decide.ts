/** Whom to ask, and what to keep for it. No I/O; the random parts come in as arguments. */
import {
  approvalPath,
  decisionPath,
  keepAfterExpiryDays,
  type LinkItem,
  linkKey,
  type PacketItem,
  packetDigest,
  packetKey,
} from "../../contracts/approvals.ts";
import { canonicalJson } from "../../contracts/digest.ts";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import type { ApprovalDecision } from "../../contracts/submission.ts";
import type { RequestApprovalInput } from "../../contracts/tasks.ts";
import { decisionOf, isSubmitter, samePerson } from "../shared/votes.ts";

/**
 * The people asked. Throws `InvalidInput` when too few are left who may decide.
 *
 * @param required how many must approve
 */
export function whomToAsk(
  approvers: readonly string[],
  submittedBy: string,
  submitterMayApprove: boolean,
  required: number,
): readonly string[] {
  const asked = submitterMayApprove ? approvers : approvers.filter((approver) => !isSubmitter(approver, submittedBy));
  if (asked.length >= required) return asked;
  const settings =
    "approval.approvers, approval.required and approval.submitterMayApprove in the stage's configuration";
  throw new FlowError(
    errorNames.invalidInput,
    asked.length === 0
      ? `Nobody may approve this submission: ${submittedBy} is the only approver of the stage and may not approve an own submission (${settings})`
      : `Too few may approve this submission: ${required} approvals are needed, and without ${submittedBy}, who submitted it, ${asked.length} can be asked (${settings})`,
  );
}

/** A link to be mailed, with the item that will know it again. */
export interface Invitation {
  approver: string;
  url: string;
  item: LinkItem;
}

export interface Request {
  packet: PacketItem;
  /** One for each approver who has not answered yet. */
  invitations: Invitation[];
  decisionUrl: string;
}

export interface Terms {
  readonly approvers: readonly string[];
  readonly required: number;
  readonly approvalUrl: string;
}

/**
 * @param tokens one per approver: 256 random bits in base64url; it stands in the link alone, the table gets its hash
 * @param earlier what was asked before; answers about the same evidence still count
 * @param now milliseconds since the epoch
 */
export function decideRequest(
  input: RequestApprovalInput,
  { approvers, required, approvalUrl }: Terms,
  tokens: readonly string[],
  earlier: PacketItem | undefined,
  now: number,
): Request {
  const expiresAt = Math.floor(Date.parse(input.expiresAt) / 1000);
  if (expiresAt * 1000 <= now) {
    throw new FlowError(errorNames.invalidInput, `The request expires at ${input.expiresAt}, which is past`);
  }
  const { submissionId } = input.packet;
  const digest = packetDigest(input.packet);
  const ttl = expiresAt + keepAfterExpiryDays * 86_400;
  const base = approvalUrl.replace(/\/+$/, "");
  const votes = answersThatCount(earlier, digest, approvers, now);
  const open = approvers.filter((approver) => !votes.some((vote) => samePerson(vote.approver, approver)));
  const decision = decisionOf(votes, { required, packetDigest: digest });
  return {
    packet: {
      pk: packetKey(submissionId),
      taskToken: input.taskToken,
      packet: canonicalJson(input.packet),
      packetDigest: digest,
      expiresAt,
      ttl,
      required,
      approvers: [...approvers],
      votes,
      revision: (earlier?.revision ?? 0) + 1,
      ...(decision ? { decision } : {}),
    },
    invitations: open.map((approver, index) => ({
      approver,
      url: `${base}${approvalPath}${tokens[index]}`,
      item: { pk: linkKey(tokens[index] ?? ""), submissionId, packetDigest: digest, approver, expiresAt, ttl },
    })),
    decisionUrl: `${base}${decisionPath}${submissionId}`,
  };
}

/** Earlier answers, unless they were about other evidence, or about a request that ended without a decision. */
function answersThatCount(
  earlier: PacketItem | undefined,
  digest: string,
  approvers: readonly string[],
  now: number,
): PacketItem["votes"] {
  if (!earlier || earlier.packetDigest !== digest || earlier.decision || earlier.expiresAt * 1000 <= now) return [];
  return earlier.votes.filter((vote) => approvers.some((approver) => samePerson(vote.approver, approver)));
}

/**
 * The decision that stands already. The state was retried, or asks again to remind, or the same submission runs twice: then
 * the waiting state gets what was decided about this very packet, and nobody is asked again. Not so a decision that nobody
 * waited for any more.
 */
export function standingDecision(earlier: PacketItem | undefined, digest: string): ApprovalDecision | undefined {
  if (!earlier || earlier.packetDigest !== digest || earlier.lapsedAt !== undefined) return undefined;
  return earlier.decision;
}
