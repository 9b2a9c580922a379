/**
 * The lineage record: where a model comes from, in the five facts that everything else stands on, and its two spellings.
 *
 * Taggable resources (Model, EndpointConfig, Endpoint, jobs) carry it as tags; versions in a model package group take no
 * tags, so there the same keys stand in `CustomerMetadataProperties` (at most 50 entries of 1 to 256 characters in the tag
 * alphabet; source: botocore sagemaker 2017-07-24, CustomerMetadataMap).
 */
import * as z from "zod";

/** Prefix of every tag and metadata key that this project writes. */
export const TAG_PREFIX = "frugal:";

/** The keys of the lineage record, as they stand in tags and in a model package's metadata. */
export const lineageKeys = {
  datasetVersion: "frugal:dataset-version",
  run: "frugal:run",
  trainingJob: "frugal:training-job",
  artifactDigest: "frugal:artifact-digest",
  modelPackage: "frugal:model-package",
} as const;

/** Keys of the approval's facts in a model package's metadata; together with the lineage keys they are the audit record. */
export const packageKeys = {
  submission: "frugal:submission",
  /** The AutoML job whose best candidate it is, and which read the dataset; "-" for a training job's model. */
  autoMlJob: "frugal:automl-job",
  /** The state machine's execution that registered it. */
  execution: "frugal:execution",
  /** Why it was submitted, as far as metadata takes it. */
  note: "frugal:note",
  submittedBy: "frugal:submitted-by",
  testDatasetVersion: "frugal:test-dataset-version",
  evaluationDigest: "frugal:evaluation-digest",
  metricName: "frugal:metric-name",
  metricValue: "frugal:metric-value",
  metricStandardError: "frugal:metric-standard-error",
  sampleSize: "frugal:sample-size",
  gate: "frugal:gate",
  gateReasons: "frugal:gate-reasons",
  /** Digest of `verdict.json` beside the evaluation, which has the reasons whole. */
  gateVerdict: "frugal:gate-verdict",
  /** Who decided; several approvers in the order of their answers, with spaces between. */
  approvedBy: "frugal:approved-by",
  approvedAt: "frugal:approved-at",
  decision: "frugal:decision",
  packetDigest: "frugal:packet-digest",
  artifactVersionId: "frugal:artifact-version-id",
  artifactUri: "frugal:artifact-uri",
} as const;

/** `<dataset name>@sha256:<64 hex>`: content decides a dataset version's identity. */
export const datasetVersionPattern = /^(?<name>[a-z0-9](?:-?[a-z0-9]){0,62})@sha256:(?<hex>[0-9a-f]{64})$/;
export const digestPattern = /^sha256:[0-9a-f]{64}$/;
/** A version in a model package group. */
export const modelPackageArnPattern =
  /^arn:(?<partition>aws[a-z-]*):sagemaker:(?<region>[a-z0-9-]+):(?<account>\d{12}):model-package\/(?<group>[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62})\/(?<version>\d{1,9})$/;
/** SageMaker's name rule for jobs, models, endpoints and groups: 1 to 63 letters, digits and inner hyphens (botocore). */
export const sagemakerNamePattern = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;
/** What a tag or metadata value may hold (botocore, TagValue and CustomerMetadataValue). */
export const tagAlphabet = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

export const LineageRecord = z.object({
  datasetVersion: z.string().regex(datasetVersionPattern, "must be <name>@sha256:<64 hex>"),
  run: z.string().min(1).max(256).regex(tagAlphabet, "must keep to the tag alphabet"),
  trainingJob: z.string().regex(sagemakerNamePattern, "must be a training job's name"),
  artifactDigest: z.string().regex(digestPattern, "must be sha256:<64 hex>"),
});
export type LineageRecord = z.infer<typeof LineageRecord>;

/** A dataset version's two parts. Throws when the text is not one. */
export function parseDatasetVersion(text: string): { name: string; hex: string } {
  const found = datasetVersionPattern.exec(text)?.groups;
  if (!found?.name || !found.hex) {
    throw new Error(
      `"${text}" is not a dataset version: expected <name>@sha256:<64 hex>, as \`frugal dataset publish\` prints it`,
    );
  }
  return { name: found.name, hex: found.hex };
}

/** The parts of a versioned model package ARN. Throws when the text is not one. */
export function parseModelPackageArn(arn: string): { account: string; region: string; group: string; version: number } {
  const found = modelPackageArnPattern.exec(arn)?.groups;
  if (!found?.account || !found.region || !found.group || !found.version) {
    throw new Error(
      `"${arn}" is not the ARN of a model package version: expected arn:aws:sagemaker:REGION:ACCOUNT:model-package/GROUP/N`,
    );
  }
  return { account: found.account, region: found.region, group: found.group, version: Number(found.version) };
}

/** The record as tags of the resources that serve a package. */
export function lineageTags(record: LineageRecord, modelPackageArn: string): Record<string, string> {
  return { ...lineageMetadata(record), [lineageKeys.modelPackage]: modelPackageArn };
}

/** The record as a model package's metadata. */
export function lineageMetadata(record: LineageRecord): Record<string, string> {
  return {
    [lineageKeys.datasetVersion]: record.datasetVersion,
    [lineageKeys.run]: record.run,
    [lineageKeys.trainingJob]: record.trainingJob,
    [lineageKeys.artifactDigest]: record.artifactDigest,
  };
}

/** Reads the record out of tags or metadata; throws with every missing or malformed key named. */
export function readLineage(values: Readonly<Record<string, string | undefined>>, where: string): LineageRecord {
  const result = LineageRecord.safeParse({
    datasetVersion: values[lineageKeys.datasetVersion],
    run: values[lineageKeys.run],
    trainingJob: values[lineageKeys.trainingJob],
    artifactDigest: values[lineageKeys.artifactDigest],
  });
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => {
    const key = lineageKeys[issue.path[0] as keyof typeof lineageKeys];
    return `${key} ${values[key] === undefined ? "is missing" : `is "${values[key]}", ${issue.message}`}`;
  });
  throw new Error(`${where} has no true lineage record: ${faults.join("; ")}`);
}

/** A text made fit for a tag or metadata value: other characters become "-", at most 256 characters, never empty. */
export function tagValue(text: string): string {
  const cleaned = text.replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, "-").slice(0, 256);
  return cleaned === "" ? "-" : cleaned;
}
