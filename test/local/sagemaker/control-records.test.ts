/** Lineage, monitoring schedules, experiments and tags through the real clients. */
import assert from "node:assert/strict";
import * as sm from "@aws-sdk/client-sagemaker";
import { ACCOUNT, BUCKET, type Estate, eventually, IMAGE, startEstate } from "./control-support.ts";

const arn = (resource: string): string => `arn:aws:sagemaker:us-east-1:${ACCOUNT}:${resource}`;

describe("records of the SageMaker front", function () {
  this.timeout(60_000);
  let estate: Estate;
  // biome-ignore lint/suspicious/noExplicitAny: one helper for the commands of every operation
  const send = (command: any): Promise<any> => estate.sagemaker.send(command);

  before(async () => {
    estate = await startEstate();
  });
  after(() => estate?.stop());

  it("lineage: one artifact per source, edges that hold what they join", async () => {
    const source = (SourceUri: string) =>
      new sm.CreateArtifactCommand({ ArtifactType: "DataSet", Source: { SourceUri }, Properties: { a: "1" } });
    const { ArtifactArn: data } = await send(source("s3://b/data?version=1"));
    await assert.rejects(send(source("s3://b/data?version=1")), {
      name: "ValidationException",
      message: /already exists/,
    });
    const { ArtifactArn: model } = await send(source("s3://b/model?version=1"));
    const { ActionArn } = await send(
      new sm.CreateActionCommand({
        ActionName: "approve",
        ActionType: "Approval",
        Source: { SourceUri: "x" },
        Status: "Completed",
      }),
    );
    const { ContextArn } = await send(
      new sm.CreateContextCommand({ ContextName: "a_b", ContextType: "Submission", Source: { SourceUri: "x" } }),
    );
    const join = (SourceArn: string, DestinationArn: string, AssociationType: sm.AssociationEdgeType) =>
      send(new sm.AddAssociationCommand({ SourceArn, DestinationArn, AssociationType }));
    await join(data, model, "DerivedFrom");
    await join(model, ActionArn, "ContributedTo");
    await join(ActionArn, ContextArn, "AssociatedWith");
    await assert.rejects(
      join(arn("training-job/t"), model, "Produced"),
      /not a lineage entity|failed to satisfy constraint/,
    );
    const query = (input: sm.QueryLineageCommandInput) => send(new sm.QueryLineageCommand(input));
    const up = await query({ StartArns: [ContextArn], Direction: "Ascendants" });
    assert.deepEqual(
      up.Vertices.map((vertex: { Arn: string }) => vertex.Arn),
      [ActionArn, model, data],
    );
    assert.equal(up.Edges.length, 3);
    const sets = await query({
      StartArns: [ContextArn],
      Filters: { LineageTypes: ["Artifact"], Types: ["DataSet"], Properties: { a: "1" } },
    });
    assert.equal(sets.Vertices.length, 2);
    const first = await query({ StartArns: [ContextArn], Direction: "Ascendants", MaxResults: 2 });
    const rest = await query({
      StartArns: [ContextArn],
      Direction: "Ascendants",
      MaxResults: 2,
      NextToken: first.NextToken,
    });
    assert.deepEqual([first.Vertices.length, rest.Vertices.length, rest.NextToken], [2, 1, undefined]);
    const { AssociationSummaries } = await send(new sm.ListAssociationsCommand({ SourceArn: data }));
    assert.deepEqual(
      AssociationSummaries.map((edge: sm.AssociationSummary) => [
        edge.DestinationArn,
        edge.AssociationType,
        edge.SourceType,
      ]),
      [[model, "DerivedFrom", "DataSet"]],
    );
    const remove = () => send(new sm.DeleteArtifactCommand({ ArtifactArn: data }));
    await assert.rejects(remove(), { name: "ValidationException", message: "Cannot delete entity with associations" });
    await send(new sm.DeleteAssociationCommand({ SourceArn: data, DestinationArn: model }));
    await remove();
    await send(new sm.UpdateActionCommand({ ActionName: "approve", Status: "Failed", Properties: { why: "x" } }));
    const action = await send(new sm.DescribeActionCommand({ ActionName: "approve" }));
    assert.deepEqual([action.Status, action.Properties], ["Failed", { why: "x" }]);
    const listed = await send(new sm.ListContextsCommand({ ContextType: "Submission" }));
    assert.equal(listed.ContextSummaries.length, 1);
  });

  it("monitoring schedules move through AWS's states", async () => {
    const MonitoringScheduleName = "drift";
    const config = (ScheduleExpression: string): sm.MonitoringScheduleConfig => ({
      ScheduleConfig: { ScheduleExpression },
      MonitoringType: "DataQuality",
      MonitoringJobDefinition: {
        RoleArn: estate.roleArn,
        MonitoringAppSpecification: { ImageUri: IMAGE },
        MonitoringInputs: [{ EndpointInput: { EndpointName: "e", LocalPath: "/opt/ml/processing/input" } }],
        MonitoringOutputConfig: {
          MonitoringOutputs: [{ S3Output: { S3Uri: `s3://${BUCKET}/m`, LocalPath: "/opt/ml/processing/out" } }],
        },
        MonitoringResources: { ClusterConfig: { InstanceCount: 1, InstanceType: "ml.m5.large", VolumeSizeInGB: 1 } },
      },
    });
    const create = (expression: string) =>
      send(
        new sm.CreateMonitoringScheduleCommand({
          MonitoringScheduleName,
          MonitoringScheduleConfig: config(expression),
        }),
      );
    const status = async (wanted: string) =>
      eventually(async () => {
        const found = await send(new sm.DescribeMonitoringScheduleCommand({ MonitoringScheduleName }));
        assert.equal(found.MonitoringScheduleStatus, wanted);
        return found;
      });
    await assert.rejects(create("rate(1 hour)"), /Invalid ScheduleExpression "rate\(1 hour\)"/);
    await create("cron(0 * ? * * *)");
    assert.equal((await status("Scheduled")).EndpointName, "e");
    await assert.rejects(create("cron(0 * ? * * *)"), { name: "ResourceInUse" });
    await send(new sm.StopMonitoringScheduleCommand({ MonitoringScheduleName }));
    await status("Stopped");
    await send(new sm.StartMonitoringScheduleCommand({ MonitoringScheduleName }));
    await status("Scheduled");
    const { MonitoringScheduleSummaries } = await send(new sm.ListMonitoringSchedulesCommand({ EndpointName: "e" }));
    assert.equal(MonitoringScheduleSummaries.length, 1);
    await send(new sm.DeleteMonitoringScheduleCommand({ MonitoringScheduleName }));
    await assert.rejects(send(new sm.DescribeMonitoringScheduleCommand({ MonitoringScheduleName })), {
      name: "ResourceNotFound",
    });
  });

  it("experiments, trials and components keep tags and associations", async () => {
    const Tags = [{ Key: "team", Value: "a" }];
    await send(new sm.CreateExperimentCommand({ ExperimentName: "exp", Tags, Description: "d" }));
    await send(new sm.CreateTrialCommand({ TrialName: "trial", ExperimentName: "exp" }));
    await send(
      new sm.CreateTrialComponentCommand({ TrialComponentName: "run", Parameters: { lr: { NumberValue: 0.1 } }, Tags }),
    );
    await send(new sm.AssociateTrialComponentCommand({ TrialName: "trial", TrialComponentName: "run" }));
    await send(
      new sm.UpdateTrialComponentCommand({
        TrialComponentName: "run",
        Parameters: { depth: { NumberValue: 3 } },
        Status: { PrimaryStatus: "Completed" },
      }),
    );
    const run = await send(new sm.DescribeTrialComponentCommand({ TrialComponentName: "run" }));
    assert.deepEqual(run.Parameters, { lr: { NumberValue: 0.1 }, depth: { NumberValue: 3 } });
    assert.equal(run.Status.PrimaryStatus, "Completed");
    const { TrialComponentSummaries } = await send(new sm.ListTrialComponentsCommand({ ExperimentName: "exp" }));
    assert.equal(TrialComponentSummaries[0].TrialComponentName, "run");
    assert.deepEqual((await send(new sm.ListTagsCommand({ ResourceArn: arn("experiment/exp") }))).Tags, Tags);
    await assert.rejects(send(new sm.CreateTrialCommand({ TrialName: "t2", ExperimentName: "none" })), {
      name: "ResourceNotFound",
    });
  });

  it("tags can be added, replaced and removed; the 51st is refused", async () => {
    await send(
      new sm.CreateModelPackageGroupCommand({ ModelPackageGroupName: "tagged", Tags: [{ Key: "a", Value: "1" }] }),
    );
    const ResourceArn = arn("model-package-group/tagged");
    await send(
      new sm.AddTagsCommand({
        ResourceArn,
        Tags: [
          { Key: "a", Value: "2" },
          { Key: "b", Value: "3" },
        ],
      }),
    );
    await send(new sm.DeleteTagsCommand({ ResourceArn, TagKeys: ["b"] }));
    assert.deepEqual((await send(new sm.ListTagsCommand({ ResourceArn }))).Tags, [{ Key: "a", Value: "2" }]);
    const fifty = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: "v" }));
    await assert.rejects(send(new sm.AddTagsCommand({ ResourceArn, Tags: fifty })), /at most 50 tags/);
    await send(
      new sm.CreateNotebookInstanceCommand({
        NotebookInstanceName: "nb",
        InstanceType: "ml.t3.medium",
        RoleArn: estate.roleArn,
        Tags: [{ Key: "moto", Value: "yes" }],
      }),
    );
    const notebook = await send(new sm.ListTagsCommand({ ResourceArn: arn("notebook-instance/nb") }));
    assert.deepEqual(notebook.Tags, [{ Key: "moto", Value: "yes" }]);
  });
});
