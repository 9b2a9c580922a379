import { allow, arnOf } from "../../contracts/iam.ts";
import { passRole, retryCall } from "../calls.ts";
import { catchAll, expression as e, plain, type Steps, task } from "../states.ts";
import { configArns, endpointArn, modelArns, type RolloutRefs } from "./refs.ts";

/** The model, its configuration, and the endpoint's change to it. */
export function servingSteps(refs: RolloutRefs): Steps {
  const packages = arnOf(refs, "sagemaker", `model-package/${refs.modelPackageGroup}/*`);
  const tags = e("$append($plan.tags, $stageTags)");
  return {
    CreateModel: task({
      integration: "sagemaker:createModel",
      partition: refs.partition,
      arguments: {
        ModelName: e("$plan.modelName"),
        ExecutionRoleArn: refs.servingRoleArn,
        // The package alone says what runs: no image and no path beside it. Serverless endpoints take no network isolation.
        PrimaryContainer: { ModelPackageName: e("$modelPackageArn") },
        Tags: tags,
      },
      timeoutSeconds: 60,
      retry: retryCall(),
      catch: [catchAll("ModelThere")],
      next: "CreateEndpointConfig",
      grants: [
        allow("CreateModel", ["sagemaker:CreateModel", "sagemaker:AddTags", "sagemaker:ListTags"], modelArns(refs)),
        allow("FromPackage", ["sagemaker:CreateModel", "sagemaker:DescribeModelPackage"], packages),
        passRole("PassServingRole", refs.servingRoleArn),
      ],
    }),
    ModelThere: thereAlready("CreateEndpointConfig"),
    CreateEndpointConfig: task({
      integration: "sagemaker:createEndpointConfig",
      partition: refs.partition,
      arguments: {
        EndpointConfigName: e("$plan.endpointConfigName"),
        ProductionVariants: [
          {
            VariantName: "AllTraffic",
            ModelName: e("$plan.modelName"),
            InitialVariantWeight: 1,
            ServerlessConfig: { MemorySizeInMB: refs.memoryMb, MaxConcurrency: refs.maxConcurrency },
          },
        ],
        Tags: tags,
      },
      timeoutSeconds: 60,
      retry: retryCall(),
      catch: [catchAll("EndpointConfigThere")],
      next: "EndpointExists",
      grants: [
        allow(
          "CreateEndpointConfig",
          ["sagemaker:CreateEndpointConfig", "sagemaker:AddTags", "sagemaker:ListTags"],
          configArns(refs),
        ),
      ],
    }),
    EndpointConfigThere: thereAlready("EndpointExists"),
    EndpointExists: plain({
      Type: "Choice",
      Choices: [{ Condition: e("$plan.endpoint = 'absent'"), Next: "CreateEndpoint" }],
      Default: "UpdateEndpoint",
    }),
    CreateEndpoint: task({
      integration: "sagemaker:createEndpoint",
      partition: refs.partition,
      arguments: {
        EndpointName: e("$plan.endpointName"),
        EndpointConfigName: e("$plan.endpointConfigName"),
        Tags: tags,
      },
      timeoutSeconds: 60,
      retry: retryCall(),
      catch: [catchAll("InspectEndpoint")],
      next: "Wait",
      grants: [
        allow(
          "CreateEndpoint",
          ["sagemaker:CreateEndpoint", "sagemaker:AddTags", "sagemaker:ListTags"],
          [endpointArn(refs), configArns(refs)],
        ),
      ],
    }),
    UpdateEndpoint: task({
      integration: "sagemaker:updateEndpoint",
      partition: refs.partition,
      arguments: { EndpointName: e("$plan.endpointName"), EndpointConfigName: e("$plan.endpointConfigName") },
      timeoutSeconds: 60,
      // Between the check and this call somebody may have begun another change.
      retry: retryCall(15),
      catch: [catchAll("InspectEndpoint")],
      next: "Wait",
      grants: [allow("UpdateEndpoint", "sagemaker:UpdateEndpoint", [endpointArn(refs), configArns(refs)])],
    }),
  };
}

/**
 * Names follow from the package's version, so a model or configuration of that name is the one wanted: a rollout that was
 * cut off is taken up again. SageMaker has no error of its own for it, only the text "Cannot create already existing …".
 */
function thereAlready(next: string) {
  return plain({
    Type: "Choice",
    Choices: [{ Condition: e("$contains($lowercase($failure.Cause), 'already exist')"), Next: next }],
    Default: "InspectEndpoint",
  });
}
