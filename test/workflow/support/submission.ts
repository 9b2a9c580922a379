/** One submission, and the answers with which all of it goes well. */

import { SendTaskSuccessCommand, type SFNClient } from "@aws-sdk/client-sfn";
import type { Evaluation, GateVerdict } from "../../../contracts/evaluation.ts";
import type { ApprovalDecision, StagedArtifact } from "../../../contracts/submission.ts";
import { submissionSample } from "../../../workflow/samples.ts";
import { type Answer, type Call, notFound, ok, refuse } from "./script.ts";

export const hex = "a".repeat(64);
export const id = "sub-0123456789abcdef0123";
export const bucket = submissionSample.artifactBucket;
export const packageArn = "arn:aws:sagemaker:us-east-1:111122223333:model-package/frugal-dev-breast-cancer/4";

/** What is handed in; checked by StageArtifact, which is a stub here. */
export const input = {
  trainingJobName: "baseline-1",
  submittedBy: "grace@example.com",
  note: "The new columns (all 30)",
};
const container = {
  image: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
  artifactUri: `s3://${bucket}/models/sha256/${hex}/model.tar.gz`,
  artifactVersionId: "v1",
  artifactBytes: 1000,
  artifactDigest: `sha256:${hex}`,
  environment: { SAGEMAKER_PROGRAM: "inference.py" },
};
export const staged: StagedArtifact = {
  submissionId: id,
  submittedBy: "grace@example.com",
  note: "The new columns (all 30)",
  lineage: {
    datasetVersion: `breast-cancer@sha256:${hex}`,
    run: "baseline",
    trainingJob: "baseline-1",
    artifactDigest: `sha256:${hex}`,
  },
  trainingJobArn: "arn:aws:sagemaker:us-east-1:111122223333:training-job/baseline-1",
  autoMlJob: "-",
  containers: [container],
  testDatasetVersion: `newer@sha256:${hex}`,
  featuresUri: `s3://frugal-dev-data/datasets/newer/${hex}/test/features.csv`,
  labelsUri: `s3://frugal-dev-data/datasets/newer/${hex}/test/labels.csv`,
  gate: { bound: 0.95 },
};
export const pipeline: StagedArtifact = {
  ...staged,
  containers: [container, { ...container, artifactUri: container.artifactUri.replace(hex, "b".repeat(64)) }],
};
export const evaluation: Evaluation = {
  problem: "binary",
  metrics: { accuracy: 0.95, precision: 0.9, recall: 0.92, f1: 0.91, rocAuc: 0.99 },
  intervals: { rocAuc: { low: 0.98, high: 1, standardError: 0.005 } },
  confidence: 0.95,
  sampleSize: 171,
  slices: [],
  testDatasetVersion: staged.testDatasetVersion,
  evaluationUri: `s3://${bucket}/submissions/${id}/evaluation.json`,
  evaluationDigest: `sha256:${hex}`,
};
export const passed: GateVerdict = {
  passed: true,
  reasons: [],
  cautions: ["The champion was judged on other test data."],
  metric: "rocAuc",
  direction: "higher",
  candidate: 0.99,
  bound: 0.9,
  minimumGain: -0.02,
  slices: [],
  recordDigest: `sha256:${hex}`,
};
export const failed: GateVerdict = {
  ...passed,
  passed: false,
  candidate: 0.5,
  reasons: ["rocAuc is 0.5, the stage asks for 0.9 (at least)."],
};
export const decided: ApprovalDecision = {
  decision: "Approved",
  decidedBy: "ada@example.com",
  decidedAt: "2026-11-01T10:00:00.000Z",
  comment: "fine",
  packetDigest: `sha256:${hex}`,
  votes: [],
};
export const ended: ApprovalDecision = {
  decision: "Rejected",
  decidedBy: "failure",
  decidedAt: "2026-11-01T10:00:00.000Z",
  comment: "",
  votes: [],
};

/** Everything goes well; a test changes what it is about. */
export const happy: Record<string, Answer[]> = {
  "stage-artifact": [ok(staged)],
  CreateModel: [ok({ ModelArn: `arn:aws:sagemaker:us-east-1:111122223333:model/test` })],
  CreateTransformJob: [ok({ TransformJobArn: "arn:aws:sagemaker:us-east-1:111122223333:transform-job/t" })],
  DescribeTransformJob: [ok({ TransformJobStatus: "InProgress" }), ok({ TransformJobStatus: "Completed" })],
  StopTransformJob: [notFound("transform job")],
  DeleteModel: [ok()],
  evaluate: [ok(evaluation)],
  gate: [ok(passed)],
  "request-approval": [ok({ sent: 1 })],
  "record-decision": [ok({ decision: decided })],
};

/** What can fail on the way, the answers that make it, and the error that is told. */
export const failures: [string, Record<string, Answer[]>, string, RegExp?][] = [
  ["the artefact cannot be stored", { "stage-artifact": [refuse("Error", "no room")] }, "Error", /no room/],
  [
    "the test model is refused",
    { CreateModel: [refuse("ResourceLimitExceeded", "too many models")] },
    "SageMaker.ResourceLimitExceededException",
    /too many models/,
  ],
  [
    "the batch test is refused",
    { CreateTransformJob: [refuse("ResourceLimitExceeded", "limit 0 instances")] },
    "SageMaker.ResourceLimitExceededException",
    /limit 0/,
  ],
  [
    "the batch test fails",
    { DescribeTransformJob: [ok({ TransformJobStatus: "Failed", FailureReason: "model server died" })] },
    "States.TaskFailed",
    /model server died/,
  ],
  [
    "the test model cannot be deleted",
    { DeleteModel: [refuse("ValidationException", "busy")] },
    "SageMaker.SageMakerException",
    /busy/,
  ],
  [
    "the predictions do not fit the labels",
    { evaluate: [refuse("InvalidInput", "170 predictions, 171 labels")] },
    "InvalidInput",
    /170 predictions/,
  ],
  ["the gate cannot judge", { gate: [refuse("InvalidInput", "no such metric")] }, "InvalidInput"],
  [
    "the package cannot be registered",
    { CreateModelPackage: [refuse("ResourceLimitExceeded", "full")] },
    "SageMaker.ResourceLimitExceededException",
  ],
  [
    "the package cannot be looked at",
    { DescribeModelPackage: [refuse("AccessDeniedException", "not allowed")] },
    "SageMaker.SageMakerException",
    /not allowed/,
  ],
  [
    "nobody can be asked",
    { "request-approval": [refuse("MessageRejected", "the sender is not confirmed")] },
    "MessageRejected",
    /not confirmed/,
  ],
  [
    "the decision cannot be recorded",
    { "record-decision": [refuse("InvalidInput", "already Rejected, set by hand")] },
    "InvalidInput",
    /by hand/,
  ],
];

/** People who decide as soon as they are asked, each request once; `from` the n-th request on. */
export function answering(sfn: SFNClient, decision: object = decided, from = 0) {
  const answered = new Set<string>();
  return async (calls: readonly Call[]): Promise<void> => {
    const asked = calls.filter((call) => call.key === "request-approval").slice(from);
    for (const { taskToken } of asked.map((call) => call.input)) {
      if (answered.has(taskToken)) continue;
      answered.add(taskToken);
      await sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(decision) }));
    }
  };
}
