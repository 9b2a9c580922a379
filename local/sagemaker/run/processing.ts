/** A processing job, run for real: inputs in, a Python command, outputs out. */
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { S3Client } from "@aws-sdk/client-s3";
import type { CreateProcessingJobRequest } from "@aws-sdk/client-sagemaker";
import { type ChildOutcome, runChild, SCRIPTS } from "./child.ts";
import { downloadFault, JobFault, REASON_LIMIT, uploadFault } from "./faults.ts";
import { isPython, unsupportedImage } from "./images.ts";
import { downloadInputs, resolveObjects } from "./inputs.ts";
import { baseEnvironment, type JobFolder, makeJobFolder } from "./job-folder.ts";
import { parseS3Uri } from "./keys.ts";
import { LOG_GROUPS, shipLogs } from "./logs.ts";
import { errorFromLog } from "./reasons.ts";
import { each, s3Client, uploadFolder } from "./s3.ts";
import type { Credentials, ProcessingResult, RunContext } from "./types.ts";

/** botocore, ProcessingStoppingCondition; a day when not given, as for training. */
const DEFAULT_RUNTIME_S = 86_400;
const HOST = "algo-1";

type Outcome = Omit<ProcessingResult, "startTime" | "endTime">;

/**
 * Runs a processing job whose entry point is python, of any image, on one instance.
 *
 * The container's /opt/ml is a folder of the job's own. Its path replaces /opt/ml wherever that stands in the
 * entry point, the arguments, the environment and the job's configuration file; a script must take its paths from
 * there. One that opens a literal "/opt/ml/…" finds nothing here, though it would in AWS.
 *
 * Past MaxRuntimeInSeconds the job ends as Stopped (botocore: "the processing job is stopped"). EndOfJob outputs are
 * uploaded when the command succeeded; Continuous ones at the end, whatever it is.
 */
export async function runProcessing(
  request: CreateProcessingJobRequest,
  _arn: string,
  creds: Credentials,
  ctx: RunContext,
  signal: AbortSignal,
): Promise<ProcessingResult> {
  const startTime = Date.now();
  const folder = await makeJobFolder(ctx, "processing", request.ProcessingJobName as string);
  const s3 = s3Client(creds, ctx);
  let result: Outcome;
  try {
    result = await steps(request, creds, ctx, folder, s3, signal);
  } catch (error) {
    if (!(error instanceof JobFault)) throw error;
    folder.log.write(`${error.message}\n`);
    result = { status: "Failed", failureReason: error.message };
  } finally {
    s3.destroy();
  }
  await folder.close(result.status === "Failed");
  return { ...result, startTime, endTime: Date.now() };
}

async function steps(
  request: CreateProcessingJobRequest,
  creds: Credentials,
  ctx: RunContext,
  folder: JobFolder,
  s3: S3Client,
  signal: AbortSignal,
): Promise<Outcome> {
  refuse(request);
  if (signal.aborted) return { status: "Stopped" };
  await prepare(request, folder, s3).catch((error: unknown) => {
    throw downloadFault(error);
  });
  const outcome = await run(request, creds, ctx, folder, signal);
  await shipLogs(
    LOG_GROUPS.processing,
    `${request.ProcessingJobName}/${HOST}-${Date.now()}`,
    outcome.lines,
    creds,
    ctx,
  );
  const succeeded = outcome.ended === "itself" && outcome.code === 0;
  await uploadOutputs(request, folder, s3, succeeded).catch((error: unknown) => {
    throw uploadFault(error);
  });
  // The container's own last word (AWS: "How You Can Save Metadata Information About Your Processing Job").
  const message = await readFile(join(folder.ml, "output", "message"), "utf8").catch(() => undefined);
  const exitMessage = message?.slice(0, REASON_LIMIT);
  if (succeeded) return { status: "Completed", exitMessage };
  if (outcome.ended !== "itself") return { status: "Stopped", exitMessage };
  return { status: "Failed", exitMessage, failureReason: failureReason(outcome) };
}

/** AWS says only "See job logs"; what the log says is added, since here nobody wants to look for it. */
function failureReason(outcome: ChildOutcome): string {
  const error = errorFromLog(outcome.lines.map((line) => line.message));
  const detail = error === "" ? "" : `: ${error}`;
  const code = `, exit code: ${outcome.code}`;
  return `AlgorithmError: See job logs for more information${detail}`.slice(0, REASON_LIMIT - code.length) + code;
}

