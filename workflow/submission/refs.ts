/** What every part of the submission machine is about, and the names that several of them use. */
import type { Scope } from "../../contracts/iam.ts";
import { submissionsPrefix } from "../../contracts/paths.ts";
import type { FunctionRef } from "../calls.ts";

/** What the machine is about; plain names and ARNs. */
export interface SubmissionRefs extends Scope {
  readonly stage: string;
  readonly functions: Readonly<
    Record<"stageArtifact" | "evaluate" | "gate" | "requestApproval" | "recordDecision", FunctionRef>
  >;
  readonly artifactBucket: string;
  readonly modelPackageGroup: string;
  /** Role of the test model: it reads the artefact and the test data, and writes the predictions. */
  readonly testRoleArn: string;
  readonly topicArn: string;
  /** Key of the stage, under which the predictions are written. @default the bucket's */
  readonly keyArn?: string;
  readonly instanceType: string;
  readonly batchTestTimeoutMinutes: number;
  readonly expiryHours: number;
  /** Tags of what the machine makes, as the APIs take them. */
  readonly tags: readonly { Key: string; Value: string }[];
}

/** Where every failure goes: the first state of the clean-up. */
export const onFailure = "StopBatchTest";

/** What the names of everything that the machine makes start with. */
export function prefix(refs: SubmissionRefs): string {
  return `frugal-${refs.stage}`;
}

/** Where the batch test writes, without the last slash: SageMaker puts its own. */
export function predictions(refs: SubmissionRefs): string {
  return `'s3://${refs.artifactBucket}/${submissionsPrefix}' & $submission.submissionId & '/predictions'`;
}
