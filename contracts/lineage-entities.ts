/** The entities of the lineage graph: what each is called, of which type, and which source it stands for. Pure. */
import { createHash } from "node:crypto";
import { manifestKey } from "./dataset.ts";
import { parseDatasetVersion, parseModelPackageArn } from "./lineage.ts";
import { s3Uri } from "./paths.ts";

/** What SageMaker knows it as; a job is a trial component that SageMaker makes, or an action of ours where it made none. */
export type EntityKind = "artifact" | "action" | "context" | "job";

export interface Entity {
  readonly kind: EntityKind;
  /** Name of an entity of ours: 1 to 120 letters, digits and inner hyphens (botocore sagemaker, ExperimentEntityName). */
  readonly name: string;
  readonly type: string;
  readonly sourceUri: string;
  /** Of a job. */
  readonly status?: ActionStatus;
  /** At most 30 of 2,500 characters (botocore sagemaker, LineageEntityParameters), without line ends. */
  readonly properties?: Readonly<Record<string, string>>;
}

export type ActionStatus = "Unknown" | "InProgress" | "Completed" | "Failed" | "Stopping" | "Stopped";

export const entityTypes = {
  dataset: "frugal:dataset-version",
  run: "frugal:run",
  job: "frugal:job",
  artifact: "frugal:artifact",
  package: "frugal:model-package",
  approval: "frugal:approval",
  endpoint: "frugal:endpoint",
} as const;

/** A published dataset version and where it lies. */
export interface DatasetRef {
  readonly version: string;
  readonly bucket: string;
  /** Versions that it was made from. */
  readonly parents?: readonly DatasetRef[];
}

/** A decision about a package. */
export interface Decision {
  readonly decision: string;
  readonly decidedBy: string;
  /** ISO time, or "by-hand" where nobody wrote it down. */
  readonly decidedAt: string;
  readonly comment: string;
  readonly packetDigest?: string;
}

/** Identity of an entity in a graph. */
export function entityKey({ kind, sourceUri }: Pick<Entity, "kind" | "sourceUri">): string {
  return `${kind} ${sourceUri}`;
}

export function datasetEntity({ version, bucket }: DatasetRef): Entity {
  const { name, hex } = parseDatasetVersion(version);
  return {
    kind: "artifact",
    name: `frugal-dataset-${name}-${hex.slice(0, 12)}`,
    type: entityTypes.dataset,
    sourceUri: s3Uri(bucket, manifestKey(version)),
    properties: { datasetVersion: version },
  };
}

/** A run belongs to account and region: it is the name of a line of work, and work moves between stages. */
export function runEntity(run: string): Entity {
  return {
    kind: "context",
    name: `frugal-run-${slug(run, 80)}-${mark(run)}`,
    type: entityTypes.run,
    sourceUri: `${RUN_URI}${encodeURIComponent(run)}`,
    properties: { run },
  };
}
/** What a run's source URI starts with. */
export const RUN_URI = "frugal:run/";

export function jobEntity(job: { arn: string; status: ActionStatus; run?: string }): Entity {
  const { arn, status, run } = job;
  // "training-job/name": jobs of different kinds may share a name.
  const name = arn.slice(arn.lastIndexOf(":") + 1).replace("/", "-");
  return {
    kind: "job",
    name: `frugal-${name}`,
    type: entityTypes.job,
    sourceUri: arn,
    status,
    ...(run === undefined ? {} : { properties: { run } }),
  };
}

/** A content address tells the digest; any other address is only itself. */
export function artifactEntity(uri: string, versionId?: string): Entity {
  const hex = /\/sha256\/([0-9a-f]{64})\//.exec(uri)?.[1];
  return {
    kind: "artifact",
    name: `frugal-artifact-${(hex ?? mark(uri, 32)).slice(0, 32)}`,
    type: entityTypes.artifact,
    sourceUri: uri,
    properties: {
      ...(hex === undefined ? {} : { digest: `sha256:${hex}` }),
      ...(versionId === undefined ? {} : { versionId }),
    },
  };
}

export function packageEntity(arn: string): Entity {
  const { group, version } = parseModelPackageArn(arn);
  return { kind: "artifact", name: `frugal-package-${group}-${version}`, type: entityTypes.package, sourceUri: arn };
}

/** One per decision: SageMaker's own approval actions tell neither who nor why. */
export function approvalEntity(arn: string, decision: Decision): Entity {
  const { group, version } = parseModelPackageArn(arn);
  const sign = mark(decision.decidedAt === "by-hand" ? `by-hand ${decision.decision}` : decision.decidedAt);
  const { decision: decided, decidedBy, decidedAt, comment, packetDigest } = decision;
  return {
    kind: "action",
    name: `frugal-approval-${group}-${version}-${sign}`,
    type: entityTypes.approval,
    sourceUri: `${arn}#approval-${sign}`,
    status: "Completed",
    properties: {
      decision: decided,
      decidedBy,
      decidedAt,
      comment: comment.replace(/\s+/gu, " ").slice(0, 2500) || "-",
      ...(packetDigest === undefined ? {} : { packetDigest }),
    },
  };
}

export function endpointEntity(arn: string): Entity {
  return {
    kind: "context",
    name: `frugal-endpoint-${arn.slice(arn.lastIndexOf("/") + 1)}`,
    type: entityTypes.endpoint,
    sourceUri: arn,
  };
}

const mark = (text: string, length = 8): string => createHash("sha256").update(text).digest("hex").slice(0, length);

const slug = (text: string, length: number): string =>
  text
    .replace(/[^a-zA-Z0-9]+/g, "-")
    .slice(0, length)
    .replace(/^-+|-+$/g, "") || "x";
