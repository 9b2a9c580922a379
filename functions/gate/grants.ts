import { allow, arnOf, type Scope, type Statement } from "../../contracts/iam.ts";

export interface GateRefs extends Scope {
  modelPackageGroup: string;
}

/**
 * What Gate may do. Listing names no single resource: AWS's service authorization reference gives ListModelPackages a
 * resource type only as an option, so "*" is what always works; it shows names, not contents.
 */
export function grants(refs: GateRefs): Statement[] {
  return [
    allow("FindChampion", "sagemaker:ListModelPackages", "*"),
    allow(
      "ReadChampion",
      "sagemaker:DescribeModelPackage",
      arnOf(refs, "sagemaker", `model-package/${refs.modelPackageGroup}/*`),
    ),
  ];
}
