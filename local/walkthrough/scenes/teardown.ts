import { ListStacksCommand } from "@aws-sdk/client-cloudformation";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { ListEndpointsCommand, ListModelPackageGroupsCommand, ListModelsCommand } from "@aws-sdk/client-sagemaker";
import { emptyStage } from "../empty-stage.ts";
import { type Fact, type Life, prove, type Scene } from "../life.ts";

export const teardown: Scene = {
  id: "teardown",
  title: "both stages are destroyed; nothing is left",
  async play(life): Promise<Fact[]> {
    for (const stage of ["prod", "dev"] as const) {
      await emptyStage(life, stage);
      await life.workspace.destroy(stage, life.raw);
    }
    const left = await leftovers(life);
    prove(left.length === 0, `the emulators still hold ${left.join(", ")}`);
    return [{ label: "left in the emulators", value: "nothing" }];
  },
};

/** What the emulated account still holds, as `kind name`. */
export async function leftovers(life: Life): Promise<string[]> {
  const { clients } = life;
  const [stacks, buckets, endpoints, models, groups] = await Promise.all([
    clients.cloudformation.send(new ListStacksCommand({})),
    clients.s3.send(new ListBucketsCommand({})),
    clients.sagemaker.send(new ListEndpointsCommand({})),
    clients.sagemaker.send(new ListModelsCommand({})),
    clients.sagemaker.send(new ListModelPackageGroupsCommand({})),
  ]);
  const live = (stacks.StackSummaries ?? []).filter((stack) => stack.StackStatus !== "DELETE_COMPLETE");
  return [
    ...live.map((stack) => `stack ${stack.StackName}`),
    ...(buckets.Buckets ?? []).map((bucket) => `bucket ${bucket.Name}`),
    ...(endpoints.Endpoints ?? []).map((endpoint) => `endpoint ${endpoint.EndpointName}`),
    ...(models.Models ?? []).map((model) => `model ${model.ModelName}`),
    ...(groups.ModelPackageGroupSummaryList ?? []).map((group) => `model package group ${group.ModelPackageGroupName}`),
  ];
}
