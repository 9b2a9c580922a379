import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Statement } from "../../contracts/iam.ts";
import { account, type Estate, pinnedArn, type Registered, runProgram } from "./estate.ts";

/** Types that AWS does not let anybody tag. */
const untaggable = [
  "aws-native:apigatewayv2:Integration",
  "aws-native:apigatewayv2:Route",
  "aws-native:iam:ManagedPolicy",
  "aws-native:lambda:EventInvokeConfig",
  "aws-native:lambda:Permission",
  "aws-native:s3:BucketPolicy",
  "aws-native:sns:Subscription",
  "aws-native:sns:TopicPolicy",
  "aws-native:sqs:QueueInlinePolicy",
];

/** Actions for which AWS knows no resource, so that "*" is the only one (AWS: service authorization reference). */
const withoutResource =
  /^(logs:(\w+LogDeliver\w+|PutResourcePolicy|DescribeResourcePolicies|DescribeLogGroups)|xray:\w+|ecr:GetAuthorizationToken|cloudwatch:PutMetricData|states:SendTaskSuccess|sagemaker:List(ModelPackages|Artifacts|Actions|Contexts))$/;

function tagsOf({ inputs }: Registered): Record<string, string> {
  if (!Array.isArray(inputs.tags)) return inputs.tags ?? {};
  return Object.fromEntries(inputs.tags.map(({ key, value }: { key: string; value: string }) => [key, value]));
}

function grantsOf({ inputs }: Registered): Statement[] {
  return inputs.policies.flatMap(
    ({ policyDocument }: { policyDocument: { Statement: Statement[] } }) => policyDocument.Statement,
  );
}

const list = (value: string | string[]) => [value].flat();

/** Roles (by their tag frugal:role) that are allowed an action. */
function holders(estate: Estate, action: string): string[] {
  return estate
    .of("aws-native:iam:Role")
    .filter((role) => grantsOf(role).some((grant) => grant.Effect === "Allow" && list(grant.Action).includes(action)))
    .map((role) => tagsOf(role)["frugal:role"] ?? "")
    .sort();
}

