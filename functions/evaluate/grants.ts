import { slicesFile, testFiles } from "../../contracts/dataset.ts";
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
  const evaluations = ["evaluation.json", "influence.json"].map((file) =>
    objectsArn(refs.artifactBucket, `${submissionsPrefix}*/${file}`, partition),
  );
  return [
    allow("FindObjects", "s3:ListBucket", [
      bucketArn(refs.dataBucket, partition),
      bucketArn(refs.artifactBucket, partition),
    ]),
    allow(
      "ReadTestData",
      "s3:GetObject",
      ["manifest.json", ...Object.values(testFiles), slicesFile].map((file) =>
        objectsArn(refs.dataBucket, `datasets/*/${file}`, partition),
      ),
    ),
    allow(
      "ReadPredictions",
      "s3:GetObject",
      objectsArn(refs.artifactBucket, `${submissionsPrefix}*/predictions/*`, partition),
    ),
    allow("KeepEvaluation", "s3:PutObject", evaluations),
  ];
}
