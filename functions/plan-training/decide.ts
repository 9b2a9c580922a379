/** Whether a request may be trained here, and what is to be done about it. No I/O. */
import { digestBase64 } from "../../contracts/digest.ts";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import { lineageKeys, tagValue } from "../../contracts/lineage.ts";
import { checkpointsPrefix, parseS3Uri, s3Uri } from "../../contracts/paths.ts";
import { sourceDigest, type TrainingInput, trainingKey, trainingTags } from "../../contracts/training.ts";
import {
  identityOfJob,
  type JobIdentityFacts,
  jobHyperparameters,
  trainChannelUri,
} from "../../contracts/training-job.ts";
import type { TrainingLimits, TrainingPlan, TrainingRecord } from "../../contracts/training-record.ts";
import type { ObjectFacts } from "../shared/objects.ts";
import { refuse } from "../shared/parse.ts";

/** The part of DescribeTrainingJob's answer that matters here. */
export interface JobFacts extends JobIdentityFacts {
  TrainingJobName?: string;
  TrainingJobStatus?: string;
  SecondaryStatus?: string;
  FailureReason?: string;
  OutputDataConfig?: { S3OutputPath?: string };
}

export interface Place {
  readonly dataBucket: string;
  readonly artifactBucket: string;
}

/** The request with the stage's defaults in the place of what was left out. */
export interface Settled {
  readonly instanceType: string;
  readonly maxRuntimeSeconds: number;
  readonly spot: boolean;
}

/**
 * What the stage's limits make of the request, and whether its code and data are there.
 * Throws `InvalidInput` with every fault in one message.
 *
 * @param source the source archive's object, undefined where there is none
 */
export function settle(
  request: TrainingInput,
  limits: TrainingLimits,
  found: { readonly place: Place; readonly source: ObjectFacts | undefined; readonly published: boolean },
): Settled {
  const faults: string[] = [];
  const { dataBucket, artifactBucket } = found.place;
  const instanceType = request.instanceType ?? limits.instanceTypes[0] ?? "";
  const maxRuntimeSeconds = request.maxRuntimeSeconds ?? limits.maxRuntimeSeconds;
  if (!limits.instanceTypes.includes(instanceType)) {
    faults.push(
      `instanceType ${instanceType} is not one of ${limits.instanceTypes.join(", ")} (the stage's setting training.instanceTypes)`,
    );
  }
  if (maxRuntimeSeconds > limits.maxRuntimeSeconds) {
    faults.push(
      `maxRuntimeSeconds ${maxRuntimeSeconds} is more than ${limits.maxRuntimeSeconds} (the stage's setting training.maxRuntimeMinutes)`,
    );
  }
  if (!found.published) faults.push(`dataset version ${request.datasetVersion} is not published in ${dataBucket}`);
  if (parseS3Uri(request.sourceUri).bucket !== artifactBucket) {
    faults.push(`sourceUri ${request.sourceUri} does not lie in the stage's artefact bucket ${artifactBucket}`);
  } else if (!found.source) {
    faults.push(`there is no source archive at ${request.sourceUri}`);
  } else if (found.source.checksumSha256 !== digestBase64(sourceDigest(request.sourceUri))) {
    faults.push(
      `${request.sourceUri} is not what its address says: S3's SHA-256 of it is ${found.source.checksumSha256 ?? "not kept (upload it with a SHA-256 checksum)"}`,
    );
  }
  refuse(errorNames.invalidInput, "The training cannot be started", faults);
  return { instanceType, maxRuntimeSeconds, spot: request.spot ?? limits.spot };
}

/** What an existing job of a name means for a key. */
export type Standing = "other" | "running" | "completed" | "ended";

/**
 * @returns "other" when the job is not this training: made otherwise, from something else, or for another stage
 */
export function standing(job: JobFacts, key: string, artifactBucket: string): Standing {
  const identity = identityOfJob(job);
  const output = job.OutputDataConfig?.S3OutputPath ?? "";
  if (!identity || trainingKey(identity) !== key || !`${output}/`.startsWith(`s3://${artifactBucket}/`)) return "other";
  if (job.TrainingJobStatus === "Completed") return "completed";
  return ["InProgress", "Stopping"].includes(job.TrainingJobStatus ?? "") ? "running" : "ended";
}

/** Whether a recorded artefact still is there, as it was. */
export function stillThere(record: TrainingRecord, artifact: ObjectFacts | undefined): boolean {
  return artifact?.versionId === record.artifactVersionId && artifact.bytes === record.artifactBytes;
}

/** The error for whoever waited for a job that brought nothing. */
export function fruitless(name: string, job: JobFacts): FlowError {
  const stopped = job.TrainingJobStatus === "Stopped";
  return new FlowError(
    stopped ? errorNames.trainingStopped : errorNames.trainingFailed,
    `Training job ${name}, which trained the same, ended ${job.TrainingJobStatus} (${job.SecondaryStatus}): ${job.FailureReason ?? "no reason given"}`,
  );
}

/** Everything that the new job differs in from any other of the stage. */
export function newJob(
  request: TrainingInput,
  settled: Settled,
  limits: TrainingLimits,
  place: Place,
  job: { readonly key: string; readonly name: string },
): TrainingPlan {
  const { maxRuntimeSeconds, spot, instanceType } = settled;
  // What a failed attempt had reached serves the next one; whoever forces a training wants it from the start.
  const checkpoints = request.force ? job.name : job.key.replace("sha256:", "").slice(0, 32);
  return {
    action: "train",
    key: job.key,
    trainingJobName: job.name,
    image: request.image,
    hyperparameters: jobHyperparameters(request),
    channelUri: trainChannelUri(place.dataBucket, request.datasetVersion),
    instanceType,
    spot,
    // Only a job on spare capacity takes a longest wait (botocore sagemaker, StoppingCondition).
    stoppingCondition: {
      MaxRuntimeInSeconds: maxRuntimeSeconds,
      ...(spot ? { MaxWaitTimeInSeconds: maxRuntimeSeconds + limits.spotWaitSeconds } : {}),
    },
    checkpointUri: s3Uri(place.artifactBucket, `${checkpointsPrefix}${checkpoints}/`),
    tags: Object.entries({
      [lineageKeys.datasetVersion]: request.datasetVersion,
      [lineageKeys.run]: tagValue(request.run),
      [trainingTags.key]: job.key,
      [trainingTags.submittedBy]: tagValue(request.submittedBy),
      ...(request.force ? { [trainingTags.forced]: "true" } : {}),
    }).map(([Key, Value]) => ({ Key, Value })),
  };
}