describe("the estate of stage dev", () => {
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
        /^(notices|code|dataset|registry|lineage|training|approval|submission|deployment|parameters)$/,
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
      `arn:aws:s3:::frugal-dev-artifacts-${account}-us-east-1/models/sha256/*`,
    ]);
  });

  it("gives each function its code by digest, a role, a log with an end, and its place in the order", async () => {
    const functions = estate.of("aws-native:lambda:Function");
    assert.equal(functions.length, 9);
    for (const { name, inputs, after } of functions) {
      assert.equal(inputs.functionName, `frugal-dev-${name}`);
      assert.equal(inputs.runtime, "nodejs24.x");
      assert.deepEqual(inputs.architectures, ["arm64"]);
      assert.equal(inputs.role, `arn:aws:iam::${account}:role/frugal-dev-${name}`);
      assert.ok(inputs.timeout > 0 && inputs.memorySize >= 128);
      assert.equal(inputs.environment.variables.STAGE, "dev");
      assert.equal(inputs.environment.variables.POWERTOOLS_SERVICE_NAME, name);

      const log = estate.named("aws-native:logs:LogGroup", `${name}-log`).inputs;
      assert.equal(inputs.loggingConfig.logGroup, log.logGroupName);
      assert.equal(log.retentionInDays, 30);

      const code = estate.named("aws:s3/bucketObjectv2:BucketObjectv2", `${name}-code`).inputs;
      const digest = createHash("sha256").update(readFileSync(await code.source.path)).digest("hex");
      assert.equal(code.key, `functions/${name}/${digest}.zip`);
      assert.equal(inputs.code.s3Key, code.key);
      assert.equal(inputs.code.s3Bucket, code.bucket);
      for (const first of [`${name}-log`, `${name}-role`, `${name}-code`])
        assert.ok(after.includes(first), `${name} after ${first}`);
    }
    const reserved = functions.filter(({ inputs }) => inputs.reservedConcurrentExecutions !== undefined);
    assert.deepEqual(
      reserved.map(({ name }) => name),
      ["decide-approval"],
    );
  });

  it("grants by the action and the resource, never by star", () => {
    for (const role of estate.of("aws-native:iam:Role")) {
      for (const grant of grantsOf(role)) {
        assert.equal(grant.Effect, "Allow");
        for (const action of list(grant.Action)) {
          assert.match(action, /^[a-z0-9-]+:[A-Z]\w+$/, `${role.name}: ${action}`);
          if (list(grant.Resource).includes("*")) assert.match(action, withoutResource, `${role.name}: ${action} on *`);
        }
      }
    }
  });

  it("conditions every trust and every call from a service", () => {
    for (const { name, inputs } of estate.of("aws-native:iam:Role")) {
      const [statement, ...more] = inputs.assumeRolePolicyDocument.Statement;
      assert.equal(more.length, 0);
      assert.equal(statement.Condition.StringEquals["aws:SourceAccount"], account, name);
    }
    for (const { name, inputs } of estate.of("aws-native:lambda:Permission")) {
      assert.match(inputs.sourceArn, new RegExp(`^arn:aws:(events|execute-api):us-east-1:${account}:`), name);
      assert.equal(inputs.sourceAccount, account);
    }
  });

  it("keeps the duties apart: who registers cannot approve, who approves cannot deploy", () => {
    assert.deepEqual(holders(estate, "sagemaker:UpdateModelPackage"), ["record-decision"]);
    assert.deepEqual(holders(estate, "sagemaker:CreateModelPackage"), ["submission-workflow"]);
    for (const action of ["CreateEndpoint", "UpdateEndpoint", "CreateEndpointConfig", "DeleteEndpoint"]) {
      assert.deepEqual(holders(estate, `sagemaker:${action}`), ["rollout-workflow"], action);
    }
    assert.deepEqual(holders(estate, "states:SendTaskSuccess"), ["decide-approval", "request-approval"]);
    assert.deepEqual(holders(estate, "iam:PassRole"), ["rollout-workflow", "submission-workflow"]);
  });

  it("bounds what a data scientist may train with", () => {
    const { policyDocument } = estate.of("aws-native:iam:ManagedPolicy")[0]?.inputs ?? {};
    const train = policyDocument.Statement.find(({ Sid }: Statement) => Sid === "TrainTraced");
    assert.deepEqual(train.Condition, {
      "ForAllValues:StringEquals": { "sagemaker:InstanceTypes": ["ml.m5.large"] },
      Null: { "sagemaker:InstanceTypes": "false" },
      NumericLessThanEquals: { "sagemaker:MaxRuntimeInSeconds": "3600" },
      StringLike: { "aws:RequestTag/frugal:dataset-version": "*@sha256:*" },
    });
  });

  it("opens two routes, throttled, and keeps the links' tokens out of the log", () => {
    assert.deepEqual(
      estate
        .of("aws-native:apigatewayv2:Route")
        .map(({ inputs }) => [inputs.routeKey, inputs.authorizationType, inputs.target]),
      [
        ["GET /approvals/{token}", "NONE", "integrations/int1"],
        ["POST /approvals/{token}", "NONE", "integrations/int1"],
      ],
    );
    const { inputs } = estate.named("aws-native:apigatewayv2:Stage", "approval-stage");
    assert.equal(inputs.stageName, "$default");
    assert.deepEqual(inputs.defaultRouteSettings, { throttlingRateLimit: 10, throttlingBurstLimit: 20 });
    assert.ok(!/path|\$context\.http|rawPath|requestUri/i.test(inputs.accessLogSettings.format));
    assert.deepEqual(Object.keys(JSON.parse(inputs.accessLogSettings.format)), [
      "requestId",
      "requestTime",
      "sourceIp",
      "routeKey",
      "status",
      "responseLength",
      "integrationError",
    ]);
    assert.equal(
      estate.named("aws-native:apigatewayv2:Integration", "approval-integration").inputs.payloadFormatVersion,
      "2.0",
    );
  });

  it("mails the approvers the API's address", () => {
    const { variables } = estate.named("aws-native:lambda:Function", "request-approval").inputs.environment;
    assert.equal(variables.APPROVAL_URL, "https://api1.execute-api.us-east-1.amazonaws.com");
    assert.deepEqual(JSON.parse(variables.APPROVERS), ["a@example.com", "b@example.com"]);
    assert.equal(variables.SUBMITTER_MAY_APPROVE, "false");
    assert.equal(estate.named("aws-native:ses:EmailIdentity", "sender").inputs.emailIdentity, variables.SENDER);
  });

  it("listens to what it must, and keeps what could not be delivered", () => {
    const rules = estate.of("aws-native:events:Rule");
    assert.deepEqual(rules.map(({ name }) => name).sort(), [
      "approved-rule",
      "lineage-endpoint-rule",
      "lineage-package-rule",
      "lineage-training-rule",
    ]);
    for (const { name, inputs } of rules) {
      assert.deepEqual(inputs.eventPattern.source, ["aws.sagemaker"]);
      assert.ok(JSON.stringify(inputs.eventPattern).length <= 4096);
      const [target] = inputs.targets;
      assert.equal(target.deadLetterConfig.arn, `arn:aws:sqs:us-east-1:${account}:frugal-dev-failed-events`, name);
      assert.ok(target.retryPolicy.maximumRetryAttempts <= 185);
    }
    // No filter on the status before: approvals that the API made do not carry it.
    assert.deepEqual(estate.named("aws-native:events:Rule", "approved-rule").inputs.eventPattern.detail, {
      ModelPackageGroupName: ["frugal-dev-breast-cancer"],
      ModelApprovalStatus: ["Approved"],
    });
    assert.deepEqual(
      estate
        .of("aws-native:lambda:EventInvokeConfig")
        .map(({ inputs }) => [inputs.functionName, inputs.destinationConfig.onFailure.destination]),
      ["record-lineage", "start-rollout"].map((name) => [
        `frugal-dev-${name}`,
        `arn:aws:sqs:us-east-1:${account}:frugal-dev-failed-events`,
      ]),
    );
  });

  it("runs its state machines with log, traces and a role that exists before", () => {
    const machines = estate.of("aws-native:stepfunctions:StateMachine");
    assert.deepEqual(machines.map(({ inputs }) => inputs.stateMachineName).sort(), [
      "frugal-dev-rollout",
      "frugal-dev-submission",
    ]);
    for (const { name, inputs, after } of machines) {
      assert.equal(JSON.parse(inputs.definitionString).QueryLanguage, "JSONata");
      assert.deepEqual(inputs.tracingConfiguration, { enabled: true });
      assert.equal(inputs.loggingConfiguration.level, "ERROR");
      assert.ok(after.includes(`${name}-role`) && after.includes(`${name}-log`), name);
    }
    const submission = estate.named("aws-native:stepfunctions:StateMachine", "submission-workflow");
    // Task tokens pass through it.
    assert.equal(submission.inputs.loggingConfiguration.includeExecutionData, false);
    for (const first of [
      "stage-artifact",
      "evaluate",
      "gate",
      "request-approval",
      "record-decision",
      "batch-test-role",
    ]) {
      assert.ok(submission.after.includes(first), `submission after ${first}`);
    }
  });

  it("has alarms that tell somebody", () => {
    const alarms = estate.of("aws-native:cloudwatch:Alarm");
    assert.deepEqual(alarms.map(({ name }) => name).sort(), [
      "failed-events-alarm",
      "rollout-failed-alarm",
      "submission-failed-alarm",
    ]);
    for (const { inputs } of alarms) {
      assert.deepEqual(inputs.alarmActions, [`arn:aws:sns:us-east-1:${account}:frugal-dev-notices`]);
      assert.equal(inputs.treatMissingData, "notBreaching");
      assert.match(inputs.alarmDescription, /Runbook: /);
    }
    assert.equal(estate.named("aws-native:sns:Subscription", "notices-mail").inputs.endpoint, "ops@example.com");
  });

  it("can be found by its parameters, and says the same in its outputs", () => {
    const values = Object.fromEntries(
      estate.of("aws-native:ssm:Parameter").map(({ inputs }) => [inputs.name, inputs.value]),
    );
    assert.deepEqual(values, {
      "/frugal/dev/data-bucket": `frugal-dev-data-${account}-us-east-1`,
      "/frugal/dev/artifact-bucket": `frugal-dev-artifacts-${account}-us-east-1`,
      "/frugal/dev/training-role-arn": `arn:aws:iam::${account}:role/frugal-dev-training`,
      "/frugal/dev/model-package-group": "frugal-dev-breast-cancer",
      "/frugal/dev/submission-state-machine-arn": `arn:aws:states:us-east-1:${account}:stateMachine:frugal-dev-submission`,
      "/frugal/dev/rollout-state-machine-arn": `arn:aws:states:us-east-1:${account}:stateMachine:frugal-dev-rollout`,
      "/frugal/dev/approval-url": "https://api1.execute-api.us-east-1.amazonaws.com",
      "/frugal/dev/endpoint-name": "frugal-dev-breast-cancer",
    });
    assert.equal(estate.outputs.approvalUrl, values["/frugal/dev/approval-url"]);
    assert.equal(estate.outputs.endpointName, "frugal-dev-breast-cancer");
  });

  it("is disposable: nothing is protected, and no endpoint is declared", () => {
    assert.deepEqual(
      estate.resources.filter(({ protect }) => protect).map(({ name }) => name),
      [],
    );
    assert.deepEqual(estate.of("aws-native:sagemaker:Endpoint"), []);
  });

  it("reserves nothing where the account has too little", async () => {
    const small = await runProgram("dev", {
      "frugal-mlops:approval": { approvers: ["a@example.com"], sender: "m@example.com", pageConcurrency: 0 },
    });
    const { inputs } = small.named("aws-native:lambda:Function", "decide-approval");
    assert.equal(inputs.reservedConcurrentExecutions, undefined);
  });
});

