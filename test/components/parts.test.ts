import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { EvaluationRules, GateRules } from "../../contracts/evaluation.ts";
import { catalogue } from "../../functions/catalogue.ts";
import { account, type Estate, runProgram } from "./estate.ts";

describe("the estate: functions, page, rules, machines, alarms, parameters", () => {
  let estate: Estate;
  before(async function () {
    this.timeout(60_000);
    estate = await runProgram("dev", { "frugal-mlops:alarms": { email: "ops@example.com" } });
  });

  it("gives each function its code by digest, a role, a log with an end, and its place in the order", async () => {
    const functions = estate.of("aws-native:lambda:Function");
    assert.equal(functions.length, catalogue.length);
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
      const digest = createHash("sha256")
        .update(readFileSync(await code.source.path))
        .digest("hex");
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

  it("opens three routes, throttled, one of them for programs that sign, and keeps the links' tokens out of the log", () => {
    assert.deepEqual(
      estate
        .of("aws-native:apigatewayv2:Route")
        .map(({ inputs }) => [inputs.routeKey, inputs.authorizationType, inputs.target]),
      [
        ["GET /approvals/{token}", "NONE", "integrations/int1"],
        ["POST /approvals/{token}", "NONE", "integrations/int1"],
        ["POST /decisions/{submissionId}", "AWS_IAM", "integrations/int1"],
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
      "lineage-processing-rule",
      "lineage-training-rule",
      "lineage-transform-rule",
      "submission-ended-rule",
    ]);
    for (const { name, inputs } of rules) {
      assert.deepEqual(inputs.eventPattern.source, [name === "submission-ended-rule" ? "aws.states" : "aws.sagemaker"]);
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
      ["record-lineage", "reconcile-lineage", "start-rollout"].map((name) => [
        `frugal-dev-${name}`,
        `arn:aws:sqs:us-east-1:${account}:frugal-dev-failed-events`,
      ]),
    );
  });

  it("runs its state machines with log, traces and a role that exists before", () => {
    const machines = estate.of("aws-native:stepfunctions:StateMachine");
    assert.deepEqual(machines.map(({ inputs }) => inputs.stateMachineName).sort(), [
      "frugal-dev-clean-up",
      "frugal-dev-rollout",
      "frugal-dev-submission",
      "frugal-dev-training",
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

  it("cleans up after the submission's own machine only, by a role that may start nothing else", () => {
    const [submission, cleanUp] = ["submission", "clean-up"].map(
      (name) => `arn:aws:states:us-east-1:${account}:stateMachine:frugal-dev-${name}`,
    );
    const { inputs, after } = estate.named("aws-native:events:Rule", "submission-ended-rule");
    assert.deepEqual(inputs.eventPattern, {
      source: ["aws.states"],
      "detail-type": ["Step Functions Execution Status Change"],
      detail: { stateMachineArn: [submission], status: ["ABORTED", "TIMED_OUT", "FAILED"] },
    });
    assert.equal(inputs.targets[0].arn, cleanUp);
    assert.ok(after.includes("clean-up-workflow") && after.includes("submission-ended-rule-role"), String(after));
    const role = estate.named("aws-native:iam:Role", "submission-ended-rule-role").inputs;
    assert.equal(inputs.targets[0].roleArn, `arn:aws:iam::${account}:role/${role.roleName}`);
    assert.deepEqual(
      role.policies[0].policyDocument.Statement.map(({ Action, Resource }: { Action: string; Resource: string }) => [
        Action,
        Resource,
      ]),
      [["states:StartExecution", cleanUp]],
    );
    assert.deepEqual(role.assumeRolePolicyDocument.Statement[0].Principal, { Service: "events.amazonaws.com" });
  });

  it("hands the stage's rules to the functions that judge", () => {
    const variables = (name: string) => estate.named("aws-native:lambda:Function", name).inputs.environment.variables;
    assert.deepEqual(EvaluationRules.parse(JSON.parse(variables("evaluate").EVALUATION)), {
      problem: "binary",
      metric: "rocAuc",
      threshold: 0.5,
      confidence: 0.95,
      sliceColumns: [],
    });
    const gate = GateRules.parse(JSON.parse(variables("gate").GATE));
    assert.deepEqual([gate.metric, gate.confidence, gate.slices.minimumSamples], ["rocAuc", 0.95, 30]);
    const { MODEL_NAME, PIPELINES } = variables("stage-artifact");
    assert.deepEqual([MODEL_NAME, PIPELINES], ["breast-cancer", "false"]);
  });

  it("has alarms that tell somebody", () => {
    const alarms = estate.of("aws-native:cloudwatch:Alarm");
    assert.deepEqual(alarms.map(({ name }) => name).sort(), [
      "clean-up-failed-alarm",
      "failed-events-alarm",
      "rollout-failed-alarm",
      "submission-failed-alarm",
      "training-failed-alarm",
    ]);
    const runbook = readFileSync(new URL("../../docs/RUNBOOK.md", import.meta.url), "utf8");
    const sections = [...runbook.matchAll(/^## (.+)$/gm)].map(
      ([, title]) => title?.toLowerCase().replaceAll(" ", "-") ?? "",
    );
    for (const { inputs } of alarms) {
      assert.deepEqual(inputs.alarmActions, [`arn:aws:sns:us-east-1:${account}:frugal-dev-notices`]);
      assert.equal(inputs.treatMissingData, "notBreaching");
      const section = /Runbook: docs\/RUNBOOK\.md#([a-z-]+)$/.exec(inputs.alarmDescription)?.[1];
      assert.ok(section && sections.includes(section), `${inputs.alarmDescription}: the runbook has ${sections}`);
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
      "/frugal/dev/training-state-machine-arn": `arn:aws:states:us-east-1:${account}:stateMachine:frugal-dev-training`,
      "/frugal/dev/model-package-group": "frugal-dev-breast-cancer",
      "/frugal/dev/submission-state-machine-arn": `arn:aws:states:us-east-1:${account}:stateMachine:frugal-dev-submission`,
      "/frugal/dev/rollout-state-machine-arn": `arn:aws:states:us-east-1:${account}:stateMachine:frugal-dev-rollout`,
      "/frugal/dev/approval-url": "https://api1.execute-api.us-east-1.amazonaws.com",
      "/frugal/dev/endpoint-name": "frugal-dev-breast-cancer",
    });
    assert.equal(estate.outputs.approvalUrl, values["/frugal/dev/approval-url"]);
    assert.equal(estate.outputs.endpointName, "frugal-dev-breast-cancer");
  });

  it("reserves nothing where the account has too little", async () => {
    const small = await runProgram("dev", {
      "frugal-mlops:approval": { approvers: ["a@example.com"], sender: "m@example.com", pageConcurrency: 0 },
    });
    const { inputs } = small.named("aws-native:lambda:Function", "decide-approval");
    assert.equal(inputs.reservedConcurrentExecutions, undefined);
  });
});
