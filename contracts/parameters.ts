/**
 * SSM parameters of a stage, all under one path, so that whoever has AWS credentials finds a stage's resources by its name.
 * Values are plain names and ARNs, never secrets.
 */
export const parameterNames = {
  dataBucket: "data-bucket",
  artifactBucket: "artifact-bucket",
  trainingRole: "training-role-arn",
  trainingStateMachine: "training-state-machine-arn",
  sandboxRole: "sandbox-role-arn",
  modelPackageGroup: "model-package-group",
  submissionStateMachine: "submission-state-machine-arn",
  rolloutStateMachine: "rollout-state-machine-arn",
  approvalUrl: "approval-url",
  endpointName: "endpoint-name",
} as const;
export type StageParameter = keyof typeof parameterNames;

/** `/frugal/<stage>`: the path of a stage's parameters. */
export function parameterPath(stage: string): string {
  return `/frugal/${stage}`;
}

export function parameterName(stage: string, parameter: StageParameter): string {
  return `${parameterPath(stage)}/${parameterNames[parameter]}`;
}

/** Where a stage keeps what it expects of a dataset (`contracts/expectations.ts`), as JSON. */
export function datasetParameterName(stage: string, dataset: string): string {
  return `${parameterPath(stage)}/datasets/${dataset}`;
}
