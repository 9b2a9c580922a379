import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { bounded, type Limits, TimedOut } from "../../../policies/support/bounded.ts";
import { classify, sageMakerRegistry } from "../../../policies/support/live-sagemaker.ts";

const FAST: Limits = { tryMs: 300, tries: 3, inFlight: 2, pauseMs: 1 };
const never = () => false;
const ARN = "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/3";
const named = (name: string, message: string) => Object.assign(new Error(message), { name });

describe("bounded", () => {
  it("tries again, and gives the last error after the last try", async () => {
    let tries = 0;
    const call = bounded(FAST, never);
    assert.equal(await call(async () => (++tries < 3 ? Promise.reject(new Error("no")) : "yes")), "yes");
    tries = 0;
    await assert.rejects(
      call(async () => Promise.reject(new Error(`no ${++tries}`))),
      /no 3/,
    );
  });

  it("does not try again what is an answer", async () => {
    let tries = 0;
    const call = bounded(FAST, () => true);
    await assert.rejects(
      call(async () => Promise.reject(new Error(`no ${++tries}`))),
      /no 1/,
    );
  });

  it("ends a call that does not listen to its signal", async () => {
    const call = bounded({ ...FAST, tryMs: 20, tries: 2 }, never);
    await assert.rejects(
      call(() => new Promise(() => {})),
      TimedOut,
    );
  });

  it("keeps to the number in flight, and lets everyone through in the end", async () => {
    let now = 0;
    let most = 0;
    const call = bounded(FAST, never);
    const one = () =>
      call(async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 2));
        now--;
      });
    await Promise.all(Array.from({ length: 20 }, one));
    assert.equal(most, 2);
    assert.equal(now, 0);
  });
});

describe("classify", () => {
  const state = (name: string, message = "x") => classify(named(name, message), "sagemaker:DescribeModel");
  it("tells the outcomes apart", () => {
    assert.deepEqual(state("AccessDeniedException", "no"), {
      state: "denied",
      action: "sagemaker:DescribeModel",
      words: "no",
    });
    assert.deepEqual(state("ValidationException", 'Could not find model "m".'), {
      state: "not-found",
      words: 'Could not find model "m".',
    });
    assert.equal(state("ResourceNotFound").state, "not-found");
    for (const name of [
      "CredentialsProviderError",
      "ThrottlingException",
      "TimedOut",
      "ExpiredTokenException",
      "Error",
      "InternalFailure",
    ]) {
      assert.equal(state(name).state, "offline", name);
    }
    assert.equal(classify("a string", "x").state, "offline");
  });
});

