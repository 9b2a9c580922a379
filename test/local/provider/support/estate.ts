/** A small estate with every kind of resource that the rehearsal's emulated services hold. */

import { getCallerIdentity } from "@pulumi/aws/getCallerIdentity.js";
import { BucketObjectv2 } from "@pulumi/aws/s3/bucketObjectv2.js";
import * as apigateway from "@pulumi/aws-native/apigatewayv2/index.js";
import * as cloudwatch from "@pulumi/aws-native/cloudwatch/index.js";
import * as dynamodb from "@pulumi/aws-native/dynamodb/index.js";
import * as events from "@pulumi/aws-native/events/index.js";
import * as iam from "@pulumi/aws-native/iam/index.js";
import * as kms from "@pulumi/aws-native/kms/index.js";
import * as lambda from "@pulumi/aws-native/lambda/index.js";
import * as logs from "@pulumi/aws-native/logs/index.js";
import * as s3 from "@pulumi/aws-native/s3/index.js";
import * as scheduler from "@pulumi/aws-native/scheduler/index.js";
import * as ses from "@pulumi/aws-native/ses/index.js";
import * as sns from "@pulumi/aws-native/sns/index.js";
import * as sqs from "@pulumi/aws-native/sqs/index.js";
import * as ssm from "@pulumi/aws-native/ssm/index.js";
import * as stepfunctions from "@pulumi/aws-native/stepfunctions/index.js";
import * as pulumi from "@pulumi/pulumi";

/** What the tests change. */
export interface Knobs {
  memorySize: number;
  code: string;
  functionName?: string;
  parameter: string;
  /** Seconds. */
  visibility: number;
}
export const knobs: Knobs = {
  memorySize: 256,
  code: "exports.handler = async () => 1",
  parameter: "one",
  visibility: 60,
};

const tags = [
  { key: "frugal:stage", value: "test" },
  { key: "a", value: "b" },
];
const document = (...statements: object[]) => ({ Version: "2012-10-17", Statement: statements });

/** The value of an output that every resource of the type has once it exists. */
function present<T>(value: pulumi.Output<T | undefined>): pulumi.Output<T> {
  return value as pulumi.Output<T>;
}

