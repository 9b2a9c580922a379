/** What staging needs of the world, and how AWS provides it. */
import type { S3Client } from "@aws-sdk/client-s3";
import {
  DescribeAutoMLJobV2Command,
  DescribeTrainingJobCommand,
  ListTagsCommand,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { headObject, type ObjectFacts, putJson, type ReadRange, readObject, readText } from "../shared/objects.ts";
import { tagsOf } from "../shared/tags.ts";
import { type CopyRequest, copyObject } from "./copy.ts";
import type { AutoMlJobFacts, TrainingJobFacts } from "./source.ts";

export interface Ports {
  describeTrainingJob(name: string): Promise<TrainingJobFacts>;
  describeAutoMlJob(name: string): Promise<AutoMlJobFacts>;
  tagsOf(arn: string): Promise<Record<string, string>>;
  head(bucket: string, key: string): Promise<ObjectFacts | undefined>;
  read(bucket: string, key: string, range: ReadRange): Promise<AsyncIterable<Uint8Array>>;
  text(bucket: string, key: string, limit: number): Promise<string | undefined>;
  copy(request: CopyRequest): Promise<void>;
  keep(bucket: string, key: string, json: string): Promise<void>;
}

export function awsPorts(clients: { s3: S3Client; sagemaker: SageMakerClient }): Ports {
  const { s3, sagemaker } = clients;
  return {
    describeTrainingJob: (name) => sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name })),
    describeAutoMlJob: (name) => sagemaker.send(new DescribeAutoMLJobV2Command({ AutoMLJobName: name })),
    tagsOf: (arn) => tagsOf((input) => sagemaker.send(new ListTagsCommand(input)), arn),
    head: (bucket, key) => headObject(s3, bucket, key),
    read: (bucket, key, range) => readObject(s3, bucket, key, range),
    text: async (bucket, key, limit) => (await readText(s3, bucket, key, limit))?.text,
    copy: (request) => copyObject(s3, request),
    keep: async (bucket, key, json) => {
      await putJson(s3, bucket, key, json);
    },
  };
}
