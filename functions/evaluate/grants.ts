import { allow, bucketArn, objectsArn, type Statement } from "../../contracts/iam.ts";
import { submissionsPrefix } from "../../contracts/paths.ts";

export interface EvaluateRefs {
  dataBucket: string;
  artifactBucket: string;
  partition?: string;
}

/** What Evaluate may do. Without ListBucket, S3 answers 403 for an object that does not exist. */
export function grants(refs: EvaluateRefs): Statement[] {
  const { partition } = refs;
  const evaluations = objectsArn(refs.artifactBucket, `${submissionsPrefix}*/evaluation.json`, partition);
  return [
    allow("FindObjects", "s3:ListBucket", [
      bucketArn(refs.dataBucket, partition),
      bucketArn(refs.artifactBucket, partition),
    ]),
    allow("ReadLabels", "s3:GetObject", [
      objectsArn(refs.dataBucket, "datasets/*/manifest.json", partition),
      objectsArn(refs.dataBucket, "datasets/*/test/labels.csv", partition),
    ]),
    allow(
      "ReadPredictions",
      "s3:GetObject",
      objectsArn(refs.artifactBucket, `${submissionsPrefix}*/predictions/*`, partition),
    ),
    allow("KeepEvaluation", "s3:PutObject", evaluations),
  ];
}