describe("the estate of stage prod", () => {
  const prod = { "frugal-mlops:protect": true, "frugal-mlops:logRetentionDays": 365 };
  const hex = "a".repeat(64);
  const record = {
    "frugal:dataset-version": `breast-cancer@sha256:${hex}`,
    "frugal:run": "baseline",
    "frugal:training-job": "baseline-1",
    "frugal:artifact-digest": `sha256:${hex}`,
    "frugal:artifact-uri": `s3://frugal-dev-artifacts-${account}-us-east-1/models/sha256/${hex}/model.tar.gz`,
  };
  const pinned = { ...prod, "frugal-mlops:deployment": { flow: "commit", modelPackageArn: pinnedArn } };

  it("protects data, artefacts, approvals and the registry, and serves nothing until a package is pinned", async () => {
    const estate = await runProgram("prod", { ...prod, "frugal-mlops:deployment": { flow: "commit" } });
    assert.deepEqual(
      estate.resources
        .filter(({ protect }) => protect)
        .map(({ name }) => name)
        .sort(),
      ["approvals", "artifacts-bucket", "code-bucket", "data-bucket", "packages"],
    );
    const { inputs } = estate.named("aws-native:dynamodb:Table", "approvals");
    assert.equal(inputs.deletionProtectionEnabled, true);
    assert.equal(inputs.pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled, true);
    for (const type of ["Model", "EndpointConfig", "Endpoint"])
      assert.deepEqual(estate.of(`aws-native:sagemaker:${type}`), []);
    // The commit deploys: no rule, no starter, no machine does.
    assert.deepEqual(
      estate.of("aws-native:stepfunctions:StateMachine").map(({ name }) => name),
      ["submission-workflow"],
    );
    assert.ok(!estate.of("aws-native:events:Rule").some(({ name }) => name === "approved-rule"));
    assert.equal(estate.outputs.rolloutStateMachineArn, undefined);
    for (const log of estate.of("aws-native:logs:LogGroup")) assert.equal(log.inputs.retentionInDays, 365);
  });

  it("serves the pinned package by its lineage, and reads that one artefact", async () => {
    const estate = await runProgram("prod", pinned, { [pinnedArn]: record });
    const model = estate.named("aws-native:sagemaker:Model", "model");
    const config = estate.named("aws-native:sagemaker:EndpointConfig", "endpoint-config");
    const endpoint = estate.named("aws-native:sagemaker:Endpoint", "endpoint");
    assert.equal(model.inputs.modelName, "frugal-prod-breast-cancer-v3");
    assert.deepEqual(model.inputs.primaryContainer, { modelPackageName: pinnedArn });
    assert.deepEqual(config.inputs.productionVariants, [
      {
        variantName: "AllTraffic",
        modelName: model.inputs.modelName,
        initialVariantWeight: 1,
        serverlessConfig: { memorySizeInMb: 2048, maxConcurrency: 2 },
      },
    ]);
    assert.equal(endpoint.inputs.endpointName, "frugal-prod-breast-cancer");
    assert.equal(endpoint.inputs.endpointConfigName, config.inputs.endpointConfigName);
    for (const resource of [model, config, endpoint]) {
      const tags = tagsOf(resource);
      assert.equal(tags["frugal:model-package"], pinnedArn);
      assert.equal(tags["frugal:artifact-digest"], record["frugal:artifact-digest"]);
      assert.equal(tags["frugal:dataset-version"], record["frugal:dataset-version"]);
      assert.equal(tags["frugal:stage"], "prod");
    }
    assert.ok(endpoint.after.includes("endpoint-config") && config.after.includes("model"));
    const reads = grantsOf(estate.named("aws-native:iam:Role", "serving-role")).find(
      ({ Sid }) => Sid === "ReadArtifact",
    );
    assert.deepEqual(reads?.Resource, [
      `arn:aws:s3:::frugal-dev-artifacts-${account}-us-east-1/models/sha256/${hex}/model.tar.gz`,
    ]);
    // Its lineage recorder may read the package of the other stage's group.
    const recorder = grantsOf(estate.named("aws-native:iam:Role", "record-lineage-role")).find(
      ({ Sid }) => Sid === "ReadPackage",
    );
    assert.deepEqual(
      list(recorder?.Resource ?? []).map((arn) => arn.split(":model-package/")[1]),
      ["frugal-prod-breast-cancer/*", "frugal-dev-breast-cancer/*"],
    );
  });

  it("names the configuration by its content, so that a change stands beside the old one", async () => {
    const name = async (serving: object) =>
      (await runProgram("prod", { ...pinned, "frugal-mlops:serving": serving }, { [pinnedArn]: record })).named(
        "aws-native:sagemaker:EndpointConfig",
        "endpoint-config",
      ).inputs.endpointConfigName;
    assert.equal(await name({ memoryMb: 2048, maxConcurrency: 2 }), "frugal-prod-breast-cancer-v3-2048-2");
    assert.equal(await name({ memoryMb: 3072, maxConcurrency: 2 }), "frugal-prod-breast-cancer-v3-3072-2");
  });

  it("refuses a pinned package without a true record, with the reason", async () => {
    await assert.rejects(
      runProgram("prod", pinned, { [pinnedArn]: { ...record, "frugal:artifact-digest": "sha256:short" } }),
      /the pinned package .*\/3 has no true lineage record: frugal:artifact-digest is "sha256:short", must be sha256:<64 hex>/,
    );
  });

  it("refuses a faulty configuration before anything is declared", async () => {
    await assert.rejects(runProgram("prod", { "frugal-mlops:gate": { minimum: 3 } }), {
      message: "Pulumi.prod.yaml: gate.minimum must be 0 to 1, got 3",
    });
  });
});
