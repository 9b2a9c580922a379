/**
 * Names of the errors that a Lambda function throws and a state machine catches: one constant, two users. Step Functions
 * matches them against the `name` of the error that the function throws.
 */
export const errorNames = {
  /** The input is malformed or contradicts what AWS holds; trying again cannot help. */
  invalidInput: "InvalidInput",
  /** A claim in the input is not what the training job, dataset or package says. */
  lineageMismatch: "LineageMismatch",
  /** The artefact's bytes are not those that were tested. */
  artifactChanged: "ArtifactChanged",
  /** The package is not approved (any more). */
  notApproved: "NotApproved",
  /** The endpoint is being changed by somebody else; wait and try again. */
  endpointBusy: "EndpointBusy",
  /** The rollout ended with another configuration in service than the one asked for. */
  rolloutFailed: "RolloutFailed",
  /** The training job failed by its own fault; its reason is in the message. */
  trainingFailed: "TrainingFailed",
  /** The training job was stopped before it was done: by its time limit or by hand. */
  trainingStopped: "TrainingStopped",
  /** AWS had no machine for the job, or lost it; another try later may get one. */
  capacityUnavailable: "CapacityUnavailable",
} as const;
export type ErrorName = (typeof errorNames)[keyof typeof errorNames];

/** Errors that trying again cannot mend: a state gives them a retrier of 0 attempts before the one for everything else. */
export const permanentErrors: readonly ErrorName[] = [
  errorNames.invalidInput,
  errorNames.lineageMismatch,
  errorNames.artifactChanged,
  errorNames.notApproved,
  errorNames.rolloutFailed,
  errorNames.trainingFailed,
  errorNames.trainingStopped,
  // Mended by waiting and another job, not by asking the same function again.
  errorNames.capacityUnavailable,
];

/** An error that a state machine can tell apart by name. The message is for people and holds no secret. */
export class FlowError extends Error {
  constructor(name: ErrorName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

/** What to do about a failed submission, by the error's name: a sentence for whoever is told. */
export const submissionHints: Readonly<Record<string, string>> = {
  [errorNames.invalidInput]: "Mend what the message names and submit again.",
  [errorNames.lineageMismatch]:
    "Train with frugal train, or tag the job with the dataset version that it reads and its run, and submit that job.",
  [errorNames.artifactChanged]:
    "The model's source is not what it was. Find out who writes there; submit again, or train again if it is lost.",
  "States.TaskFailed":
    "A job failed; the message holds its reason, and its log in CloudWatch below /aws/sagemaker/TransformJobs the rest. Mend the model's inference code and submit again.",
  "States.Timeout":
    "It took longer than the stage allows. A batch test's limit is batchTest.timeoutMinutes in the stage's Pulumi file.",
  "SageMaker.ResourceLimitExceededException":
    "The account's quota is used up or zero: wait for other jobs, choose another batchTest.instanceType, or ask AWS for more under Service Quotas.",
  "SageMaker.AmazonSageMakerException":
    "SageMaker refused a call; the message says which and why. What is passing, submit again; what is a permission, tell the platform's engineer.",
  "SageMaker.SageMakerException":
    "SageMaker refused a call; the message says which and why. What is passing, submit again; what is a permission, tell the platform's engineer.",
  MessageRejected:
    "Amazon SES does not send: the sender's address must be confirmed, and in SES's sandbox the approvers' as well. Then submit again.",
  "Lambda.Unknown":
    "A function ended without an answer: out of memory or time, see its log in CloudWatch. Then submit again.",
  "States.DataLimitExceeded":
    "What passes between two states became larger than 256 KB: fewer evaluation.sliceColumns or a shorter environment make it smaller.",
};
/** What to do about every other failure. */
export const otherHint =
  "The execution's history in Step Functions shows the step that failed. Submit again once its cause is mended; nothing of this one is left.";
