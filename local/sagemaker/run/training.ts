/** A training job, run for real: channels in, script, artifacts out. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { S3Client } from "@aws-sdk/client-s3";
import type { CreateTrainingJobRequest } from "@aws-sdk/client-sagemaker";
import { pack } from "./archive.ts";
import { type ChildOutcome, runChild, SCRIPTS } from "./child.ts";
import { downloadFault, JobFault, uploadFault } from "./faults.ts";
import { downloadInputs, resolveObjects } from "./inputs.ts";
import { baseEnvironment, type JobFolder, makeJobFolder } from "./job-folder.ts";
import { joinUri, parseS3Uri, relativeKey } from "./keys.ts";
import { LOG_GROUPS, shipLogs } from "./logs.ts";
import { finalMetrics, metricProblems } from "./metrics.ts";
import { algorithmError } from "./reasons.ts";
import { requirementsPath } from "./requirements.ts";
import { download, each, list, s3Client, upload, uploadFolder } from "./s3.ts";
import { configFiles, HOST, refuse, submitDirectory } from "./training-input.ts";
import type { Credentials, JobResult, Progress, RunContext } from "./types.ts";

/** botocore, StoppingCondition.MaxRuntimeInSeconds: one day when not given. */
const DEFAULT_RUNTIME_S = 86_400;

/** Everything one job's steps share. */
interface Job {
  readonly name: string;
  readonly request: CreateTrainingJobRequest;
  readonly arn: string;
  readonly creds: Credentials;
  readonly ctx: RunContext;
  readonly folder: JobFolder;
  readonly s3: S3Client;
}

/**
 * Runs a training job. Script mode of AWS's scikit-learn image, or any image whose ContainerEntrypoint is python; one
 * instance; File mode (FastFile is read as File). In AWS a job killed at its limit, or stopped, still uploads what it
 * left in /opt/ml/model (botocore, StopTrainingJob), and so does this. A failed one uploads its checkpoints only.
 */
export async function runTraining(
  request: CreateTrainingJobRequest,
  arn: string,
  creds: Credentials,
  ctx: RunContext,
  progress: Progress,
  signal: AbortSignal,
): Promise<JobResult> {
  const startTime = Date.now();
  const name = request.TrainingJobName as string;
  const folder = await makeJobFolder(ctx, "training", name);
  const job: Job = { name, request, arn, creds, ctx, folder, s3: s3Client(creds, ctx) };
  let result: Omit<JobResult, "startTime" | "endTime">;
  try {
    result = await steps(job, progress, signal);
  } catch (error) {
    if (!(error instanceof JobFault)) throw error;
    folder.log.write(`${error.message}\n`);
    result = { status: "Failed", secondaryStatus: "Failed", failureReason: error.message };
  } finally {
    job.s3.destroy();
  }
  await folder.close(result.status === "Failed");
  return { ...result, startTime, endTime: Date.now() };
}

async function steps(
  job: Job,
  progress: Progress,
  signal: AbortSignal,
): Promise<Omit<JobResult, "startTime" | "endTime">> {
  const { request, folder, ctx } = job;
  refuse(request);
  progress("Starting", "Preparing the instances for training");
  const stopped = { status: "Stopped", secondaryStatus: "Stopped" } as const;
  if (signal.aborted) return stopped;
  progress("Downloading", "Downloading input data");
  const source = await prepare(job).catch((error: unknown) => {
    throw downloadFault(error);
  });
  if (signal.aborted) return stopped;
  progress("Training", "Training image download completed. Training in progress.");
  const outcome = await train(job, source, signal);
  await shipLogs(LOG_GROUPS.training, `${job.name}/${HOST}-${Date.now()}`, outcome.lines, job.creds, ctx);
  const definitions = request.AlgorithmSpecification?.MetricDefinitions ?? [];
  for (const problem of metricProblems(definitions)) ctx.log(problem);
  const metrics = finalMetrics(definitions, outcome.lines);
  const checkpoints = request.CheckpointConfig?.S3Uri;
  const failed = outcome.ended === "itself" && outcome.code !== 0;
  const uploads = async () => {
    if (checkpoints) await uploadFolder(job.s3, folder.local(checkpointPath(request)), parseS3Uri(checkpoints));
    return failed ? undefined : await uploadArtifacts(job);
  };
  if (!failed) progress("Uploading", "Uploading generated training model");
  const modelArtifacts = await uploads().catch((error: unknown) => {
    throw uploadFault(error);
  });
  const found = { modelArtifacts, finalMetrics: metrics };
  if (failed)
    return { ...found, status: "Failed", secondaryStatus: "Failed", failureReason: await failure(job, outcome) };
  if (outcome.ended === "limit") return { ...found, status: "Stopped", secondaryStatus: "MaxRuntimeExceeded" };
  if (outcome.ended === "stopped") return { ...found, ...stopped };
  return { ...found, status: "Completed", secondaryStatus: "Completed" };
}

