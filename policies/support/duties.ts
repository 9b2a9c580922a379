/** The three duties that must lie in different hands, and what of them a statement grants. */
import { grantOf, isText } from "./actions.ts";
import type { Leaf, Statement } from "./document.ts";

export type Duty = "approve" | "deploy" | "answer";

interface Actions {
  readonly actions: readonly string[];
  /** Types of ARN that the actions take (`model-package` of `arn:…:model-package/x`); empty: AWS takes `*` only. */
  readonly resources: readonly string[];
}

/** Source of actions and their resource types: AWS's service authorization reference for SageMaker and Step Functions. */
export const DUTIES: Readonly<Record<Duty, Actions>> = {
  approve: { actions: ["sagemaker:UpdateModelPackage"], resources: ["model-package"] },
  deploy: {
    actions: [
      "sagemaker:CreateEndpoint",
      "sagemaker:UpdateEndpoint",
      "sagemaker:UpdateEndpointWeightsAndCapacities",
      "sagemaker:CreateEndpointConfig",
      "sagemaker:CreateInferenceComponent",
      "sagemaker:UpdateInferenceComponent",
    ],
    resources: ["endpoint", "endpoint-config", "inference-component"],
  },
  answer: { actions: ["states:SendTaskSuccess"], resources: [] },
};
/** Registering is anybody's duty, but not in a status that is a decision. */
export const REGISTER: Actions = {
  actions: ["sagemaker:CreateModelPackage"],
  resources: ["model-package", "model-package-group"],
};

/** The first leaf by which an Allow grants one of the actions on something that they take, or undefined. */
export function dutyOf(statement: Statement, { actions, resources }: Actions): Leaf | undefined {
  const grant = actions.map((action) => grantOf(statement, action)).find((leaf) => leaf !== undefined);
  if (!grant) return undefined;
  const named = statement.resources;
  return resources.length > 0 && named.length > 0 && !named.some((leaf) => mayName(leaf, resources))
    ? undefined
    : grant;
}

/** Whether an ARN may be of one of the types; what is not known yet, or no whole ARN, may be of any. */
function mayName(leaf: Leaf, types: readonly string[]): boolean {
  if (!isText(leaf)) return true;
  const parts = leaf.value.split(":");
  if (parts.length < 6) return true;
  const type = parts.slice(5).join(":").split("/", 1)[0] ?? "";
  const fixed = type.split(/[*?]/, 1)[0] ?? "";
  return type === fixed ? types.includes(type) : types.some((one) => one.startsWith(fixed));
}

/** Actions that are not known yet and may turn out to be any. */
export const hiddenActions = (statement: Statement): readonly Leaf[] =>
  statement.effect === "Allow" ? statement.actions.filter((leaf) => !isText(leaf)) : [];

/** AWS managed policies that hold a duty, or may: all of SageMaker's and Step Functions' that do more than read. */
export const holdsDuties = (policy: string): boolean =>
  /^(?:AdministratorAccess|PowerUserAccess)$/.test(policy) ||
  (/SageMaker|StepFunctions/i.test(policy) && !/ReadOnly/i.test(policy));
