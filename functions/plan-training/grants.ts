import { allow, arnOf, bucketArn, objectsArn, type Scope, type Statement } from "../../contracts/iam.ts";
import { runsPrefix, sourcesPrefix, trainingPrefix } from "../../contracts/paths.ts";

export interface PlanTrainingRefs extends Scope {
  dataBucket: string;
  artifactBucket: string;
  /** What the names of the stage's training jobs begin with. */
  jobPrefix: string;
}

/** What PlanTraining may do: look. Without ListBucket, S3 answers 403 for an object that does not exist. */
export function grants(refs: PlanTrainingRefs): Statement[] {
  const { partition, dataBucket, artifactBucket } = refs;
  return [
    allow("FindObjects", "s3:ListBucket", [bucketArn(dataBucket, partition), bucketArn(artifactBucket, partition)]),
    allow("FindManifest", "s3:GetObject", objectsArn(dataBucket, "datasets/*/manifest.json", partition)),
    allow(
      "ReadTrainings",
      "s3:GetObject",
      [sourcesPrefix, runsPrefix, trainingPrefix].map((prefix) => objectsArn(artifactBucket, `${prefix}*`, partition)),
    ),
    allow("FindJobs", "sagemaker:DescribeTrainingJob", arnOf(refs, "sagemaker", `training-job/${refs.jobPrefix}*`)),
  ];
}
