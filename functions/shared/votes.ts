/** What answers come to. No I/O. */
import type { PacketItem } from "../../contracts/approvals.ts";
import type { ApprovalDecision, Vote } from "../../contracts/submission.ts";

/**
 * The decision that the votes make, or undefined when more are needed: one rejection decides at once, approvals only
 * together.
 *
 * @param votes one per approver, in time order
 */
export function decisionOf(
  votes: readonly Vote[],
  { required, packetDigest }: Pick<PacketItem, "required" | "packetDigest">,
): ApprovalDecision | undefined {
  let approvals = 0;
  for (const [at, vote] of votes.entries()) {
    if (vote.decision === "Approved") approvals += 1;
    if (vote.decision === "Approved" && approvals < required) continue;
    return {
      decision: vote.decision,
      decidedBy: vote.approver,
      decidedAt: vote.at,
      comment: vote.comment,
      packetDigest,
      votes: votes.slice(0, at + 1),
    };
  }
  return undefined;
}

/** How many more approvals are needed. */
export function missingApprovals({ votes, required }: Pick<PacketItem, "votes" | "required">): number {
  return Math.max(0, required - votes.filter(({ decision }) => decision === "Approved").length);
}

/** Addresses differ in case, not in person. */
export function samePerson(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

export function voteOf(votes: readonly Vote[], approver: string): Vote | undefined {
  return votes.find((vote) => samePerson(vote.approver, approver));
}

/**
 * Whether the approver is the one who submitted: the same address, or the address as the session name of an assumed role
 * (`arn:aws:sts::…:assumed-role/ROLE/SESSION`), whichever of the two is written which way.
 */
export function isSubmitter(approver: string, submittedBy: string): boolean {
  return approver.toLowerCase() === submittedBy.toLowerCase() || nameOf(approver) === nameOf(submittedBy);
}

function nameOf(person: string): string {
  const lower = person.toLowerCase();
  return lower.startsWith("arn:") ? lower.slice(lower.lastIndexOf("/") + 1) : lower;
}
