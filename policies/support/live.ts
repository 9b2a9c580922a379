/**
 * Look-ups in AWS: the port that live rules ask, and what each outcome means. Whatever the outcome, something is said: an
 * answer is judged, everything else is a violation, or an advisory "not verified" where the stage chose `offline: warn`.
 */
import { cached } from "./live-cache.ts";
import type { Fault, Reporter } from "./report.ts";

export type Answer<Facts> =
  | { readonly state: "answered"; readonly facts: Facts }
  | { readonly state: "not-found"; readonly words: string }
  /** AWS refused the question. `action` is the IAM action that the pack's credentials lack. */
  | { readonly state: "denied"; readonly action: string; readonly words: string }
  /** No credentials, no network, or throttled out. */
  | { readonly state: "offline"; readonly words: string };

/** What the registry records of a model package version (DescribeModelPackage). */
export interface PackageFacts {
  readonly approvalStatus: string | undefined;
  readonly status: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** `ApprovalDescription`: the comment given with the decision. */
  readonly approvalDescription?: string | undefined;
  /** Whether quality statistics are named (`ModelMetrics.ModelQuality.Statistics`). */
  readonly hasQuality?: boolean;
  /** ARN of the identity that changed the record last (`LastModifiedBy.IamIdentity`). */
  readonly lastModifiedBy?: string | undefined;
  /** Where the data of each container of its inference specification lies; undefined where a container names none. */
  readonly modelData?: readonly { readonly path: string; readonly uri: string | undefined }[];
}

/** Names of the models that an endpoint configuration serves (DescribeEndpointConfig). */
export interface EndpointConfigFacts {
  readonly models: readonly { readonly path: string; readonly name: string | undefined }[];
}

/** What a model's containers are made from (DescribeModel). */
export interface ModelFacts {
  readonly containers: readonly { readonly path: string; readonly package: string | undefined }[];
}

/** What a training job was made of (DescribeTrainingJob). */
export interface TrainingJobFacts {
  /** Says whose the job is: its name alone is looked up in the account of the credentials. */
  readonly arn: string | undefined;
  /** S3 addresses that its channels read; of a channel on a file system there is none. */
  readonly channels: readonly string[];
}

/** What an AutoML job was made of, and what its best candidate was trained by (DescribeAutoMLJobV2, of either version). */
export interface AutoMlJobFacts extends TrainingJobFacts {
  /** Names of the best candidate's steps that are training jobs. */
  readonly trainedBy: readonly string[];
}

/** The port. Answers never reject. Read-only. */
export interface Registry {
  modelPackage(arn: string): Promise<Answer<PackageFacts>>;
  endpointConfig(name: string, region: string): Promise<Answer<EndpointConfigFacts>>;
  model(name: string, region: string): Promise<Answer<ModelFacts>>;
  trainingJob(name: string, region: string): Promise<Answer<TrainingJobFacts>>;
  autoMlJob(name: string, region: string): Promise<Answer<AutoMlJobFacts>>;
}

let current: Registry | undefined;

/** The registry in use. The SDK is loaded on the first question, not before: most runs ask none. */
export function registry(): Registry {
  current ??= cached(lazily(async () => (await import("./live-sagemaker.ts")).sageMakerRegistry()));
  return current;
}

/** Puts another registry in its place (a double, a recording). Returns the way back. */
export function useRegistry(other: Registry): () => void {
  const before = current;
  current = cached(other);
  return () => {
    current = before;
  };
}

function lazily(load: () => Promise<Registry>): Registry {
  let loading: Promise<Registry> | undefined;
  const ask = async <Facts>(call: (registry: Registry) => Promise<Answer<Facts>>): Promise<Answer<Facts>> => {
    try {
      loading ??= load();
      return await call(await loading);
    } catch (error) {
      loading = undefined;
      const words = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
      return { state: "offline", words: `@aws-sdk/client-sagemaker could not be loaded: ${words}` };
    }
  };
  return {
    modelPackage: (arn) => ask((registry) => registry.modelPackage(arn)),
    endpointConfig: (name, region) => ask((registry) => registry.endpointConfig(name, region)),
    model: (name, region) => ask((registry) => registry.model(name, region)),
    trainingJob: (name, region) => ask((registry) => registry.trainingJob(name, region)),
    autoMlJob: (name, region) => ask((registry) => registry.autoMlJob(name, region)),
  };
}

/** Check codes that every live rule shares. */
export const LIVE_CHECKS = {
  "not-found": "What is named does not exist.",
  denied: "The credentials of the preview may not look it up.",
  offline: "AWS could not be asked, so nothing is verified.",
} as const;
export type LiveCheck = keyof typeof LIVE_CHECKS;

/**
 * The facts of an answer; undefined after having reported why there are none.
 * `path` is the property that led to the question, `subject` what was asked for.
 */
export function factsOf<Facts>(
  answer: Answer<Facts>,
  asked: { readonly path: string; readonly subject: string; readonly limit: string },
  offline: "refuse" | "warn",
  report: Reporter<LiveCheck>,
): Facts | undefined {
  if (answer.state === "answered") return answer.facts;
  const { path, subject, limit } = asked;
  const fault = (check: LiveCheck, value: string, fix: string): Fault<LiveCheck> => ({
    check,
    path,
    value,
    limit,
    fix,
  });
  if (answer.state === "not-found") {
    report.fault(
      fault(
        "not-found",
        `${subject}, which does not exist (${answer.words})`,
        "Correct the name, or the account and region of the credentials.",
      ),
    );
  } else if (answer.state === "denied") {
    report.fault(
      fault(
        "denied",
        `${subject}, which may not be looked up (${answer.words})`,
        `Allow ${answer.action} to whoever runs the preview.`,
      ),
    );
  } else {
    const found = fault(
      "offline",
      `${subject}, which is not verified (${answer.words})`,
      "Run with credentials and a connection to AWS; only a stage with offline: warn goes on without.",
    );
    if (offline === "warn") report.note(found);
    else report.fault(found);
  }
  return undefined;
}
