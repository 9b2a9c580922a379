/** What recording needs of the world, and how AWS provides it. */
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { DescribeTrainingJobCommand, ListTagsCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import { digestBase64, digestOf } from "../../contracts/digest.ts";
import { isPreconditionFailed } from "../shared/aws-errors.ts";
import { headObject, type ObjectFacts } from "../shared/objects.ts";
import { tagsOf } from "../shared/tags.ts";
import type { FinishedJob } from "./decide.ts";

export interface Ports {
  describe(name: string): Promise<FinishedJob>;
  tagsOf(arn: string): Promise<Record<string, string>>;
  head(bucket: string, key: string): Promise<ObjectFacts | undefined>;
  /** Writes an object that does not exist yet; false when it does. */
  create(bucket: string, key: string, body: string): Promise<boolean>;
}

export function awsPorts(clients: { s3: S3Client; sagemaker: SageMakerClient }): Ports {
  const { s3, sagemaker } = clients;
  return {
    describe: (name) => sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name })),
    tagsOf: (arn) => tagsOf((input) => sagemaker.send(new ListTagsCommand(input)), arn),
    head: (bucket, key) => headObject(s3, bucket, key),
    async create(bucket, key, body) {
      try {
        await s3.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: body,
            ContentType: "application/json",
            ChecksumSHA256: digestBase64(digestOf(body)),
            IfNoneMatch: "*",
          }),
        );
        return true;
      } catch (error) {
        if (isPreconditionFailed(error)) return false;
        throw error;
      }
    },
  };
}
