import assert from "node:assert/strict";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import type { CreateTrainingJobRequest } from "@aws-sdk/client-sagemaker";
import { startModelServer } from "../../../local/sagemaker/run/server.ts";
import { runTraining } from "../../../local/sagemaker/run/training.ts";
import type { Credentials } from "../../../local/sagemaker/run/types.ts";
import { ARN, BUCKET, CREDS, type Fixture, IMAGE, never, startFixture } from "./run-support.ts";

const LIMITS = { startupMs: 20_000, invocationMs: 500 };

describe("jobs whose role may not", function () {
  this.timeout(30_000);
  let fixture: Fixture;
  let role: Credentials;

  before(async () => {
    fixture = await startFixture();
    const config = { endpoint: fixture.ctx.ministackUrl, region: "us-east-1", credentials: CREDS };
    const iam = new IAMClient(config);
    const trust = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" }],
    };
    const created = await iam.send(
      new CreateRoleCommand({ RoleName: "job", AssumeRolePolicyDocument: JSON.stringify(trust) }),
    );
    const allowed = {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: "s3:ListBucket", Resource: `arn:aws:s3:::${BUCKET}` },
        { Effect: "Allow", Action: "s3:GetObject", Resource: [`arn:aws:s3:::${BUCKET}/open/*`] },
      ],
    };
    await iam.send(
      new PutRolePolicyCommand({ RoleName: "job", PolicyName: "p", PolicyDocument: JSON.stringify(allowed) }),
    );
    iam.destroy();
    const answer = await fetch(`${fixture.ctx.ministackUrl}/_rehearsal/assume`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ roleArn: created.Role?.Arn, service: "sagemaker.amazonaws.com", sessionName: "job" }),
    });
    role = (await answer.json()) as Credentials;
    assert.ok(role.accessKeyId, JSON.stringify(role));
    await fixture.put("open/a.csv", "1");
    await fixture.put("closed/a.csv", "1");
  });
  after(() => fixture?.stop());

  const channel = (uri: string) => [
    { ChannelName: "train", DataSource: { S3DataSource: { S3DataType: "S3Prefix" as const, S3Uri: uri } } },
  ];
  const asRole = (name: string, request: Partial<CreateTrainingJobRequest>) =>
    runTraining(
      {
        TrainingJobName: name,
        RoleArn: "arn:aws:iam::111122223333:role/job",
        AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: "File" },
        OutputDataConfig: { S3OutputPath: `s3://${BUCKET}/out` },
        ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 1 },
        StoppingCondition: { MaxRuntimeInSeconds: 20 },
        ...request,
      },
      ARN,
      role,
      fixture.ctx,
      () => {},
      never(),
    );

  it("read fail with a ClientError that holds IAM's words", async () => {
    const result = await asRole("denied", { InputDataConfig: channel(`s3://${BUCKET}/closed/`) });
    assert.equal(result.status, "Failed");
    assert.match(
      result.failureReason ?? "",
      /^ClientError: Data download failed:Unable to download object s3:\/\/rehearsal\/closed\/a\.csv \(AccessDenied: .*s3:GetObject/,
    );
  });

  it("write fail at the upload", async () => {
    const source = await fixture.putSource("open/source.tar.gz", { "train.py": "print(1)" });
    const HyperParameters = { sagemaker_program: "train.py", sagemaker_submit_directory: source };
    const result = await asRole("no-write", { HyperParameters, InputDataConfig: channel(`s3://${BUCKET}/open/`) });
    assert.match(result.failureReason ?? "", /^ClientError: Artifact upload failed:Error 7: AccessDenied/);
  });

  it("read the model are refused, also when a copy of it is cached", async () => {
    const modelDataUrl = await fixture.putSource("closed/model.tar.gz", {
      "code/inference.py": "def model_fn(d): return 1",
    });
    const container = {
      image: IMAGE,
      modelDataUrl,
      environment: { SAGEMAKER_PROGRAM: "inference.py", SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code" },
    };
    const allowed = await startModelServer(container, CREDS, fixture.ctx, LIMITS);
    await allowed.stop();
    await assert.rejects(
      startModelServer(container, role, fixture.ctx, LIMITS),
      /^JobFault: Could not access model data at s3:\/\/rehearsal\/closed\/model\.tar\.gz\. .*AccessDenied/,
    );
  });
});