export async function estate(): Promise<Record<string, unknown>> {
  const { accountId } = await getCallerIdentity();

  const bucket = new s3.Bucket("data", {
    versioningConfiguration: { status: "Enabled" },
    publicAccessBlockConfiguration: {
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    bucketEncryption: {
      serverSideEncryptionConfiguration: [{ serverSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    },
    ownershipControls: { rules: [{ objectOwnership: "BucketOwnerEnforced" }] },
    notificationConfiguration: { eventBridgeConfiguration: { eventBridgeEnabled: true } },
    lifecycleConfiguration: {
      rules: [
        {
          id: "old",
          status: "Enabled",
          noncurrentVersionExpiration: { noncurrentDays: 30 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        },
      ],
    },
    corsConfiguration: {
      corsRules: [{ allowedMethods: ["GET"], allowedOrigins: ["https://example.com"], maxAge: 60 }],
    },
    tags,
  });
  const bucketName = present(bucket.bucketName);
  new s3.BucketPolicy("data", {
    bucket: bucketName,
    policyDocument: document({
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: [bucket.arn, pulumi.interpolate`${bucket.arn}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    }),
  });
  const text = new BucketObjectv2("text", {
    bucket: bucketName,
    key: "notes/a b.txt",
    source: new pulumi.asset.StringAsset(knobs.code),
    contentType: "text/plain",
  });

  const services = ["lambda", "states", "events", "scheduler"].map((name) => `${name}.amazonaws.com`);
  const role = new iam.Role("worker", {
    assumeRolePolicyDocument: document({ Effect: "Allow", Principal: { Service: services }, Action: "sts:AssumeRole" }),
    policies: [
      {
        policyName: "read",
        policyDocument: document({
          Effect: "Allow",
          Action: "s3:GetObject",
          Resource: pulumi.interpolate`${bucket.arn}/*`,
        }),
      },
    ],
    maxSessionDuration: 3600,
    tags,
  });
  const roleName = present(role.roleName);
  new iam.ManagedPolicy("logs", {
    policyDocument: document({ Effect: "Allow", Action: "logs:*", Resource: "*" }),
    roles: [roleName],
  });
  new iam.RolePolicy("more", {
    roleName,
    policyName: "more",
    policyDocument: document({ Effect: "Allow", Action: "s3:ListBucket", Resource: bucket.arn }),
  });

  const log = new logs.LogGroup("worker", { retentionInDays: 14, tags });
  const queue = new sqs.Queue("failed", { messageRetentionPeriod: 1209600, visibilityTimeout: knobs.visibility, tags });
  new sqs.QueueInlinePolicy("failed", {
    queue: queue.queueUrl,
    policyDocument: document({
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: queue.arn,
    }),
  });
  const fn = new lambda.Function("worker", {
    functionName: knobs.functionName,
    role: role.arn,
    runtime: "nodejs22.x",
    handler: "index.handler",
    code: { zipFile: knobs.code },
    memorySize: knobs.memorySize,
    timeout: 10,
    environment: { variables: { BUCKET: bucketName, TOKEN: pulumi.secret("hush") } },
    deadLetterConfig: { targetArn: queue.arn },
    reservedConcurrentExecutions: 2,
    loggingConfig: { logGroup: present(log.logGroupName), logFormat: "JSON" },
    tags,
  });
  const functionName = present(fn.functionName);
  new lambda.EventInvokeConfig("worker", {
    functionName,
    qualifier: "$LATEST",
    maximumRetryAttempts: 1,
    maximumEventAgeInSeconds: 600,
  });

  const flow = new stepfunctions.StateMachine("flow", {
    roleArn: role.arn,
    definition: { StartAt: "Work", States: { Work: { Type: "Task", Resource: fn.arn, End: true } } },
    tags,
  });
  const rule = new events.Rule("packages", {
    eventPattern: { source: ["aws.sagemaker"], "detail-type": ["SageMaker Model Package State Change"] },
    targets: [
      { id: "worker", arn: fn.arn },
      { id: "flow", arn: flow.arn, roleArn: role.arn, inputPath: "$.detail" },
    ],
  });
  new lambda.Permission("packages", {
    functionName,
    action: "lambda:InvokeFunction",
    principal: "events.amazonaws.com",
    sourceArn: rule.arn,
    sourceAccount: accountId,
  });
  new scheduler.Schedule("nightly", {
    scheduleExpression: "cron(0 3 * * ? *)",
    scheduleExpressionTimezone: "Europe/Berlin",
    flexibleTimeWindow: { mode: "OFF" },
    target: { arn: fn.arn, roleArn: role.arn, input: '{"a":1}', retryPolicy: { maximumRetryAttempts: 2 } },
  });

  const api = new apigateway.Api("page", {
    protocolType: "HTTP",
    corsConfiguration: { allowMethods: ["GET"], allowOrigins: ["*"] },
    tags: { a: "b" },
  });
  const integration = new apigateway.Integration("page", {
    apiId: api.apiId,
    integrationType: "AWS_PROXY",
    integrationUri: fn.arn,
    payloadFormatVersion: "2.0",
  });
  new apigateway.Route("page", {
    apiId: api.apiId,
    routeKey: "GET /page",
    target: pulumi.interpolate`integrations/${integration.integrationId}`,
  });
  new apigateway.Stage("page", {
    apiId: api.apiId,
    stageName: "$default",
    autoDeploy: true,
    defaultRouteSettings: { throttlingBurstLimit: 5, throttlingRateLimit: 10 },
  });

  new dynamodb.Table("decisions", {
    billingMode: "PAY_PER_REQUEST",
    keySchema: [{ attributeName: "pk", keyType: "HASH" }],
    attributeDefinitions: [
      { attributeName: "pk", attributeType: "S" },
      { attributeName: "by", attributeType: "S" },
    ],
    globalSecondaryIndexes: [
      { indexName: "by", keySchema: [{ attributeName: "by", keyType: "HASH" }], projection: { projectionType: "ALL" } },
    ],
    timeToLiveSpecification: { attributeName: "expires", enabled: true },
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    tags,
  });

  const topic = new sns.Topic("notices", { displayName: "Notices", kmsMasterKeyId: "alias/aws/sns", tags });
  new sns.TopicPolicy("notices", {
    topics: [topic.topicArn],
    policyDocument: document({
      Effect: "Allow",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: "sns:Publish",
      Resource: topic.topicArn,
    }),
  });
  new sns.Subscription("notices", {
    topicArn: topic.topicArn,
    protocol: "email",
    endpoint: "team@example.com",
    filterPolicy: { kind: ["alarm"] },
  });
  new ses.EmailIdentity("sender", { emailIdentity: "sender@example.com" });
  const parameter = new ssm.Parameter("where", {
    type: "String",
    value: knobs.parameter,
    description: "where things are",
    tags: { a: "b" },
  });
  new cloudwatch.Alarm("errors", {
    namespace: "AWS/Lambda",
    metricName: "Errors",
    dimensions: [{ name: "FunctionName", value: functionName }],
    statistic: "Sum",
    period: 60,
    evaluationPeriods: 1,
    threshold: 0.5,
    comparisonOperator: "GreaterThanThreshold",
    treatMissingData: "notBreaching",
    alarmActions: [topic.topicArn],
    alarmDescription: "errors",
    tags,
  });
  // A type without a reader of its own: its stack stands for it.
  const key = new kms.Key("key", {
    description: "a key",
    keyPolicy: document({
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: "kms:*",
      Resource: "*",
    }),
  });

  return {
    bucket: bucketName,
    bucketArn: bucket.arn,
    textVersion: text.versionId,
    role: roleName,
    roleArn: role.arn,
    function: functionName,
    functionArn: fn.arn,
    flow: flow.arn,
    rule: rule.arn,
    api: api.apiEndpoint,
    parameter: present(parameter.name),
    queue: queue.queueUrl,
    key: key.arn,
    integration: integration.id,
  };
}
