/** What a transform job asks for, with defaults, or why it cannot be done: pure. */
import type { CreateTransformJobRequest } from "@aws-sdk/client-sagemaker";
import { JobFault } from "./faults.ts";
import { type Filter, keepsAll, parseFilter } from "./json-path.ts";
import { type Format, formatOf } from "./records.ts";

const MB = 1024 * 1024;
/** botocore, MaxPayloadInMB: 6 by default; 0 means chunked, without a limit. */
const DEFAULT_PAYLOAD_MB = 6;
/** botocore, ModelClientConfig: 600 s by default; the default number of retries is 3 by its text. */
const DEFAULT_TIMEOUT_S = 600;
const DEFAULT_RETRIES = 3;

export interface TransformPlan {
  readonly split: "None" | "Line";
  readonly strategy: "MultiRecord" | "SingleRecord";
  readonly maxBytes: number;
  readonly concurrent: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly contentType?: string;
  readonly accept?: string;
  readonly gzip: boolean;
  readonly assembleWith: "None" | "Line";
  readonly outputPath: string;
  /** The key under which the predictions are written; the bucket's default where none is named. */
  readonly outputKey?: string;
  /** Present when DataProcessing changes anything. */
  readonly processing?: {
    readonly input: Filter;
    readonly output: Filter;
    readonly join: boolean;
    readonly format: Format;
  };
  /** What the container is told (AWS: batch transform's environment). */
  readonly environment: Record<string, string>;
}

/** Throws a JobFault with the first thing that cannot be done; its message is fit for a ValidationException too. */
export function planTransform(request: CreateTransformJobRequest): TransformPlan {
  const { TransformInput: input, TransformOutput: output } = request;
  const split = input?.SplitType ?? "None";
  if (split !== "None" && split !== "Line") {
    throw new JobFault(`ClientError: the local SageMaker splits by Line or None, not by SplitType ${split}`);
  }
  const payload = request.MaxPayloadInMB ?? DEFAULT_PAYLOAD_MB;
  const concurrent = request.MaxConcurrentTransforms || 1;
  if (payload * concurrent > 100) {
    throw new JobFault(
      `ClientError: MaxConcurrentTransforms (${concurrent}) times MaxPayloadInMB (${payload}) must not exceed 100`,
    );
  }
  if (request.BatchStrategy && split === "None" && request.BatchStrategy === "SingleRecord") {
    throw new JobFault("ClientError: BatchStrategy SingleRecord needs SplitType Line");
  }
  const instances = request.TransformResources?.InstanceCount ?? 1;
  const strategy = request.BatchStrategy ?? "MultiRecord";
  return {
    split,
    strategy,
    maxBytes: payload === 0 ? Number.POSITIVE_INFINITY : payload * MB,
    // Instances share out the objects; here they only add to what runs at the same time.
    concurrent: Math.min(concurrent * instances, 8),
    timeoutMs: (request.ModelClientConfig?.InvocationsTimeoutInSeconds ?? DEFAULT_TIMEOUT_S) * 1000,
    retries: request.ModelClientConfig?.InvocationsMaxRetries ?? DEFAULT_RETRIES,
    contentType: input?.ContentType,
    accept: output?.Accept,
    gzip: input?.CompressionType === "Gzip",
    assembleWith: output?.AssembleWith ?? "None",
    outputPath: output?.S3OutputPath ?? "",
    outputKey: output?.KmsKeyId,
    processing: planProcessing(request, split),
    environment: {
      ...request.Environment,
      SAGEMAKER_BATCH: "true",
      SAGEMAKER_MAX_PAYLOAD_IN_MB: String(payload),
      SAGEMAKER_BATCH_STRATEGY: strategy === "MultiRecord" ? "MULTI_RECORD" : "SINGLE_RECORD",
      SAGEMAKER_MAX_CONCURRENT_TRANSFORMS: String(concurrent),
    },
  };
}

function planProcessing(request: CreateTransformJobRequest, split: string): TransformPlan["processing"] {
  const { InputFilter, OutputFilter, JoinSource } = request.DataProcessing ?? {};
  const [input, output, join] = [parseFilter(InputFilter), parseFilter(OutputFilter), JoinSource === "Input"];
  if (keepsAll(input) && keepsAll(output) && !join) return undefined;
  const format = formatOf(request.TransformInput?.ContentType);
  if (!format) {
    throw new JobFault(
      `ClientError: DataProcessing needs ContentType text/csv, application/json or application/jsonlines, got ${request.TransformInput?.ContentType ?? "none"}`,
    );
  }
  if (
    (join || !keepsAll(output)) &&
    formatOf(request.TransformOutput?.Accept ?? request.TransformInput?.ContentType) !== format
  ) {
    throw new JobFault(
      `ClientError: DataProcessing needs the same format in ContentType (${request.TransformInput?.ContentType}) and Accept (${request.TransformOutput?.Accept})`,
    );
  }
  const jsonObject = format === "json" && split === "None";
  if (!jsonObject && (split !== "Line" || request.TransformOutput?.AssembleWith !== "Line")) {
    throw new JobFault(
      "ClientError: DataProcessing needs SplitType Line and AssembleWith Line, except for one JSON value an object",
    );
  }
  return { input, output, join, format };
}
