import { allow, arnOf, bucketArn, objectsArn, type Scope, type Statement } from "../../contracts/iam.ts";
import { artifactPrefix } from "../../contracts/paths.ts";

export interface CheckPackageRefs extends Scope {
  modelPackageGroup: string;
  artifactBucket: string;
  /** SERVING_PREFIX in the environment: the endpoint's name. */
  endpointName: string;
}

/** What CheckPackage may do. Without ListBucket, S3 answers 403 for an object that does not exist. */
export function grants(refs: CheckPackageRefs): Statement[] {
  return [
    allow(
      "ReadPackage",
      "sagemaker:DescribeModelPackage",
      arnOf(refs, "sagemaker", `model-package/${refs.modelPackageGroup}/*`),
    ),
    allow("ReadEndpoint", "sagemaker:DescribeEndpoint", arnOf(refs, "sagemaker", `endpoint/${refs.endpointName}`)),
    allow("FindArtifact", "s3:ListBucket", bucketArn(refs.artifactBucket, refs.partition)),
    allow("ReadArtifact", "s3:GetObject", objectsArn(refs.artifactBucket, `${artifactPrefix}*`, refs.partition)),
  ];
}
