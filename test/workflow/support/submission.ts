/** One submission, and the answers with which all of it goes well. */
import { submissionSample } from "../../../workflow/samples.ts";
import { type Answer, notFound, ok, refuse } from "./script.ts";

export const hex = "a".repeat(64);
export const id = "sub-0123456789abcdef0123";
export const bucket = submissionSample.artifactBucket;
export const packageArn = "arn:aws:sagemaker:us-east-1:111122223333:model-package/frugal-dev-breast-cancer/4";
export const testModel = "frugal-dev-test-0123456789abcdef0123";

export const input = {
  submissionId: id,
  trainingJobName: "baseline-1",
  submittedBy: "grace@example.com",
  environment: { SAGEMAKER_PROGRAM: "inference.py" },
};
export const staged = {
  lineage: {
    datasetVersion: `breast-cancer@sha256:${hex}`,
    run: "baseline",
    trainingJob: "baseline-1",
    artifactDigest: `sha256:${hex}`,
  },
  trainingJobArn: "arn:aws:sagemaker:us-east-1:111122223333:training-job/baseline-1",
  artifactUri: `s3://${bucket}/models/sha256/${hex}/model.tar.gz`,
  artifactVersionId: "v1",
  artifactBytes: 1000,
  image: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
  featuresUri: `s3://frugal-dev-data/datasets/breast-cancer/${hex}/test/features.csv`,
  labelsUri: `s3://frugal-dev-data/datasets/breast-cancer/${hex}/test/labels.csv`,
};
export const evaluation = {
  metrics: { accuracy: 0.95, precision: 0.9, recall: 0.92, f1: 0.91, rocAuc: 0.99 },
  sampleSize: 171,
  evaluationUri: `s3://${bucket}/submissions/${id}/evaluation.json`,
  evaluationDigest: `sha256:${hex}`,
};
export const passed = { passed: true, reasons: [], metric: "rocAuc", candidate: 0.99, minimum: 0.9 };
export const failed = {
  ...passed,
  passed: false,
  candidate: 0.5,
  reasons: ["rocAuc is 0.5, the stage asks for 0.9 (at least)."],
};
export const decided = {
  decision: "Approved",
  decidedBy: "ada@example.com",
  decidedAt: "2026-11-01T10:00:00.000Z",
  comment: "fine",
  packetDigest: `sha256:${hex}`,
};

/** Everything goes well; a test changes what it is about. */
export const happy: Record<string, Answer[]> = {
  "stage-artifact": [ok(staged)],
  CreateModel: [ok({ ModelArn: `arn:aws:sagemaker:us-east-1:111122223333:model/${testModel}` })],
  CreateTransformJob: [ok({ TransformJobArn: "arn:aws:sagemaker:us-east-1:111122223333:transform-job/t" })],
  DescribeTransformJob: [ok({ TransformJobStatus: "InProgress" }), ok({ TransformJobStatus: "Completed" })],
  StopTransformJob: [notFound("transform job")],
  DeleteModel: [ok()],
  evaluate: [ok(evaluation)],
  gate: [ok(passed)],
  CreateModelPackage: [ok({ ModelPackageArn: packageArn })],
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
