/** The Describe calls behind the facts, as AWS provides them. */
import type { S3Client } from "@aws-sdk/client-s3";
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  DescribeModelPackageCommand,
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  DescribeTransformJobCommand,
  ListTagsCommand,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import * as z from "zod";
import { manifestKey } from "../../contracts/dataset.ts";
import { datasetVersionPattern, lineageKeys } from "../../contracts/lineage.ts";
import type { DatasetRef } from "../../contracts/lineage-entities.ts";
import { httpStatus, isNotFound } from "../shared/aws-errors.ts";
import { readText } from "../shared/objects.ts";
import { tagsOf } from "../shared/tags.ts";

export interface FoundJob {
  readonly kind: "training" | "processing" | "transform";
  readonly arn: string;
  readonly status?: string;
  /** S3 URIs. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface FoundPackage {
  readonly status?: string;
  readonly approvalStatus?: string;
  readonly approvalDescription?: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly modelDataUrl?: string;
}

export interface Truth {
  /** By ARN; the part before the name says which kind of job. */
  job(arn: string): Promise<FoundJob>;
  modelPackage(arn: string): Promise<FoundPackage>;
  endpoint(name: string): Promise<{ arn: string; status: string; configName: string }>;
  endpointConfig(name: string): Promise<{ arn: string; models: string[] }>;
  /** The package that a model runs, or is tagged with; undefined when it says neither or is gone. */
  modelPackageOf(model: string): Promise<string | undefined>;
  tagsOf(arn: string): Promise<Record<string, string>>;
  /** Versions that a dataset version was made from, by its manifest; none where that cannot be read. @default not asked */
  parentsOf?(dataset: DatasetRef): Promise<string[]>;
}

/** @param s3 where manifests are read from; without it nothing is known about a dataset version's parents */
export function awsTruth(sagemaker: SageMakerClient, s3?: S3Client): Truth {
  const tags = (arn: string) => tagsOf((input) => sagemaker.send(new ListTagsCommand(input)), arn);
  return {
    job: (arn) => describeJob(sagemaker, arn),
    async modelPackage(arn) {
      const found = await sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
      return {
        status: found.ModelPackageStatus,
        approvalStatus: found.ModelApprovalStatus,
        approvalDescription: found.ApprovalDescription,
        metadata: found.CustomerMetadataProperties ?? {},
        modelDataUrl: found.InferenceSpecification?.Containers?.[0]?.ModelDataUrl,
      };
    },
    async endpoint(name) {
      const found = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: name }));
      return {
        arn: found.EndpointArn ?? "",
        status: found.EndpointStatus ?? "",
        configName: found.EndpointConfigName ?? "",
      };
    },
    async endpointConfig(name) {
      const found = await sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: name }));
      const models = (found.ProductionVariants ?? []).flatMap(({ ModelName }) => ModelName ?? []);
      return { arn: found.EndpointConfigArn ?? "", models };
    },
    async modelPackageOf(model) {
      try {
        const found = await sagemaker.send(new DescribeModelCommand({ ModelName: model }));
        const container = found.PrimaryContainer ?? found.Containers?.[0];
        return container?.ModelPackageName ?? (await tags(found.ModelArn ?? ""))[lineageKeys.modelPackage];
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    tagsOf: tags,
    ...(s3 ? { parentsOf: manifestReader(s3) } : {}),
  };
}

/** Most bytes of a manifest that are read: some 100,000 objects. */
const MANIFEST_LIMIT = 64 * 1024 * 1024;
const Parents = z.object({ parents: z.array(z.string().regex(datasetVersionPattern)).optional() });

/** A version never changes, so one that was read is not read again. Another stage's bucket may be closed to this one. */
function manifestReader(s3: S3Client): (dataset: DatasetRef) => Promise<string[]> {
  const known = new Map<string, string[]>();
  return async ({ version, bucket }) => {
    const key = manifestKey(version);
    const where = `${bucket}/${key}`;
    const before = known.get(where);
    if (before) return before;
    try {
      const object = await readText(s3, bucket, key, MANIFEST_LIMIT);
      if (!object) return [];
      const parents = Parents.parse(JSON.parse(object.text)).parents ?? [];
      known.set(where, parents);
      return parents;
    } catch (error) {
      if (httpStatus(error) === 403) return [];
      throw error;
    }
  };
}

async function describeJob(sagemaker: SageMakerClient, arn: string): Promise<FoundJob> {
  const name = arn.slice(arn.lastIndexOf("/") + 1);
  const some = (uris: (string | undefined)[]) => uris.filter((uri) => uri !== undefined);
  if (arn.includes(":training-job/")) {
    const job = await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
    return {
      kind: "training",
      arn: job.TrainingJobArn ?? arn,
      status: job.TrainingJobStatus,
      inputs: some((job.InputDataConfig ?? []).map((channel) => channel.DataSource?.S3DataSource?.S3Uri)),
      outputs: some([job.OutputDataConfig?.S3OutputPath]),
    };
  }
  if (arn.includes(":processing-job/")) {
    const job = await sagemaker.send(new DescribeProcessingJobCommand({ ProcessingJobName: name }));
    return {
      kind: "processing",
      arn: job.ProcessingJobArn ?? arn,
      status: job.ProcessingJobStatus,
      inputs: some((job.ProcessingInputs ?? []).map((input) => input.S3Input?.S3Uri)),
      outputs: some((job.ProcessingOutputConfig?.Outputs ?? []).map((output) => output.S3Output?.S3Uri)),
    };
  }
  const job = await sagemaker.send(new DescribeTransformJobCommand({ TransformJobName: name }));
  return {
    kind: "transform",
    arn: job.TransformJobArn ?? arn,
    status: job.TransformJobStatus,
    inputs: some([job.TransformInput?.DataSource?.S3DataSource?.S3Uri]),
    outputs: some([job.TransformOutput?.S3OutputPath]),
  };
}
