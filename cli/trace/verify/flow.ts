/** Checks of what SageMaker keeps: jobs, artefacts, packages, approvals, endpoints. */
import type { S3Client } from "@aws-sdk/client-s3";
import { DescribeModelPackageCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import { lineageKeys, packageKeys } from "../../../contracts/lineage.ts";
import { parseS3Uri } from "../../../contracts/paths.ts";
import { servedPackages } from "../../../functions/record-lineage/facts.ts";
import { awsTruth } from "../../../functions/record-lineage/truth.ts";
import { isNotFound } from "../../../functions/shared/aws-errors.ts";
import type { TraceNode } from "../model.ts";
import { objectFaults, versionFaults, versionsUnder } from "./objects.ts";
import { type Check, checked } from "./report.ts";
import type { Clients, Surroundings } from "./verify.ts";

/** Runs a check of something that may be gone. */
async function unlessGone(node: TraceNode, check: () => Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return checked(node, "", [`it is gone: ${(error as Error).message}`]);
  }
}

/** The job is there, and names the very dataset versions that are recorded. */
export function verifyJob(sagemaker: SageMakerClient, node: TraceNode, around: Surroundings): Promise<Check> {
  return unlessGone(node, async () => {
    const truth = awsTruth(sagemaker);
    const [job, tags] = await Promise.all([truth.job(node.uri), truth.tagsOf(node.uri)]);
    const faults: string[] = [];
    const version = tags[lineageKeys.datasetVersion];
    const recorded = around.before(node).filter(({ kind }) => kind === "dataset version");
    // On the way down from elsewhere, what lies before the job is not part of the trace.
    for (const { name } of recorded)
      if (name !== version) faults.push(`recorded as learned from ${name}, but its tag says ${version ?? "nothing"}`);
    if (around.before(node).some(({ kind }) => kind === "artefact") === false && job.status === "Failed")
      return checked(node, "failed, as recorded", faults);
    return checked(node, `${job.status}`, faults);
  });
}

/** The bytes at the content address are those that it is named for, under the version id that was staged. */
export async function verifyArtifact(
  s3: S3Client,
  node: TraceNode,
  around: Surroundings,
  deep: boolean,
): Promise<Check> {
  const { bucket, key } = parseS3Uri(node.uri);
  // The packages say which version was tested; SageMaker may have made the artefact's entity, which then says nothing.
  const told = [node, ...around.after(node)].flatMap(({ facts }) => facts);
  const recorded = told.find(([label]) => label === "version id" || label === "artefact version id")?.[1];
  const versions = await versionsUnder(s3, bucket, key);
  const faults = versionFaults(node.uri, versions.get(key), recorded);
  if (faults.length === 0)
    faults.push(...(await objectFaults(s3, { bucket, key, versionId: recorded, digest: node.name }, deep)));
  return checked(
    node,
    `${recorded ? `version ${recorded}, ` : ""}${deep ? "hashed anew" : "size and SHA-256"}`,
    faults,
  );
}

/** The package stands as recorded: its artefact, its evaluation, and, where it serves or was approved, its approval. */
export function verifyPackage({ s3, sagemaker }: Clients, node: TraceNode, around: Surroundings): Promise<Check> {
  return unlessGone(node, async () => {
    const found = await sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: node.uri }));
    const metadata = found.CustomerMetadataProperties ?? {};
    const faults: string[] = [];
    const status = found.ModelApprovalStatus;
    const approved = metadata[packageKeys.decision] === "Approved";
    const served = around.inService.has(node.uri);
    if (status !== "Approved" && (served || (approved && around.trace.subject === node.arn)))
      faults.push(
        `it is ${status}${served ? ", and in service" : ""}; recorded is the approval by ${metadata[packageKeys.approvedBy] ?? "nobody"}`,
      );
    if (found.ModelPackageStatus !== "Completed") faults.push(`its status is ${found.ModelPackageStatus}`);
    const artefacts = around.before(node).filter(({ kind }) => kind === "artefact");
    const url = found.InferenceSpecification?.Containers?.[0]?.ModelDataUrl;
    for (const { name, uri } of artefacts) {
      if (name !== metadata[lineageKeys.artifactDigest])
        faults.push(`recorded as made of ${name}, but its metadata says ${metadata[lineageKeys.artifactDigest]}`);
      if (uri !== url) faults.push(`recorded as made of ${uri}, but it serves ${url}`);
    }
    const evaluation = found.ModelMetrics?.ModelQuality?.Statistics;
    if (evaluation?.S3Uri && evaluation.ContentDigest)
      faults.push(
        ...(await objectFaults(s3, { ...parseS3Uri(evaluation.S3Uri), digest: evaluation.ContentDigest }, true)),
      );
    return checked(node, `${status}${evaluation ? ", evaluation unchanged" : ""}`, faults);
  });
}

/** What is recorded of a decision is what the package says of it. */
export function verifyApproval(sagemaker: SageMakerClient, node: TraceNode): Promise<Check> {
  return unlessGone(node, async () => {
    const arn = node.uri.slice(0, node.uri.indexOf("#"));
    const { metadata } = await awsTruth(sagemaker).modelPackage(arn);
    const fact = (label: string): string | undefined => node.facts.find(([name]) => name === label)?.[1];
    const faults: string[] = [];
    if (fact("at") !== "by-hand") {
      const pairs: [string, string | undefined, string | undefined][] = [
        ["decision", node.name, metadata[packageKeys.decision]],
        ["decided by", fact("by"), metadata[packageKeys.approvedBy]],
        ["decided at", fact("at"), metadata[packageKeys.approvedAt]],
      ];
      for (const [what, recorded, now] of pairs)
        if (recorded !== now) faults.push(`recorded ${what} ${recorded}; the package says ${now ?? "nothing"}`);
    }
    return checked(node, `by ${fact("by")} at ${fact("at")}`, faults);
  });
}

/** The endpoint serves, and serves what is recorded. */
export function verifyEndpoint(sagemaker: SageMakerClient, node: TraceNode, around: Surroundings): Promise<Check> {
  return unlessGone(node, async () => {
    const truth = awsTruth(sagemaker);
    const endpoint = await truth.endpoint(node.name);
    const faults = endpoint.status === "InService" ? [] : [`its status is ${endpoint.status}`];
    const served = await servedPackages(truth, endpoint.configName);
    const recorded = new Set(around.before(node).map(({ uri }) => uri));
    if (served.length === 0) faults.push(`its configuration ${endpoint.configName} serves no model package`);
    // On the way down from a package, the others that the endpoint served are not part of the trace.
    const whole = around.trace.subject === node.arn;
    for (const arn of served) if (whole && !recorded.has(arn)) faults.push(`it serves ${arn}, which is not recorded`);
    return checked(node, `serves ${served.join(", ")}`, faults);
  });
}
