/** What a training job's end comes to. No I/O. */
import { errorNames, FlowError } from "../../contracts/errors.ts";
import { lineageKeys } from "../../contracts/lineage.ts";
import { type TrainingIdentity, trainingKey, trainingTags } from "../../contracts/training.ts";
import { identityOfJob, type JobIdentityFacts } from "../../contracts/training-job.ts";
import type { TrainingRecord } from "../../contracts/training-record.ts";
import type { ObjectFacts } from "../shared/objects.ts";

/** The part of DescribeTrainingJob's answer that matters here. */
export interface FinishedJob extends JobIdentityFacts {
  TrainingJobName?: string;
  TrainingJobArn?: string;
  TrainingJobStatus?: string;
  SecondaryStatus?: string;
  FailureReason?: string;
  ModelArtifacts?: { S3ModelArtifacts?: string };
  ResourceConfig?: { InstanceType?: string };
  EnableManagedSpotTraining?: boolean;
  StoppingCondition?: { MaxRuntimeInSeconds?: number; MaxWaitTimeInSeconds?: number };
  BillableTimeInSeconds?: number;
  TrainingEndTime?: Date;
}

/** Reasons with which AWS says that it had no machine, or lost it (AWS: training jobs' failure reasons). */
const noMachine = /CapacityError|InsufficientInstanceCapacity|InternalServerError/;

/**
 * What the job was made from, when it has a whole model. Throws `CapacityUnavailable`, `TrainingStopped` or `TrainingFailed`
 * otherwise, `LineageMismatch` when the job trained something else than the key says.
 */
export function finished(name: string, key: string, job: FinishedJob): TrainingIdentity {
  const status = job.TrainingJobStatus;
  const secondary = job.SecondaryStatus ?? "";
  const because = job.FailureReason ?? "no reason given";
  if (status === "Stopped") throw new FlowError(errorNames.trainingStopped, `Training job ${name} ${stopped(job)}`);
  if (status === "Failed" && noMachine.test(because)) {
    throw new FlowError(errorNames.capacityUnavailable, `Training job ${name} got no machine: ${because}`);
  }
  if (status !== "Completed") {
    throw new FlowError(errorNames.trainingFailed, `Training job ${name} ended ${status} (${secondary}): ${because}`);
  }
  const identity = identityOfJob(job);
  if (!identity || trainingKey(identity) !== key) {
    throw new FlowError(errorNames.lineageMismatch, `Training job ${name} was not made from what the key ${key} says`);
  }
  return identity;
}

function stopped({ SecondaryStatus, StoppingCondition }: FinishedJob): string {
  if (SecondaryStatus === "MaxRuntimeExceeded") {
    return `was stopped after ${StoppingCondition?.MaxRuntimeInSeconds} seconds, its time limit; what it had by then counts as no model`;
  }
  if (SecondaryStatus === "MaxWaitTimeExceeded") {
    return `got no spare capacity within ${StoppingCondition?.MaxWaitTimeInSeconds} seconds; ask again later, or without spot`;
  }
  return "was stopped by hand";
}

/** The record of a finished job; it follows from the job alone, so that whoever writes it writes the same. */
export function recordOf(
  key: string,
  identity: TrainingIdentity,
  job: FinishedJob,
  tags: Readonly<Record<string, string>>,
  artifact: { readonly uri: string; readonly facts: ObjectFacts },
): TrainingRecord {
  return {
    schemaVersion: 1,
    key,
    trainingJobName: job.TrainingJobName ?? "",
    trainingJobArn: job.TrainingJobArn ?? "",
    ...identity,
    run: tags[lineageKeys.run] ?? "-",
    submittedBy: tags[trainingTags.submittedBy] ?? "-",
    forced: tags[trainingTags.forced] === "true",
    artifactUri: artifact.uri,
    artifactVersionId: artifact.facts.versionId,
    artifactBytes: artifact.facts.bytes,
    instanceType: job.ResourceConfig?.InstanceType ?? "-",
    spot: job.EnableManagedSpotTraining === true,
    ...(job.BillableTimeInSeconds === undefined ? {} : { billableSeconds: job.BillableTimeInSeconds }),
    endedAt: (job.TrainingEndTime ?? new Date(0)).toISOString(),
  };
}
