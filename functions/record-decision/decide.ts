/** What recording a decision changes in a model package. No I/O. */
import { errorNames, FlowError } from "../../contracts/errors.ts";
import { packageKeys, tagValue } from "../../contracts/lineage.ts";
import type { ApprovalDecision } from "../../contracts/submission.ts";

/** The part of DescribeModelPackage's answer that matters here. */
export interface PackageFacts {
  ModelApprovalStatus?: string;
  CustomerMetadataProperties?: Record<string, string>;
}

export interface PackageUpdate {
  ModelApprovalStatus: ApprovalDecision["decision"];
  ApprovalDescription: string;
  CustomerMetadataProperties: Record<string, string>;
}

/** Longest ApprovalDescription (botocore sagemaker 2017-07-24, ApprovalDescription: 1,024 characters, no line ends). */
const descriptionLimit = 1024;

/**
 * The update to make, or undefined when the package shows this decision already.
 * Throws `InvalidInput` when somebody has set the status by hand meanwhile: that choice is not overwritten.
 */
export function decideUpdate(arn: string, found: PackageFacts, decision: ApprovalDecision): PackageUpdate | undefined {
  const wanted: PackageUpdate = {
    ModelApprovalStatus: decision.decision,
    ApprovalDescription: describe(decision.comment),
    CustomerMetadataProperties: {
      [packageKeys.decision]: decision.decision,
      [packageKeys.approvedBy]: tagValue(decision.decidedBy),
      [packageKeys.approvedAt]: decision.decidedAt,
      [packageKeys.packetDigest]: decision.packetDigest,
    },
  };
  const metadata = found.CustomerMetadataProperties ?? {};
  const status = found.ModelApprovalStatus;
  // Not the time: a state that is retried may read the clock again.
  const same = [packageKeys.decision, packageKeys.approvedBy, packageKeys.packetDigest];
  const recorded = same.every((key) => metadata[key] === wanted.CustomerMetadataProperties[key]);
  if (recorded && status === decision.decision) return undefined;
  if (status === "PendingManualApproval") return wanted;
  throw new FlowError(
    errorNames.invalidInput,
    `${arn} is already ${status}${metadata[packageKeys.approvedBy] ? ` by ${metadata[packageKeys.approvedBy]}` : ", set by hand"}; the decision ${decision.decision} by ${decision.decidedBy} at ${decision.decidedAt} is not written over it`,
  );
}

function describe(comment: string): string {
  const line = comment.replace(/\s+/gu, " ").trim().slice(0, descriptionLimit);
  return line === "" ? "-" : line;
}
