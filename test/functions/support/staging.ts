/** StageArtifact with doubles of S3 and SageMaker behind it. */
import { DescribeAutoMLJobV2Command, DescribeTrainingJobCommand, ListTagsCommand } from "@aws-sdk/client-sagemaker";
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
  features,
  jobArn,
  jobName,
  labels,
  manifest,
} from "./samples.ts";

export const sourcePath = `${artifactBucket}/runs/base line+1/output/model.tar.gz`;
export const targetPath = `${artifactBucket}/models/sha256/${artifactHex}/model.tar.gz`;

export const trainingImage = "111122223333.dkr.ecr.us-east-1.amazonaws.com/sklearn:1";
export const autoMlArn = "arn:aws:sagemaker:us-east-1:111122223333:automl-job/search-1";
export const execution = "by-hand_1";
export const refusalPath = `${artifactBucket}/submissions/refused/${execution}.json`;

/** What the state hands over. */
export const call = (submission: unknown) => ({ submission, execution });

const gateRules = {
  metric: "rocAuc",
  bound: 0.9,
  minimumGain: 0,
  minimumSamples: 100,
  confidence: 0.95,
  slices: { maximumRegression: 0.05, minimumSamples: 30 },
} as const;

export interface Overrides {
  job?: object;
  autoMl?: object;
  tags?: Record<string, string>;
  /** Whether the stage takes pipelines. */
  pipelines?: boolean;
}

/** Two containers, as AutoML of tables gives them: one that prepares the rows, one that predicts. */
export const autoMlContainers = ["prepare", "predict"].map((name) => ({
  Image: `683313688378.dkr.ecr.us-east-1.amazonaws.com/${name}:1`,
  ModelDataUrl: `s3://${artifactBucket}/runs/search-1/${name}/model.tar.gz`,
  Environment: { STEP: name },
}));
const candidate = {
  CandidateName: "best",
  CandidateStatus: "Completed",
  ObjectiveStatus: "Succeeded",
  CandidateSteps: [
    ["AWS::SageMaker::ProcessingJob", "search-1-db"],
    ["AWS::SageMaker::TrainingJob", "search-1-dpp1-rpb"],
    ["AWS::SageMaker::TransformJob", "search-1-dpp1-csv"],
    ["AWS::SageMaker::TrainingJob", "search-1-trial-7"],
  ].map(([CandidateStepType, CandidateStepName]) => ({
    CandidateStepType,
    CandidateStepName,
    CandidateStepArn: `arn:aws:sagemaker:us-east-1:111122223333:training-job/${CandidateStepName}`,
  })),
  InferenceContainers: autoMlContainers,
};

export function stagingSetup({ job = {}, autoMl = {}, tags, pipelines = false }: Overrides = {}) {
  const s3 = new FakeS3();
  s3.put(`${datasetFolder}/manifest.json`, manifest());
  s3.put(`${datasetFolder}/test/features.csv`, features);
  s3.put(`${datasetFolder}/test/labels.csv`, labels);
  for (const { ModelDataUrl } of autoMlContainers) s3.put(ModelDataUrl.slice("s3://".length), ModelDataUrl);
  s3.put(sourcePath, artifactBytes);
  const given = tags ?? { "frugal:dataset-version": datasetVersion, "frugal:run": "baseline", "frugal:stage": "dev" };
  const pages = Object.entries(given).map(([Key, Value]) => ({ Key, Value }));
  const sagemaker = new FakeClient()
    .on(DescribeTrainingJobCommand, {
      TrainingJobName: jobName,
      TrainingJobArn: jobArn,
      TrainingJobStatus: "Completed",
      SecondaryStatus: "Completed",
      ModelArtifacts: { S3ModelArtifacts: `s3://${sourcePath}` },
      AlgorithmSpecification: { TrainingImage: trainingImage },
      InputDataConfig: [
        { ChannelName: "train", DataSource: { S3DataSource: { S3Uri: `s3://${datasetFolder}/train/` } } },
      ],
      ...job,
    })
    .on(DescribeAutoMLJobV2Command, {
      AutoMLJobName: "search-1",
      AutoMLJobArn: autoMlArn,
      AutoMLJobStatus: "Completed",
      AutoMLJobSecondaryStatus: "Completed",
      AutoMLJobInputDataConfig: [
        { ChannelType: "training", DataSource: { S3DataSource: { S3Uri: `s3://${datasetFolder}/train/` } } },
      ],
      BestCandidate: candidate,
      ...autoMl,
    })
    // One tag a page, so that reading on is tested as well.
    .on(ListTagsCommand, ({ NextToken }) => {
      const at = Number(NextToken ?? 0);
      return { Tags: pages.slice(at, at + 1), NextToken: at + 1 < pages.length ? String(at + 1) : undefined };
    });
  const log = fakeLog();
  const handle = makeHandler(
    awsPorts({ s3: s3.as(), sagemaker: sagemaker.as() }),
    {
      DATA_BUCKET: dataBucket,
      ARTIFACT_BUCKET: artifactBucket,
      MODEL_NAME: "breast-cancer",
      PIPELINES: pipelines,
      GATE: gateRules,
    },
    log,
  );
  const handler = (submission: unknown) => handle(call(submission));
  return { s3, sagemaker, handler, handle, log };
}
