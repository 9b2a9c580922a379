/** What every part of the rollout machine is about, and the look at the endpoint that two of them take. */
import { allow, arnOf, type Scope } from "../../contracts/iam.ts";
import { type FunctionRef, retryCall } from "../calls.ts";
import { type Catcher, expression as e, type Retrier, type Step, task } from "../states.ts";

/** Plain names and ARNs. */
export interface RolloutRefs extends Scope {
  readonly stage: string;
  readonly checkPackage: FunctionRef;
  /** The endpoint's name, and what the names of its models and configurations start with. */
  readonly servingPrefix: string;
  readonly modelPackageGroup: string;
  /** Role of the served model. */
  readonly servingRoleArn: string;
  readonly topicArn: string;
  readonly memoryMb: number;
  readonly maxConcurrency: number;
  /** Tags of what the machine makes, as the APIs take them; the lineage tags come with the plan. */
  readonly tags: readonly { Key: string; Value: string }[];
}

/** ARN of the stage's endpoint. */
export function endpointArn(refs: RolloutRefs): string {
  return arnOf(refs, "sagemaker", `endpoint/${refs.servingPrefix}`);
}

/** ARNs of the configurations and of the models that serve a package version. */
export function configArns(refs: RolloutRefs): string {
  return arnOf(refs, "sagemaker", `endpoint-config/${refs.servingPrefix}-v*`);
}
export function modelArns(refs: RolloutRefs): string {
  return arnOf(refs, "sagemaker", `model/${refs.servingPrefix}-v*`);
}

/** DescribeEndpoint; AWS has no `.sync` for endpoints, so the machine looks again and again. */
export function lookAtEndpoint(
  refs: RolloutRefs,
  way: { assign: Record<string, unknown>; retry?: Retrier[]; catch: Catcher[]; next: string },
): Step {
  return task({
    integration: "aws-sdk:sagemaker:describeEndpoint",
    partition: refs.partition,
    arguments: { EndpointName: e("$plan.endpointName") },
    timeoutSeconds: 60,
    retry: retryCall(),
    ...way,
    grants: [allow("LookAtEndpoint", "sagemaker:DescribeEndpoint", endpointArn(refs))],
  });
}
