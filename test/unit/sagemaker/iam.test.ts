import assert from "node:assert/strict";
import { Store } from "../../../local/sagemaker/control/store.ts";
import { accessKeyOf, checksFor, passedRoles } from "../../../local/sagemaker/iam/authorize.ts";
import { ACTION_KEYS, serviceContext } from "../../../local/sagemaker/iam/context-keys.ts";
import { resourcesOf } from "../../../local/sagemaker/iam/resources.ts";

const settings = { region: "us-east-1", accountId: "111122223333" } as never;
const front = { settings, store: new Store() };
const arn = (resource: string): string => `arn:aws:sagemaker:us-east-1:111122223333:${resource}`;
const ROLE = "arn:aws:iam::111122223333:role/r";

describe("resources that an action is judged on", () => {
  const artifact = "artifact/d8d17c5d4a5ce8fda46f1ad0ed9ea7ba";
  const cases: [string, object, string[]][] = [
    ["CreateTrainingJob", { TrainingJobName: "t" }, [arn("training-job/t")]],
    ["StopProcessingJob", { ProcessingJobName: "p" }, [arn("processing-job/p")]],
    ["DescribeModel", { ModelName: "m" }, [arn("model/m")]],
    ["CreateEndpoint", { EndpointName: "e", EndpointConfigName: "c" }, [arn("endpoint/e"), arn("endpoint-config/c")]],
    ["UpdateEndpoint", { EndpointName: "e", EndpointConfigName: "c" }, [arn("endpoint/e"), arn("endpoint-config/c")]],
    ["UpdateEndpointWeightsAndCapacities", { EndpointName: "e" }, [arn("endpoint/e")]],
    ["InvokeEndpoint", { EndpointName: "e" }, [arn("endpoint/e")]],
    ["CreateModelPackage", { ModelPackageGroupName: "Churn" }, [arn("model-package/churn/1")]],
    ["UpdateModelPackage", { ModelPackageArn: arn("model-package/churn/3") }, [arn("model-package/churn/3")]],
    ["DescribeModelPackage", { ModelPackageName: "churn/3" }, [arn("model-package/churn/3")]],
    [
      "AddAssociation",
      { SourceArn: arn("artifact/a"), DestinationArn: arn("action/b") },
      [arn("artifact/a"), arn("action/b")],
    ],
    ["DescribeDataQualityJobDefinition", { JobDefinitionName: "d" }, [arn("data-quality-job-definition/d")]],
    ["CreateTrial", { ExperimentName: "e", TrialName: "t" }, [arn("experiment/e"), arn("experiment-trial/t")]],
    ["CreateApp", { DomainId: "d", UserProfileName: "u", AppType: "J", AppName: "a" }, [arn("app/d/u/J/a")]],
    ["ListTags", { ResourceArn: arn("model/m") }, [arn("model/m")]],
    ["ListModels", {}, ["*"]],
    ["Search", {}, ["*"]],
    ["QueryLineage", { StartArns: [] }, ["*"]],
    ["DescribeModel", {}, [arn("model/*")]],
  ];
  for (const [operation, input, expected] of cases)
    it(`${operation} ${JSON.stringify(input)}`, () =>
      assert.deepEqual(resourcesOf(front, operation, input as never), expected));

  it("an artifact is named by a hash of its source", () => {
    const [made] = resourcesOf(front, "CreateArtifact", { Source: { SourceUri: "s3://b/k" } });
    assert.match(made ?? "", /:artifact\/[0-9a-f]{32}$/);
    assert.notEqual(made, arn(artifact));
    assert.deepEqual(resourcesOf(front, "DeleteArtifact", { Source: { SourceUri: "s3://b/k" } }), [made]);
  });
});

