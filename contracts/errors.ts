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
