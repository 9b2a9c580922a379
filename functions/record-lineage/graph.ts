/**
 * The lineage graph as data: dataset version → training → artefact → package → approval, endpoint. No I/O.
 *
 * SageMaker makes entities of its own for jobs, packages and endpoints, and keeps one artifact per source URI, so entities
 * are known by their source URI; the URI of ours holds a digest or a version, so it names one content for ever.
 */
import { createHash } from "node:crypto";
import { manifestKey } from "../../contracts/dataset.ts";
import { digestHex } from "../../contracts/digest.ts";
import { type LineageRecord, packageKeys, parseDatasetVersion, parseModelPackageArn } from "../../contracts/lineage.ts";
import { artifactKey, s3Uri } from "../../contracts/paths.ts";

export interface Entity {
  kind: "artifact" | "action" | "context";
  /** 1 to 120 letters, digits and inner hyphens; unique among actions and among contexts. */
  name: string;
  type: string;
  sourceUri: string;
  /** Actions only. */
  status?: ActionStatus;
  /** Whether an entity that is found with another status gets this one. */
  refresh?: boolean;
  properties?: Record<string, string>;
}

export type ActionStatus = "Unknown" | "InProgress" | "Completed" | "Failed" | "Stopping" | "Stopped";

export interface Edge {
  from: Entity;
  to: Entity;
  type: "ContributedTo" | "AssociatedWith" | "Produced";
}

export interface Buckets {
  dataBucket: string;
  artifactBucket: string;
}

export const entityTypes = {
  dataset: "frugal:dataset-version",
  training: "frugal:training-job",
  artifact: "frugal:artifact",
  package: "frugal:model-package",
  approval: "frugal:approval",
  endpoint: "frugal:endpoint",
} as const;

/** Longest property value of an action (botocore sagemaker, StringParameterValue: 2,500, no line ends). */
const propertyLimit = 2500;

export function datasetEntity(version: string, { dataBucket }: Buckets): Entity {
  const { name, hex } = parseDatasetVersion(version);
  return {
    kind: "artifact",
    name: `frugal-dataset-${name}-${hex.slice(0, 12)}`,
    type: entityTypes.dataset,
    sourceUri: s3Uri(dataBucket, manifestKey(version)),
    properties: { datasetVersion: version },
  };
}

export function trainingEntity(jobArn: string, status: ActionStatus, properties: Record<string, string> = {}): Entity {
  const name = jobArn.slice(jobArn.lastIndexOf("/") + 1);
  return {
    kind: "action",
    name: `frugal-training-${name}`,
    type: entityTypes.training,
    sourceUri: jobArn,
    status,
    properties,
  };
}

export function artifactEntity(digest: string, { artifactBucket }: Buckets): Entity {
  return {
    kind: "artifact",
    name: `frugal-artifact-${digestHex(digest).slice(0, 32)}`,
    type: entityTypes.artifact,
    sourceUri: s3Uri(artifactBucket, artifactKey(digest)),
    properties: { digest },
  };
}

export function packageEntity(arn: string): Entity {
  const { group, version } = parseModelPackageArn(arn);
  return { kind: "artifact", name: `frugal-package-${group}-${version}`, type: entityTypes.package, sourceUri: arn };
}

export function endpointEntity(arn: string): Entity {
  return {
    kind: "context",
    name: `frugal-endpoint-${arn.slice(arn.lastIndexOf("/") + 1)}`,
    type: entityTypes.endpoint,
    sourceUri: arn,
  };
}

/** What a training job tells: which data it learned from. */
export function trainingGraph(
  jobArn: string,
  status: ActionStatus,
  datasetVersion: string,
  run: string | undefined,
  buckets: Buckets,
): Edge[] {
  const training = { ...trainingEntity(jobArn, status, run ? { run } : {}), refresh: true };
  return [{ from: datasetEntity(datasetVersion, buckets), to: training, type: "ContributedTo" }];
}

/** The part of DescribeModelPackage's answer that matters here. */
export interface PackageFacts {
  ModelApprovalStatus?: string;
  ApprovalDescription?: string;
  CustomerMetadataProperties?: Record<string, string>;
}

/** What a model package tells: all of its past, and the decision once there is one. */
export function packageGraph(arn: string, record: LineageRecord, found: PackageFacts, buckets: Buckets): Edge[] {
  const jobArn = arn.replace(/:model-package\/.*$/, `:training-job/${record.trainingJob}`);
  const training = trainingEntity(jobArn, "Completed", { run: record.run });
  const artifact = artifactEntity(record.artifactDigest, buckets);
  const modelPackage = packageEntity(arn);
  const approval = approvalEntity(arn, found);
  return [
    { from: datasetEntity(record.datasetVersion, buckets), to: training, type: "ContributedTo" },
    { from: training, to: artifact, type: "Produced" },
    { from: artifact, to: modelPackage, type: "ContributedTo" },
    ...(approval ? [{ from: modelPackage, to: approval, type: "AssociatedWith" } as const] : []),
  ];
}

/**
 * The decision; none while a package waits, and none for one that the gate rejected, which nobody decided about. An
 * approval without our record was made by hand.
 */
function approvalEntity(arn: string, found: PackageFacts): Entity | undefined {
  const metadata = found.CustomerMetadataProperties ?? {};
  const decision =
    metadata[packageKeys.decision] ?? (found.ModelApprovalStatus === "Approved" ? "Approved" : undefined);
  if (decision === undefined) return undefined;
  const decidedAt = metadata[packageKeys.approvedAt] ?? "by-hand";
  const { group, version } = parseModelPackageArn(arn);
  const mark = createHash("sha256").update(decidedAt).digest("hex").slice(0, 8);
  const properties: Record<string, string> = {
    decision,
    decidedBy: metadata[packageKeys.approvedBy] ?? "by-hand",
    decidedAt,
    comment: (found.ApprovalDescription ?? "-").replace(/\s+/gu, " ").slice(0, propertyLimit),
  };
  const digest = metadata[packageKeys.packetDigest];
  if (digest !== undefined) properties.packetDigest = digest;
  return {
    kind: "action",
    name: `frugal-approval-${group}-${version}-${mark}`,
    type: entityTypes.approval,
    sourceUri: `${arn}#approval-${mark}`,
    status: "Completed",
    properties,
  };
}

/** What an endpoint in service tells: which package it serves. */
export function endpointGraph(endpointArn: string, packageArn: string): Edge[] {
  return [{ from: packageEntity(packageArn), to: endpointEntity(endpointArn), type: "ContributedTo" }];
}

/** SageMaker's job statuses that an action can have; others are unknown to it. */
export function actionStatus(jobStatus: string | undefined): ActionStatus {
  const known: readonly ActionStatus[] = ["InProgress", "Completed", "Failed", "Stopping", "Stopped"];
  return known.find((status) => status === jobStatus) ?? "Unknown";
}
