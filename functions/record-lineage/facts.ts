/** What SageMaker says is so, read by Describe: the only source of the lineage graph. */

import { datasetPrefix } from "../../contracts/dataset.ts";
import {
  datasetVersionPattern,
  type LineageRecord,
  lineageKeys,
  modelPackageArnPattern,
  packageKeys,
  readLineage,
  TAG_PREFIX,
} from "../../contracts/lineage.ts";
import type { ActionStatus, DatasetRef, Decision } from "../../contracts/lineage-entities.ts";
import type { EndpointFacts, Facts, JobFacts, PackageFacts } from "../../contracts/lineage-graph.ts";
import { artifactKey, s3Uri } from "../../contracts/paths.ts";
import { errorMessage, isNotFound } from "../shared/aws-errors.ts";
import type { FoundPackage, Truth } from "./truth.ts";

/** The stage whose lineage is recorded. */
export interface StageScope {
  readonly stage: string;
  readonly dataBucket: string;
  readonly artifactBucket: string;
  /** What the names of the stage's endpoints start with. */
  readonly endpointPrefix: string;
}

/** The facts about a subject, or why there are none to record. */
export type Reading = Facts | { readonly because: string };

const jobArn = /:(training|processing|transform)-job\/[^/]+$/;

/**
 * Reads what an ARN of a job, a package version or an endpoint stands for, with all that lies before it.
 *
 * @throws what the calls throw, unless it says that the subject is gone
 */
export async function readFacts(truth: Truth, scope: StageScope, arn: string): Promise<Reading> {
  try {
    if (jobArn.test(arn)) return await readJob(truth, scope, arn);
    if (arn.includes(":model-package/")) return await readPackage(truth, scope, arn);
    if (arn.includes(":endpoint/")) return await readEndpoint(truth, scope, arn);
    return { because: "it is neither a job, nor a model package, nor an endpoint" };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return { because: `it is gone: ${errorMessage(error)}` };
  }
}

async function readJob(truth: Truth, scope: StageScope, arn: string): Promise<JobFacts | { because: string }> {
  const job = await truth.job(arn);
  const tags = await truth.tagsOf(job.arn);
  const uris = [...job.inputs, ...job.outputs];
  const buckets = [scope.dataBucket, scope.artifactBucket].map((bucket) => `s3://${bucket}/`);
  const tagged = tags[`${TAG_PREFIX}stage`] === scope.stage;
  if (!tagged && !uris.some((uri) => buckets.some((bucket) => uri.startsWith(bucket)))) {
    return { because: `it is not of stage ${scope.stage}: it reads and writes elsewhere, and has no tag that says so` };
  }
  const version = tags[lineageKeys.datasetVersion];
  if (version === undefined || !datasetVersionPattern.test(version)) {
    return {
      because: `its tag ${lineageKeys.datasetVersion} ${version === undefined ? "is missing" : "names no dataset version"}`,
    };
  }
  const digest = job.kind === "transform" ? tags[lineageKeys.artifactDigest] : undefined;
  return {
    kind: "job",
    arn: job.arn,
    status: actionStatus(job.status),
    dataset: await withParents(truth, datasetRef(version, job.inputs, scope)),
    ...(tags[lineageKeys.run] ? { run: tags[lineageKeys.run] } : {}),
    ...(digest ? { usedArtifact: s3Uri(scope.artifactBucket, artifactKey(digest)) } : {}),
  };
}

/** A dataset of another stage lies in that stage's bucket: the job's own inputs say where. */
function datasetRef(version: string, inputs: readonly string[], { dataBucket }: StageScope): DatasetRef {
  const prefix = datasetPrefix(version);
  const bucket = inputs
    .map((uri) => /^s3:\/\/([^/]+)\/(.*)$/.exec(uri))
    .find((found) => `${found?.[2]}/`.startsWith(prefix));
  return { version, bucket: bucket?.[1] ?? dataBucket };
}

/** Each version is followed once, so neither many ways to it nor one that is its own ancestor costs more. */
async function withParents(truth: Truth, ref: DatasetRef, followed = new Set<string>()): Promise<DatasetRef> {
  if (followed.has(ref.version)) return ref;
  followed.add(ref.version);
  const named = (await truth.parentsOf?.(ref)) ?? [];
  if (named.length === 0) return ref;
  const parents: DatasetRef[] = [];
  for (const version of named) parents.push(await withParents(truth, { version, bucket: ref.bucket }, followed));
  return { ...ref, parents };
}

