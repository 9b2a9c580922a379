import { allow, arnOf, bucketArn, objectsArn, type Scope, type Statement } from "../../contracts/iam.ts";
import { runsPrefix, trainingPrefix } from "../../contracts/paths.ts";

export interface RecordTrainingRefs extends Scope {
  artifactBucket: string;
  /** What the names of the stage's training jobs begin with. */
  jobPrefix: string;
}

/** What RecordTraining may do. Without ListBucket, S3 answers 403 for an object that does not exist. */
export function grants(refs: RecordTrainingRefs): Statement[] {
  const { partition, artifactBucket } = refs;
  return [
    allow(
      "ReadJob",
      ["sagemaker:DescribeTrainingJob", "sagemaker:ListTags"],
      arnOf(refs, "sagemaker", `training-job/${refs.jobPrefix}*`),
    ),
    allow("FindObjects", "s3:ListBucket", bucketArn(artifactBucket, partition)),
    allow("ReadModel", "s3:GetObject", objectsArn(artifactBucket, `${runsPrefix}*`, partition)),
    allow("WriteRecord", "s3:PutObject", objectsArn(artifactBucket, `${trainingPrefix}*`, partition)),
  ];
}
