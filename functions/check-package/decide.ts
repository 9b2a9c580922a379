/** Whether a package may be served, and what serving it is called. No I/O. */
import { digestBase64 } from "../../contracts/digest.ts";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import {
  type LineageRecord,
  lineageTags,
  packageKeys,
  parseModelPackageArn,
  readLineage,
  sagemakerNamePattern,
} from "../../contracts/lineage.ts";
import { artifactKey, parseS3Uri } from "../../contracts/paths.ts";
import { type RolloutPlan, servingNames } from "../../contracts/rollout.ts";
import type { ObjectFacts } from "../shared/objects.ts";
import { refuse } from "../shared/parse.ts";

/** The part of DescribeModelPackage's answer that matters here. */
export interface PackageFacts {
  ModelPackageStatus?: string;
  ModelApprovalStatus?: string;
  CustomerMetadataProperties?: Record<string, string>;
  InferenceSpecification?: { Containers?: { ModelDataUrl?: string }[] };
}

/** The part of DescribeEndpoint's answer that matters here. */
export interface EndpointFacts {
  EndpointStatus?: string;
  EndpointConfigName?: string;
}

export interface Candidate {
  record: LineageRecord;
  metadata: Readonly<Record<string, string>>;
  artifact: { bucket: string; key: string };
}

/**
 * The package's record and its artefact's address.
 * Throws `NotApproved`, `LineageMismatch` or `ArtifactChanged`.
 */
export function checkPackage(arn: string, found: PackageFacts): Candidate {
  const unfit: string[] = [];
  if (found.ModelApprovalStatus !== "Approved") unfit.push(`its approval status is ${found.ModelApprovalStatus}`);
  if (found.ModelPackageStatus !== "Completed") unfit.push(`its status is ${found.ModelPackageStatus}`);
  refuse(errorNames.notApproved, `${arn} may not be served`, unfit);

  const metadata = found.CustomerMetadataProperties ?? {};
  const record = lineageOf(arn, metadata);
  const containers = found.InferenceSpecification?.Containers ?? [];
  const [container] = containers;
  if (containers.length !== 1 || !container?.ModelDataUrl) {
    throw new FlowError(
      errorNames.invalidInput,
      `${arn} has ${containers.length} containers; a serverless endpoint serves exactly one, with an artefact of its own`,
    );
  }
  const artifact = parseS3Uri(container.ModelDataUrl);
  if (artifact.key !== artifactKey(record.artifactDigest)) {
    throw new FlowError(
      errorNames.artifactChanged,
      `${arn} serves ${container.ModelDataUrl}, which is not the address of the tested artefact ${record.artifactDigest}`,
    );
  }
  return { record, metadata, artifact };
}

function lineageOf(arn: string, metadata: Readonly<Record<string, string>>): LineageRecord {
  try {
    return readLineage(metadata, arn);
  } catch (error) {
    throw new FlowError(errorNames.lineageMismatch, error instanceof Error ? error.message : String(error));
  }
}

/**
 * Whether the object's bytes are those that were tested: by S3's own SHA-256 of the whole object, or, where S3 keeps only
 * one made of parts (above 5 GB), by the very object version that was staged. Throws `ArtifactChanged`.
 */
export function checkArtifact(candidate: Candidate, object: ObjectFacts | undefined): void {
  const { record, artifact, metadata } = candidate;
  const where = `s3://${artifact.bucket}/${artifact.key}`;
  if (!object) throw new FlowError(errorNames.artifactChanged, `The tested artefact ${where} does not exist any more`);
  const staged = metadata[packageKeys.artifactVersionId];
  const same =
    object.checksumType === "COMPOSITE"
      ? staged !== undefined && staged !== "null" && object.versionId === staged
      : object.checksumSha256 === digestBase64(record.artifactDigest);
  if (same) return;
  throw new FlowError(
    errorNames.artifactChanged,
    `${where} does not hold the tested bytes: SHA-256 ${object.checksumSha256 ?? "(not kept)"} (base64), version ${object.versionId}; expected ${record.artifactDigest}`,
  );
}

/** Statuses in which an endpoint takes no change but will leave them by itself (botocore, EndpointStatus). */
const busy = new Set(["Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"]);
/** Statuses that only a person ends. */
const broken = new Set(["Failed", "UpdateRollbackFailed"]);

/** The plan. Throws `EndpointBusy`, or `RolloutFailed` when the endpoint needs a person. */
export function planRollout(
  arn: string,
  servingPrefix: string,
  candidate: Candidate,
  endpoint: EndpointFacts | undefined,
): RolloutPlan {
  const names = servingNames(servingPrefix, parseModelPackageArn(arn).version);
  const tooLong = Object.values(names).filter((name) => !sagemakerNamePattern.test(name));
  refuse(
    errorNames.invalidInput,
    "SageMaker takes names of 1 to 63 letters, digits and inner hyphens",
    [...new Set(tooLong)].map((name) => `"${name}" is not one`),
  );
  const status = endpoint?.EndpointStatus ?? "";
  if (busy.has(status)) {
    throw new FlowError(errorNames.endpointBusy, `Endpoint ${names.endpointName} is ${status}; wait until it is done`);
  }
  if (broken.has(status)) {
    throw new FlowError(
      errorNames.rolloutFailed,
      `Endpoint ${names.endpointName} is ${status} and takes no update; delete it, then approve again or start the rollout by hand`,
    );
  }
  const tags = lineageTags(candidate.record, arn);
  return {
    modelPackageArn: arn,
    ...names,
    endpoint: !endpoint ? "absent" : endpoint.EndpointConfigName === names.endpointConfigName ? "same" : "other",
    tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  };
}
