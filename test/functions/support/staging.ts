/** StageArtifact with doubles of S3 and SageMaker behind it. */
import { DescribeTrainingJobCommand, ListTagsCommand } from "@aws-sdk/client-sagemaker";
import { awsPorts } from "../../../functions/stage-artifact/ports.ts";
import { makeHandler } from "../../../functions/stage-artifact/stage.ts";
import { FakeClient } from "./fake-client.ts";
import { fakeLog } from "./fake-log.ts";
import { FakeS3 } from "./fake-s3.ts";
import {
  artifactBucket,
  artifactBytes,
  artifactHex,
  dataBucket,
  datasetFolder,
  datasetVersion,
  jobArn,
  manifest,
  submission,
} from "./samples.ts";

export const sourcePath = `${artifactBucket}/runs/base line+1/output/model.tar.gz`;
export const targetPath = `${artifactBucket}/models/sha256/${artifactHex}/model.tar.gz`;

export interface Overrides {
  job?: object;
  tags?: Record<string, string>;
}

export function stagingSetup({ job = {}, tags }: Overrides = {}) {
  const s3 = new FakeS3();
  s3.put(`${datasetFolder}/manifest.json`, manifest());
  s3.put(sourcePath, artifactBytes);
  const given = tags ?? { "frugal:dataset-version": datasetVersion, "frugal:run": "baseline", "frugal:stage": "dev" };
  const pages = Object.entries(given).map(([Key, Value]) => ({ Key, Value }));
  const sagemaker = new FakeClient()
    .on(DescribeTrainingJobCommand, {
      TrainingJobName: submission.trainingJobName,
      TrainingJobArn: jobArn,
      TrainingJobStatus: "Completed",
      SecondaryStatus: "Completed",
      ModelArtifacts: { S3ModelArtifacts: `s3://${sourcePath}` },
      AlgorithmSpecification: { TrainingImage: "111122223333.dkr.ecr.us-east-1.amazonaws.com/sklearn:1" },
      InputDataConfig: [
        { ChannelName: "train", DataSource: { S3DataSource: { S3Uri: `s3://${datasetFolder}/train/` } } },
      ],
      ...job,
    })
    // One tag a page, so that reading on is tested as well.
    .on(ListTagsCommand, ({ NextToken }) => {
      const at = Number(NextToken ?? 0);
      return { Tags: pages.slice(at, at + 1), NextToken: at + 1 < pages.length ? String(at + 1) : undefined };
    });
  const log = fakeLog();
  const handler = makeHandler(
    awsPorts({ s3: s3.as(), sagemaker: sagemaker.as() }),
    { DATA_BUCKET: dataBucket, ARTIFACT_BUCKET: artifactBucket },
    log,
  );
  return { s3, sagemaker, handler, log };
}
