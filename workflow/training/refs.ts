/** What every part of the training machine is about. */
import type { Scope } from "../../contracts/iam.ts";
import type { FunctionRef } from "../calls.ts";

/** What the machine is about; plain names and ARNs. */
export interface TrainingRefs extends Scope {
  readonly stage: string;
  readonly functions: Readonly<Record<"planTraining" | "recordTraining", FunctionRef>>;
  readonly artifactBucket: string;
  /** Role of the training jobs. */
  readonly trainingRoleArn: string;
  readonly topicArn: string;
  /** Key of the stage, under which the models are written. @default the bucket's */
  readonly keyArn?: string;
  /** The stage's limit for one job. */
  readonly maxRuntimeMinutes: number;
  /** How long a job may wait for spare capacity on top of that. */
  readonly spotWaitMinutes: number;
  /** Tags of the jobs, as the APIs take them. */
  readonly tags: readonly { Key: string; Value: string }[];
}

/** Seconds that a job may take: its run, its wait for spare capacity, and an hour for the machine, the data and the model. */
export function jobSeconds(refs: TrainingRefs): number {
  return (refs.maxRuntimeMinutes + refs.spotWaitMinutes) * 60 + 3600;
}
