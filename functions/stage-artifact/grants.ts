import { allow, arnOf, bucketArn, objectsArn, type Scope, type Statement } from "../../contracts/iam.ts";
import { artifactPrefix, refusalKey } from "../../contracts/paths.ts";

export interface StageArtifactRefs extends Scope {
  dataBucket: string;
  artifactBucket: string;
  /** Where training jobs write their models: buckets with a key pattern each, for example `training/*`. */
  trainingOutputs: readonly { bucket: string; keys: string }[];
}

/** What StageArtifact may do. Without ListBucket, S3 answers 403 for an object that does not exist. */
export function grants(refs: StageArtifactRefs): Statement[] {
  const { partition } = refs;
  const sources = refs.trainingOutputs.map(({ bucket, keys }) => objectsArn(bucket, keys, partition));
  const buckets = [refs.dataBucket, refs.artifactBucket, ...refs.trainingOutputs.map(({ bucket }) => bucket)];
  const target = objectsArn(refs.artifactBucket, `${artifactPrefix}*`, partition);
  return [
    allow(
      "DescribeJobs",
      ["sagemaker:DescribeTrainingJob", "sagemaker:DescribeAutoMLJobV2", "sagemaker:ListTags"],
      [arnOf(refs, "sagemaker", "training-job/*"), arnOf(refs, "sagemaker", "automl-job/*")],
    ),
    allow(
      "FindObjects",
      "s3:ListBucket",
      [...new Set(buckets)].map((bucket) => bucketArn(bucket, partition)),
    ),
    allow("ReadManifest", "s3:GetObject", [
      objectsArn(refs.dataBucket, "datasets/*/manifest.json", partition),
      // Looked at, not read: HEAD needs the same grant.
      objectsArn(refs.dataBucket, "datasets/*/test/*", partition),
    ]),
    allow("ReadArtifact", ["s3:GetObject", "s3:GetObjectVersion"], sources),
    allow("StoreArtifact", ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"], target),
    allow("KeepRefusals", "s3:PutObject", objectsArn(refs.artifactBucket, refusalKey("*"), partition)),
  ];
}
