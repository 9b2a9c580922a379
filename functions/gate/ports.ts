/** What the gate needs of the world, and how AWS provides it. */
import { DescribeModelPackageCommand, ListModelPackagesCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import type { ChampionFacts } from "./decide.ts";

export interface Ports {
  /** The newest approved package of a group. */
  champion(modelPackageGroupName: string): Promise<ChampionFacts | undefined>;
}

export function awsPorts({ sagemaker }: { sagemaker: SageMakerClient }): Ports {
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
      return { modelPackageArn, metadata: found.CustomerMetadataProperties ?? {} };
    },
  };
}
