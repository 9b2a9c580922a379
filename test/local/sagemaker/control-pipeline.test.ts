/** Inference pipelines through the front: registered with all containers, run one after another, refused on serverless. */
import assert from "node:assert/strict";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  CreateTransformJobCommand,
  DescribeModelPackageCommand,
  DescribeTransformJobCommand,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import { BUCKET, type Estate, eventually, IMAGE, SERVING, settledEndpoint, startEstate } from "./control-support.ts";

/** A container that works on each row of numbers, and answers as CSV whatever it is asked for. */
const step = (expression: string) => `
def model_fn(model_dir):
    return None
def transform_fn(model, data, content_type, accept):
    assert content_type.startswith("text/csv"), content_type
    rows = [[float(cell) for cell in line.split(",")] for line in data.strip().splitlines()]
    return "\\n".join(",".join(str(value) for value in ${expression}) for row in rows) + "\\n", "text/csv"
`;

describe("inference pipelines in the SageMaker front", function () {
  this.timeout(60_000);
  let estate: Estate;
  let containers: { Image: string; ModelDataUrl: string; Environment: Record<string, string> }[];

  before(async () => {
    estate = await startEstate();
    // The order tells: (x + 1) * 10 is not x * 10 + 1.
    const scripts = { add: step("[value + 1 for value in row]"), scale: step("[sum(row) * 10]") };
    containers = await Promise.all(
      Object.entries(scripts).map(async ([name, script]) => ({
        Image: IMAGE,
        ModelDataUrl: await estate.putArchive(`models/${name}.tar.gz`, { "code/inference.py": script }),
        Environment: SERVING,
      })),
    );
  });
  after(() => estate?.stop());

  const model = (ModelName: string, Containers: object[]) =>
    estate.sagemaker.send(
      new CreateModelCommand({ ModelName, ExecutionRoleArn: estate.roleArn, Containers: Containers as never }),
    );

  async function transformed(name: string, Containers: object[]) {
    await model(name, Containers);
    const S3Uri = await estate.put(`${name}/rows.csv`, "1,2\n3,4\n");
    await estate.sagemaker.send(
      new CreateTransformJobCommand({
        TransformJobName: name,
        ModelName: name,
        ModelClientConfig: { InvocationsMaxRetries: 0 },
        TransformInput: {
          ContentType: "text/csv",
          SplitType: "Line",
          DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri } },
        },
        TransformOutput: { S3OutputPath: `s3://${BUCKET}/${name}/out`, Accept: "text/csv", AssembleWith: "Line" },
        TransformResources: { InstanceType: "ml.m5.large", InstanceCount: 1 },
      }),
    );
    return eventually(async () => {
      const job = await estate.sagemaker.send(new DescribeTransformJobCommand({ TransformJobName: name }));
      if (job.TransformJobStatus === "InProgress") throw new Error("InProgress");
      return job;
    });
  }

  it("answer a batch one container after another", async () => {
    const job = await transformed("in-turn", containers);
    assert.equal(job.TransformJobStatus, "Completed", job.FailureReason);
    const output = await estate.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: "in-turn/out/rows.csv.out" }));
    assert.equal((await output.Body?.transformToString())?.trim(), "50.0\n90.0");
  });

  it("fail where any of their containers fails, with its words", async () => {
    const broken = {
      ...containers[0],
      ModelDataUrl: await estate.putArchive("models/broken.tar.gz", { "code/inference.py": step("row / 0") }),
    };
    const job = await transformed("broken", [containers[0] as object, broken]);
    assert.equal(job.TransformJobStatus, "Failed");
    assert.match(job.FailureReason ?? "", /unsupported operand/);
    const absent = await transformed("absent", [
      containers[0] as object,
      { ...containers[1], ModelDataUrl: `s3://${BUCKET}/models/scale.tar.gz`, Environment: {} },
    ]);
    assert.match(absent.FailureReason ?? "", /did not pass the ping health check/);
  });

  it("are registered once for a token, with every container and a card that follows the decision", async () => {
    await estate.sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: "pipelines" }));
    const create = () =>
      estate.sagemaker.send(
        new CreateModelPackageCommand({
          ModelPackageGroupName: "pipelines",
          ClientToken: "sub-1",
          InferenceSpecification: { Containers: containers },
          ModelCard: { ModelCardContent: "{}", ModelCardStatus: "PendingReview" },
        }),
      );
    const { ModelPackageArn } = await create();
    assert.equal((await create()).ModelPackageArn, ModelPackageArn);
    await estate.sagemaker.send(
      new UpdateModelPackageCommand({ ModelPackageArn, ModelCard: { ModelCardStatus: "Approved" } }),
    );
    const read = await estate.sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: ModelPackageArn }));
    assert.deepEqual(
      read.InferenceSpecification?.Containers?.map(({ ModelDataUrl }) => ModelDataUrl),
      containers.map(({ ModelDataUrl }) => ModelDataUrl),
    );
    assert.deepEqual(read.ModelCard, { ModelCardContent: "{}", ModelCardStatus: "Approved" });
  });

  it("serve on instances, and not serverless", async () => {
    await model("served", containers);
    const serve = async (name: string, variant: object) => {
      await estate.sagemaker.send(
        new CreateEndpointConfigCommand({
          EndpointConfigName: name,
          ProductionVariants: [{ VariantName: "all", ModelName: "served", ...variant }],
        }),
      );
      await estate.sagemaker.send(new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: name }));
      return settledEndpoint(estate.sagemaker, name);
    };
    const endpoint = await serve("instances", { InstanceType: "ml.m5.large", InitialInstanceCount: 1 });
    assert.equal(endpoint.EndpointStatus, "InService", endpoint.FailureReason);
    assert.equal(endpoint.ProductionVariants?.[0]?.DeployedImages?.length, 2);
    const answer = await estate.runtime.send(
      new InvokeEndpointCommand({ EndpointName: "instances", Body: Buffer.from("1,2\n"), ContentType: "text/csv" }),
    );
    assert.equal(
      Buffer.from(answer.Body ?? [])
        .toString()
        .trim(),
      "50.0",
    );
    await assert.rejects(
      serve("serverless", { ServerlessConfig: { MemorySizeInMB: 1024, MaxConcurrency: 1 } }),
      /Serverless endpoints do not support inference pipelines/,
    );
  });
});
