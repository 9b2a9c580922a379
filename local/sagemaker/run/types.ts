/**
 * What the control half of the SageMaker front asks of the run half, and gets back.
 *
 * The functions, each in the file of its name:
 *   training.ts    runTraining(request, arn, creds, ctx, progress, signal): Promise<JobResult>
 *   processing.ts  runProcessing(request, arn, creds, ctx, signal): Promise<ProcessingResult>
 *   transform.ts   runTransform(request, arn, containers, creds, ctx, signal): Promise<JobResult>
 *   pipeline.ts    startModel(containers, creds, ctx, limits): Promise<ModelServer>
 *
 * A job's own fault is a JobResult with status Failed, never a rejected promise; a promise that rejects is a fault of
 * the stand-in itself.
 */
import type {
  CreateProcessingJobRequest,
  CreateTrainingJobRequest,
  CreateTransformJobRequest,
} from "@aws-sdk/client-sagemaker";

export interface RunContext {
  /** The interpreter of the project's virtual environment (it has scikit-learn). */
  readonly python: string;
  /** Folder for job folders, logs and the download cache; made when missing. */
  readonly workdir: string;
  /** Base URL of the emulated AWS (S3 in path style, CloudWatch Logs). */
  readonly ministackUrl: string;
  readonly region: string;
  readonly accountId: string;
  /** Base URL of the SageMaker front itself, for jobs that call SageMaker. */
  readonly sagemakerUrl: string;
  /** Milliseconds between SIGTERM and SIGKILL of a job. @default 10,000 (AWS: 120,000) */
  readonly stopGraceMs?: number;
  log(line: string): void;
}

/** A session of the job's or model's role. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface MetricValue {
  readonly MetricName: string;
  readonly Value: number;
  /** Epoch milliseconds. */
  readonly Timestamp: number;
}

/** What a finished job reports back. Times are epoch milliseconds. */
export interface JobResult {
  readonly status: "Completed" | "Failed" | "Stopped";
  /** Training only, e.g. MaxRuntimeExceeded. */
  readonly secondaryStatus?: string;
  /** At most 1,024 characters. */
  readonly failureReason?: string;
  /** Training only: S3 URI of model.tar.gz. */
  readonly modelArtifacts?: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly finalMetrics?: MetricValue[];
}

export interface ProcessingResult extends JobResult {
  /** What the script wrote to /opt/ml/output/message, at most 1,024 characters. */
  readonly exitMessage?: string;
}

/** Called as a training job moves on: Starting, Downloading, Training, Uploading. */
export type Progress = (secondaryStatus: string, message: string) => void;

/** A model's container as CreateModel names it. */
export interface Container {
  readonly image: string;
  /** S3 URI of a model.tar.gz. */
  readonly modelDataUrl?: string;
  readonly environment: Record<string, string>;
}

export interface Invocation {
  readonly body: Uint8Array;
  readonly contentType?: string;
  readonly accept?: string;
  readonly customAttributes?: string;
  readonly inferenceId?: string;
}

export interface InvocationResult {
  readonly status: number;
  readonly contentType?: string;
  readonly body: Uint8Array;
}

export interface ServerLimits {
  /** Milliseconds until /ping must have answered 200. */
  readonly startupMs: number;
  /** Milliseconds one invocation may take. */
  readonly invocationMs: number;
  /** Called with each line that the container prints. */
  onLine?(line: string): void;
}

/** A model server: the model's own inference code in a child process speaking /ping and /invocations on a local port. */
export interface ModelServer {
  /** Answers with the container's status, whatever it is; 504 when the time limit passes, 503 when the server has ended. */
  invoke(input: Invocation): Promise<InvocationResult>;
  stop(): Promise<void>;
  readonly pid: number;
}

export type RunTraining = (
  request: CreateTrainingJobRequest,
  arn: string,
  creds: Credentials,
  ctx: RunContext,
  progress: Progress,
  signal: AbortSignal,
) => Promise<JobResult>;

export type RunProcessing = (
  request: CreateProcessingJobRequest,
  arn: string,
  creds: Credentials,
  ctx: RunContext,
  signal: AbortSignal,
) => Promise<ProcessingResult>;

export type RunTransform = (
  request: CreateTransformJobRequest,
  arn: string,
  /** In the order in which they answer. */
  containers: readonly Container[],
  creds: Credentials,
  ctx: RunContext,
  signal: AbortSignal,
) => Promise<JobResult>;

/** Rejects with an Error whose message is fit for FailureReason. */
export type StartModel = (
  containers: readonly Container[],
  creds: Credentials,
  ctx: RunContext,
  limits: ServerLimits,
) => Promise<ModelServer>;
