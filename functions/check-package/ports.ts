/** What checking a package needs of the world, and how AWS provides it. */
import type { S3Client } from "@aws-sdk/client-s3";
import { DescribeEndpointCommand, DescribeModelPackageCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import { isNotFound } from "../shared/aws-errors.ts";
import { headObject, type ObjectFacts } from "../shared/objects.ts";
import type { EndpointFacts, PackageFacts } from "./decide.ts";

export interface Ports {
  describePackage(arn: string): Promise<PackageFacts>;
  head(bucket: string, key: string): Promise<ObjectFacts | undefined>;
  /** Undefined when there is no such endpoint. */
  describeEndpoint(name: string): Promise<EndpointFacts | undefined>;
}

export function awsPorts({ s3, sagemaker }: { s3: S3Client; sagemaker: SageMakerClient }): Ports {
  return {
    describePackage: (arn) => sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn })),
    head: (bucket, key) => headObject(s3, bucket, key),
    async describeEndpoint(name) {
      try {
        return await sagemaker.send(new DescribeEndpointCommand({ EndpointName: name }));
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
  };
}
