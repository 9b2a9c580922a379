/** Training jobs. */
import { trainingEvent } from "../../events/shapes.ts";
import type { JobResult } from "../../run/types.ts";
import { inUse, validation } from "../../server/errors.ts";
import type { Call, Front, Json } from "../../server/front.ts";
import type { JobLineage } from "../lineage/automatic.ts";
import { type Entry, now } from "../store.ts";
import { type JobKind, jobOperations } from "./engine.ts";

/** AWS's texts for the steps of a job. */
const MESSAGES: Readonly<Record<string, string>> = {
  Starting: "Preparing the instances for training",
  Downloading: "Downloading input data",
  Training: "Training image download completed. Training in progress.",
  Uploading: "Uploading generated training model",
  Completed: "Training job completed",
  Failed: "Training job failed",
  Stopped: "Training job stopped",
  MaxRuntimeExceeded: "Training job runtime exceeded MaxRuntimeInSeconds provided",
};

/** Ends the present step and begins the next; the same step again only changes the message. */
export function advance(entry: Entry, status: string, message?: string): void {
  const steps = entry.fields.SecondaryStatusTransitions as Json[];
  const last = steps.at(-1);
  const text = message || MESSAGES[status] || status;
  const time = now();
  if (last?.Status === status) {
    last.StatusMessage = text;
  } else {
    if (last) last.EndTime = time;
    steps.push({ Status: status, StartTime: time, StatusMessage: text });
  }
  entry.fields.SecondaryStatus = status;
  entry.fields.LastModifiedTime = time;
}

function check(_front: Front, call: Call): void {
  const { input } = call;
  const algorithm = input.AlgorithmSpecification as Json | undefined;
  if ((algorithm?.TrainingImage === undefined) === (algorithm?.AlgorithmName === undefined))
    throw validation("You must specify exactly one of AlgorithmName and TrainingImage in AlgorithmSpecification.");
  const stopping = (input.StoppingCondition ?? {}) as Json;
  if (
    input.EnableManagedSpotTraining === true &&
    !(Number(stopping.MaxWaitTimeInSeconds) >= Number(stopping.MaxRuntimeInSeconds ?? 86_400))
  )
    throw validation(
      "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds",
    );
  const channels = ((input.InputDataConfig ?? []) as Json[]).map((channel) => channel.ChannelName);
  const twice = channels.find((name, index) => channels.indexOf(name) !== index);
  if (twice) throw validation(`Channel names must be unique; ${twice} is given twice.`);
}

function lineage(entry: Entry): JobLineage {
  const { AlgorithmSpecification, InputDataConfig, ModelArtifacts, TrainingJobStatus } = entry.fields;
  const image = (AlgorithmSpecification as Json).TrainingImage;
  const sources = ((InputDataConfig ?? []) as Json[]).map(
    (channel) => ((channel.DataSource as Json)?.S3DataSource as Json | undefined)?.S3Uri,
  );
  const model = (ModelArtifacts as Json | undefined)?.S3ModelArtifacts;
  return {
    sourceType: "SageMakerTrainingJob",
    inputs: [
      ...(typeof image === "string" ? [{ uri: image, type: "Image" as const }] : []),
      ...sources.filter((uri) => typeof uri === "string").map((uri) => ({ uri, type: "DataSet" as const })),
    ],
    outputs:
      typeof model === "string" && TrainingJobStatus !== "Failed" ? [{ uri: model, type: "Model" as const }] : [],
  };
}

function finish(entry: Entry, result: JobResult): void {
  const { fields } = entry;
  const seconds = Math.max(1, Math.ceil((result.endTime - result.startTime) / 1000));
  if (result.modelArtifacts) fields.ModelArtifacts = { S3ModelArtifacts: result.modelArtifacts };
  if (result.finalMetrics?.length)
    fields.FinalMetricDataList = result.finalMetrics.map(({ MetricName, Value, Timestamp }) => ({
      MetricName,
      Value,
      Timestamp: Timestamp / 1000,
    }));
  fields.TrainingTimeInSeconds = seconds;
  fields.BillableTimeInSeconds = seconds;
  const final = result.secondaryStatus ?? result.status;
  advance(entry, final, result.status === "Failed" ? `${MESSAGES.Failed}` : undefined);
  const last = (fields.SecondaryStatusTransitions as Json[]).at(-1);
  if (last) last.EndTime = now();
}

const TRAINING: JobKind = {
  noun: "TrainingJob",
  kind: "training-job",
  words: "training job",
  missing: () => validation("Requested resource not found."),
  exists: (arn) =>
    inUse(
      `Training job names must be unique within an AWS account and region, and a training job with this name already exists (${arn})`,
    ),
  event: trainingEvent,
  lineage,
  check,
  role: (_front, input) => String(input.RoleArn),
  initial: (input) => ({
    SecondaryStatus: "Starting",
    SecondaryStatusTransitions: [{ Status: "Starting", StartTime: now(), StatusMessage: MESSAGES.Starting }],
    EnableNetworkIsolation: input.EnableNetworkIsolation ?? false,
    EnableInterContainerTrafficEncryption: input.EnableInterContainerTrafficEncryption ?? false,
    EnableManagedSpotTraining: input.EnableManagedSpotTraining ?? false,
    StoppingCondition: { MaxRuntimeInSeconds: 86_400, ...((input.StoppingCondition ?? {}) as Json) },
  }),
  run: (front, entry, request, credentials, signal) =>
    front.run.training(
      { ...request, StoppingCondition: entry.fields.StoppingCondition } as never,
      entry.arn,
      credentials,
      front.context,
      (status, message) => {
        if (entry.fields.TrainingJobStatus !== "InProgress") return;
        if (status === "Training") entry.fields.TrainingStartTime = now();
        advance(entry, status, message);
        front.events.publish(trainingEvent(entry));
      },
      signal,
    ),
  finish,
};

export const trainingOperations = jobOperations(TRAINING);
