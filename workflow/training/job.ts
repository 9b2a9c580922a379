import { errorNames } from "../../contracts/errors.ts";
import { allow, arnOf } from "../../contracts/iam.ts";
import { runsPrefix } from "../../contracts/paths.ts";
import { trainingJobPrefix } from "../../contracts/training-job.ts";
import { invoke, outputKey, passRole, retryCall, syncGrants } from "../calls.ts";
import { type Catcher, catchAll, expression as e, plain, type Steps, task } from "../states.ts";
import { jobSeconds, type TrainingRefs } from "./refs.ts";

/** How often a job is tried: refused for its name, or left without a machine. */
const MOST_TRIES = 4;
/** Seconds until AWS is asked again for a machine that it did not have. */
const CAPACITY_SECONDS = 300;
/** Gibibytes of disk: the data, the model and its checkpoints. */
const VOLUME_GB = 30;

/** A failure of the job itself, which may be mended by another one. */
const failedTry: Catcher = {
  ErrorEquals: ["States.ALL"],
  Assign: { failure: e("$states.errorOutput"), tries: e("$tries + 1") },
  Next: "WhatFailed",
};

/** Another execution was quicker; the optimised integration may give this error its generic name. */
const nameTaken =
  "($failure.Error = 'SageMaker.ResourceInUseException' or $contains($failure.Cause, 'already exists'))";

/** The job, its end, and what is tried again with another one. */
export function jobSteps(refs: TrainingRefs): Steps {
  const jobs = arnOf(refs, "sagemaker", `training-job/${trainingJobPrefix(refs.stage)}*`);
  return {
    Train: task({
      integration: "sagemaker:createTrainingJob.sync",
      partition: refs.partition,
      arguments: {
        TrainingJobName: e("$plan.trainingJobName"),
        RoleArn: refs.trainingRoleArn,
        AlgorithmSpecification: { TrainingImage: e("$plan.image"), TrainingInputMode: "File" },
        HyperParameters: e("$plan.hyperparameters"),
        InputDataConfig: [
          {
            ChannelName: "train",
            ContentType: "text/csv",
            DataSource: {
              S3DataSource: {
                S3DataType: "S3Prefix",
                S3Uri: e("$plan.channelUri"),
                S3DataDistributionType: "FullyReplicated",
              },
            },
          },
        ],
        OutputDataConfig: {
          S3OutputPath: `s3://${refs.artifactBucket}/${runsPrefix.replace(/\/$/, "")}`,
          ...outputKey(refs),
        },
        ResourceConfig: { InstanceType: e("$plan.instanceType"), InstanceCount: 1, VolumeSizeInGB: VOLUME_GB },
        EnableManagedSpotTraining: e("$plan.spot"),
        // Whatever the plan says, the stage's limit holds, and stands where a reviewer and a policy see it.
        StoppingCondition: e(
          "$merge([$plan.stoppingCondition, {'MaxRuntimeInSeconds': " +
            `$min([$plan.stoppingCondition.MaxRuntimeInSeconds, ${refs.maxRuntimeMinutes * 60}])}])`,
        ),
        CheckpointConfig: { S3Uri: e("$plan.checkpointUri") },
        Tags: e("$append($tags, $plan.tags)"),
      },
      timeoutSeconds: jobSeconds(refs),
      retry: [
        // Somebody else has the name: trying again cannot help, looking again does.
        { ErrorEquals: ["SageMaker.ResourceInUseException"], MaxAttempts: 0 },
        ...retryCall(10),
      ],
      catch: [
        {
          ErrorEquals: ["States.Timeout"],
          Assign: {
            failure: {
              Error: "States.Timeout",
              Cause: e(`'Training job ' & $plan.trainingJobName & ' did not end within ${jobSeconds(refs)} seconds'`),
            },
          },
          Next: "StopJob",
        },
        failedTry,
      ],
      next: "RecordTraining",
      grants: [
        allow(
          "Train",
          [
            "sagemaker:CreateTrainingJob",
            "sagemaker:DescribeTrainingJob",
            "sagemaker:StopTrainingJob",
            "sagemaker:AddTags",
            "sagemaker:ListTags",
          ],
          jobs,
        ),
        passRole("PassTrainingRole", refs.trainingRoleArn),
        ...syncGrants(refs, "TrainingJobs"),
      ],
    }),
    WhatFailed: plain({
      Type: "Choice",
      Choices: [
        {
          Condition: e(`${nameTaken} and $tries < ${MOST_TRIES}`),
          Next: "Wait",
        },
        // Whoever has the name keeps the job.
        { Condition: e(nameTaken), Next: "NotifyFailure" },
        // The job came to an end of its own: what it was says RecordTraining.
        { Condition: e("$failure.Error = 'States.TaskFailed'"), Next: "RecordTraining" },
      ],
      Default: "StopJob",
    }),
    RecordTraining: invoke({
      function: refs.functions.recordTraining,
      partition: refs.partition,
      comment: "Also tells a job that was stopped from one that is done.",
      payload: { key: e("$plan.key"), trainingJobName: e("$plan.trainingJobName") },
      assign: { record: e("$states.result.Payload") },
      catch: [
        {
          ErrorEquals: [errorNames.capacityUnavailable],
          Assign: { failure: e("$states.errorOutput"), tries: e("$tries + 1") },
          Next: "AnotherMachine",
        },
        catchAll("NotifyFailure"),
      ],
      next: "WhoTrained",
    }),
    AnotherMachine: plain({
      Type: "Choice",
      Choices: [{ Condition: e(`$tries < ${MOST_TRIES}`), Next: "WaitForCapacity" }],
      Default: "NotifyFailure",
    }),
    WaitForCapacity: plain({ Type: "Wait", Seconds: CAPACITY_SECONDS, Next: "PlanTraining" }),
  };
}