async function readPackage(truth: Truth, scope: StageScope, arn: string): Promise<PackageFacts | { because: string }> {
  if (!modelPackageArnPattern.test(arn)) return { because: "it is not a version in a group" };
  const found = await truth.modelPackage(arn);
  const metadata = found.metadata;
  let record: LineageRecord;
  try {
    record = readLineage(metadata, arn);
  } catch (error) {
    return { because: errorMessage(error) };
  }
  const versionId = metadata[packageKeys.artifactVersionId];
  const artifactUri =
    metadata[packageKeys.artifactUri] ??
    found.modelDataUrl ??
    s3Uri(scope.artifactBucket, artifactKey(record.artifactDigest));
  return {
    kind: "package",
    arn,
    record,
    artifactUri,
    ...(versionId && versionId !== "null" ? { artifactVersionId: versionId } : {}),
    job: await jobOf(truth, scope, arn, record),
    decisions: decisionsOf(found),
  };
}

/** The job as it is; where it is gone, as the package remembers it. */
async function jobOf(truth: Truth, scope: StageScope, packageArn: string, record: LineageRecord): Promise<JobFacts> {
  const arn = packageArn.replace(/:model-package\/.*$/, `:training-job/${record.trainingJob}`);
  const { datasetVersion: version, run } = record;
  try {
    const job = await truth.job(arn);
    const dataset = await withParents(truth, datasetRef(version, job.inputs, scope));
    return { kind: "job", arn: job.arn, status: actionStatus(job.status), dataset, run };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const dataset = await withParents(truth, datasetRef(version, [], scope));
    return { kind: "job", arn, status: "Completed", dataset, run };
  }
}

/**
 * Every decision that the package tells of: the recorded one, and one made by hand where the status says something else.
 * None while a package waits, and none for one that the gate rejected, which nobody decided about.
 */
export function decisionsOf({ approvalStatus, approvalDescription, metadata }: FoundPackage): Decision[] {
  const comment = approvalDescription ?? "-";
  const recorded = metadata[packageKeys.decision];
  const decisions: Decision[] = [];
  if (recorded !== undefined) {
    decisions.push({
      decision: recorded,
      decidedBy: metadata[packageKeys.approvedBy] ?? "by-hand",
      decidedAt: metadata[packageKeys.approvedAt] ?? "by-hand",
      comment: approvalStatus === recorded ? comment : "-",
      ...(metadata[packageKeys.packetDigest] ? { packetDigest: metadata[packageKeys.packetDigest] } : {}),
    });
  }
  const byGate = approvalStatus === "Rejected" && recorded === undefined && metadata[packageKeys.gate] !== "passed";
  const decided = approvalStatus === "Approved" || approvalStatus === "Rejected";
  if (decided && !byGate && approvalStatus !== recorded) {
    decisions.push({ decision: approvalStatus, decidedBy: "by-hand", decidedAt: "by-hand", comment });
  }
  return decisions;
}

async function readEndpoint(
  truth: Truth,
  scope: StageScope,
  arn: string,
): Promise<EndpointFacts | { because: string }> {
  const name = arn.slice(arn.lastIndexOf("/") + 1);
  if (!name.startsWith(scope.endpointPrefix)) return { because: "it is not an endpoint of this stage" };
  const endpoint = await truth.endpoint(name);
  if (endpoint.status !== "InService") return { because: `its status is ${endpoint.status}` };
  const served = await servedPackages(truth, endpoint.configName);
  if (served.length === 0) {
    return { because: `neither its configuration ${endpoint.configName} nor a model of it names a model package` };
  }
  const packages: PackageFacts[] = [];
  for (const one of served) {
    const found = await readPackage(truth, scope, one);
    if ("because" in found) return { because: `it serves ${one}: ${found.because}` };
    packages.push(found);
  }
  return { kind: "endpoint", arn: endpoint.arn, packages };
}

/** Packages behind a configuration: by its models, which name what they run, and by tag where a model does not. */
export async function servedPackages(
  truth: Pick<Truth, "endpointConfig" | "modelPackageOf" | "tagsOf">,
  configName: string,
): Promise<string[]> {
  const config = await truth.endpointConfig(configName);
  const byModel = await Promise.all(config.models.map((model) => truth.modelPackageOf(model)));
  const named = byModel.filter((arn) => arn !== undefined && modelPackageArnPattern.test(arn)) as string[];
  if (named.length === config.models.length && named.length > 0) return [...new Set(named)].sort();
  const tagged = (await truth.tagsOf(config.arn))[lineageKeys.modelPackage];
  return [...new Set([...named, ...(tagged && modelPackageArnPattern.test(tagged) ? [tagged] : [])])].sort();
}

/** SageMaker's job statuses that an action can have; others are unknown to it. */
export function actionStatus(jobStatus: string | undefined): ActionStatus {
  const known: readonly ActionStatus[] = ["InProgress", "Completed", "Failed", "Stopping", "Stopped"];
  return known.find((status) => status === jobStatus) ?? "Unknown";
}
