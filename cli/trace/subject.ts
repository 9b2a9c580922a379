/** What a person may ask about, and the lineage entity that stands for it. */
import { DescribeEndpointCommand, DescribeTrainingJobCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import {
  datasetVersionPattern,
  digestPattern,
  modelPackageArnPattern,
  sagemakerNamePattern,
} from "../../contracts/lineage.ts";
import { datasetEntity, type Entity, type EntityKind, entityTypes } from "../../contracts/lineage-entities.ts";
import { artifactKey, s3Uri } from "../../contracts/paths.ts";
import { awsStore } from "../../functions/record-lineage/store.ts";
import { choose } from "../../functions/record-lineage/write.ts";
import { isNotFound } from "../../functions/shared/aws-errors.ts";
import { UserError } from "../stage.ts";

/** Where a stage keeps what is named by content. */
export interface Buckets {
  readonly dataBucket: string;
  readonly artifactBucket: string;
}

/** A thing outside the graph that an entity of it stands for. */
export interface Source extends Pick<Entity, "kind" | "type" | "sourceUri"> {
  readonly said: string;
}

const jobArn = /^arn:aws[a-z-]*:sagemaker:[^:]+:\d{12}:(training|processing|transform)-job\/[^/]+$/;
const endpointArn = /^arn:aws[a-z-]*:sagemaker:[^:]+:\d{12}:endpoint\/[^/]+$/;

/**
 * Reads what was asked for: an endpoint's name or ARN, a model package's ARN, a dataset version, an artefact's digest, a
 * training job's name, a job's ARN.
 *
 * @throws UserError that says what may be asked, or that a name is two things
 */
export async function readSubject(sagemaker: SageMakerClient, text: string, buckets: Buckets): Promise<Source> {
  const source = (kind: EntityKind, type: string, sourceUri: string, said: string): Source => ({
    kind,
    type,
    sourceUri,
    said,
  });
  if (datasetVersionPattern.test(text)) {
    const { kind, type, sourceUri } = datasetEntity({ version: text, bucket: buckets.dataBucket });
    return source(kind, type, sourceUri, `dataset version ${text}`);
  }
  const digest = /^[0-9a-f]{64}$/.test(text) ? `sha256:${text}` : text;
  if (digestPattern.test(digest))
    return source(
      "artifact",
      entityTypes.artifact,
      s3Uri(buckets.artifactBucket, artifactKey(digest)),
      `artefact ${digest}`,
    );
  if (modelPackageArnPattern.test(text)) return source("artifact", entityTypes.package, text, `model package ${text}`);
  if (jobArn.test(text)) return source("job", entityTypes.job, text, `job ${text}`);
  if (endpointArn.test(text)) return source("context", entityTypes.endpoint, text, `endpoint ${text}`);

  const [, word, rest = ""] = /^(endpoint|training-job)\/(.+)$/.exec(text) ?? [];
  const name = word ? rest : text;
  if (!sagemakerNamePattern.test(name)) {
    throw new UserError(
      `"${text}" is nothing that can be traced: name an endpoint, a training job, a model package's ARN, a dataset version (name@sha256:…) or an artefact's digest (sha256:…)`,
    );
  }
  const [endpoint, job] = await Promise.all([
    word === "training-job" ? undefined : endpointOf(sagemaker, name),
    word === "endpoint" ? undefined : trainingJobOf(sagemaker, name),
  ]);
  if (endpoint && job)
    throw new UserError(`"${name}" is an endpoint and a training job: say endpoint/${name} or training-job/${name}`);
  if (endpoint) return source("context", entityTypes.endpoint, endpoint, `endpoint ${name}`);
  if (job) return source("job", entityTypes.job, job, `training job ${name}`);
  throw new UserError(
    `there is no ${word ? word.replace("-", " ") : "endpoint and no training job"} "${name}" in this account and region`,
  );
}

/** The ARN of the lineage entity that stands for the source; undefined when nothing is recorded about it. */
export async function entityOf(sagemaker: SageMakerClient, source: Source): Promise<string | undefined> {
  return choose(await awsStore(sagemaker).find(source), source).chosen?.arn;
}

async function endpointOf(sagemaker: SageMakerClient, EndpointName: string): Promise<string | undefined> {
  return unlessGone(async () => (await sagemaker.send(new DescribeEndpointCommand({ EndpointName }))).EndpointArn);
}

async function trainingJobOf(sagemaker: SageMakerClient, TrainingJobName: string): Promise<string | undefined> {
  return unlessGone(
    async () => (await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }))).TrainingJobArn,
  );
}

async function unlessGone<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
