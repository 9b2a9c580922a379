/** What planning needs of the world, and how AWS provides it. */
import type { S3Client } from "@aws-sdk/client-s3";
import { DescribeTrainingJobCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import { recordPrefix, TrainingRecord } from "../../contracts/training-record.ts";
import { isNotFound } from "../shared/aws-errors.ts";
import { headObject, listKeys, type ObjectFacts, readText } from "../shared/objects.ts";
import type { JobFacts } from "./decide.ts";

export interface Ports {
  head(bucket: string, key: string): Promise<ObjectFacts | undefined>;
  /** The records of a training key, in no order. */
  records(key: string): Promise<TrainingRecord[]>;
  /** Undefined when there is no such job. */
  describe(name: string): Promise<JobFacts | undefined>;
}

/** Most records of one key that are looked at, and the longest one in bytes. */
const MOST_RECORDS = 200;
const LONGEST_RECORD = 1_000_000;

export function awsPorts(clients: { s3: S3Client; sagemaker: SageMakerClient }, artifactBucket: string): Ports {
  const { s3, sagemaker } = clients;
  return {
    head: (bucket, key) => headObject(s3, bucket, key),
    async records(key) {
      const keys = await listKeys(s3, artifactBucket, recordPrefix(key), MOST_RECORDS);
      const texts = await Promise.all(keys.map((one) => readText(s3, artifactBucket, one, LONGEST_RECORD)));
      return texts.flatMap((found) => (found ? [TrainingRecord.parse(JSON.parse(found.text))] : []));
    },
    async describe(name) {
      try {
        return (await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }))) as JobFacts;
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
  };
}
