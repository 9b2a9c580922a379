/** What is submitted, from what SageMaker says about the job it came from. No I/O. */
import { datasetPrefix } from "../../contracts/dataset.ts";
import { datasetVersionPattern, lineageKeys, sagemakerNamePattern, tagAlphabet } from "../../contracts/lineage.ts";
import { s3Uri } from "../../contracts/paths.ts";
import { defaultEnvironment, type SubmissionInput } from "../../contracts/submission.ts";

/** The part of DescribeTrainingJob's answer that matters here. */
export interface TrainingJobFacts {
  TrainingJobName?: string;
  TrainingJobArn?: string;
  TrainingJobStatus?: string;
  SecondaryStatus?: string;
  TrainingEndTime?: Date;
  ModelArtifacts?: { S3ModelArtifacts?: string };
  AlgorithmSpecification?: { TrainingImage?: string };
  InputDataConfig?: { ChannelName?: string; DataSource?: { S3DataSource?: { S3Uri?: string } } }[];
}

/** The part of DescribeAutoMLJobV2's answer that matters here; it answers for jobs of either version (botocore sagemaker). */
export interface AutoMlJobFacts {
  AutoMLJobName?: string;
  AutoMLJobArn?: string;
  AutoMLJobStatus?: string;
  AutoMLJobSecondaryStatus?: string;
  EndTime?: Date;
  AutoMLJobInputDataConfig?: { DataSource?: { S3DataSource?: { S3Uri?: string } } }[];
  BestCandidate?: {
    CandidateStatus?: string;
    CandidateSteps?: { CandidateStepType?: string; CandidateStepArn?: string; CandidateStepName?: string }[];
    InferenceContainers?: AutoMlContainer[];
    /** By processing unit; image and text classification of version 2 answer here. */
    InferenceContainerDefinitions?: Partial<Record<string, AutoMlContainer[]>>;
  };
}
interface AutoMlContainer {
  Image?: string;
  ModelDataUrl?: string;
  Environment?: Record<string, string>;
}

/** A container before its artefact is staged. */
export interface Container {
  image: string;
  /** s3://… of its artefact. */
  source: string;
  environment: Record<string, string>;
}

/** A job whose model can be submitted. */
export interface Candidate {
  /** The job, in the words of messages. */
  what: string;
  /** The training job that made the model; of an AutoML job the best candidate's last one. */
  trainingJob: string;
  jobArn: string;
  /** The job that carries the tags: the training job, or the AutoML job. */
  taggedArn: string;
  /** When the job had written everything. */
  endedAt?: Date;
  containers: Container[];
  /** Where it read its data. */
  channels: string[];
}

/** A candidate, or why the job has none. */
export type Found =
  | { candidate: Candidate; faults: readonly [] }
  | { candidate?: undefined; faults: readonly string[] };

/** `…/<job>/output/model.tar.gz`, as SageMaker writes it: the job's name is in the key. */
export function jobOfArtifact(uri: string): string | undefined {
  const name = /\/([^/]+)\/output\/model\.tar\.gz$/.exec(uri)?.[1];
  return name !== undefined && sagemakerNamePattern.test(name) ? name : undefined;
}

/** What a training job's model is served with. */
export function fromTrainingJob(input: SubmissionInput, name: string, job: TrainingJobFacts): Found {
  const what = `training job ${name}`;
  const model = job.ModelArtifacts?.S3ModelArtifacts;
  const image = input.image ?? job.AlgorithmSpecification?.TrainingImage;
  if (job.TrainingJobStatus !== "Completed") {
    const status = `${job.TrainingJobStatus} (${job.SecondaryStatus})`;
    return { faults: [`${what} is ${status}; only a Completed job has a whole model`] };
  }
  const faults: string[] = [];
  if (!model) faults.push(`${what} names no model artefact`);
  else if (input.artifactUri !== undefined && input.artifactUri !== model) {
    faults.push(`artifactUri is not the output of ${what}, which wrote ${model}`);
  }
  if (!image) faults.push(`${what} was not trained in an image of its own, so image must say what serves its model`);
  if (!model || !image || faults.length > 0) return { faults };
  const environment = { ...(input.environment ?? defaultEnvironment) };
  return {
    faults: [],
    candidate: {
      what,
      trainingJob: name,
      jobArn: job.TrainingJobArn ?? "",
      taggedArn: job.TrainingJobArn ?? "",
      endedAt: job.TrainingEndTime,
      containers: [{ image, source: model, environment }],
      channels: (job.InputDataConfig ?? []).map((channel) => channel.DataSource?.S3DataSource?.S3Uri ?? ""),
    },
  };
}

