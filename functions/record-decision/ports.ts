/** What recording needs of the world, and how AWS provides it. */
import {
  DescribeModelPackageCommand,
  type SageMakerClient,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import type { PackageFacts, PackageUpdate } from "./decide.ts";

export interface Ports {
  describe(arn: string): Promise<PackageFacts>;
  update(arn: string, update: PackageUpdate): Promise<void>;
}

export function awsPorts({ sagemaker }: { sagemaker: SageMakerClient }): Ports {
  return {
    describe: (arn) => sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn })),
    async update(arn, update) {
      await sagemaker.send(new UpdateModelPackageCommand({ ModelPackageArn: arn, ...update }));
    },
  };
}
