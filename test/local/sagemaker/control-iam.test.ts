/** The front lets a caller do what the emulated IAM grants, and refuses the rest in AWS's words. */
import assert from "node:assert/strict";
import {
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  CreateTrainingJobCommand,
  type CreateTrainingJobCommandInput,
  ListModelsCommand,
  ListTrainingJobsCommand,
  SageMakerClient,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import { ACCOUNT, BUCKET, type Estate, finishedTraining, IMAGE, startEstate } from "./control-support.ts";

const arn = (resource: string): string => `arn:aws:sagemaker:us-east-1:${ACCOUNT}:${resource}`;

describe("permissions at the SageMaker front", function () {
  this.timeout(60_000);
  let estate: Estate;

  before(async () => {
    estate = await startEstate();
  });
  after(() => estate?.stop());

  const training = (overrides: Partial<CreateTrainingJobCommandInput> = {}): CreateTrainingJobCommandInput => ({
    TrainingJobName: "job",
    RoleArn: estate.roleArn,
    AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: "File" },
    OutputDataConfig: { S3OutputPath: `s3://${BUCKET}/out` },
    ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 1 },
    StoppingCondition: { MaxRuntimeInSeconds: 600 },
    ...overrides,
  });

  const denied = (user: string, action: string, resource: string): RegExp =>
    new RegExp(
      `^User: arn:aws:iam::${ACCOUNT}:user/${user} is not authorized to perform: ${action} on resource: ${resource.replaceAll("*", "\\*")} ` +
        `because no identity-based policy allows the ${action} action$`,
    );

  it("refuses unknown keys, wrong secrets and unsigned calls", async () => {
    const as = (accessKeyId: string, secretAccessKey: string) =>
      new SageMakerClient({
        endpoint: estate.emulators.sagemaker,
        region: "us-east-1",
        maxAttempts: 1,
        credentials: { accessKeyId, secretAccessKey },
      }).send(new ListModelsCommand({}));
    await assert.rejects(as("AKIAUNKNOWNUNKNOWN00", "x"), {
      name: "UnrecognizedClientException",
      message: "The security token included in the request is invalid.",
    });
    const { sagemaker } = await estate.user("signer", [{ Action: "sagemaker:ListModels", Resource: "*" }]);
    assert.deepEqual((await sagemaker.send(new ListModelsCommand({}))).Models, []);
    const keys = await sagemaker.config.credentials();
    await assert.rejects(as(keys.accessKeyId, "not-the-secret"), /signature/i);
    const unsigned = await fetch(estate.emulators.sagemaker, {
      method: "POST",
      headers: { "x-amz-target": "SageMaker.ListModels" },
      body: "{}",
    });
    assert.equal(unsigned.status, 403);
    assert.equal(((await unsigned.json()) as { __type: string }).__type, "MissingAuthenticationTokenException");
  });

  it("needs the action, iam:PassRole for SageMaker, and AddTags where tags are given", async () => {
    const create = { Action: "sagemaker:CreateTrainingJob", Resource: arn("training-job/*") };
    const nobody = await estate.user("nobody", [{ Action: "s3:*", Resource: "*" }]);
    await assert.rejects(nobody.sagemaker.send(new CreateTrainingJobCommand(training())), {
      name: "AccessDeniedException",
      message: denied("nobody", "sagemaker:CreateTrainingJob", arn("training-job/job")),
    });
    const noPass = await estate.user("no-pass", [create]);
    await assert.rejects(noPass.sagemaker.send(new CreateTrainingJobCommand(training())), {
      name: "AccessDeniedException",
      message: denied("no-pass", "iam:PassRole", estate.roleArn),
    });
    const passElsewhere = await estate.user("pass-elsewhere", [
      create,
      {
        Action: "iam:PassRole",
        Resource: estate.roleArn,
        Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
      },
    ]);
    await assert.rejects(passElsewhere.sagemaker.send(new CreateTrainingJobCommand(training())), {
      message: denied("pass-elsewhere", "iam:PassRole", estate.roleArn),
    });
    const pass = {
      Action: "iam:PassRole",
      Resource: estate.roleArn,
      Condition: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
    };
    const noTags = await estate.user("no-tags", [create, pass]);
    const tagged = training({ Tags: [{ Key: "team", Value: "a" }] });
    await assert.rejects(noTags.sagemaker.send(new CreateTrainingJobCommand(tagged)), {
      message: denied("no-tags", "sagemaker:AddTags", arn("training-job/job")),
    });
    await noTags.sagemaker.send(new CreateTrainingJobCommand(training()));
    const job = await finishedTraining(estate.sagemaker, "job");
    assert.equal(job.TrainingJobStatus, "Failed", "it has no script");
  });

  it("honours the condition keys of instance type, run time and request tags", async () => {
    const { sagemaker } = await estate.user("bounded", [
      { Action: "iam:PassRole", Resource: "*" },
      { Action: "sagemaker:AddTags", Resource: "*" },
      {
        Action: "sagemaker:CreateTrainingJob",
        Resource: "*",
        Condition: {
          "ForAllValues:StringEquals": { "sagemaker:InstanceTypes": ["ml.m5.large"] },
          NumericLessThanEquals: { "sagemaker:MaxRuntimeInSeconds": "600" },
          StringEquals: { "aws:RequestTag/team": "a" },
        },
      },
    ]);
    const Tags = [{ Key: "team", Value: "a" }];
    const large = { InstanceType: "ml.m5.4xlarge", InstanceCount: 1, VolumeSizeInGB: 1 } as const;
    for (const [name, overrides] of [
      ["large", { Tags, ResourceConfig: large }],
      ["long", { Tags, StoppingCondition: { MaxRuntimeInSeconds: 601 } }],
      ["untagged", {}],
    ] as const)
      await assert.rejects(
        sagemaker.send(new CreateTrainingJobCommand(training({ ...overrides, TrainingJobName: name }) as never)),
        { name: "AccessDeniedException" },
        name,
      );
    await sagemaker.send(new CreateTrainingJobCommand(training({ Tags, TrainingJobName: "fitting" })));
  });

  it("keeps approval to whom sagemaker:ModelApprovalStatus is granted, on create and on update", async () => {
    await estate.sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: "guarded" }));
    const { sagemaker } = await estate.user("submitter", [
      {
        Action: ["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"],
        Resource: arn("model-package/guarded/*"),
      },
      {
        Effect: "Deny",
        Action: ["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"],
        Resource: "*",
        Condition: { StringEquals: { "sagemaker:ModelApprovalStatus": "Approved" } },
      },
    ]);
    const request = {
      ModelPackageGroupName: "guarded",
      InferenceSpecification: { Containers: [{ Image: IMAGE, ModelDataUrl: `s3://${BUCKET}/m.tar.gz` }] },
    };
    await assert.rejects(
      sagemaker.send(new CreateModelPackageCommand({ ...request, ModelApprovalStatus: "Approved" })),
      /with an explicit deny in an identity-based policy/,
    );
    const { ModelPackageArn } = await sagemaker.send(
      new CreateModelPackageCommand({ ...request, ModelApprovalStatus: "PendingManualApproval" }),
    );
    await sagemaker.send(new UpdateModelPackageCommand({ ModelPackageArn, CustomerMetadataProperties: { a: "b" } }));
    await assert.rejects(
      sagemaker.send(new UpdateModelPackageCommand({ ModelPackageArn, ModelApprovalStatus: "Approved" })),
      /explicit deny/,
    );
  });

  it("asks for InvokeEndpoint before it says whether the endpoint exists", async () => {
    const { runtime } = await estate.user("caller", [
      { Action: "sagemaker:InvokeEndpoint", Resource: arn("endpoint/mine") },
    ]);
    const call = (EndpointName: string) =>
      runtime.send(new InvokeEndpointCommand({ EndpointName, Body: Buffer.from("x") }));
    await assert.rejects(call("other"), {
      name: "AccessDeniedException",
      message: denied("caller", "sagemaker:InvokeEndpoint", arn("endpoint/other")),
    });
    await assert.rejects(call("mine"), { name: "ValidationError", message: /of account 111122223333 not found/ });
  });

  it("names the role that SageMaker cannot assume, or that cannot read the model", async () => {
    const stranger = await estate.role("stranger", [{ Action: "s3:*", Resource: "*" }], "lambda.amazonaws.com");
    await assert.rejects(
      estate.sagemaker.send(new CreateTrainingJobCommand(training({ RoleArn: stranger, TrainingJobName: "s" }))),
      {
        name: "ValidationException",
        message: `Could not assume role ${stranger}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.`,
      },
    );
    const blind = await estate.role("blind", [{ Action: "s3:ListBucket", Resource: "*" }]);
    const uri = await estate.put("models/m.tar.gz", "x");
    const model = (ModelDataUrl: string, ExecutionRoleArn: string) =>
      new CreateModelCommand({ ModelName: "m", ExecutionRoleArn, PrimaryContainer: { Image: IMAGE, ModelDataUrl } });
    const text = (key: string) =>
      new RegExp(`^Could not access model data at s3://${BUCKET}/${key}\\. Please ensure that the role `);
    await assert.rejects(estate.sagemaker.send(model(uri, blind)), {
      name: "ValidationException",
      message: text("models/m.tar.gz"),
    });
    await assert.rejects(estate.sagemaker.send(model(`s3://${BUCKET}/gone.tar.gz`, estate.roleArn)), {
      message: text("gone.tar.gz"),
    });
    await estate.sagemaker.send(model(uri, estate.roleArn));
    const { sagemaker } = await estate.user("configurer", [
      {
        Action: "sagemaker:CreateEndpointConfig",
        Resource: "*",
        Condition: {
          NumericLessThanEquals: {
            "sagemaker:ServerlessMemorySize": "2048",
            "sagemaker:ServerlessMaxConcurrency": "2",
          },
          "ForAllValues:ArnLike": { "sagemaker:ModelArn": arn("model/m") },
        },
      },
    ]);
    const config = (MemorySizeInMB: number) =>
      new CreateEndpointConfigCommand({
        EndpointConfigName: `c-${MemorySizeInMB}`,
        ProductionVariants: [
          { VariantName: "all", ModelName: "m", ServerlessConfig: { MemorySizeInMB, MaxConcurrency: 2 } },
        ],
      });
    await assert.rejects(sagemaker.send(config(3072)), { name: "AccessDeniedException" });
    await sagemaker.send(config(2048));
    await assert.rejects(sagemaker.send(new ListTrainingJobsCommand({})), {
      message: denied("configurer", "sagemaker:ListTrainingJobs", "*"),
    });
  });
});
