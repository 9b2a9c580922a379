/** A world in which trainings are planned and recorded: two buckets, jobs by name, and one request. */
import { createHash } from "node:crypto";
import { DescribeTrainingJobCommand, ListTagsCommand } from "@aws-sdk/client-sagemaker";
import { manifestKey } from "../../../contracts/dataset.ts";
import { TrainingInput as Schema, type TrainingInput, trainingKey } from "../../../contracts/training.ts";
import { jobHyperparameters, trainChannelUri } from "../../../contracts/training-job.ts";
import { awsError, FakeClient } from "./fake-client.ts";
import { FakeS3 } from "./fake-s3.ts";

export const dataBucket = "frugal-data";
export const artifactBucket = "frugal-artifacts";
const source = "the code";
const sourceHex = createHash("sha256").update(source).digest("hex");
const sourceKey = `sources/sha256/${sourceHex}/source.tar.gz`;
const jobArn = "arn:aws:sagemaker:us-east-1:111122223333:training-job/";

export const request: TrainingInput = Schema.parse({
  datasetVersion: `breast-cancer@sha256:${"a".repeat(64)}`,
  sourceUri: `s3://${artifactBucket}/${sourceKey}`,
  image: "repo/image:1",
  hyperparameters: { c: 0.5, penalty: "l2" },
  run: "baseline",
  submittedBy: "ada@example.com",
});
export const key = trainingKey(request);

// biome-ignore lint/suspicious/noExplicitAny: jobs differ in many ways
export type Job = Record<string, any>;

export class Trainings {
  readonly s3 = new FakeS3();
  readonly sagemaker = new FakeClient();
  readonly jobs = new Map<string, Job>();
  readonly tags = new Map<string, { Key: string; Value: string }[]>();

  constructor() {
    this.s3.put(`${artifactBucket}/${sourceKey}`, source);
    this.s3.put(`${dataBucket}/${manifestKey(request.datasetVersion)}`, "{}");
    this.sagemaker.on(DescribeTrainingJobCommand, ({ TrainingJobName }) => {
      return this.jobs.get(TrainingJobName ?? "") ?? awsError("ValidationException", "Requested resource not found.");
    });
    this.sagemaker.on(ListTagsCommand, ({ ResourceArn }) => ({ Tags: this.tags.get(ResourceArn ?? "") ?? [] }));
  }

  get sourcePath(): string {
    return `${artifactBucket}/${sourceKey}`;
  }

  /** A job as the machine makes it, with its artefact where it has completed. */
  job(name: string, status: string, more: Job = {}, of: TrainingInput = request): Job {
    const artifact = `runs/${name}/output/model.tar.gz`;
    if (status === "Completed") this.s3.put(`${artifactBucket}/${artifact}`, `model of ${name}`);
    const job = {
      TrainingJobName: name,
      TrainingJobArn: jobArn + name,
      TrainingJobStatus: status,
      SecondaryStatus: status,
      HyperParameters: jobHyperparameters(of),
      AlgorithmSpecification: { TrainingImage: of.image },
      InputDataConfig: [
        {
          ChannelName: "train",
          DataSource: { S3DataSource: { S3Uri: trainChannelUri(dataBucket, of.datasetVersion) } },
        },
      ],
      OutputDataConfig: { S3OutputPath: `s3://${artifactBucket}/runs` },
      ResourceConfig: { InstanceType: "ml.m5.large" },
      EnableManagedSpotTraining: true,
      StoppingCondition: { MaxRuntimeInSeconds: 600, MaxWaitTimeInSeconds: 4200 },
      BillableTimeInSeconds: 42,
      TrainingEndTime: new Date("2026-03-01T10:00:00Z"),
      ...(status === "Completed" ? { ModelArtifacts: { S3ModelArtifacts: `s3://${artifactBucket}/${artifact}` } } : {}),
      ...more,
    };
    this.jobs.set(name, job);
    this.tags.set(jobArn + name, [
      { Key: "frugal:run", Value: of.run },
      { Key: "frugal:submitted-by", Value: of.submittedBy },
      ...(of.force ? [{ Key: "frugal:forced", Value: "true" }] : []),
    ]);
    return job;
  }
}