/** What an AutoML job's best candidate is served with: each container with what it says itself, and the submission's on top. */
export function fromAutoMlJob(input: SubmissionInput, name: string, job: AutoMlJobFacts): Found {
  const what = `AutoML job ${name}`;
  if (job.AutoMLJobStatus !== "Completed") {
    const status = `${job.AutoMLJobStatus} (${job.AutoMLJobSecondaryStatus})`;
    return { faults: [`${what} is ${status}; only a Completed job has a best candidate`] };
  }
  const best = job.BestCandidate;
  if (best?.CandidateStatus !== "Completed") return { faults: [`${what} has no completed best candidate`] };
  const given = best.InferenceContainers?.length
    ? best.InferenceContainers
    : (best.InferenceContainerDefinitions?.CPU ?? []);
  if (given.length === 0) return { faults: [`the best candidate of ${what} names no container for a processor`] };
  const faults = given.flatMap((one, at) =>
    one.Image && /^s3:\/\/[^/]+\/.+$/.test(one.ModelDataUrl ?? "")
      ? []
      : [`container ${at + 1} of the best candidate of ${what} has no image or no s3:// model data`],
  );
  if (faults.length > 0) return { faults };
  const step = best.CandidateSteps?.findLast((one) => one.CandidateStepType === "AWS::SageMaker::TrainingJob");
  const trained = step?.CandidateStepName && sagemakerNamePattern.test(step.CandidateStepName) ? step : undefined;
  return {
    faults: [],
    candidate: {
      what,
      trainingJob: trained?.CandidateStepName ?? name,
      jobArn: trained?.CandidateStepArn ?? job.AutoMLJobArn ?? "",
      taggedArn: job.AutoMLJobArn ?? "",
      endedAt: job.EndTime,
      containers: given.map((one) => ({
        image: one.Image ?? "",
        source: one.ModelDataUrl ?? "",
        environment: { ...one.Environment, ...input.environment },
      })),
      channels: (job.AutoMLJobInputDataConfig ?? []).map((channel) => channel.DataSource?.S3DataSource?.S3Uri ?? ""),
    },
  };
}

/** What the job's tags say it learned from, held against where it really read; or why that is not said. */
export function readClaims(
  { what, channels }: Pick<Candidate, "what" | "channels">,
  tags: Readonly<Record<string, string>>,
  dataBucket: string,
): { datasetVersion: string; run: string; faults: string[] } {
  const faults: string[] = [];
  const version = tags[lineageKeys.datasetVersion];
  const run = tags[lineageKeys.run];
  if (version === undefined) faults.push(`${what}: the tag ${lineageKeys.datasetVersion} is missing`);
  else if (!datasetVersionPattern.test(version)) {
    faults.push(`${what}: the tag ${lineageKeys.datasetVersion} is "${version}", not <name>@sha256:<64 hex>`);
  } else {
    const prefix = s3Uri(dataBucket, datasetPrefix(version));
    if (!channels.some((uri) => `${uri}/`.startsWith(prefix))) {
      faults.push(`${what}: none of its channels reads from ${prefix}, the dataset version it is tagged with`);
    }
  }
  if (!run || !tagAlphabet.test(run)) faults.push(`${what}: the tag ${lineageKeys.run} is missing`);
  return { datasetVersion: version ?? "", run: run ?? "", faults };
}
