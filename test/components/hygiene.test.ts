import assert from "node:assert/strict";
import type { Statement } from "../../contracts/iam.ts";
import { account, type Estate, runProgram, tagsOf } from "./estate.ts";

/** Types that AWS does not let anybody tag. */
const untaggable = [
  "aws-native:apigatewayv2:Integration",
  "aws-native:apigatewayv2:Route",
  "aws-native:iam:ManagedPolicy",
  "aws-native:kms:Alias",
  "aws-native:lambda:EventInvokeConfig",
  "aws-native:lambda:Permission",
  "aws-native:s3:BucketPolicy",
  "aws-native:scheduler:Schedule",
  "aws-native:sns:Subscription",
  "aws-native:sns:TopicPolicy",
  "aws-native:sqs:QueueInlinePolicy",
];

describe("the estate: tags, names, buckets", () => {
  let estate: Estate;
  before(async function () {
    this.timeout(60_000);
    estate = await runProgram("dev", { "frugal-mlops:alarms": { email: "ops@example.com" } });
  });

  it("tags everything that can be tagged, from one place", () => {
    for (const resource of estate.resources) {
      if (resource.type.startsWith("frugal:")) continue;
      if (untaggable.includes(resource.type)) {
        assert.equal(resource.inputs.tags, undefined, resource.name);
        continue;
      }
      const tags = tagsOf(resource);
      assert.equal(tags["frugal:stage"], "dev", `${resource.type} ${resource.name}`);
      assert.equal(tags["frugal:project"], "frugal-mlops");
      assert.equal(tags["frugal:owner"], "ml-team");
      assert.match(
        tags["frugal:component"] ?? "",
        /^(safeguards|notices|code|dataset|registry|lineage|training|sandbox|approval|submission|deployment|parameters)$/,
      );
    }
  });

  it("gives every physical name the stage, and none twice", () => {
    const nameKeys = [
      "bucketName",
      "roleName",
      "functionName",
      "stateMachineName",
      "tableName",
      "queueName",
      "topicName",
      "alarmName",
      "modelPackageGroupName",
      "managedPolicyName",
      "logGroupName",
    ];
    const names = estate.resources.flatMap(({ type, inputs }) =>
      nameKeys
        .filter((key) => inputs[key] !== undefined && !/Permission|EventInvokeConfig|BucketPolicy/.test(type))
        .map((key) => `${type} ${inputs[key]}`),
    );
    assert.ok(names.length > 40);
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /frugal-dev-/);
  });

  it("keeps its buckets private, versioned, encrypted, TLS only and tidy", () => {
    const buckets = estate.of("aws-native:s3:Bucket");
    assert.deepEqual(buckets.map(({ inputs }) => inputs.bucketName).sort(), [
      `frugal-dev-artifacts-${account}-us-east-1`,
      `frugal-dev-code-${account}-us-east-1`,
      `frugal-dev-data-${account}-us-east-1`,
    ]);
    for (const { inputs, name } of buckets) {
      assert.deepEqual(Object.values(inputs.publicAccessBlockConfiguration), [true, true, true, true]);
      assert.equal(inputs.versioningConfiguration.status, "Enabled");
      const [rule] = inputs.bucketEncryption.serverSideEncryptionConfiguration;
      assert.equal(rule.serverSideEncryptionByDefault.sseAlgorithm, "AES256");
      assert.equal(inputs.lifecycleConfiguration.rules[0].abortIncompleteMultipartUpload.daysAfterInitiation, 7);
      const { policyDocument, bucket } = estate.named("aws-native:s3:BucketPolicy", `${name}-policy`).inputs;
      assert.equal(bucket, inputs.bucketName);
      assert.deepEqual(policyDocument.Statement[0].Condition, { Bool: { "aws:SecureTransport": "false" } });
    }
  });

  it("lets published datasets and stored artefacts be written once", () => {
    const protectedKeys = ["data", "artifacts"].map((role) => {
      const { policyDocument } = estate.named("aws-native:s3:BucketPolicy", `${role}-bucket-policy`).inputs;
      return policyDocument.Statement.find(({ Sid }: Statement) => Sid === "DenyOverwriting").Resource;
    });
    assert.deepEqual(protectedKeys, [
      `arn:aws:s3:::frugal-dev-data-${account}-us-east-1/datasets/*`,
      ["models/sha256/*", "sources/*", "training/*"].map(
        (keys) => `arn:aws:s3:::frugal-dev-artifacts-${account}-us-east-1/${keys}`,
      ),
    ]);
  });

  it("is disposable: nothing is protected, and no endpoint is declared", () => {
    assert.deepEqual(
      estate.resources.filter(({ protect }) => protect).map(({ name }) => name),
      [],
    );
    assert.deepEqual(estate.of("aws-native:sagemaker:Endpoint"), []);
  });
});
