import assert from "node:assert/strict";
import { CreatePolicyCommand, CreateRoleCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { ACCOUNT, allow, ask, type Bench, role, type Statement, session, startBench, unique } from "./support.ts";

const MODEL = `arn:aws:sagemaker:us-east-1:${ACCOUNT}:model/m1`;

interface Case {
  readonly title: string;
  readonly policy: Statement[];
  readonly context?: Record<string, unknown>;
  readonly allowed: boolean;
  readonly resource?: string;
}

const when = (Condition: Record<string, Record<string, unknown>>): Statement[] => [
  { Action: "sagemaker:CreateModel", Condition },
];

const matrix: Case[] = [
  { title: "nothing granted", policy: [], allowed: false },
  { title: "the action on everything", policy: [{ Action: "sagemaker:CreateModel" }], allowed: true },
  { title: "a wildcard action", policy: [{ Action: "sagemaker:Create*" }], allowed: true },
  { title: "another action", policy: [{ Action: "sagemaker:DeleteModel" }], allowed: false },
  { title: "the very resource", policy: [{ Action: "sagemaker:CreateModel", Resource: MODEL }], allowed: true },
  { title: "another resource", policy: [{ Action: "sagemaker:CreateModel", Resource: `${MODEL}2` }], allowed: false },
  {
    title: "an explicit deny beside an allow",
    policy: [{ Action: "*" }, { Effect: "Deny", Action: "sagemaker:CreateModel" }],
    allowed: false,
  },
  {
    title: "a text key that matches",
    policy: when({ StringEquals: { "sagemaker:ModelApprovalStatus": "Rejected" } }),
    context: { "sagemaker:ModelApprovalStatus": "Rejected" },
    allowed: true,
  },
  {
    title: "a text key that differs",
    policy: when({ StringEquals: { "sagemaker:ModelApprovalStatus": "Rejected" } }),
    context: { "sagemaker:ModelApprovalStatus": "Approved" },
    allowed: false,
  },
  {
    title: "the caller's role by its own ARN",
    policy: when({ ArnLike: { "aws:PrincipalArn": `arn:aws:iam::${ACCOUNT}:role/role-*` } }),
    allowed: true,
  },
  {
    title: "the caller's role by its session's ARN",
    policy: when({ ArnLike: { "aws:PrincipalArn": `arn:aws:sts::${ACCOUNT}:assumed-role/*` } }),
    allowed: false,
  },
  {
    title: "a key in another case",
    policy: when({ StringEquals: { "SageMaker:modelApprovalStatus": "Rejected" } }),
    context: { "sagemaker:ModelApprovalStatus": "Rejected" },
    allowed: true,
  },
  {
    title: "a wanted key that is absent",
    policy: when({ StringEquals: { "sagemaker:VpcSubnets": "subnet-1" } }),
    allowed: false,
  },
  { title: "Null true, key absent", policy: when({ Null: { "sagemaker:VpcSubnets": "true" } }), allowed: true },
  {
    title: "Null true, key given",
    policy: when({ Null: { "sagemaker:VpcSubnets": "true" } }),
    context: { "sagemaker:VpcSubnets": ["subnet-1"] },
    allowed: false,
  },
  {
    title: "Null true, key null or an empty list",
    policy: when({ Null: { "sagemaker:VpcSubnets": "true", "sagemaker:ModelArn": "true" } }),
    context: { "sagemaker:VpcSubnets": [], "sagemaker:ModelArn": null },
    allowed: true,
  },
  {
    title: "ForAllValues, all allowed",
    policy: when({ "ForAllValues:StringEquals": { "sagemaker:InstanceTypes": ["ml.t3.medium", "ml.m5.large"] } }),
    context: { "sagemaker:InstanceTypes": ["ml.m5.large"] },
    allowed: true,
  },
  {
    title: "ForAllValues, one too many",
    policy: when({ "ForAllValues:StringEquals": { "sagemaker:InstanceTypes": ["ml.t3.medium", "ml.m5.large"] } }),
    context: { "sagemaker:InstanceTypes": ["ml.m5.large", "ml.p5.48xlarge"] },
    allowed: false,
  },
  {
    title: "ForAllValues, key absent",
    policy: when({ "ForAllValues:StringEquals": { "sagemaker:InstanceTypes": ["ml.t3.medium"] } }),
    allowed: true,
  },
  {
    title: "ForAnyValue, one matches",
    policy: when({ "ForAnyValue:StringLike": { "aws:TagKeys": ["team*"] } }),
    context: { "aws:TagKeys": ["cost", "team-id"] },
    allowed: true,
  },
  {
    title: "ForAnyValue, key absent",
    policy: when({ "ForAnyValue:StringLike": { "aws:TagKeys": ["team*"] } }),
    allowed: false,
  },
  {
    title: "a number within the limit",
    policy: when({ NumericLessThanEquals: { "sagemaker:MaxRuntimeInSeconds": "3600" } }),
    context: { "sagemaker:MaxRuntimeInSeconds": 3600 },
    allowed: true,
  },
  {
    title: "a number above the limit",
    policy: when({ NumericLessThanEquals: { "sagemaker:MaxRuntimeInSeconds": 3600 } }),
    context: { "sagemaker:MaxRuntimeInSeconds": 3601 },
    allowed: false,
  },
  {
    title: "a boolean",
    policy: when({ Bool: { "sagemaker:NetworkIsolation": "true" } }),
    context: { "sagemaker:NetworkIsolation": true },
    allowed: true,
  },
  {
    title: "IfExists, key absent",
    policy: when({ StringEqualsIfExists: { "sagemaker:VolumeKmsKey": "key" } }),
    allowed: true,
  },
  {
    title: "a tag in the request",
    policy: when({ StringEquals: { "aws:RequestTag/dataset": "wine" } }),
    context: { "aws:RequestTag/dataset": "wine", "aws:TagKeys": ["dataset"] },
    allowed: true,
  },
  {
    title: "a tag on the resource",
    policy: when({ StringEquals: { "aws:ResourceTag/stage": "dev" } }),
    context: { "aws:ResourceTag/stage": "prod" },
    allowed: false,
  },
];

describe("IAM questions to the emulator", function () {
  this.timeout(30_000);
  let bench: Bench;
  before(async () => {
    bench = await startBench();
  });
  after(() => bench?.stop());

  describe("authorize", () => {
    for (const { title, policy, context, allowed } of matrix) {
      it(`${allowed ? "allows" : "denies"}: ${title}`, async () => {
        const { accessKeyId } = await session(
          bench,
          await role(bench, "lambda.amazonaws.com", policy),
          "lambda.amazonaws.com",
        );
        const question = { accessKeyId, action: "sagemaker:CreateModel", resource: MODEL, context };
        const answer = await ask(bench, "authorize", question);
        assert.equal(answer.allowed, allowed, JSON.stringify(answer));
        assert.match(String(answer.principalArn), new RegExp(`^arn:aws:sts::${ACCOUNT}:assumed-role/role-.*/test$`));
      });
    }

    it("words an implicit denial as AWS does", async () => {
      const roleArn = await role(bench, "lambda.amazonaws.com", []);
      const { accessKeyId } = await session(bench, roleArn, "lambda.amazonaws.com");
      const answer = await ask(bench, "authorize", { accessKeyId, action: "sagemaker:CreateModel", resource: MODEL });
      const principalArn = `arn:aws:sts::${ACCOUNT}:assumed-role/${roleArn.split("/")[1]}/test`;
      assert.deepEqual(answer, {
        httpStatus: 200,
        allowed: false,
        code: "AccessDeniedException",
        message:
          `User: ${principalArn} is not authorized to perform: sagemaker:CreateModel on resource: ${MODEL} ` +
          "because no identity-based policy allows the sagemaker:CreateModel action",
        principalArn,
      });
    });

    it("words an explicit deny as AWS does", async () => {
      const roleArn = await role(bench, "lambda.amazonaws.com", [{ Effect: "Deny", Action: "sagemaker:*" }]);
      const { accessKeyId } = await session(bench, roleArn, "lambda.amazonaws.com");
      const answer = await ask(bench, "authorize", { accessKeyId, action: "sagemaker:CreateModel", resource: MODEL });
      assert.match(
        String(answer.message),
        /resource: arn:.*:model\/m1 with an explicit deny in an identity-based policy$/,
      );
    });

    it("names a permissions boundary that decides", async () => {
      const boundary = await bench.iam.send(
        new CreatePolicyCommand({
          PolicyName: unique("boundary"),
          PolicyDocument: JSON.stringify({ Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] }),
        }),
      );
      const { Role } = await bench.iam.send(
        new CreateRoleCommand({
          RoleName: unique("bounded"),
          AssumeRolePolicyDocument: JSON.stringify({
            Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
          }),
          PermissionsBoundary: boundary.Policy?.Arn,
        }),
      );
      assert.ok(Role?.Arn && Role.RoleName);
      await allow(bench, Role.RoleName, [{ Action: "sagemaker:*" }]);
      const { accessKeyId } = await session(bench, Role.Arn, "lambda.amazonaws.com");
      const answer = await ask(bench, "authorize", { accessKeyId, action: "sagemaker:CreateModel", resource: MODEL });
      assert.match(String(answer.message), /because no permissions boundary allows the sagemaker:CreateModel action$/);
    });

    it("allows root everything", async () => {
      const answer = await ask(bench, "authorize", { accessKeyId: "test", action: "sagemaker:X", resource: "*" });
      assert.deepEqual(answer, { httpStatus: 200, allowed: true, principalArn: `arn:aws:iam::${ACCOUNT}:root` });
    });

    for (const [title, accessKeyId, code, message] of [
      ["no key", "", "MissingAuthenticationTokenException", "Missing Authentication Token"],
      [
        "an unknown key",
        "ASIAUNKNOWN",
        "UnrecognizedClientException",
        "The security token included in the request is invalid",
      ],
    ] as const) {
      it(`refuses ${title}`, async () => {
        const answer = await ask(bench, "authorize", { accessKeyId, action: "sagemaker:X", resource: "*" });
        assert.equal(answer.allowed, false);
        assert.equal(answer.code, code);
        assert.ok(String(answer.message).startsWith(message), String(answer.message));
      });
    }

    it("says what is wrong with a malformed question", async () => {
      const answer = await ask(bench, "authorize", { accessKeyId: "test", action: "sagemaker:X" });
      assert.equal(answer.httpStatus, 400);
      assert.match(JSON.stringify(answer.error), /resource must be a non-empty string/);
    });
  });

  describe("assume", () => {
    const SERVICE = "sagemaker.amazonaws.com";

    it("mints credentials that act as the role", async () => {
      const roleArn = await role(bench, SERVICE, [{ Action: "s3:GetObject" }]);
      const answer = await ask(bench, "assume", { roleArn, service: SERVICE, sessionName: "SageMaker" });
      assert.equal(answer.assumedRoleArn, `arn:aws:sts::${ACCOUNT}:assumed-role/${roleArn.split("/")[1]}/SageMaker`);
      const iam = new IAMClient({ endpoint: bench.ministack, region: bench.region, credentials: answer as never });
      await assert.rejects(iam.send(new ListRolesCommand({})), {
        name: "AccessDenied",
        message: new RegExp(`^User: ${answer.assumedRoleArn} is not authorized to perform: iam:ListRoles`),
      });
      const forged = { ...answer, secretAccessKey: "wrong" } as never;
      const stranger = new IAMClient({ endpoint: bench.ministack, region: bench.region, credentials: forged });
      await assert.rejects(stranger.send(new ListRolesCommand({})), { name: "SignatureDoesNotMatch" });
    });

    it("is refused by a role that trusts another service, in SageMaker's words", async () => {
      const roleArn = await role(bench, "lambda.amazonaws.com", []);
      const answer = await ask(bench, "assume", { roleArn, service: SERVICE, sessionName: "s" });
      assert.deepEqual(answer.error, {
        code: "ValidationException",
        message:
          `Could not assume role ${roleArn}. Please ensure that the role exists and allows principal ` +
          "'sagemaker.amazonaws.com' to assume the role.",
      });
    });

    it("is refused for a role that does not exist, in the same words", async () => {
      const roleArn = `arn:aws:iam::${ACCOUNT}:role/nobody`;
      const answer = await ask(bench, "assume", { roleArn, service: SERVICE, sessionName: "s" });
      assert.match(JSON.stringify(answer.error), /ValidationException.*Could not assume role/);
    });

    it("honours aws:SourceAccount and aws:SourceArn", async () => {
      const job = `arn:aws:sagemaker:us-east-1:${ACCOUNT}:training-job/t1`;
      const roleArn = await role(bench, SERVICE, [], {
        Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT }, ArnLike: { "aws:SourceArn": job } },
      });
      const asked = { roleArn, service: SERVICE, sessionName: "s" };
      assert.ok((await ask(bench, "assume", { ...asked, sourceArn: job })).accessKeyId);
      assert.ok((await ask(bench, "assume", { ...asked, sourceArn: `${job}2` })).error);
      assert.ok((await ask(bench, "assume", asked)).error);
    });

    it("honours a deny", async () => {
      const made = await bench.iam.send(
        new CreateRoleCommand({
          RoleName: unique("denied"),
          AssumeRolePolicyDocument: JSON.stringify({
            Statement: [
              { Effect: "Allow", Principal: { Service: SERVICE }, Action: "sts:AssumeRole" },
              { Effect: "Deny", Principal: { Service: SERVICE }, Action: "sts:*" },
            ],
          }),
        }),
      );
      const answer = await ask(bench, "assume", { roleArn: made.Role?.Arn, service: SERVICE, sessionName: "s" });
      assert.ok(answer.error);
    });
  });
});
