/** Whom to ask, and what to keep for it. No I/O; the random parts come in as arguments. */
import {
  approvalPath,
  keepAfterExpiryDays,
  type LinkItem,
  linkKey,
  type PacketItem,
  packetDigest,
  packetKey,
} from "../../contracts/approvals.ts";
import { canonicalJson } from "../../contracts/digest.ts";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import type { RequestApprovalInput } from "../../contracts/tasks.ts";

/**
 * Whether the approver is the one who submitted: the same address, or the address as the session name of an assumed role
 * (`arn:aws:sts::…:assumed-role/ROLE/SESSION`).
 */
export function isSubmitter(approver: string, submittedBy: string): boolean {
  const person = submittedBy.toLowerCase();
  const address = approver.toLowerCase();
  return person === address || (person.startsWith("arn:") && person.slice(person.lastIndexOf("/") + 1) === address);
}

/** The people asked. Throws `InvalidInput` when nobody is left who may decide. */
export function whomToAsk(
  approvers: readonly string[],
  submittedBy: string,
  submitterMayApprove: boolean,
): readonly string[] {
  const asked = submitterMayApprove ? approvers : approvers.filter((approver) => !isSubmitter(approver, submittedBy));
  if (asked.length > 0) return asked;
  throw new FlowError(
    errorNames.invalidInput,
    `Nobody may approve this submission: ${submittedBy} is the only approver of the stage and may not approve an own submission (approval.approvers, approval.submitterMayApprove in the stage's configuration)`,
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
  invitations: Invitation[];
}

/**
 * @param tokens one per approver: 256 random bits in base64url; it stands in the link alone, the table gets its hash
 * @param now milliseconds since the epoch
 */
export function decideRequest(
  input: RequestApprovalInput,
  approvers: readonly string[],
  tokens: readonly string[],
  approvalUrl: string,
  now: number,
): Request {
  const expiresAt = Math.floor(Date.parse(input.expiresAt) / 1000);
  if (expiresAt * 1000 <= now) {
    throw new FlowError(errorNames.invalidInput, `The request expires at ${input.expiresAt}, which is past`);
  }
  const { submissionId } = input.packet;
  const digest = packetDigest(input.packet);
  const ttl = expiresAt + keepAfterExpiryDays * 86_400;
  return {
    packet: {
      pk: packetKey(submissionId),
      taskToken: input.taskToken,
      packet: canonicalJson(input.packet),
      packetDigest: digest,
      expiresAt,
      ttl,
    },
    invitations: approvers.map((approver, index) => ({
      approver,
      url: `${approvalUrl.replace(/\/+$/, "")}${approvalPath}${tokens[index]}`,
      item: { pk: linkKey(tokens[index] ?? ""), submissionId, packetDigest: digest, approver, expiresAt, ttl },
    })),
  };
}

/**
 * What an earlier request for the same submission means: the state was retried (its token is new, links may have been
 * sent already). `finish` when somebody has decided about this very packet and no state ever took the decision.
 */
export function afterEarlier(earlier: PacketItem | undefined, digest: string): "ask" | "finish" {
  if (!earlier?.decision || earlier.packetDigest !== digest) return "ask";
  return earlier.lapsedAt === undefined ? "finish" : "ask";
}
