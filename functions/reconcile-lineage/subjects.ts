/** What a stage's lineage is about, as SageMaker lists it: newest first, page by page, no more than asked for. */
import {
  ListEndpointsCommand,
  ListModelPackagesCommand,
  ListProcessingJobsCommand,
  ListTrainingJobsCommand,
  ListTransformJobsCommand,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";

export interface Listing {
  /** Only what changed after this time; everything where it is missing. */
  readonly since?: Date;
  /** Package groups whose versions are listed. */
  readonly groups: readonly string[];
  readonly endpointPrefix: string;
}

/** Packages are listed by creation only, and are decided about later: so long is looked back beyond `since`. */
const DECISION_DAYS = 35;

interface Page {
  readonly arns: (string | undefined)[];
  readonly next?: string;
}
type List = (NextToken: string | undefined) => Promise<Page>;

/** ARNs of jobs, package versions and endpoints; jobs of other stages are among them and are left out later by their tags. */
export async function* subjects(sagemaker: SageMakerClient, listing: Listing): AsyncGenerator<string> {
  for (const list of lists(sagemaker, listing)) {
    let token: string | undefined;
    do {
      const page = await list(token);
      for (const arn of page.arns) if (arn !== undefined) yield arn;
      token = page.next;
    } while (token);
  }
}

/** Endpoints and packages first: each brings all that lies before it. */
function lists(sagemaker: SageMakerClient, { since, groups, endpointPrefix }: Listing): List[] {
  const changed = { LastModifiedTimeAfter: since, MaxResults: 100 };
  const decided = since && new Date(since.getTime() - DECISION_DAYS * 86_400_000);
  return [
    async (NextToken) => {
      const page = await sagemaker.send(
        new ListEndpointsCommand({ ...changed, NameContains: endpointPrefix, NextToken }),
      );
      return { arns: (page.Endpoints ?? []).map((one) => one.EndpointArn), next: page.NextToken };
    },
    ...groups.map(
      (ModelPackageGroupName): List =>
        async (NextToken) => {
          const page = await sagemaker.send(
            new ListModelPackagesCommand({
              ModelPackageGroupName,
              CreationTimeAfter: decided,
              MaxResults: 100,
              NextToken,
            }),
          );
          return { arns: (page.ModelPackageSummaryList ?? []).map((one) => one.ModelPackageArn), next: page.NextToken };
        },
    ),
    async (NextToken) => {
      const page = await sagemaker.send(new ListTrainingJobsCommand({ ...changed, NextToken }));
      return { arns: (page.TrainingJobSummaries ?? []).map((one) => one.TrainingJobArn), next: page.NextToken };
    },
    async (NextToken) => {
      const page = await sagemaker.send(new ListProcessingJobsCommand({ ...changed, NextToken }));
      return { arns: (page.ProcessingJobSummaries ?? []).map((one) => one.ProcessingJobArn), next: page.NextToken };
    },
    async (NextToken) => {
      const page = await sagemaker.send(new ListTransformJobsCommand({ ...changed, NextToken }));
      return { arns: (page.TransformJobSummaries ?? []).map((one) => one.TransformJobArn), next: page.NextToken };
    },
  ];
}
