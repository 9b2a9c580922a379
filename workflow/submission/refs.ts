/** What every part of the submission machine is about, and the names that several of them use. */
import type { Scope } from "../../contracts/iam.ts";
import { submissionsPrefix } from "../../contracts/paths.ts";
import type { ServingCost } from "../../contracts/submission.ts";
import type { FunctionRef } from "../calls.ts";

/** What the machine is about; plain names and ARNs. */
export interface SubmissionRefs extends Scope {
  readonly stage: string;
  readonly modelName: string;
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
  /** Hours before the expiry at which the approvers are asked again; 0: they are not. */
  readonly remindHours: number;
  /** Whether a package carries a model card. */
  readonly modelCard: boolean;
  /** What serving a candidate would cost; the approver is shown it. */
  readonly serving: ServingCost;
  /** Tags of what the machine makes, as the APIs take them. */
  readonly tags: readonly { Key: string; Value: string }[];
}

/** Where every failure goes: the first state of the clean-up. */
export const onFailure = "StopBatchTest";

/** What the names of everything that the machine makes for its test start with. */
export function testPrefix(stage: string): string {
  return `frugal-${stage}-test-`;
}

/**
 * JSONata for the one name of an execution's test model and batch test. It follows from the execution's ARN: another
 * execution of the same submission has things of its own, and whoever cleans up after an execution knows what they are called.
 */
export function testName(stage: string, executionArn: string): string {
  return `'${testPrefix(stage)}' & $substring($hash(${executionArn}, 'SHA-256'), 0, 20)`;
}

/** JSONata for where the batch test writes, without the last slash: SageMaker puts its own. */
export function predictions(refs: SubmissionRefs): string {
  return (
    `'s3://${refs.artifactBucket}/${submissionsPrefix}' & $staged.submissionId & '/predictions/' & ` +
    `$substringAfter($batchTest, '${testPrefix(refs.stage)}')`
  );
}

/** What stands in a package's description between the submission and the execution that registered it. */
export const executionMark = ", execution ";