describe("condition keys of a call", () => {
  const context = (operation: string, input: object) => serviceContext(front, operation, input as never);

  it("training: instance types of all groups, run time, isolation by default false", () => {
    const input = {
      ResourceConfig: { InstanceGroups: [{ InstanceType: "ml.m5.large" }, { InstanceType: "ml.m5.xlarge" }] },
      StoppingCondition: { MaxRuntimeInSeconds: 600 },
    };
    const keys = context("CreateTrainingJob", input);
    assert.deepEqual(keys["sagemaker:InstanceTypes"], ["ml.m5.large", "ml.m5.xlarge"]);
    assert.equal(keys["sagemaker:MaxRuntimeInSeconds"], "600");
    assert.equal(keys["sagemaker:NetworkIsolation"], "false");
    assert.equal(keys["sagemaker:VpcSubnets"], undefined);
  });

  it("transform jobs have the model but no run time", () => {
    const keys = context("CreateTransformJob", { ModelName: "m", StoppingCondition: { MaxRuntimeInSeconds: 1 } });
    assert.deepEqual(keys["sagemaker:ModelArn"], [arn("model/m")]);
    assert.equal(keys["sagemaker:MaxRuntimeInSeconds"], undefined);
  });

  it("endpoint configurations: serverless size and models", () => {
    const ServerlessConfig = { MemorySizeInMB: 2048, MaxConcurrency: 5 };
    assert.deepEqual(context("CreateEndpointConfig", { ProductionVariants: [{ ModelName: "m", ServerlessConfig }] }), {
      "sagemaker:ModelArn": [arn("model/m")],
      "sagemaker:NetworkIsolation": "false",
      "sagemaker:ServerlessMaxConcurrency": "5",
      "sagemaker:ServerlessMemorySize": "2048",
    });
  });

  it("packages: status, life cycle and each property, on create and update", () => {
    const input = {
      ModelApprovalStatus: "Approved",
      CustomerMetadataProperties: { by: "me" },
      ModelLifeCycle: { Stage: "Prod", StageStatus: "Live" },
    };
    for (const operation of ["CreateModelPackage", "UpdateModelPackage"])
      assert.deepEqual(context(operation, input), {
        "sagemaker:ModelApprovalStatus": "Approved",
        "sagemaker:ModelLifeCycle:Stage": "Prod",
        "sagemaker:ModelLifeCycle:StageStatus": "Live",
        "sagemaker:CustomerMetadataProperties/by": "me",
      });
  });

  it("encryption keys are given in the old and the new spelling", () => {
    const keys = context("CreateTrainingJob", {
      OutputDataConfig: { KmsKeyId: "o" },
      ResourceConfig: { VolumeKmsKeyId: "v" },
    });
    assert.equal(keys["sagemaker:OutputKmsKey"], "o");
    assert.equal(keys["sagemaker:OutputKmsKeyArn"], "o");
    assert.equal(keys["sagemaker:VolumeKmsKey"], "v");
  });

  for (const operation of ["UpdateEndpoint", "DeleteEndpoint", "AddAssociation", "QueryLineage", "CreateEndpoint"])
    it(`${operation} has no request keys`, () => {
      assert.equal(ACTION_KEYS[operation], undefined);
      assert.deepEqual(context(operation, { ModelApprovalStatus: "x", InstanceType: "y" }), {});
    });
});

describe("permissions that a call needs", () => {
  const checks = (operation: string, input: object, tags: { Key: string; Value: string }[] = []) =>
    checksFor(front, operation, input as never, () => tags);

  it("adds AddTags with the creating action, and PassRole for SageMaker", async () => {
    const input = { ModelName: "m", ExecutionRoleArn: ROLE, Tags: [{ Key: "team", Value: "a" }] };
    const requested = { "aws:RequestTag/team": "a", "aws:TagKeys": ["team"] };
    assert.deepEqual(await checks("CreateModel", input), [
      {
        action: "sagemaker:CreateModel",
        resource: arn("model/m"),
        context: { "sagemaker:NetworkIsolation": "false", ...requested },
      },
      {
        action: "sagemaker:AddTags",
        resource: arn("model/m"),
        context: { ...requested, "sagemaker:TaggingAction": "CreateModel" },
      },
      {
        action: "iam:PassRole",
        resource: ROLE,
        context: { "iam:PassedToService": "sagemaker.amazonaws.com", "iam:AssociatedResourceArn": arn("model/m") },
      },
    ]);
  });

  it("gives the resource's own tags in both spellings", async () => {
    const [check] = await checks("DeleteEndpoint", { EndpointName: "e" }, [{ Key: "stage", Value: "dev" }]);
    assert.deepEqual(check?.context, { "aws:ResourceTag/stage": "dev", "sagemaker:ResourceTag/stage": "dev" });
  });

  it("finds passed roles at any depth, and none where nothing is created", () => {
    const nested = { MonitoringScheduleConfig: { MonitoringJobDefinition: { RoleArn: ROLE } } };
    assert.deepEqual(passedRoles("CreateMonitoringSchedule", nested), [ROLE]);
    assert.deepEqual(passedRoles("DescribeTrainingJob", { RoleArn: ROLE }), []);
  });

  it("reads the access key from the header or the presigned query", () => {
    const authorization =
      "AWS4-HMAC-SHA256 Credential=AKIA1/20260101/us-east-1/sagemaker/aws4_request, SignedHeaders=host";
    assert.equal(accessKeyOf({ headers: { authorization }, query: "" }), "AKIA1");
    assert.equal(accessKeyOf({ headers: {}, query: "X-Amz-Credential=AKIA2%2F2026%2Fx" }), "AKIA2");
    assert.equal(accessKeyOf({ headers: {}, query: "" }), undefined);
  });
});
