/** What the gate needs of the world, and how AWS provides it. */
import type { S3Client } from "@aws-sdk/client-s3";
import { DescribeModelPackageCommand, ListModelPackagesCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import { putJson, readText } from "../shared/objects.ts";

export interface RegisteredPackage {
  modelPackageArn: string;
  metadata: Readonly<Record<string, string>>;
  /** Where its evaluation is kept, and the digest that it was registered with. */
  evaluation?: { uri: string; digest?: string };
}

export interface Ports {
  /** The newest approved package of a group. */
  champion(modelPackageGroupName: string): Promise<RegisteredPackage | undefined>;
  /** A small object with its digest; undefined when there is none. */
  text(bucket: string, key: string, limit: number): Promise<{ text: string; digest: string } | undefined>;
  /** Answers the digest of what was written. */
  putJson(bucket: string, key: string, body: string): Promise<string>;
}

export function awsPorts({ sagemaker, s3 }: { sagemaker: SageMakerClient; s3: S3Client }): Ports {
  return {
    async champion(modelPackageGroupName) {
      const page = await sagemaker.send(
        new ListModelPackagesCommand({
          ModelPackageGroupName: modelPackageGroupName,
          ModelApprovalStatus: "Approved",
          SortBy: "CreationTime",
          SortOrder: "Descending",
          MaxResults: 1,
        }),
      );
      const modelPackageArn = page.ModelPackageSummaryList?.[0]?.ModelPackageArn;
      if (modelPackageArn === undefined) return undefined;
      const found = await sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: modelPackageArn }));
      const statistics = found.ModelMetrics?.ModelQuality?.Statistics;
      return {
        modelPackageArn,
        metadata: found.CustomerMetadataProperties ?? {},
        ...(statistics?.S3Uri ? { evaluation: { uri: statistics.S3Uri, digest: statistics.ContentDigest } } : {}),
      };
    },
    text: (bucket, key, limit) => readText(s3, bucket, key, limit),
    putJson: (bucket, key, body) => putJson(s3, bucket, key, body),
  };
}
