/** What is kept of a training, and what the states of the training machine say to each other. */
import * as z from "zod";
import { digestHex } from "./digest.ts";
import { datasetVersionPattern, digestPattern, sagemakerNamePattern } from "./lineage.ts";
import { trainingPrefix } from "./paths.ts";
import { HyperparameterValue, sourceUriPattern } from "./training.ts";

/** Key prefix of the records of one training key, ending in "/". */
export function recordPrefix(key: string): string {
  return `${trainingPrefix}${digestHex(key)}/`;
}

/** One finished job of a key, as it is kept in the artefact bucket; written once and never changed. */
export const TrainingRecord = z.object({
  schemaVersion: z.literal(1),
  key: z.string().regex(digestPattern),
  trainingJobName: z.string().regex(sagemakerNamePattern),
  trainingJobArn: z.string().min(20),
  datasetVersion: z.string().regex(datasetVersionPattern),
  sourceUri: z.string().regex(sourceUriPattern),
  entry: z.string(),
  image: z.string(),
  hyperparameters: z.record(z.string(), HyperparameterValue),
  run: z.string(),
  submittedBy: z.string(),
  /** Whether it was trained although the same had been trained before. */
  forced: z.boolean(),
  artifactUri: z.string(),
  /** S3's version of the artefact; only while it is the current one is the artefact what was trained. */
  artifactVersionId: z.string().min(1),
  artifactBytes: z.int().positive(),
  instanceType: z.string(),
  spot: z.boolean(),
  /** Seconds that AWS bills; less than the time it took where spare capacity was used. */
  billableSeconds: z.int().nonnegative().optional(),
  endedAt: z.iso.datetime(),
});
export type TrainingRecord = z.infer<typeof TrainingRecord>;

/** Limits and defaults of a stage; handed to PlanTraining as JSON in the environment variable LIMITS. */
export const TrainingLimits = z.strictObject({
  instanceTypes: z.array(z.string()).min(1),
  maxRuntimeSeconds: z.int().positive(),
  spot: z.boolean(),
  /** Seconds that a job may wait for spare capacity, on top of its run time. */
  spotWaitSeconds: z.int().nonnegative(),
});
export type TrainingLimits = z.infer<typeof TrainingLimits>;

/** Input of the state PlanTraining. */
export const PlanTrainingInput = z.strictObject({
  request: z.unknown(),
  /** The job that this execution has been waiting for; empty at first. */
  following: z.string(),
});

/** Input of the state RecordTraining. */
export const RecordTrainingInput = z.strictObject({
  key: z.string().regex(digestPattern),
  trainingJobName: z.string().regex(sagemakerNamePattern),
});

/** Result of the state PlanTraining: what is to be done. */
export type TrainingPlan = {
  readonly key: string;
  readonly trainingJobName: string;
} & (
  | { readonly action: "reuse"; readonly record: TrainingRecord }
  /** It is done, but nobody has recorded it. */
  | { readonly action: "record" }
  /** Somebody else trains the same right now. */
  | { readonly action: "wait" }
  | {
      readonly action: "train";
      readonly image: string;
      readonly hyperparameters: Readonly<Record<string, string>>;
      readonly channelUri: string;
      readonly instanceType: string;
      readonly stoppingCondition: { readonly MaxRuntimeInSeconds: number; readonly MaxWaitTimeInSeconds?: number };
      readonly spot: boolean;
      readonly checkpointUri: string;
      readonly tags: readonly { readonly Key: string; readonly Value: string }[];
    }
);

/** Output of the training state machine. */
export const TrainingResult = TrainingRecord.extend({
  /** True when nothing was trained for this request. */
  reused: z.boolean(),
});
export type TrainingResult = z.infer<typeof TrainingResult>;
