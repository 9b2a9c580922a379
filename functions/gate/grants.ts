import { allow, arnOf, bucketArn, objectsArn, type Scope, type Statement } from "../../contracts/iam.ts";
import { submissionsPrefix } from "../../contracts/paths.ts";

export interface GateRefs extends Scope {
  modelPackageGroup: string;
  /** Where evaluations are kept. */
  artifactBucket: string;
}

/**
 * What Gate may do. Listing packages names no single resource: AWS's service authorization reference gives
 * ListModelPackages a resource type only as an option, so "*" is what always works; it shows names, not contents. Without
 * ListBucket, S3 answers 403 for an evaluation that does not exist.
 */
export function grants(refs: GateRefs): Statement[] {
  const { artifactBucket, partition } = refs;
  return [
    allow("FindChampion", "sagemaker:ListModelPackages", "*"),
    allow(
      "ReadChampion",
      "sagemaker:DescribeModelPackage",
      arnOf(refs, "sagemaker", `model-package/${refs.modelPackageGroup}/*`),
    ),
    allow("FindEvaluation", "s3:ListBucket", bucketArn(artifactBucket, partition)),
    allow(
      "ReadEvaluation",
      "s3:GetObject",
      ["evaluation.json", "influence.json"].map((file) =>
        objectsArn(artifactBucket, `${submissionsPrefix}*/${file}`, partition),
      ),
    ),
    allow("KeepVerdict", "s3:PutObject", objectsArn(artifactBucket, `${submissionsPrefix}*/verdict.json`, partition)),
  ];
}
