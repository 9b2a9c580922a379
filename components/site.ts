/** Where the stage stands: the configuration, and the account that the credentials belong to. */
import { getCallerIdentity } from "@pulumi/aws/getCallerIdentity.js";
import * as pulumi from "@pulumi/pulumi";
import { partitionOf, type Site } from "./shared/naming.ts";

/** Looks the account up; it is part of every ARN and bucket name, so it is known before anything is declared. */
export async function findSite(config: Pick<Site, "stage" | "region" | "owner" | "protect">): Promise<Site> {
  const { accountId } = await getCallerIdentity();
  return {
    stage: config.stage,
    project: pulumi.getProject(),
    owner: config.owner,
    account: accountId,
    region: config.region,
    partition: partitionOf(config.region),
    protect: config.protect,
  };
}
