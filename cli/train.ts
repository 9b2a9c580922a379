/** Trains in script mode through CreateTrainingJob, on a published dataset version. */
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import {
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  type DescribeTrainingJobResponse,
  type SageMakerClient,
  type TrainingInstanceType,
} from "@aws-sdk/client-sagemaker";
import { create as createTar } from "tar";
import { datasetPrefix } from "../contracts/dataset.ts";
import { lineageKeys, TAG_PREFIX } from "../contracts/lineage.ts";
import { UserError } from "./stage.ts";

export interface TrainingRequest {
  readonly stage: string;
  readonly dataBucket: string;
  readonly artifactBucket: string;
  readonly roleArn: string;
  readonly datasetVersion: string;
  /** Folder with the entry script. */
  readonly source: string;
  /** Entry script below `source`. */
  readonly entry: string;
  readonly image: string;
  readonly hyperparameters: Readonly<Record<string, string | number | boolean>>;
  readonly instanceType: string;
  /** Seconds; the job is stopped when it runs longer. */
  readonly maxRuntimeSeconds: number;
  /** Name of the run: groups the jobs of one line of work. */
  readonly run: string;
}

/** Uploads the source under its content address and starts the job. Returns the job's name. */
export async function startTraining(
  s3: S3Client,
  sagemaker: SageMakerClient,
  request: TrainingRequest,
): Promise<string> {
  const archive = await packSource(request.source, request.entry);
  const digest = createHash("sha256").update(archive).digest("hex");
  const key = `sources/sha256/${digest}/source.tar.gz`;
  await s3.send(new PutObjectCommand({ Bucket: request.artifactBucket, Key: key, Body: archive }));

  const name = `${request.run}-${Date.now().toString(36)}`.slice(0, 63);
  const submitDirectory = `s3://${request.artifactBucket}/${key}`;
  // The script-mode toolkit JSON-decodes every value, so each one is sent as JSON text.
  const hyperparameters = Object.fromEntries(
    Object.entries({
      ...request.hyperparameters,
      sagemaker_program: request.entry,
      sagemaker_submit_directory: submitDirectory,
    }).map(([hyperparameter, value]) => [hyperparameter, JSON.stringify(value)]),
  );
  await sagemaker.send(
    new CreateTrainingJobCommand({
      TrainingJobName: name,
      RoleArn: request.roleArn,
      AlgorithmSpecification: { TrainingImage: request.image, TrainingInputMode: "File" },
      HyperParameters: hyperparameters,
      InputDataConfig: [
        {
          ChannelName: "train",
          ContentType: "text/csv",
          DataSource: {
            S3DataSource: {
              S3DataType: "S3Prefix",
              S3Uri: `s3://${request.dataBucket}/${datasetPrefix(request.datasetVersion)}train/`,
              S3DataDistributionType: "FullyReplicated",
            },
          },
        },
      ],
      OutputDataConfig: { S3OutputPath: `s3://${request.artifactBucket}/runs` },
      ResourceConfig: {
        InstanceType: request.instanceType as TrainingInstanceType,
        InstanceCount: 1,
        VolumeSizeInGB: 5,
      },
      StoppingCondition: { MaxRuntimeInSeconds: request.maxRuntimeSeconds },
      Tags: [
        { Key: lineageKeys.datasetVersion, Value: request.datasetVersion },
        { Key: lineageKeys.run, Value: request.run },
        { Key: `${TAG_PREFIX}stage`, Value: request.stage },
      ],
    }),
  );
  return name;
}

/** Waits until a job has ended; throws with SageMaker's reason unless it completed. */
export async function waitForTraining(
  sagemaker: SageMakerClient,
  name: string,
  options: { pollMs: number; onStatus?: (status: string) => void },
): Promise<DescribeTrainingJobResponse> {
  for (let last = ""; ; ) {
    const job = await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
    const status = `${job.TrainingJobStatus} (${job.SecondaryStatus})`;
    if (status !== last) options.onStatus?.(status);
    last = status;
    if (job.TrainingJobStatus === "Completed") return job;
    if (job.TrainingJobStatus === "Failed" || job.TrainingJobStatus === "Stopped") {
      throw new UserError(`training job ${name} ended ${status}: ${job.FailureReason ?? "no reason given"}`);
    }
    await new Promise((resolve) => setTimeout(resolve, options.pollMs));
  }
}

/** The source folder as a tar.gz whose bytes depend on nothing but names and contents. */
async function packSource(folder: string, entry: string): Promise<Buffer> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((file) => file.isFile() && !file.parentPath.includes("__pycache__"))
    .map((file) => path.relative(folder, path.join(file.parentPath, file.name)).split(path.sep).join("/"))
    .sort();
  if (!names.includes(entry)) {
    throw new UserError(`the source folder ${folder} has no ${entry}; it holds ${names.join(", ") || "no files"}`);
  }
  const chunks: Buffer[] = [];
  const stream = createTar({ cwd: folder, gzip: true, portable: true, mtime: new Date(0), noDirRecurse: true }, names);
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
