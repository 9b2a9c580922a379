/** A model's life on the emulators, made by hand: dataset, training, processing, package, endpoint; and the clients to ask about it. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { GetObjectCommand, PutBucketVersioningCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import * as sm from "@aws-sdk/client-sagemaker";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { datasetDigest, datasetPrefix, manifestKey } from "../../../contracts/dataset.ts";
import { lineageMetadata, packageKeys } from "../../../contracts/lineage.ts";
import { parameterName, type StageParameter } from "../../../contracts/parameters.ts";
import { artifactKey, s3Uri } from "../../../contracts/paths.ts";
import type { StageScope } from "../../../functions/record-lineage/facts.ts";
import {
  BUCKET,
  type Estate,
  eventually,
  finishedTraining,
  IMAGE,
  inference,
  SERVING,
  settledEndpoint,
} from "../sagemaker/control-support.ts";

export const GROUP = "frugal-dev-local";
export const ENDPOINT = "frugal-dev-local";
export const buckets = { dataBucket: BUCKET, artifactBucket: BUCKET };
export const scope: StageScope = { stage: "dev", ...buckets, endpointPrefix: ENDPOINT };

const TRAIN = `import os, shutil
os.makedirs(os.environ["SM_MODEL_DIR"] + "/code", exist_ok=True)
here = os.path.dirname(os.path.abspath(__file__))
shutil.copy(here + "/inference.py", os.environ["SM_MODEL_DIR"] + "/code/inference.py")
`;

export interface Made {
  /** The dataset version that `version` was made from. */
  readonly raw: string;
  readonly version: string;
  readonly digest: string;
  readonly packageArn: string;
  readonly jobArn: string;
  readonly processingArn: string;
}

/** Publishes a version, as `frugal dataset publish` lays it out. */
async function publish(
  estate: Estate,
  name: string,
  contents: Record<string, string>,
  parents?: string[],
): Promise<string> {
  await estate.s3.send(
    new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: "Enabled" } }),
  );
  const files = Object.entries(contents).map(([path, text]) => ({
    path,
    sha256: createHash("sha256").update(text).digest("hex"),
    bytes: text.length,
  }));
  const version = `${name}@sha256:${datasetDigest(files)}`;
  const written = [];
  for (const file of files) {
    const { VersionId: versionId } = await estate.s3.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: datasetPrefix(version) + file.path,
        Body: contents[file.path],
        ChecksumAlgorithm: "SHA256",
      }),
    );
    written.push({ ...file, versionId });
  }
  const createdAt = "2026-01-01T00:00:00Z";
  const manifest = { schemaVersion: 1, version, createdAt, createdBy: "test", parents, files: written };
  await estate.put(manifestKey(version), JSON.stringify(manifest));
  return version;
}

/** A training and a processing job started by hand, as from a notebook: nothing but the tags tells what they are about. */
async function work(
  estate: Estate,
  version: string,
): Promise<{ jobArn: string; model: string; processingArn: string }> {
  const Tags = [
    { Key: "frugal:dataset-version", Value: version },
    { Key: "frugal:run", Value: "by hand / first" },
  ];
  const source = await estate.putArchive("code/source.tar.gz", { "train.py": TRAIN, "inference.py": inference("one") });
  const S3Uri = s3Uri(BUCKET, `${datasetPrefix(version)}train/`);
  const training = await estate.sagemaker.send(
    new sm.CreateTrainingJobCommand({
      TrainingJobName: "first-1",
      RoleArn: estate.roleArn,
      AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: "File" },
      HyperParameters: { sagemaker_program: "train.py", sagemaker_submit_directory: source },
      InputDataConfig: [{ ChannelName: "train", DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri } } }],
      OutputDataConfig: { S3OutputPath: `s3://${BUCKET}/runs` },
      ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 1 },
      StoppingCondition: { MaxRuntimeInSeconds: 60 },
      Tags,
    }),
  );
  const code = await estate.put("code/process.py", "print('nothing')\n");
  const channel = (name: string, uri: string) => ({
    InputName: name,
    S3Input: {
      S3Uri: uri,
      LocalPath: `/opt/ml/processing/${name}`,
      S3DataType: "S3Prefix" as const,
      S3InputMode: "File" as const,
    },
  });
  const processing = await estate.sagemaker.send(
    new sm.CreateProcessingJobCommand({
      ProcessingJobName: "look-1",
      RoleArn: estate.roleArn,
      AppSpecification: { ImageUri: IMAGE, ContainerEntrypoint: ["python3", "/opt/ml/processing/code/process.py"] },
      ProcessingInputs: [channel("code", code), channel("data", S3Uri)],
      ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: "ml.m5.large", VolumeSizeInGB: 1 } },
      StoppingCondition: { MaxRuntimeInSeconds: 60 },
      Tags,
    }),
  );
  const job = await finishedTraining(estate.sagemaker, "first-1");
  await eventually(async () => {
    const found = await estate.sagemaker.send(new sm.DescribeProcessingJobCommand({ ProcessingJobName: "look-1" }));
    if (found.ProcessingJobStatus === "InProgress") throw new Error("still running");
  });
  return {
    jobArn: training.TrainingJobArn ?? "",
    model: job.ModelArtifacts?.S3ModelArtifacts ?? "",
    processingArn: processing.ProcessingJobArn ?? "",
  };
}