function checkpointPath(request: CreateTrainingJobRequest): string {
  return request.CheckpointConfig?.LocalPath ?? "/opt/ml/checkpoints/";
}

/** Folders, configuration files, channels, checkpoints and the source archive, whose path it answers. */
async function prepare(job: Job): Promise<string | undefined> {
  const { request, folder, s3 } = job;
  const channels = request.InputDataConfig ?? [];
  const folders = ["model", "code", "output/data", "output/intermediate", "input/config", "input/data"].map((path) =>
    join(folder.ml, path),
  );
  folders.push(folder.local(checkpointPath(request)));
  for (const path of folders) await mkdir(path, { recursive: true });
  for (const [name, value] of Object.entries(configFiles(request))) {
    await writeFile(join(folder.ml, "input", "config", `${name}.json`), JSON.stringify(value));
  }
  await each(channels, async (channel) => {
    const source = channel.DataSource?.S3DataSource;
    const objects = await resolveObjects(s3, source?.S3Uri ?? "", source?.S3DataType);
    await downloadInputs(s3, objects, join(folder.ml, "input", "data", channel.ChannelName as string));
  });
  const checkpoints = request.CheckpointConfig?.S3Uri;
  if (checkpoints) {
    const from = parseS3Uri(checkpoints);
    await downloadInputs(
      s3,
      (await list(s3, from)).map((location) => ({ location, relative: relativeKey(from.key, location.key) })),
      folder.local(checkpointPath(request)),
    );
  }
  const uri = submitDirectory(request.HyperParameters ?? {});
  if (!uri) return undefined;
  const archive = join(folder.dir, "sourcedir.tar.gz");
  await download(s3, parseS3Uri(uri), archive);
  return archive;
}

async function train(job: Job, source: string | undefined, signal: AbortSignal): Promise<ChildOutcome> {
  const { request, folder, ctx, creds } = job;
  const { ContainerEntrypoint, ContainerArguments } = request.AlgorithmSpecification ?? {};
  const given = Object.fromEntries(
    Object.entries(request.Environment ?? {}).map(([key, value]) => [key, folder.mapped(value)]),
  );
  const packages = source && (await requirementsPath(ctx, source, folder));
  const args = ContainerEntrypoint
    ? [
        join(SCRIPTS, "run.py"),
        ctx.python,
        ...[...ContainerEntrypoint.slice(1), ...(ContainerArguments ?? [])].map(folder.mapped),
      ]
    : [join(SCRIPTS, "train.py"), folder.ml, ...(source ? [source] : [])];
  return runChild({
    command: [ctx.python, "-Ss", ...args],
    cwd: folder.ml,
    env: {
      ...baseEnvironment(folder, creds, ctx),
      ...(packages ? { PYTHONPATH: packages } : {}),
      ...given,
      TRAINING_JOB_NAME: job.name,
      TRAINING_JOB_ARN: job.arn,
    },
    log: folder.log,
    limitMs: (request.StoppingCondition?.MaxRuntimeInSeconds ?? DEFAULT_RUNTIME_S) * 1000,
    graceMs: ctx.stopGraceMs,
    signal,
  });
}

async function failure(job: Job, outcome: ChildOutcome): Promise<string> {
  const file = join(job.folder.ml, "output", "failure");
  const written = await readFile(file, "utf8").catch(() => undefined);
  const started = outcome.lines.find((line) => line.message.startsWith(INVOKED))?.message.slice(INVOKED.length);
  const command = started ?? (job.request.AlgorithmSpecification?.ContainerEntrypoint ?? ["python"]).join(" ");
  const lines = outcome.lines.map((line) => line.message);
  return algorithmError(outcome.code, written?.slice(0, 1024), lines, command);
}

/** What python/train.py prints before the script starts. */
const INVOKED = "Invoking script with the following command: ";

/** Uploads the model and, where the script wrote any, its other output; answers S3ModelArtifacts. */
async function uploadArtifacts(job: Job): Promise<string> {
  const { request, folder, s3, ctx } = job;
  const output = joinUri(request.OutputDataConfig?.S3OutputPath ?? "", job.name, "output");
  const key = request.OutputDataConfig?.KmsKeyId;
  const data = join(folder.ml, "output", "data");
  if ((await readdir(data)).length > 0) {
    const file = join(folder.dir, "output.tar.gz");
    await pack(ctx, data, file);
    await upload(s3, file, parseS3Uri(joinUri(output, "output.tar.gz")), key);
  }
  const model = join(folder.ml, "model");
  if (request.OutputDataConfig?.CompressionType === "NONE") {
    const uri = joinUri(output, "model/");
    await uploadFolder(s3, model, parseS3Uri(uri), key);
    return uri;
  }
  const file = join(folder.dir, "model.tar.gz");
  const uri = joinUri(output, "model.tar.gz");
  await pack(ctx, model, file);
  await upload(s3, file, parseS3Uri(uri), key);
  return uri;
}
