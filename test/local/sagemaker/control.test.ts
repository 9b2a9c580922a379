/** A model's way through the front: training, package, model, endpoint, update, with its events and its lineage. */
import assert from "node:assert/strict";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  CreateTrainingJobCommand,
  CreateTransformJobCommand,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  DescribeModelPackageCommand,
  DescribeTransformJobCommand,
  ListArtifactsCommand,
  QueryLineageCommand,
  UpdateEndpointCommand,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import {
  BUCKET,
  type Estate,
  eventually,
  finishedTraining,
  IMAGE,
  inference,
  SERVING,
  settledEndpoint,
  startEstate,
} from "./control-support.ts";

const TRAIN = `import os,shutil
os.makedirs(os.environ["SM_MODEL_DIR"] + "/code", exist_ok=True)
here = os.path.dirname(os.path.abspath(__file__))
shutil.copy(here + "/inference.py", os.environ["SM_MODEL_DIR"] + "/code/inference.py")
`;

describe("a model's way through the SageMaker front", function () {
  this.timeout(60_000);
  let estate: Estate;
  let packageArn: string;
  let modelData: string;

  before(async () => {
    estate = await startEstate();
  });
  after(() => estate?.stop());

  const serverless = [
    { VariantName: "all", ModelName: "churn-1", ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 2 } },
  ];

  async function ask(text: string, endpoint = "churn"): Promise<string> {
    const answer = await estate.runtime.send(
      new InvokeEndpointCommand({
        EndpointName: endpoint,
        Body: Buffer.from(text),
        ContentType: "text/csv",
        Accept: "text/csv",
      }),
    );
    assert.equal(answer.InvokedProductionVariant, "all");
    return Buffer.from(answer.Body ?? []).toString("utf8");
  }

  it("trains for real and tells each step in events", async () => {
    const source = await estate.putArchive("code/source.tar.gz", {
      "train.py": TRAIN,
      "inference.py": inference("one"),
    });
    await estate.put("data/train/a.csv", "1,2\n");
    const { TrainingJobArn } = await estate.sagemaker.send(
      new CreateTrainingJobCommand({
        TrainingJobName: "train-1",
        RoleArn: estate.roleArn,
        AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: "File" },
        HyperParameters: { sagemaker_program: "train.py", sagemaker_submit_directory: source },
        InputDataConfig: [
          {
            ChannelName: "train",
            DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: `s3://${BUCKET}/data/train` } },
          },
        ],
        OutputDataConfig: { S3OutputPath: `s3://${BUCKET}/out` },
        ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 1 },
        StoppingCondition: { MaxRuntimeInSeconds: 60 },
      }),
    );
    const job = await finishedTraining(estate.sagemaker, "train-1");
    assert.equal(job.TrainingJobStatus, "Completed", job.FailureReason);
    modelData = job.ModelArtifacts?.S3ModelArtifacts ?? "";
    assert.equal(modelData, `s3://${BUCKET}/out/train-1/output/model.tar.gz`);
    const steps = job.SecondaryStatusTransitions?.map((step) => step.Status);
    assert.deepEqual(steps, ["Starting", "Downloading", "Training", "Uploading", "Completed"]);
    const [last] = await estate.events(
      (event) => event.resources[0] === TrainingJobArn && event.detail.TrainingJobStatus === "Completed",
    );
    assert.equal(last?.source, "aws.sagemaker");
    assert.equal(last?.["detail-type"], "SageMaker Training Job State Change");
    assert.deepEqual(last?.detail.ModelArtifacts, { S3ModelArtifacts: modelData });
    assert.match(String(last?.detail.CreationTime), /^\d{13}$/);
  });

  it("registers, approves and stamps a package; metadata-only events still say Approved", async () => {
    await estate.sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: "churn" }));
    const made = await estate.sagemaker.send(
      new CreateModelPackageCommand({
        ModelPackageGroupName: "churn",
        InferenceSpecification: { Containers: [{ Image: IMAGE, ModelDataUrl: modelData }] },
        CustomerMetadataProperties: { digest: "abc" },
      }),
    );
    packageArn = made.ModelPackageArn ?? "";
    assert.equal(packageArn, "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/1");
    const update = { ModelPackageArn: packageArn };
    await estate.sagemaker.send(
      new UpdateModelPackageCommand({ ...update, ModelApprovalStatus: "Approved", ApprovalDescription: "good" }),
    );
    await estate.sagemaker.send(
      new UpdateModelPackageCommand({ ...update, CustomerMetadataProperties: { deployed: "yes" } }),
    );
    const read = await estate.sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: packageArn }));
    assert.deepEqual(read.CustomerMetadataProperties, { digest: "abc", deployed: "yes" });
    assert.equal(read.ApprovalDescription, "good");
    assert.ok(read.LastModifiedTime instanceof Date);
    // Three changes, the second of them told twice.
    const events = await estate.events((event) => event.resources[0] === packageArn, 4);
    assert.deepEqual(
      events.map((event) => [event.detail.ModelApprovalStatus, event.detail.UpdatedModelPackageFields]),
      [
        ["PendingManualApproval", undefined],
        ["Approved", ["ModelApprovalStatus", "ApprovalDescription"]],
        ["Approved", ["ModelApprovalStatus", "ApprovalDescription"]],
        ["Approved", ["CustomerMetadataProperties"]],
      ],
    );
  });

  it("transforms a batch with the model's own code", async () => {
    await estate.sagemaker.send(
      new CreateModelCommand({
        ModelName: "churn-1",
        ExecutionRoleArn: estate.roleArn,
        PrimaryContainer: { ModelPackageName: packageArn, Environment: SERVING },
      }),
    );
    await estate.put("batch/in/a.csv", "x");
    await estate.sagemaker.send(
      new CreateTransformJobCommand({
        TransformJobName: "batch-1",
        ModelName: "churn-1",
        TransformInput: {
          DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: `s3://${BUCKET}/batch/in` } },
          ContentType: "text/csv",
        },
        TransformOutput: { S3OutputPath: `s3://${BUCKET}/batch/out` },
        TransformResources: { InstanceType: "ml.m5.large", InstanceCount: 1 },
      }),
    );
    const job = await eventually(async () => {
      const found = await estate.sagemaker.send(new DescribeTransformJobCommand({ TransformJobName: "batch-1" }));
      assert.notEqual(found.TransformJobStatus, "InProgress");
      return found;
    });
    assert.equal(job.TransformJobStatus, "Completed", job.FailureReason);
  });

  it("serves from the package; the endpoint's events say IN_SERVICE", async () => {
    await estate.sagemaker.send(
      new CreateEndpointConfigCommand({ EndpointConfigName: "churn-1", ProductionVariants: serverless }),
    );
    const { EndpointArn } = await estate.sagemaker.send(
      new CreateEndpointCommand({ EndpointName: "churn", EndpointConfigName: "churn-1" }),
    );
    await assert.rejects(
      estate.sagemaker.send(new UpdateEndpointCommand({ EndpointName: "churn", EndpointConfigName: "churn-1" })),
      { name: "ValidationException", message: `Cannot update in-progress endpoint "${EndpointArn}".` },
    );
    const endpoint = await settledEndpoint(estate.sagemaker, "churn");
    assert.equal(endpoint.EndpointStatus, "InService", endpoint.FailureReason);
    assert.deepEqual(endpoint.ProductionVariants?.[0]?.CurrentServerlessConfig, {
      MaxConcurrency: 2,
      MemorySizeInMB: 2048,
    });
    assert.equal(await ask("hello"), "one:hello");
    const events = await estate.events((event) => event.resources[0] === EndpointArn, 2);
    assert.deepEqual(
      events.map((event) => event.detail.EndpointStatus),
      ["CREATING", "IN_SERVICE"],
    );
  });

  it("answers a failing model with ModelError", async () => {
    await assert.rejects(ask("fail"), (error: Error & { OriginalStatusCode?: number }) => {
      assert.equal(error.name, "ModelError");
      assert.equal(error.OriginalStatusCode, 500);
      assert.match(error.message, /^Received server error \(500\) from primary with message "/);
      return true;
    });
    await assert.rejects(
      ask("x".repeat(4 * 1024 * 1024 + 1)),
      (error: Error & { $metadata?: { httpStatusCode?: number } }) => {
        assert.match(error.message, /Member must have length less than or equal to 4194304$/);
        assert.equal(error.$metadata?.httpStatusCode, 413);
        return true;
      },
    );
    await assert.rejects(ask("x".repeat(6_291_457)), /less than or equal to 6291456$/);
    await assert.rejects(ask("x", "nowhere"), {
      name: "ValidationError",
      message: "Endpoint nowhere of account 111122223333 not found.",
    });
  });

  it("updates blue/green: a candidate that does not come up leaves the old configuration in service", async () => {
    const good = await estate.putArchive("models/two.tar.gz", { "code/inference.py": inference("two") });
    const bad = await estate.putArchive("models/bad.tar.gz", { "code/inference.py": "raise RuntimeError('broken')" });
    for (const [name, ModelDataUrl] of [
      ["churn-2", good],
      ["churn-bad", bad],
    ] as const) {
      await estate.sagemaker.send(
        new CreateModelCommand({
          ModelName: name,
          ExecutionRoleArn: estate.roleArn,
          PrimaryContainer: { Image: IMAGE, ModelDataUrl, Environment: SERVING },
        }),
      );
      await estate.sagemaker.send(
        new CreateEndpointConfigCommand({
          EndpointConfigName: name,
          ProductionVariants: serverless.map((variant) => ({ ...variant, ModelName: name })),
        }),
      );
    }
    await estate.sagemaker.send(new UpdateEndpointCommand({ EndpointName: "churn", EndpointConfigName: "churn-bad" }));
    assert.equal(await ask("during"), "one:during");
    const rolledBack = await settledEndpoint(estate.sagemaker, "churn");
    assert.equal(rolledBack.EndpointStatus, "InService");
    assert.equal(rolledBack.EndpointConfigName, "churn-1");
    assert.match(rolledBack.FailureReason ?? "", /ping health check/);
    await estate.sagemaker.send(new UpdateEndpointCommand({ EndpointName: "churn", EndpointConfigName: "churn-2" }));
    const updated = await settledEndpoint(estate.sagemaker, "churn");
    assert.equal(updated.EndpointConfigName, "churn-2");
    assert.equal(updated.FailureReason, undefined);
    assert.equal(await ask("after"), "two:after");
    const deployments = await estate.events(
      (event) => event["detail-type"] === "SageMaker Endpoint Deployment State Change",
      2,
    );
    assert.equal(deployments[0]?.detail.EndpointConfigName, "churn-1");
    const pending = deployments[0]?.detail.PendingDeploymentSummary as { EndpointConfigName: string } | undefined;
    assert.equal(pending?.EndpointConfigName, "churn-bad");
  });

  it("links the endpoint back to the training data without anyone recording it", async () => {
    const { ArtifactSummaries } = await estate.sagemaker.send(
      new ListArtifactsCommand({ SourceUri: `s3://${BUCKET}/data/train` }),
    );
    const start = ArtifactSummaries?.[0]?.ArtifactArn ?? "";
    const { Vertices } = await estate.sagemaker.send(
      new QueryLineageCommand({ StartArns: [start], Direction: "Descendants" }),
    );
    const types = Vertices?.map((vertex) => `${vertex.LineageType}:${vertex.Type}`);
    for (const expected of ["TrialComponent:SageMakerTrainingJob", "Artifact:Model", "Artifact:ModelPackage"])
      assert.ok(types?.includes(expected), `${expected} in ${types}`);
    assert.ok(types?.includes("Action:ModelDeployment") && types.includes("Context:Endpoint"), String(types));
  });

  it("deletes the endpoint: afterwards it is not found", async () => {
    await estate.sagemaker.send(new DeleteEndpointCommand({ EndpointName: "churn" }));
    await eventually(() =>
      assert.rejects(estate.sagemaker.send(new DescribeEndpointCommand({ EndpointName: "churn" })), {
        name: "ValidationException",
        message: 'Could not find endpoint "arn:aws:sagemaker:us-east-1:111122223333:endpoint/churn".',
      }),
    );
  });
});
