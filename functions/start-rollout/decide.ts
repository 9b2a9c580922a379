/** Whether a model package is to be rolled out, and under which name. No I/O. */
import { createHash } from "node:crypto";
import { packageKeys, parseModelPackageArn } from "../../contracts/lineage.ts";

/** The part of DescribeModelPackage's answer that matters here. */
export interface PackageFacts {
  ModelPackageArn?: string;
  ModelApprovalStatus?: string;
  ModelPackageStatus?: string;
  CustomerMetadataProperties?: Record<string, string>;
}

export type Start = { start: true; name: string; modelPackageArn: string } | { start: false; because: string };

/** Longest part of a group's name in an execution's name, which has at most 80 characters (botocore stepfunctions). */
const groupLimit = 40;

export function decideStart(arn: string, found: PackageFacts): Start {
  if (found.ModelApprovalStatus !== "Approved") {
    return { start: false, because: `its approval status is ${found.ModelApprovalStatus}` };
  }
  if (found.ModelPackageStatus !== "Completed") {
    return { start: false, because: `its status is ${found.ModelPackageStatus}` };
  }
  const modelPackageArn = found.ModelPackageArn ?? arn;
  return { start: true, name: executionName(modelPackageArn, found.CustomerMetadataProperties ?? {}), modelPackageArn };
}

/**
 * One name for one approval: repeated events and metadata-only changes give it again, and Step Functions then starts
 * nothing. `by-hand` stands for an approval that carries no record of ours.
 */
export function executionName(arn: string, metadata: Readonly<Record<string, string>>): string {
  const { group, version } = parseModelPackageArn(arn);
  const approval = metadata[packageKeys.approvedAt] ?? "by-hand";
  const mark = createHash("sha256").update(approval).digest("hex").slice(0, 8);
  return `pkg-${group.slice(0, groupLimit)}-v${version}-${mark}`;
}