function refuse(request: CreateProcessingJobRequest): void {
  const { ImageUri, ContainerEntrypoint } = request.AppSpecification ?? {};
  if (!isPython(ContainerEntrypoint?.[0])) throw new JobFault(unsupportedImage(ImageUri ?? "(none)", "processing"));
  const instances = request.ProcessingResources?.ClusterConfig?.InstanceCount ?? 1;
  if (instances > 1)
    throw new JobFault(`ClientError: the local SageMaker processes on one instance, got InstanceCount ${instances}`);
  for (const input of request.ProcessingInputs ?? []) {
    if (input.AppManaged) continue;
    if (!input.S3Input)
      throw new JobFault(`ClientError: input ${input.InputName}: the local SageMaker reads S3Input only`);
    if (input.S3Input.S3InputMode === "Pipe") {
      throw new JobFault(`ClientError: input ${input.InputName}: the local SageMaker has no Pipe mode; use File`);
    }
    if (!input.S3Input.LocalPath) throw new JobFault(`ClientError: input ${input.InputName}: LocalPath is missing`);
  }
}

async function prepare(request: CreateProcessingJobRequest, folder: JobFolder, s3: S3Client): Promise<void> {
  for (const path of ["config", "output", "processing"]) await mkdir(join(folder.ml, path), { recursive: true });
  const hosts = { current_host: HOST, hosts: [HOST] };
  await writeFile(join(folder.ml, "config", "resourceconfig.json"), JSON.stringify(hosts));
  await writeFile(join(folder.ml, "config", "processingjobconfig.json"), folder.mapped(JSON.stringify(request)));
  for (const output of request.ProcessingOutputConfig?.Outputs ?? []) {
    if (output.S3Output?.LocalPath) await mkdir(folder.local(output.S3Output.LocalPath), { recursive: true });
  }
  const inputs = (request.ProcessingInputs ?? []).filter((input) => !input.AppManaged);
  await each(inputs, async ({ S3Input }) => {
    const objects = await resolveObjects(s3, S3Input?.S3Uri ?? "", S3Input?.S3DataType);
    await downloadInputs(s3, objects, folder.local(S3Input?.LocalPath ?? ""));
  });
}

function run(
  request: CreateProcessingJobRequest,
  creds: Credentials,
  ctx: RunContext,
  folder: JobFolder,
  signal: AbortSignal,
): Promise<ChildOutcome> {
  const { ContainerEntrypoint = [], ContainerArguments = [] } = request.AppSpecification ?? {};
  const environment = Object.entries(request.Environment ?? {}).map(
    ([name, value]) => [name, folder.mapped(value)] as const,
  );
  const args = [...ContainerEntrypoint.slice(1), ...ContainerArguments].map(folder.mapped);
  return runChild({
    command: [ctx.python, "-Ss", join(SCRIPTS, "run.py"), ctx.python, ...args],
    cwd: folder.ml,
    env: { ...baseEnvironment(folder, creds, ctx), ...Object.fromEntries(environment) },
    log: folder.log,
    limitMs: (request.StoppingCondition?.MaxRuntimeInSeconds ?? DEFAULT_RUNTIME_S) * 1000,
    graceMs: ctx.stopGraceMs,
    signal,
  });
}

async function uploadOutputs(
  request: CreateProcessingJobRequest,
  folder: JobFolder,
  s3: S3Client,
  succeeded: boolean,
): Promise<void> {
  for (const { S3Output, AppManaged } of request.ProcessingOutputConfig?.Outputs ?? []) {
    if (AppManaged || !S3Output?.S3Uri || !S3Output.LocalPath) continue;
    if (!succeeded && S3Output.S3UploadMode !== "Continuous") continue;
    const path = folder.local(S3Output.LocalPath);
    if (
      !(await stat(path).then(
        (found) => found.isDirectory(),
        () => false,
      ))
    )
      continue;
    await uploadFolder(s3, path, parseS3Uri(S3Output.S3Uri), request.ProcessingOutputConfig?.KmsKeyId);
  }
}
