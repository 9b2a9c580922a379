/** The references that the reviewers' copies and the tests are made with: stage dev in an account that nobody has. */

import type { FunctionRef } from "./calls.ts";
import type { CleanUpRefs } from "./clean-up.ts";
import type { RolloutRefs } from "./rollout.ts";
import type { SubmissionRefs } from "./submission.ts";
import type { TrainingRefs } from "./training.ts";

const scope = { account: "111122223333", region: "us-east-1", partition: "aws" };
const place = `${scope.region}:${scope.account}`;

function fn(name: string, timeoutSeconds: number): FunctionRef {
  return { arn: `arn:aws:lambda:${place}:function:frugal-dev-${name}`, timeoutSeconds };
}

function tags(component: string) {
  return [
    { Key: "frugal:component", Value: component },
    { Key: "frugal:owner", Value: "ml-team" },
    { Key: "frugal:project", Value: "frugal-mlops" },
    { Key: "frugal:stage", Value: "dev" },
  ];
}

const shared = {
  ...scope,
  stage: "dev",
  modelPackageGroup: "frugal-dev-breast-cancer",
  topicArn: `arn:aws:sns:${place}:frugal-dev-notices`,
};

export const trainingSample: TrainingRefs = {
  ...scope,
  stage: "dev",
  topicArn: shared.topicArn,
  functions: { planTraining: fn("plan-training", 60), recordTraining: fn("record-training", 60) },
  artifactBucket: "frugal-dev-artifacts-111122223333-us-east-1",
  trainingRoleArn: `arn:aws:iam::${scope.account}:role/frugal-dev-training`,
  maxRuntimeMinutes: 60,
  spotWaitMinutes: 60,
  tags: tags("training"),
};

export const submissionSample: SubmissionRefs = {
  ...shared,
  modelName: "breast-cancer",
  functions: {
    stageArtifact: fn("stage-artifact", 900),
    evaluate: fn("evaluate", 900),
    gate: fn("gate", 60),
    requestApproval: fn("request-approval", 60),
    recordDecision: fn("record-decision", 60),
  },
  artifactBucket: "frugal-dev-artifacts-111122223333-us-east-1",
  testRoleArn: `arn:aws:iam::${scope.account}:role/frugal-dev-batch-test`,
  instanceType: "ml.m5.large",
  batchTestTimeoutMinutes: 30,
  expiryHours: 168,
  remindHours: 48,
  modelCard: true,
  serving: { kind: "serverless", memoryMb: 2048, maxConcurrency: 2, idleUsdPerMonth: 0, region: scope.region },
  tags: tags("submission"),
};

export const cleanUpSample: CleanUpRefs = { ...shared, recordDecision: fn("record-decision", 60) };

export const rolloutSample: RolloutRefs = {
  ...shared,
  checkPackage: fn("check-package", 60),
  servingPrefix: "frugal-dev-breast-cancer",
  servingRoleArn: `arn:aws:iam::${scope.account}:role/frugal-dev-serving`,
  memoryMb: 2048,
  maxConcurrency: 2,
  tags: tags("deployment"),
};
