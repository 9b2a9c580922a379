/** Asks the training state machine for a model, which trains it or gives back what was trained before. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { DescribeTrainingJobCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import {
  DescribeExecutionCommand,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { create as createTar } from "tar";
import { digestHex, digestOf } from "../contracts/digest.ts";
import { s3Uri } from "../contracts/paths.ts";
import { sourceAddress, TrainingInput, type TrainingRequest, trainingKey } from "../contracts/training.ts";
import { trainingJobName } from "../contracts/training-job.ts";
import { TrainingResult } from "../contracts/training-record.ts";
import { UserError } from "./stage.ts";

/** Uploads the source folder to its content address; the same code is the same object. Answers its URI. */
export async function uploadSource(s3: S3Client, bucket: string, folder: string, entry: string): Promise<string> {
  const archive = await packSource(folder, entry);
  const { key, checksum } = sourceAddress(digestOf(archive));
  try {
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: archive, ChecksumSHA256: checksum, IfNoneMatch: "*" }),
    );
  } catch (error) {
    if ((error as Error).name !== "PreconditionFailed") throw error;
  }
  return s3Uri(bucket, key);
}

/** The source folder as a tar.gz whose bytes depend on nothing but names and contents. Throws without the entry script. */
export async function packSource(folder: string, entry: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: Error) => {
    throw new UserError(`cannot read the source folder ${folder}: ${cause.message}`);
  });
  const names = entries
    .filter((file) => file.isFile())
    .map((file) => path.relative(folder, path.join(file.parentPath, file.name)).split(path.sep).join("/"))
    .filter((name) => !/(^|\/)(__pycache__|\.git|\.ipynb_checkpoints|\.DS_Store)(\/|$)/.test(name))
    .sort();
  if (!names.includes(entry)) {
    throw new UserError(`the source folder ${folder} has no ${entry}; it holds ${names.join(", ") || "no files"}`);
  }
  const chunks: Buffer[] = [];
  // Stored, not compressed: what a compressor makes of the same code differs from one version of it to the next, and other
  // bytes are another training.
  const gzip = { level: 0 };
  const stream = createTar({ cwd: folder, gzip, portable: true, mtime: new Date(0), noDirRecurse: true }, names);
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export interface StartedTraining {
  readonly executionArn: string;
  readonly key: string;
  /** True when the same was asked for already and that request is followed. */
  readonly joined: boolean;
}

/**
 * Starts the machine under the key's name, so that two who ask for the same at once follow one execution. A name is used up
 * by the first request; later ones get a new name, and the machine finds what is there.
 */
export async function startTraining(
  sfn: SFNClient,
  stateMachineArn: string,
  request: TrainingRequest,
): Promise<StartedTraining> {
  const input = TrainingInput.parse(request);
  const key = trainingKey(input);
  const hex = digestHex(key).slice(0, 40);
  const again = `${hex}-${Date.now().toString(36)}`;
  if (input.force) return start(`force-${again}`);
  const executionArn = executionOf(stateMachineArn, `train-${hex}`);
  try {
    return await start(`train-${hex}`);
  } catch (error) {
    if ((error as Error).name !== "ExecutionAlreadyExists") throw error;
    const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return status === "RUNNING" ? { executionArn, key, joined: true } : start(`train-${again}`);
  }

  async function start(name: string): Promise<StartedTraining> {
    const started = await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
    return { executionArn: started.executionArn ?? executionOf(stateMachineArn, name), key, joined: false };
  }
}

function executionOf(stateMachineArn: string, name: string): string {
  return `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
}

/** Follows an execution to its end; throws with the machine's reason unless it succeeded. */
export async function waitForTraining(
  sfn: SFNClient,
  executionArn: string,
  options: { pollMs: number; onPoll?: () => Promise<void> },
): Promise<TrainingResult> {
  for (;;) {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status === "SUCCEEDED") return TrainingResult.parse(JSON.parse(execution.output ?? "{}"));
    if (execution.status !== "RUNNING") {
      const told = [execution.error, execution.cause].filter(Boolean).map((text) => readable(text as string));
      throw new UserError(
        `the training ${execution.status}: ${told.join(": ") || "no reason given"} (${executionArn})`,
      );
    }
    await options.onPoll?.();
    await new Promise((resolve) => setTimeout(resolve, options.pollMs));
  }
}

/** A function's error comes as JSON with its message inside. */
function readable(text: string): string {
  try {
    const { errorMessage } = JSON.parse(text) as { errorMessage?: unknown };
    return typeof errorMessage === "string" ? errorMessage : text;
  } catch {
    return text;
  }
}

/** Ends an execution, and with it the job that it runs. */
export async function cancelTraining(sfn: SFNClient, executionArn: string): Promise<void> {
  await sfn.send(new StopExecutionCommand({ executionArn, error: "Cancelled", cause: "by whoever asked for it" }));
}

/** Tells each new step of the key's job while it runs, such as `frugal-dev-…: InProgress (Downloading)`, and its end. */
export function jobWatcher(
  sagemaker: SageMakerClient,
  of: { readonly stage: string; readonly datasetVersion: string; readonly key: string },
  tell: (line: string) => void,
): () => Promise<void> {
  let attempt = 1;
  let told = "";
  const describe = async (n: number) => {
    const name = trainingJobName(of.stage, of.datasetVersion, of.key, n);
    try {
      return await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
    } catch {
      // Not there (yet), or not to be seen by whoever asks: progress is a courtesy.
      return undefined;
    }
  };
  return async () => {
    let job = await describe(attempt);
    for (let next = job && (await describe(attempt + 1)); next; next = await describe(attempt + 1)) {
      attempt += 1;
      job = next;
    }
    if (!job) return;
    const line = `${job.TrainingJobName}: ${job.TrainingJobStatus} (${job.SecondaryStatus})`;
    // One that had ended before anybody looked is an older one.
    const running = job.TrainingJobStatus === "InProgress" || told.startsWith(`${job.TrainingJobName}:`);
    if (!running || line === told) return;
    tell(line);
    told = line;
  };
}
