/** The jobs that the training machine makes: their names, what they are given, and what can be read back from them. */
import { datasetPrefix } from "./dataset.ts";
import { digestHex } from "./digest.ts";
import { parseDatasetVersion } from "./lineage.ts";
import { parseS3Uri } from "./paths.ts";
import { RESERVED, type TrainingIdentity, TrainingInput } from "./training.ts";

/** SageMaker's limit (botocore, TrainingJobName) less room for `-a999`. */
const LONGEST_NAME = 63 - 5;

/**
 * The name of the n-th job of a key. It follows from stage, dataset and key alone, so that two who train the same at once
 * ask SageMaker for the same name, and one of them is refused.
 *
 * @param attempt 1, 2, …: a name is used up for ever, also by a job that failed
 */
export function trainingJobName(stage: string, datasetVersion: string, key: string, attempt: number): string {
  const mark = digestHex(key).slice(0, 16);
  const prefix = trainingJobPrefix(stage);
  const room = LONGEST_NAME - prefix.length - mark.length - 1;
  const dataset = parseDatasetVersion(datasetVersion).name.slice(0, room).replace(/-+$/, "");
  return `${prefix}${dataset}-${mark}${attempt === 1 ? "" : `-a${attempt}`}`;
}

/** What the names of all jobs of a stage's training machine begin with. */
export function trainingJobPrefix(stage: string): string {
  return `frugal-${stage}-`;
}

/** Hyper-parameters as the job takes them: the script-mode toolkit decodes every value from JSON. */
export function jobHyperparameters(of: Pick<TrainingIdentity, "hyperparameters" | "entry" | "sourceUri">) {
  return Object.fromEntries(
    Object.entries({
      ...of.hyperparameters,
      sagemaker_program: of.entry,
      sagemaker_submit_directory: of.sourceUri,
    }).map(([name, one]) => [name, JSON.stringify(one)]),
  );
}

/** What of a dataset version a job learns from. */
export function trainChannelUri(dataBucket: string, datasetVersion: string): string {
  return `s3://${dataBucket}/${datasetPrefix(datasetVersion)}train/`;
}

/** The part of DescribeTrainingJob's answer that tells what was trained. */
export interface JobIdentityFacts {
  HyperParameters?: Readonly<Record<string, string>>;
  AlgorithmSpecification?: {
    TrainingImage?: string;
    ContainerEntrypoint?: readonly string[];
    ContainerArguments?: readonly string[];
  };
  InputDataConfig?: readonly { ChannelName?: string; DataSource?: { S3DataSource?: { S3Uri?: string } } }[];
  Environment?: Readonly<Record<string, string>>;
}

/**
 * The identity of what a job trained, read from the job itself, which cannot be claimed falsely as a tag can. Undefined
 * where it was not made as the training machine makes jobs.
 */
export function identityOfJob(job: JobIdentityFacts): TrainingIdentity | undefined {
  const algorithm = job.AlgorithmSpecification ?? {};
  const beside = [algorithm.ContainerEntrypoint, algorithm.ContainerArguments, Object.keys(job.Environment ?? {})];
  if (beside.some((list) => (list ?? []).length > 0)) return undefined;
  const [channel, ...others] = job.InputDataConfig ?? [];
  const found = /^datasets\/(?<name>[^/]+)\/(?<hex>[0-9a-f]{64})\/train\/$/.exec(keyOf(channel))?.groups;
  if (!found || others.length > 0 || channel?.ChannelName !== "train") return undefined;
  const all = Object.entries(job.HyperParameters ?? {}).map(([name, text]) => [name, decode(text)] as const);
  const { sagemaker_program: entry, sagemaker_submit_directory: sourceUri } = Object.fromEntries(all);
  const identity = {
    datasetVersion: `${found.name}@sha256:${found.hex}`,
    sourceUri,
    entry,
    image: algorithm.TrainingImage,
    hyperparameters: Object.fromEntries(all.filter(([name]) => !name.startsWith(RESERVED))),
  };
  const parsed = TrainingInput.pick({
    datasetVersion: true,
    sourceUri: true,
    entry: true,
    image: true,
    hyperparameters: true,
  }).safeParse(identity);
  return parsed.success ? parsed.data : undefined;
}

function keyOf(channel: NonNullable<JobIdentityFacts["InputDataConfig"]>[number] | undefined): string {
  const uri = channel?.DataSource?.S3DataSource?.S3Uri;
  return uri?.startsWith("s3://") ? parseS3Uri(uri).key : "";
}

function decode(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
