/**
 * Training: the same data, code, image and hyper-parameters are trained once. What is there already is given back at no
 * cost; what somebody else trains right now is waited for; anything else becomes a job, and its end is put on record.
 */
import { allow, arnOf, type Statement } from "../contracts/iam.ts";
import { trainingJobPrefix } from "../contracts/training-job.ts";
import { invoke, notify, observeGrants, retryBriefly } from "./calls.ts";
import {
  catchAll,
  expression as e,
  goOn,
  grantsOf,
  machine,
  plain,
  type StateMachine,
  type Steps,
  task,
} from "./states.ts";
import { jobSteps } from "./training/job.ts";
import { jobSeconds, type TrainingRefs } from "./training/refs.ts";

export type { TrainingRefs } from "./training/refs.ts";

/** Looks at somebody else's job: at least this many seconds apart, and so far apart that a thousand are enough. */
const LOOK_SECONDS = 30;
const MOST_LOOKS = 1000;

/** The machine itself; serialise it with JSON.stringify. */
export function definition(refs: TrainingRefs): StateMachine {
  // Somebody else's job and three of one's own, and an hour for everything else.
  return machine(`Training in stage ${refs.stage}`, 4 * jobSeconds(refs) + 3600, steps(refs));
}

/** What the machine's role may do: what its states need, and writing its own log and traces. */
export function grants(refs: TrainingRefs): Statement[] {
  return [...grantsOf(steps(refs)), ...observeGrants()];
}

function steps(refs: TrainingRefs): Steps {
  const jobs = arnOf(refs, "sagemaker", `training-job/${trainingJobPrefix(refs.stage)}*`);
  return {
    Begin: plain({
      Type: "Pass",
      Assign: { request: e("$states.input"), tags: refs.tags, following: "", tries: 0, failure: {} },
      Next: "PlanTraining",
    }),
    PlanTraining: invoke({
      function: refs.functions.planTraining,
      partition: refs.partition,
      payload: { request: e("$request"), following: e("$following") },
      assign: { plan: e("$states.result.Payload") },
      catch: [catchAll("NotifyFailure")],
      next: "WhatToDo",
    }),
    WhatToDo: plain({
      Type: "Choice",
      Choices: [
        { Condition: e("$plan.action = 'reuse'"), Next: "Reused", Assign: { record: e("$plan.record") } },
        { Condition: e("$plan.action = 'record'"), Next: "RecordTraining" },
        { Condition: e("$plan.action = 'wait'"), Next: "Wait", Assign: { following: e("$plan.trainingJobName") } },
      ],
      Default: "Train",
    }),
    Wait: plain({
      Type: "Wait",
      Comment: "Somebody else trains the same.",
      Seconds: Math.max(LOOK_SECONDS, Math.ceil(jobSeconds(refs) / MOST_LOOKS)),
      Next: "PlanTraining",
    }),
    ...jobSteps(refs),
    WhoTrained: plain({
      Type: "Choice",
      Choices: [{ Condition: e("$plan.action = 'record'"), Next: "Reused" }],
      Default: "NotifyTrained",
    }),
    Reused: plain({
      Type: "Succeed",
      Comment: "Nothing was trained for this request.",
      Output: e("$merge([$record, {'reused': true}])"),
    }),
    NotifyTrained: notify({
      topicArn: refs.topicArn,
      partition: refs.partition,
      subject: `${refs.stage}: a model was trained`,
      message: e(
        "$record.trainingJobName & ' learned from ' & $record.datasetVersion & ' for ' & $record.submittedBy & " +
          "($record.forced ? ' (again, because it was asked for)' : '') & ': ' & $record.artifactUri",
      ),
      next: "Trained",
    }),
    Trained: plain({ Type: "Succeed", Output: e("$merge([$record, {'reused': false}])") }),
    StopJob: task({
      integration: "aws-sdk:sagemaker:stopTrainingJob",
      partition: refs.partition,
      comment: "A job that never was or has ended cannot be stopped; that is what was wanted.",
      arguments: { TrainingJobName: e("$plan.trainingJobName") },
      timeoutSeconds: 60,
      retry: retryBriefly(),
      catch: [goOn("NotifyFailure")],
      next: "NotifyFailure",
      grants: [allow("StopJob", "sagemaker:StopTrainingJob", jobs)],
    }),
    NotifyFailure: notify({
      topicArn: refs.topicArn,
      partition: refs.partition,
      subject: `${refs.stage}: a training failed`,
      message: e(
        "'Training in ' & $states.context.Execution.Name & ' failed: ' & $failure.Error & ': ' & $failure.Cause",
      ),
      next: "Failed",
    }),
    Failed: plain({ Type: "Fail", Error: e("$failure.Error"), Cause: e("$failure.Cause") }),
  };
}
