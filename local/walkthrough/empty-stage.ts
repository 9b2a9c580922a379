/**
 * Takes away what keeps a stage from being destroyed, as a person who means it has to before `pulumi destroy`: AWS deletes
 * neither a bucket with objects nor a model package group with versions nor a protected table or log group, and what the
 * rollout state machine made (endpoint, configurations, models) is not in the stack's state.
 */
import { PutLogGroupDeletionProtectionCommand, paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import { ListTablesCommand, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import {
  DeleteBucketPolicyCommand,
  DeleteObjectsCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  type ObjectIdentifier,
} from "@aws-sdk/client-s3";
import {
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DeleteModelPackageCommand,
  ListEndpointConfigsCommand,
  ListEndpointsCommand,
  ListModelPackagesCommand,
  ListModelsCommand,
} from "@aws-sdk/client-sagemaker";
import { loadStage } from "../../cli/stage.ts";
import { eventually, type Life } from "./life.ts";
import type { Stage } from "./workspace.ts";

export async function emptyStage(life: Life, stage: Stage): Promise<void> {
  const { clients } = life;
  const resources = await loadStage(clients.ssm, stage);
  if (resources.rolloutStateMachine !== undefined && resources.endpointName !== undefined) {
    await removeRolledOut(life, resources.endpointName);
  }
  if (resources.modelPackageGroup !== undefined) {
    const listed = await clients.sagemaker.send(
      new ListModelPackagesCommand({ ModelPackageGroupName: resources.modelPackageGroup }),
    );
    for (const { ModelPackageArn } of listed.ModelPackageSummaryList ?? []) {
      await clients.sagemaker.send(new DeleteModelPackageCommand({ ModelPackageName: ModelPackageArn }));
    }
  }
  await unprotectTables(life, `frugal-${stage}-`);
  await unprotectLogs(life, `/frugal-${stage}-`);
  const { Buckets: buckets } = await clients.s3.send(new ListBucketsCommand({}));
  for (const bucket of buckets ?? []) {
    const own = [resources.dataBucket, resources.artifactBucket].includes(bucket.Name);
    if (own && bucket.Name) await emptyBucket(life, bucket.Name);
  }
}

/** Prod's record of approvals is protected by DynamoDB as well as by the stack. */
async function unprotectTables(life: Life, prefix: string): Promise<void> {
  const { TableNames: tables } = await life.clients.dynamodb.send(new ListTablesCommand({}));
  for (const TableName of tables ?? []) {
    if (!TableName.startsWith(prefix)) continue;
    await life.clients.dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
  }
}

/** The same of the logs that say who decided what. */
async function unprotectLogs({ clients: { logs } }: Life, part: string): Promise<void> {
  for await (const { logGroups } of paginateDescribeLogGroups({ client: logs }, {})) {
    for (const { logGroupName, deletionProtectionEnabled } of logGroups ?? []) {
      if (!deletionProtectionEnabled || !logGroupName?.includes(part)) continue;
      const wanted = { logGroupIdentifier: logGroupName, deletionProtectionEnabled: false };
      await logs.send(new PutLogGroupDeletionProtectionCommand(wanted));
    }
  }
}

async function removeRolledOut(life: Life, prefix: string): Promise<void> {
  const { sagemaker } = life.clients;
  const own = (name: string | undefined): name is string => name?.startsWith(prefix) ?? false;
  const endpoints = await sagemaker.send(new ListEndpointsCommand({ NameContains: prefix }));
  for (const { EndpointName } of endpoints.Endpoints ?? []) {
    if (own(EndpointName)) await sagemaker.send(new DeleteEndpointCommand({ EndpointName }));
  }
  await eventually("the end of the endpoints", async () => {
    const { Endpoints: left } = await sagemaker.send(new ListEndpointsCommand({ NameContains: prefix }));
    return (left ?? []).length === 0 ? true : undefined;
  });
  const configs = await sagemaker.send(new ListEndpointConfigsCommand({ NameContains: prefix }));
  for (const { EndpointConfigName } of configs.EndpointConfigs ?? []) {
    if (own(EndpointConfigName)) await sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName }));
  }
  const models = await sagemaker.send(new ListModelsCommand({ NameContains: prefix }));
  for (const { ModelName } of models.Models ?? []) {
    if (own(ModelName)) await sagemaker.send(new DeleteModelCommand({ ModelName }));
  }
}

async function emptyBucket(life: Life, bucket: string): Promise<void> {
  // It denies deleting what was published, to everybody; taking it away is what an administrator would have to do, too.
  await life.clients.s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
  for (;;) {
    const page = await life.clients.s3.send(new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 1000 }));
    const objects: ObjectIdentifier[] = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(
      ({ Key, VersionId }) => ({ Key, VersionId }),
    );
    if (objects.length === 0) return;
    const { Errors: errors } = await life.clients.s3.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }),
    );
    const [first] = errors ?? [];
    if (first) throw new Error(`cannot empty ${bucket}: ${first.Key} ${first.Code} ${first.Message}`);
  }
}