describe("the registry on the SDK", () => {
  let server: Server;
  let answers: { status: number; body: unknown; hang?: boolean }[];
  let targets: string[];
  const saved = { ...process.env };

  beforeEach(async () => {
    answers = [];
    targets = [];
    server = createServer((request, response) => {
      targets.push(String(request.headers["x-amz-target"]));
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer?.hang) return;
      request.resume();
      response.writeHead(answer?.status ?? 500, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(answer?.body ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_SAGEMAKER: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    });
  });

  afterEach(() => {
    for (const key of Object.keys(process.env)) if (!(key in saved)) delete process.env[key];
    Object.assign(process.env, saved);
    server.closeAllConnections();
    server.close();
  });

  it("answers with the facts that rules need", async () => {
    answers = [
      {
        status: 200,
        body: {
          ModelApprovalStatus: "Approved",
          ModelPackageStatus: "Completed",
          CustomerMetadataProperties: { a: "b" },
          ApprovalDescription: "fine",
          ModelMetrics: { ModelQuality: { Statistics: { ContentType: "application/json", S3Uri: "s3://b/e.json" } } },
          LastModifiedBy: { IamIdentity: { Arn: "arn:aws:iam::111122223333:role/x" } },
          InferenceSpecification: {
            Containers: [
              { ModelDataUrl: "s3://b/k" },
              { ModelDataSource: { S3DataSource: { S3Uri: "s3://b/p/" } } },
              { Image: "i" },
            ],
          },
        },
      },
    ];
    assert.deepEqual(await sageMakerRegistry(FAST).modelPackage(ARN), {
      state: "answered",
      facts: {
        approvalStatus: "Approved",
        status: "Completed",
        metadata: { a: "b" },
        approvalDescription: "fine",
        hasQuality: true,
        lastModifiedBy: "arn:aws:iam::111122223333:role/x",
        modelData: [
          { path: "Containers[0]", uri: "s3://b/k" },
          { path: "Containers[1]", uri: "s3://b/p/" },
          { path: "Containers[2]", uri: undefined },
        ],
      },
    });
    answers = [
      {
        status: 200,
        body: {
          ProductionVariants: [{ ModelName: "m", InstancePools: [{ ModelNameOverride: "o" }] }],
          ShadowProductionVariants: [{ ModelName: "s" }],
        },
      },
    ];
    assert.deepEqual(await sageMakerRegistry(FAST).endpointConfig("c", "us-east-1"), {
      state: "answered",
      facts: {
        models: [
          { path: "productionVariants[0].modelName", name: "m" },
          { path: "productionVariants[0].instancePools[0].modelNameOverride", name: "o" },
          { path: "shadowProductionVariants[0].modelName", name: "s" },
        ],
      },
    });
    answers = [{ status: 200, body: { PrimaryContainer: { ModelPackageName: ARN }, Containers: [{ Image: "i" }] } }];
    assert.deepEqual(await sageMakerRegistry(FAST).model("m", "us-east-1"), {
      state: "answered",
      facts: {
        containers: [
          { path: "primaryContainer", package: ARN },
          { path: "containers[0]", package: undefined },
        ],
      },
    });
    const TrainingJobArn = "arn:aws:sagemaker:us-east-1:111122223333:training-job/j";
    const InputDataConfig = [
      { ChannelName: "train", DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: "s3://b/p/" } } },
      { ChannelName: "files", DataSource: { FileSystemDataSource: { FileSystemId: "fs-1" } } },
    ];
    answers = [{ status: 200, body: { TrainingJobArn, InputDataConfig } }];
    assert.deepEqual(await sageMakerRegistry(FAST).trainingJob("j", "us-east-1"), {
      state: "answered",
      facts: { arn: TrainingJobArn, channels: ["s3://b/p/"] },
    });
    answers = [{ status: 200, body: { TrainingJobArn } }];
    assert.deepEqual(await sageMakerRegistry(FAST).trainingJob("j", "us-east-1"), {
      state: "answered",
      facts: { arn: TrainingJobArn, channels: [] },
    });
    const AutoMLJobArn = "arn:aws:sagemaker:us-east-1:111122223333:automl-job/j";
    const steps = [
      { CandidateStepType: "AWS::SageMaker::ProcessingJob", CandidateStepName: "prepare" },
      { CandidateStepType: "AWS::SageMaker::TrainingJob", CandidateStepName: "train-1" },
      { CandidateStepType: "AWS::SageMaker::TransformJob", CandidateStepName: "predict" },
    ];
    const AutoMLJobInputDataConfig = InputDataConfig.map(({ DataSource }) => ({ ChannelType: "training", DataSource }));
    answers = [
      { status: 200, body: { AutoMLJobArn, AutoMLJobInputDataConfig, BestCandidate: { CandidateSteps: steps } } },
    ];
    assert.deepEqual(await sageMakerRegistry(FAST).autoMlJob("j", "us-east-1"), {
      state: "answered",
      facts: { arn: AutoMLJobArn, channels: ["s3://b/p/"], trainedBy: ["train-1"] },
    });
    answers = [{ status: 200, body: { AutoMLJobArn } }];
    assert.deepEqual(await sageMakerRegistry(FAST).autoMlJob("j", "us-east-1"), {
      state: "answered",
      facts: { arn: AutoMLJobArn, channels: [], trainedBy: [] },
    });
    assert.deepEqual(targets, [
      "SageMaker.DescribeModelPackage",
      "SageMaker.DescribeEndpointConfig",
      "SageMaker.DescribeModel",
      "SageMaker.DescribeTrainingJob",
      "SageMaker.DescribeTrainingJob",
      "SageMaker.DescribeAutoMLJobV2",
      "SageMaker.DescribeAutoMLJobV2",
    ]);
  });

  it("not found and denied are asked once", async () => {
    answers = [
      { status: 400, body: { __type: "ValidationException", message: `ModelPackage ${ARN} does not exist.` } },
    ];
    assert.deepEqual(await sageMakerRegistry(FAST).modelPackage(ARN), {
      state: "not-found",
      words: `ModelPackage ${ARN} does not exist.`,
    });
    answers = [
      {
        status: 400,
        body: {
          __type: "AccessDeniedException",
          Message: "User is not authorized to perform: sagemaker:DescribeModelPackage",
        },
      },
    ];
    const denied = await sageMakerRegistry(FAST).modelPackage(ARN);
    assert.equal(denied.state, "denied");
    assert.equal(targets.length, 2);
  });

  it("throttled: tried three times, then offline; throttled once: answered", async () => {
    const throttled = { status: 400, body: { __type: "ThrottlingException", message: "Rate exceeded" } };
    answers = [throttled];
    assert.equal((await sageMakerRegistry(FAST).modelPackage(ARN)).state, "offline");
    assert.equal(targets.length, 3);
    answers = [throttled, { status: 200, body: { ModelPackageStatus: "Completed" } }];
    assert.equal((await sageMakerRegistry(FAST).modelPackage(ARN)).state, "answered");
  });

  it("slow: offline within the limits", async () => {
    answers = [{ status: 200, body: {}, hang: true }];
    const started = performance.now();
    const answer = await sageMakerRegistry({ ...FAST, tryMs: 50 }).modelPackage(ARN);
    assert.equal(answer.state, "offline");
    assert.ok(performance.now() - started < 2_000);
  });

  it("no credentials: offline, said so, and nothing is sent", async () => {
    for (const key of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"]) delete process.env[key];
    Object.assign(process.env, {
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
      AWS_CONFIG_FILE: "/nonexistent",
    });
    const answer = await sageMakerRegistry(FAST).modelPackage(ARN);
    assert.equal(answer.state, "offline");
    assert.match(answer.state === "offline" ? answer.words : "", /redential/);
    assert.deepEqual(targets, []);
  });

  it("nobody listens: offline", async () => {
    process.env.AWS_ENDPOINT_URL_SAGEMAKER = "http://127.0.0.1:1";
    assert.equal((await sageMakerRegistry(FAST).modelPackage(ARN)).state, "offline");
  });
});
