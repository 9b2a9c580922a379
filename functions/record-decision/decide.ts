/** What recording a decision changes in a model package. No I/O. */
import type { PacketItem } from "../../contracts/approvals.ts";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import { packageKeys, tagValue } from "../../contracts/lineage.ts";
import type { ApprovalDecision, Vote } from "../../contracts/submission.ts";
import type { withoutAnswer } from "../../contracts/tasks.ts";

/** The part of DescribeModelPackage's answer that matters here. */
export interface PackageFacts {
  ModelApprovalStatus?: string;
  CustomerMetadataProperties?: Record<string, string>;
  ModelCard?: { ModelCardStatus?: string };
}

export interface PackageUpdate {
  ModelApprovalStatus: ApprovalDecision["decision"];
  ApprovalDescription: string;
  CustomerMetadataProperties: Record<string, string>;
  /** Status only: content and status cannot be changed in one call (SageMaker API reference, UpdateModelCard). */
  ModelCard?: { ModelCardStatus: "Approved" | "Archived" };
}

/** Longest ApprovalDescription (botocore sagemaker 2017-07-24, ApprovalDescription: 1,024 characters, no line ends). */
const descriptionLimit = 1024;
/** Longest metadata value (botocore, CustomerMetadataValue). */
const metadataLimit = 256;
const pending = "PendingManualApproval";

/**
 * The update to make, or undefined when the package shows this decision already.
 * Throws `InvalidInput` when somebody has set the status by hand meanwhile: that choice is not overwritten.
 */
export function decideUpdate(arn: string, found: PackageFacts, decision: ApprovalDecision): PackageUpdate | undefined {
  const card = cardStatus(found, decision);
  const wanted: PackageUpdate = {
    ModelApprovalStatus: decision.decision,
    ApprovalDescription: describe(decision),
    CustomerMetadataProperties: {
      [packageKeys.decision]: decision.decision,
      [packageKeys.approvedBy]: deciders(decision),
      [packageKeys.approvedAt]: decision.decidedAt,
      ...(decision.packetDigest === undefined ? {} : { [packageKeys.packetDigest]: decision.packetDigest }),
    },
    ...(card ? { ModelCard: { ModelCardStatus: card } } : {}),
  };
  const metadata = found.CustomerMetadataProperties ?? {};
  const status = found.ModelApprovalStatus;
  // Not the time: a state that is retried may read the clock again.
  const same = [packageKeys.decision, packageKeys.approvedBy, packageKeys.packetDigest];
  const recorded = same.every((key) => metadata[key] === wanted.CustomerMetadataProperties[key]);
  if (recorded && status === decision.decision) return undefined;
  if (status === pending) return wanted;
  throw new FlowError(
    errorNames.invalidInput,
    `${arn} is already ${status}${metadata[packageKeys.approvedBy] ? ` by ${metadata[packageKeys.approvedBy]}` : ", set by hand"}; the decision ${decision.decision} by ${decision.decidedBy} at ${decision.decidedAt} is not written over it`,
  );
}

export function isPending(found: PackageFacts): boolean {
  return found.ModelApprovalStatus === pending;
}

/** What becomes of the package's card, if it has one that can still change. */
function cardStatus({ ModelCard: card }: PackageFacts, { decision }: ApprovalDecision) {
  const now = card?.ModelCardStatus;
  const wanted = decision === "Approved" ? "Approved" : "Archived";
  return now === undefined || now === "Archived" || now === wanted ? undefined : wanted;
}

/** Everybody whose approval made it one, in the order of their answers, or the one who rejected; whole addresses only. */
function deciders({ decision, decidedBy, votes }: ApprovalDecision): string {
  const people = votes.filter((vote) => vote.decision === decision).map(({ approver }) => approver);
  if (decision === "Rejected" || people.length === 0) return tagValue(decidedBy);
  let text = "";
  for (const person of people.map(tagValue)) {
    const longer = text === "" ? person : `${text} ${person}`;
    if (longer.length > metadataLimit) break;
    text = longer;
  }
  return text;
}

/** The comment; of several people, who said what. */
function describe({ comment, votes }: ApprovalDecision): string {
  const text = votes.length > 1 ? votes.map(said).join(" ") : comment;
  const line = text.replace(/\s+/gu, " ").trim().slice(0, descriptionLimit).toWellFormed();
  return line === "" ? "-" : line;
}

function said({ approver, decision, comment }: Vote): string {
  return `${approver} ${decision === "Approved" ? "approved" : "rejected"}: ${comment}`;
}

export interface Ended {
  by: (typeof withoutAnswer)[number];
  comment: string;
}

/** The decision where nobody decided; answers that did not suffice are kept in it. */
export function decisionWithout(
  { by, comment }: Ended,
  packetDigest: string | undefined,
  asked: Pick<PacketItem, "votes" | "required"> | undefined,
  now: number,
): ApprovalDecision {
  const votes = asked?.votes ?? [];
  const names = votes.map(({ approver }) => approver).join(", ");
  const some = votes.length > 0 ? ` ${votes.length} of ${asked?.required} approvals had come, from ${names}.` : "";
  return {
    decision: "Rejected",
    decidedBy: by,
    decidedAt: new Date(now).toISOString(),
    comment: `${comment}${some}`.slice(0, 1000).toWellFormed(),
    ...(packetDigest === undefined ? {} : { packetDigest }),
    votes: [...votes],
  };
}
