import { allow } from "../../contracts/iam.ts";
import { retryBriefly, retryCall } from "../calls.ts";
import { expression as e, goOn, plain, type Steps, task } from "../states.ts";
import { configArns, endpointArn, lookAtEndpoint, modelArns, type RolloutRefs } from "./refs.ts";

/**
 * Removes the new configuration and model, unless the endpoint stands on them or may come to: SageMaker deletes a
 * configuration in use without a word, and the endpoint can never be updated again (AWS: DeleteEndpointConfig).
 */
export function cleanUpSteps(refs: RolloutRefs): Steps {
  return {
    InspectEndpoint: lookAtEndpoint(refs, {
      assign: { endpoint: e("$states.result") },
      retry: retryBriefly(),
      // No endpoint at all (its creation was refused): nothing stands on the configuration. What cannot be seen is left alone.
      catch: [
        {
          ErrorEquals: ["States.ALL"],
          Assign: {
            endpoint: {
              EndpointStatus: e(
                "$contains($lowercase($states.errorOutput.Cause), 'could not find') ? 'Absent' : 'Unknown'",
              ),
              EndpointConfigName: "-",
            },
          },
          Next: "WhatIsInUse",
        },
      ],
      next: "WhatIsInUse",
    }),
    WhatIsInUse: plain({
      Type: "Choice",
      Choices: [
        {
          // A first creation that failed leaves an endpoint that can neither serve nor be updated.
          Condition: e("$endpoint.EndpointStatus = 'Failed' and $plan.endpoint = 'absent'"),
          Next: "RemoveEndpoint",
        },
        {
          Condition: e(
            "$endpoint.EndpointConfigName = $plan.endpointConfigName or " +
              "$not($endpoint.EndpointStatus in ['InService', 'Failed', 'Absent'])",
          ),
          Next: "NotifyFailure",
        },
      ],
      Default: "RemoveEndpointConfig",
    }),
    RemoveEndpoint: task({
      integration: "aws-sdk:sagemaker:deleteEndpoint",
      partition: refs.partition,
      arguments: { EndpointName: e("$plan.endpointName") },
      timeoutSeconds: 60,
      retry: retryCall(),
      // An endpoint that stays keeps its configuration.
      catch: [goOn("NotifyFailure")],
      next: "RemoveEndpointConfig",
      grants: [allow("RemoveFailedEndpoint", "sagemaker:DeleteEndpoint", endpointArn(refs))],
    }),
    RemoveEndpointConfig: task({
      integration: "aws-sdk:sagemaker:deleteEndpointConfig",
      partition: refs.partition,
      arguments: { EndpointConfigName: e("$plan.endpointConfigName") },
      timeoutSeconds: 60,
      retry: retryBriefly(),
      catch: [goOn("RemoveModel")],
      next: "RemoveModel",
      grants: [allow("RemoveEndpointConfig", "sagemaker:DeleteEndpointConfig", configArns(refs))],
    }),
    RemoveModel: task({
      integration: "aws-sdk:sagemaker:deleteModel",
      partition: refs.partition,
      arguments: { ModelName: e("$plan.modelName") },
      timeoutSeconds: 60,
      retry: retryBriefly(),
      catch: [goOn("NotifyFailure")],
      next: "NotifyFailure",
      grants: [allow("RemoveModel", "sagemaker:DeleteModel", modelArns(refs))],
    }),
  };
}