/** Registers an artefact, approves it, and lets an endpoint serve it. */
export async function serve(
  estate: Estate,
  made: { version: string; digest: string; versionId?: string },
  n: number,
): Promise<string> {
  const { sagemaker } = estate;
  const record = {
    datasetVersion: made.version,
    run: "by hand / first",
    trainingJob: "first-1",
    artifactDigest: made.digest,
  };
  const { ModelPackageArn = "" } = await sagemaker.send(
    new sm.CreateModelPackageCommand({
      ModelPackageGroupName: GROUP,
      ModelApprovalStatus: "PendingManualApproval",
      InferenceSpecification: {
        Containers: [{ Image: IMAGE, ModelDataUrl: s3Uri(BUCKET, artifactKey(made.digest)), Environment: SERVING }],
        SupportedContentTypes: ["text/csv"],
        SupportedResponseMIMETypes: ["text/csv"],
      },
      CustomerMetadataProperties: {
        ...lineageMetadata(record),
        [packageKeys.artifactVersionId]: made.versionId ?? "null",
        [packageKeys.gate]: "passed",
      },
    }),
  );
  await sagemaker.send(
    new sm.UpdateModelPackageCommand({
      ModelPackageArn,
      ModelApprovalStatus: "Approved",
      ApprovalDescription: "Good.",
      CustomerMetadataProperties: {
        [packageKeys.decision]: "Approved",
        [packageKeys.approvedBy]: "ada@example.com",
        [packageKeys.approvedAt]: `2026-01-02T03:04:0${n}.000Z`,
      },
    }),
  );
  const name = `${ENDPOINT}-v${n}`;
  const PrimaryContainer = { ModelPackageName: ModelPackageArn };
  await sagemaker.send(
    new sm.CreateModelCommand({ ModelName: name, ExecutionRoleArn: estate.roleArn, PrimaryContainer }),
  );
  const ServerlessConfig = { MemorySizeInMB: 2048, MaxConcurrency: 1 };
  const ProductionVariants = [{ VariantName: "all", ModelName: name, ServerlessConfig }];
  await sagemaker.send(new sm.CreateEndpointConfigCommand({ EndpointConfigName: name, ProductionVariants }));
  const change = { EndpointName: ENDPOINT, EndpointConfigName: name };
  await sagemaker.send(n === 1 ? new sm.CreateEndpointCommand(change) : new sm.UpdateEndpointCommand(change));
  const endpoint = await settledEndpoint(sagemaker, ENDPOINT);
  if (endpoint.EndpointStatus !== "InService") throw new Error(endpoint.FailureReason);
  return ModelPackageArn;
}

export async function live(estate: Estate): Promise<Made> {
  const raw = await publish(estate, "raw", { "all.csv": "0\n1,2\n3,4\n" });
  const contents = { "train/data.csv": "1,2\n3,4\n", "test/features.csv": "1\n2\n" };
  const version = await publish(estate, "local", contents, [raw]);
  const { jobArn, model, processingArn } = await work(estate, version);
  const from = model.slice(`s3://${BUCKET}/`.length);
  const { Body } = await estate.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: from }));
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  const { VersionId: versionId } = await estate.s3.send(
    new PutObjectCommand({ Bucket: BUCKET, Key: artifactKey(digest), Body: bytes, ChecksumAlgorithm: "SHA256" }),
  );
  await estate.sagemaker.send(new sm.CreateModelPackageGroupCommand({ ModelPackageGroupName: GROUP }));
  const packageArn = await serve(estate, { version, digest, versionId }, 1);
  return { raw, version, digest, packageArn, jobArn, processingArn };
}

/** The `frugal` command in a process of its own, with the stage's parameters to find the estate by. */
export async function command({ emulators }: Estate) {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const ssm = new SSMClient({ endpoint: emulators.ministack, region: emulators.region, credentials });
  const values = { ...buckets, modelPackageGroup: GROUP, endpointName: ENDPOINT };
  for (const [key, Value] of Object.entries(values))
    await ssm.send(
      new PutParameterCommand({ Name: parameterName("dev", key as StageParameter), Value, Type: "String" }),
    );
  ssm.destroy();
  const main = fileURLToPath(new URL("../../../cli/main.ts", import.meta.url));
  const env = { PATH: process.env.PATH, ...emulators.env };
  return (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    promisify(execFile)(process.execPath, [main, ...args], { env }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
}
