/**
 * The rollout of stages that deploy by approval: check the package again, create what serves it, move the endpoint, and
 * believe only an endpoint that serves what was asked. What is not in service at the end of a failure is removed.
 */
import { errorNames } from "../contracts/errors.ts";
import type { Statement } from "../contracts/iam.ts";
import { invoke, notify, observeGrants, retryFunction } from "./calls.ts";
import { cleanUpSteps } from "./rollout/clean-up.ts";
import { lookAtEndpoint, type RolloutRefs } from "./rollout/refs.ts";
import { servingSteps } from "./rollout/serving.ts";
import { catchAll, expression as e, grantsOf, machine, plain, type StateMachine, type Steps } from "./states.ts";

export type { RolloutRefs } from "./rollout/refs.ts";

/** Seconds between two looks at the endpoint, and how many looks are enough: half an hour. */
const LOOK_SECONDS = 15;
const MOST_LOOKS = 120;

/** The machine itself; serialise it with JSON.stringify. */
export function definition(refs: RolloutRefs): StateMachine {
  // Half an hour for a busy endpoint, half an hour for the change, and as much again.
  return machine(`Rollout of an approved model package to stage ${refs.stage}`, 2 * 3600, steps(refs));
}

/** What the machine's role may do: what its states need, and writing its own log and traces. */
export function grants(refs: RolloutRefs): Statement[] {
  return [...grantsOf(steps(refs)), ...observeGrants()];
}

function steps(refs: RolloutRefs): Steps {
  return {
    Begin: plain({
      Type: "Pass",
      Assign: { modelPackageArn: e("$states.input.modelPackageArn"), stageTags: refs.tags, looks: 0 },
      Next: "CheckPackage",
    }),
    CheckPackage: invoke({
      function: refs.checkPackage,
      partition: refs.partition,
      payload: { modelPackageArn: e("$modelPackageArn") },
      retry: [
        {
          // Somebody else changes the endpoint: half an hour of patience.
          ErrorEquals: [errorNames.endpointBusy],
          IntervalSeconds: 30,
          MaxAttempts: 60,
          BackoffRate: 1,
        },
        ...retryFunction(),
      ],
      assign: { plan: e("$states.result.Payload") },
      // Nothing was made yet.
      catch: [catchAll("NotifyFailure")],
      next: "AlreadyServing",
    }),
    AlreadyServing: plain({
      Type: "Choice",
      Choices: [{ Condition: e("$plan.endpoint = 'same'"), Next: "Unchanged" }],
      Default: "CreateModel",
    }),
    Unchanged: plain({ Type: "Succeed", Output: outcome("unchanged") }),
    ...servingSteps(refs),
    Wait: plain({ Type: "Wait", Seconds: LOOK_SECONDS, Next: "LookAtEndpoint" }),
    LookAtEndpoint: lookAtEndpoint(refs, {
      assign: { endpoint: e("$states.result"), looks: e("$looks + 1") },
      catch: [catchAll("InspectEndpoint")],
      next: "InService",
    }),
    InService: plain({
      Type: "Choice",
      Choices: [
        {
          // A rollback ends InService as well, with the old configuration.
          Condition: e(
            "$endpoint.EndpointStatus = 'InService' and $endpoint.EndpointConfigName = $plan.endpointConfigName",
          ),
          Next: "NotifyDeployed",
        },
        {
          Condition: e(
            `$endpoint.EndpointStatus in ['Creating', 'Updating', 'SystemUpdating', 'RollingBack'] and $looks < ${MOST_LOOKS}`,
          ),
          Next: "Wait",
        },
      ],
      Default: "NotInService",
    }),
    NotInService: plain({
      Type: "Pass",
      Assign: {
        failure: {
          Error: errorNames.rolloutFailed,
          Cause: e(
            "'Endpoint ' & $plan.endpointName & ' is ' & $endpoint.EndpointStatus & ' with configuration ' & " +
              "$endpoint.EndpointConfigName & ', asked for was ' & $plan.endpointConfigName & " +
              "($exists($endpoint.FailureReason) ? ': ' & $endpoint.FailureReason : '')",
          ),
        },
      },
      Next: "InspectEndpoint",
    }),
    NotifyDeployed: notify({
      topicArn: refs.topicArn,
      partition: refs.partition,
      subject: `${refs.stage}: a model is in service`,
      message: e("$modelPackageArn & ' is served by endpoint ' & $plan.endpointName"),
      next: "Deployed",
    }),
    Deployed: plain({ Type: "Succeed", Output: outcome("deployed") }),
    ...cleanUpSteps(refs),
    NotifyFailure: notify({
      topicArn: refs.topicArn,
      partition: refs.partition,
      subject: `${refs.stage}: a rollout failed`,
      message: e("'Rollout of ' & $modelPackageArn & ' failed: ' & $failure.Error & ': ' & $failure.Cause"),
      next: "Failed",
    }),
    Failed: plain({ Type: "Fail", Error: e("$failure.Error"), Cause: e("$failure.Cause") }),
  };
}

function outcome(result: "deployed" | "unchanged"): Record<string, unknown> {
  return { result, modelPackageArn: e("$modelPackageArn"), endpointName: e("$plan.endpointName") };
}
