import assert from "node:assert/strict";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  PutLogGroupDeletionProtectionCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { CreatePolicyCommand, PutRolePermissionsBoundaryCommand } from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { CreateTopicCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import {
  ACCOUNT,
  allow,
  type Bench,
  clientConfig,
  role,
  type Statement,
  session,
  startBench,
  unique,
} from "./support.ts";

const account = {
  Sid: "Account",
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
  Action: "kms:*",
  Resource: "*",
};

describe("the emulator's encryption by key, where it is mended", function () {
  this.timeout(40_000);
  let bench: Bench;
  let root: S3Client;
  before(async () => {
    bench = await startBench();
    root = new S3Client({ ...clientConfig(bench), forcePathStyle: true });
  });
  after(() => bench?.stop());

  /** KMS by its own protocol, as root. */
  const kms = async (action: string, input: object): Promise<Record<string, never>> => {
    const response = await fetch(bench.ministack, {
      method: "POST",
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${bench.region}/kms/aws4_request, SignedHeaders=host, Signature=0`,
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `TrentService.${action}`,
      },
      body: JSON.stringify(input),
    });
    const text = await response.text();
    assert.ok(response.ok, text);
    return text === "" ? {} : JSON.parse(text);
  };
  const makeKey = async (...statements: object[]): Promise<{ arn: string; alias: string }> => {
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: statements });
    const { KeyMetadata } = (await kms("CreateKey", { Policy })) as unknown as {
      KeyMetadata: { KeyId: string; Arn: string };
    };
    const alias = `alias/${unique("key")}`;
    await kms("CreateAlias", { AliasName: alias, TargetKeyId: KeyMetadata.KeyId });
    return { arn: KeyMetadata.Arn, alias };
  };
  const bucketUnder = async (KMSMasterKeyID: string): Promise<string> => {
    const Bucket = unique("bucket");
    await root.send(new CreateBucketCommand({ Bucket }));
    const Rules = [
      {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" as const, KMSMasterKeyID },
        BucketKeyEnabled: true,
      },
    ];
    await root.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }));
    return Bucket;
  };
  const asRole = async (statements: Statement[]): Promise<{ s3: S3Client; sns: SNSClient; name: string }> => {
    const roleArn = await role(bench, "lambda.amazonaws.com", statements);
    const config = { ...clientConfig(bench), credentials: await session(bench, roleArn, "lambda.amazonaws.com") };
    return {
      s3: new S3Client({ ...config, forcePathStyle: true }),
      sns: new SNSClient(config),
      name: roleArn.split("/").at(-1) ?? "",
    };
  };
  const through = (alias: string, ...actions: string[]): Statement => ({
    Action: actions,
    Resource: `arn:aws:kms:${bench.region}:${ACCOUNT}:key/*`,
    Condition: {
      StringEquals: { "kms:ViaService": `s3.${bench.region}.amazonaws.com` },
      "ForAnyValue:StringLike": { "kms:ResourceAliases": alias },
    },
  });
  const denied = (action: string, key: string) => ({
    name: "AccessDenied",
    message: new RegExp(
      `^User: arn:aws:sts::${ACCOUNT}:assumed-role/.* is not authorized to perform: ${action} on resource: ${key} ` +
        `because no identity-based policy allows the ${action} action$`,
    ),
  });

  it("writes to a bucket under a key only for who may make data keys with it", async () => {
    const key = await makeKey(account);
    const Bucket = await bucketUnder(key.arn);
    const { s3, name } = await asRole([{ Action: "s3:*" }]);
    const put = () => s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "x" }));
    await assert.rejects(put(), denied("kms:GenerateDataKey", key.arn));
    await allow(bench, name, [{ Action: "s3:*" }, through(key.alias, "kms:GenerateDataKey")]);
    await put();
    await allow(bench, name, [{ Action: "s3:*" }, through("alias/another", "kms:GenerateDataKey")]);
    await assert.rejects(put(), denied("kms:GenerateDataKey", key.arn));
    // Written under S3's own key instead, nobody asks for this one.
    await s3.send(new PutObjectCommand({ Bucket, Key: "b", Body: "x", ServerSideEncryption: "AES256" }));
  });

  it("reads what lies under a key only for who may decrypt with it", async () => {
    const key = await makeKey(account);
    const Bucket = await bucketUnder(key.alias);
    await root.send(new PutObjectCommand({ Bucket, Key: "a", Body: "x" }));
    const { s3, name } = await asRole([{ Action: "s3:*" }]);
    const get = () => s3.send(new GetObjectCommand({ Bucket, Key: "a" }));
    await assert.rejects(get(), denied("kms:Decrypt", key.arn));
    await allow(bench, name, [{ Action: "s3:*" }, through(key.alias, "kms:Decrypt")]);
    assert.equal(await (await get()).Body?.transformToString(), "x");
  });

  it("asks for both where an object comes in parts", async () => {
    const key = await makeKey(account);
    const Bucket = await bucketUnder(key.arn);
    const { s3, name } = await asRole([{ Action: "s3:*" }, through(key.alias, "kms:GenerateDataKey")]);
    const begin = () => s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "a" }));
    await assert.rejects(begin(), denied("kms:Decrypt", key.arn));
    await allow(bench, name, [{ Action: "s3:*" }, through(key.alias, "kms:GenerateDataKey", "kms:Decrypt")]);
    const { UploadId } = await begin();
    await s3.send(new UploadPartCommand({ Bucket, Key: "a", UploadId, PartNumber: 1, Body: "x" }));
  });

  it("counts the key's policy too: without the account in it, the account's policies are worth nothing", async () => {
    const elsewhere = { ...account, Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/somebody` } };
    const key = await makeKey(elsewhere);
    const Bucket = await bucketUnder(key.arn);
    const { s3 } = await asRole([{ Action: "s3:*" }, { Action: "kms:*" }]);
    await assert.rejects(s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "x" })), { name: "AccessDenied" });
  });

  it("publishes to an encrypted topic only for who may use its key", async () => {
    const key = await makeKey(account);
    const { TopicArn } = await new SNSClient(clientConfig(bench)).send(
      new CreateTopicCommand({ Name: unique("topic"), Attributes: { KmsMasterKeyId: key.alias } }),
    );
    const { sns, name } = await asRole([{ Action: "sns:Publish" }]);
    const publish = () => sns.send(new PublishCommand({ TopicArn, Message: "x" }));
    await assert.rejects(publish(), { message: denied("kms:GenerateDataKey", key.arn).message });
    await allow(bench, name, [{ Action: "sns:Publish" }, { Action: ["kms:GenerateDataKey", "kms:Decrypt"] }]);
    await publish();
  });

  it("puts a log group under a key only when the key lets CloudWatch Logs use it", async () => {
    const logs = new CloudWatchLogsClient(clientConfig(bench));
    const forLogs = {
      Effect: "Allow",
      Principal: { Service: `logs.${bench.region}.amazonaws.com` },
      Action: ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"],
      Resource: "*",
      Condition: {
        ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:${bench.region}:${ACCOUNT}:log-group:/mine/*` },
      },
    };
    const [closed, open] = [await makeKey(account), await makeKey(account, forLogs)];
    const create = (logGroupName: string, kmsKeyId: string) =>
      logs.send(new CreateLogGroupCommand({ logGroupName, kmsKeyId }));
    const refusal = {
      name: "InvalidParameterException",
      message: /^The specified KMS key does not exist or is not allowed to be used with LogGroup 'arn:aws:logs:/,
    };
    await assert.rejects(create("/mine/a", closed.arn), refusal);
    await assert.rejects(create("/yours/a", open.arn), refusal);
    await create("/mine/a", open.arn);
  });

  it("keeps a protected log group until its protection is taken away", async () => {
    const logs = new CloudWatchLogsClient(clientConfig(bench));
    const logGroupName = `/mine/${unique("log")}`;
    await logs.send(new CreateLogGroupCommand({ logGroupName, deletionProtectionEnabled: true }));
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }));
    assert.equal(logGroups?.[0]?.deletionProtectionEnabled, true);
    const remove = () => logs.send(new DeleteLogGroupCommand({ logGroupName }));
    await assert.rejects(remove(), { name: "ValidationException", message: /deletion protection is enabled/ });
    await logs.send(
      new PutLogGroupDeletionProtectionCommand({ logGroupIdentifier: logGroupName, deletionProtectionEnabled: false }),
    );
    await remove();
  });

  it("honours a permissions boundary: what it leaves out is denied, whatever is granted", async () => {
    const Bucket = unique("bucket");
    await root.send(new CreateBucketCommand({ Bucket }));
    const { s3, name } = await asRole([{ Action: "s3:*" }]);
    const Statement = [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }];
    const { Policy } = await bench.iam.send(
      new CreatePolicyCommand({
        PolicyName: unique("boundary"),
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
      }),
    );
    const put = () => s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "x" }));
    await put();
    await bench.iam.send(
      new PutRolePermissionsBoundaryCommand({ RoleName: name, PermissionsBoundary: Policy?.Arn ?? "" }),
    );
    await assert.rejects(put(), { name: "AccessDenied" });
    assert.equal(await (await s3.send(new GetObjectCommand({ Bucket, Key: "a" }))).Body?.transformToString(), "x");
  });
});
