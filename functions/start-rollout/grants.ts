import { allow, arnOf, type Scope, type Statement } from "../../contracts/iam.ts";

export interface StartRolloutRefs extends Scope {
  modelPackageGroup: string;
  rolloutStateMachineArn: string;
}

/** What StartRollout may do. */
export function grants(refs: StartRolloutRefs): Statement[] {
  return [
    allow(
      "ReadPackage",
      "sagemaker:DescribeModelPackage",
      arnOf(refs, "sagemaker", `model-package/${refs.modelPackageGroup}/*`),
    ),
    allow("StartRollout", "states:StartExecution", refs.rolloutStateMachineArn),
  ];
}
