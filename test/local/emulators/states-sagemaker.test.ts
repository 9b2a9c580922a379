import assert from "node:assert/strict";
import { StartExecutionCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import {
  ACCOUNT,
  allow,
  ask,
  type Bench,
  calls,
  ending,
  execute,
  machine,
  oneTask,
  operations,
  resetStub,
  role,
  runTask,
  type Statement,
  script,
  startBench,
  until,
} from "./support.ts";

const RULE = `arn:aws:events:us-east-1:${ACCOUNT}:rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule`;
const JOB = `arn:aws:sagemaker:us-east-1:${ACCOUNT}:training-job/t1`;
const managed: Statement = { Action: ["events:PutTargets", "events:PutRule", "events:DescribeRule"], Resource: RULE };
const jobs: Statement = {
  Action: ["sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob"],
  Resource: `arn:aws:sagemaker:us-east-1:${ACCOUNT}:training-job/*`,
};
const tags: Statement = { Action: ["sagemaker:AddTags", "sagemaker:ListTags"], Resource: "*" };
const sync: Statement[] = [managed, jobs, tags];

const request = {
  TrainingJobName: "t1",
  AlgorithmSpecification: { TrainingImage: "image", TrainingInputMode: "File" },
  RoleArn: `arn:aws:iam::${ACCOUNT}:role/job`,
  OutputDataConfig: { S3OutputPath: "s3://bucket/out" },
  ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 5 },
  StoppingCondition: { MaxRuntimeInSeconds: 60 },
};
const training = { Resource: "arn:aws:states:::sagemaker:createTrainingJob.sync", Arguments: request };
const describing = (status: string, more: Record<string, unknown> = {}) => ({
  body: { TrainingJobName: "t1", TrainingJobArn: JOB, TrainingJobStatus: status, CreationTime: 1767225600.5, ...more },
});
const created = [{ body: { TrainingJobArn: JOB } }];

describe("Step Functions and SageMaker", function () {
  this.timeout(30_000);
  let bench: Bench;
  before(async () => {
    bench = await startBench();
  });
  after(() => bench?.stop());
  beforeEach(() => resetStub(bench));

  describe("createTrainingJob.sync", () => {
    it("polls until Completed and gives the description, times as epoch milliseconds", async () => {
      await script(bench, {
        CreateTrainingJob: created,
        DescribeTrainingJob: [describing("InProgress"), describing("InProgress"), describing("Completed")],
      });
      const outcome = await runTask(bench, training, sync);
      assert.equal(outcome.status, "SUCCEEDED", outcome.cause);
      assert.deepEqual(outcome.value, {
        TrainingJobName: "t1",
        TrainingJobArn: JOB,
        TrainingJobStatus: "Completed",
        CreationTime: 1767225600500,
      });
      const [create, ...polls] = await calls(bench);
      assert.deepEqual(JSON.parse(create?.body ?? "").Tags, [
        { Key: "MANAGED_BY_AWS", Value: "STARTED_BY_STEP_FUNCTIONS" },
      ]);
      assert.deepEqual(
        polls.map((call) => call.operation),
        ["DescribeTrainingJob", "DescribeTrainingJob", "DescribeTrainingJob"],
      );
    });

    it("keeps the tags it was given beside its own", async () => {
      await script(bench, { CreateTrainingJob: created, DescribeTrainingJob: [describing("Completed")] });
      const own = [{ Key: "team", Value: "blue" }];
      await runTask(bench, { ...training, Arguments: { ...request, Tags: own } }, sync);
      const [create] = await calls(bench);
      assert.deepEqual(JSON.parse(create?.body ?? "").Tags, [
        ...own,
        { Key: "MANAGED_BY_AWS", Value: "STARTED_BY_STEP_FUNCTIONS" },
      ]);
    });

    for (const status of ["Failed", "Stopped"]) {
      it(`fails with States.TaskFailed and the description when the job ends ${status}`, async () => {
        await script(bench, {
          CreateTrainingJob: created,
          DescribeTrainingJob: [describing(status, { FailureReason: "AlgorithmError: boom" })],
        });
        const outcome = await runTask(bench, training, sync);
        assert.equal(outcome.status, "FAILED");
        assert.equal(outcome.error, "States.TaskFailed");
        const cause = JSON.parse(outcome.cause ?? "");
        assert.equal(cause.TrainingJobStatus, status);
        assert.equal(cause.FailureReason, "AlgorithmError: boom");
      });
    }

    it("signs with a session of the machine's role, which the evaluator verifies", async () => {
      await script(bench, { CreateTrainingJob: created, DescribeTrainingJob: [describing("Completed")] });
      const roleArn = await role(bench, "states.amazonaws.com", sync);
      await execute(bench, await machine(bench, oneTask(training), roleArn));
      const [create] = await calls(bench);
      assert.ok(create);
      const accessKeyId = /Credential=([^/]+)\//.exec(create.headers.authorization ?? "")?.[1];
      const question = (body: string) => ({
        accessKeyId,
        action: "sagemaker:CreateTrainingJob",
        resource: JOB,
        request: { ...create, query: "", body: Buffer.from(body).toString("base64") },
      });
      const principalArn = `arn:aws:sts::${ACCOUNT}:assumed-role/${roleArn.split("/")[1]}/Work`;
      assert.deepEqual(await ask(bench, "authorize", question(create.body)), {
        httpStatus: 200,
        allowed: true,
        principalArn,
      });
      const forged = await ask(bench, "authorize", question(`${create.body} `));
      assert.equal(forged.allowed, false);
      assert.equal(forged.code, "InvalidSignatureException");
    });

    it("stops the job and fails with States.Timeout when TimeoutSeconds are over", async () => {
      await script(bench, {
        CreateTrainingJob: created,
        DescribeTrainingJob: [describing("InProgress")],
        StopTrainingJob: [{ body: {} }],
      });
      const definition = {
        QueryLanguage: "JSONata",
        StartAt: "Work",
        States: {
          Work: {
            Type: "Task",
            ...training,
            TimeoutSeconds: "{% $states.input.limit %}",
            Catch: [{ ErrorEquals: ["States.Timeout"], Next: "Late", Output: "{% $states.errorOutput %}" }],
            End: true,
          },
          Late: { Type: "Succeed" },
        },
      };
      const arn = await machine(bench, definition, await role(bench, "states.amazonaws.com", sync));
      const outcome = await execute(bench, arn, { limit: 1 });
      assert.deepEqual(outcome.value, { Error: "States.Timeout", Cause: "" });
      await until("StopTrainingJob", async () => (await operations(bench)).includes("StopTrainingJob"));
    });

    it("stops the job on StopExecution; the execution stays ABORTED", async () => {
      await script(bench, {
        CreateTrainingJob: created,
        DescribeTrainingJob: [describing("InProgress")],
        StopTrainingJob: [{ body: {} }],
      });
      const stateMachineArn = await machine(bench, oneTask(training), await role(bench, "states.amazonaws.com", sync));
      const { executionArn } = await bench.sfn.send(new StartExecutionCommand({ stateMachineArn }));
      await until("the first poll", async () => (await operations(bench)).includes("DescribeTrainingJob"));
      await bench.sfn.send(new StopExecutionCommand({ executionArn, cause: "enough" }));
      await until("StopTrainingJob", async () => (await operations(bench)).includes("StopTrainingJob"));
      const outcome = await ending(bench, executionArn ?? "");
      assert.equal(outcome.status, "ABORTED");
      assert.equal(outcome.cause, "enough");
    });

    it("stops the job when a sibling branch fails", async () => {
      await script(bench, {
        CreateTrainingJob: created,
        DescribeTrainingJob: [describing("InProgress")],
        StopTrainingJob: [{ body: {} }],
      });
      const branch = (state: Record<string, unknown>) => ({ StartAt: "Work", States: { Work: state } });
      const definition = {
        QueryLanguage: "JSONata",
        StartAt: "Both",
        States: {
          Both: {
            Type: "Parallel",
            End: true,
            Branches: [
              branch({ Type: "Task", End: true, ...training }),
              {
                StartAt: "Pause",
                States: {
                  Pause: { Type: "Wait", Seconds: 40, Next: "Fail" },
                  Fail: { Type: "Fail", Error: "Sibling", Cause: "gave up" },
                },
              },
            ],
          },
        },
      };
      const outcome = await execute(
        bench,
        await machine(bench, definition, await role(bench, "states.amazonaws.com", sync)),
      );
      assert.equal(outcome.error, "Sibling");
      await until("StopTrainingJob", async () => (await operations(bench)).includes("StopTrainingJob"));
    });

    it("refuses to create a machine whose role may not manage the rule, in AWS's words", async () => {
      const roleArn = await role(bench, "states.amazonaws.com", [jobs, tags]);
      await assert.rejects(machine(bench, oneTask(training), roleArn), {
        name: "AccessDeniedException",
        message: `'${roleArn}' is not authorized to create managed-rule.`,
      });
    });

    it("fails the task when the rule grants are taken away later", async () => {
      const roleArn = await role(bench, "states.amazonaws.com", sync);
      const arn = await machine(bench, oneTask(training), roleArn);
      await allow(bench, roleArn.split("/")[1] ?? "", [jobs, tags]);
      const outcome = await execute(bench, arn);
      assert.equal(outcome.error, "States.Permissions");
      assert.match(outcome.cause ?? "", /is not authorized to create managed-rule/);
      assert.deepEqual(await operations(bench), []);
    });

    it("needs sagemaker:AddTags, because Step Functions tags the job", async () => {
      const outcome = await runTask(bench, training, [managed, jobs]);
      assert.equal(outcome.error, "SageMaker.AmazonSageMakerException");
      assert.match(
        outcome.cause ?? "",
        new RegExp(
          `^User: arn:aws:sts::${ACCOUNT}:assumed-role/role-[^/]+/Work is not authorized to perform: sagemaker:AddTags on ` +
            `resource: ${JOB} because no identity-based policy allows the sagemaker:AddTags action \\(Service: ` +
            "AmazonSageMaker; Status Code: 400; Error Code: AccessDeniedException; Request ID: [0-9a-f-]+; Proxy: null\\)$",
        ),
      );
    });
  });

  describe("request and response", () => {
    const model = {
      Resource: "arn:aws:states:::sagemaker:createModel",
      Arguments: { ModelName: "m1", ExecutionRoleArn: `arn:aws:iam::${ACCOUNT}:role/model` },
    };
    const any: Statement[] = [{ Action: "sagemaker:*" }];

    it("gives the response, and the exchange as optimised integrations do", async () => {
      await script(bench, { CreateModel: [{ body: { ModelArn: "arn:m1" } }] });
      const outcome = await runTask(bench, model, any);
      assert.deepEqual(outcome.value, {
        ModelArn: "arn:m1",
        SdkHttpMetadata: { HttpStatusCode: 200 },
        SdkResponseMetadata: { RequestId: "stub-request" },
      });
    });

    for (const [code, optimised, sdk] of [
      ["ResourceLimitExceeded", "SageMaker.ResourceLimitExceededException", "SageMaker.ResourceLimitExceededException"],
      ["ResourceInUse", "SageMaker.ResourceInUseException", "SageMaker.ResourceInUseException"],
      ["ValidationException", "SageMaker.AmazonSageMakerException", "SageMaker.SageMakerException"],
      ["ThrottlingException", "SageMaker.AmazonSageMakerException", "SageMaker.SageMakerException"],
      ["AccessDeniedException", "SageMaker.AmazonSageMakerException", "SageMaker.SageMakerException"],
      ["ConflictException", "SageMaker.ConflictException", "SageMaker.ConflictException"],
    ] as const) {
      it(`names ${code} ${optimised}, by the SDK ${sdk}`, async () => {
        await script(bench, { CreateModel: [{ status: 400, body: { __type: code, message: "no" } }] });
        const first = await runTask(bench, model, any);
        assert.equal(first.error, optimised);
        assert.match(first.cause ?? "", /^no \(Service: AmazonSageMaker; Status Code: 400; Error Code: /);
        const second = await runTask(
          bench,
          { ...model, Resource: "arn:aws:states:::aws-sdk:sagemaker:createModel" },
          any,
        );
        assert.equal(second.error, sdk);
        assert.match(second.cause ?? "", /^no \(Service: SageMaker, Status Code: 400, Request ID: stub-request\)$/);
      });
    }

    it("refuses parameters the API does not have; no wildcard catches that", async () => {
      const outcome = await runTask(
        bench,
        {
          ...model,
          Arguments: { ModelNam: "m1" },
          Catch: [{ ErrorEquals: ["States.ALL"], Next: "Work" }],
        },
        any,
      );
      assert.equal(outcome.error, "States.Runtime");
      assert.match(
        outcome.cause ?? "",
        /^An error occurred while executing the state 'Work' \(entered at the event id #2\)\. The Parameters '\{"ModelNam":"m1"\}' could not be used to start the Task: \[The field 'ModelName' is required but was missing, The field 'ModelNam' is not supported by Step Functions\]$/,
      );
      assert.deepEqual(await operations(bench), []);
    });

    it("has the generic name for an answer nobody can read", async () => {
      await script(bench, { CreateModel: [{ status: 500, body: "not json" }] });
      const outcome = await runTask(bench, model, any);
      assert.equal(outcome.error, "SageMaker.AmazonSageMakerException");
    });

    it("refuses integrations that AWS does not have, when the machine is created", async () => {
      const roleArn = await role(bench, "states.amazonaws.com", any);
      for (const resource of [
        "sagemaker:createModel.sync",
        "sagemaker:describeEndpoint",
        "sagemaker:createTrainingJob.waitForTaskToken",
        "aws-sdk:sagemaker:createNothing",
        "aws-sdk:sagemaker:CreateModel",
      ]) {
        await assert.rejects(
          machine(bench, oneTask({ Resource: `arn:aws:states:::${resource}` }), roleArn),
          (error: Error) =>
            error.name === "InvalidDefinition" &&
            error.message.includes(`The resource provided arn:aws:states:::${resource} is not recognized`) &&
            error.message.includes("at /States/Work/Resource"),
          resource,
        );
      }
    });
  });

  it("calls SDK operations with ISO times in the result", async () => {
    await script(bench, {
      DescribeEndpoint: [{ body: { EndpointName: "e1", EndpointStatus: "InService", CreationTime: 1767225600.25 } }],
    });
    const outcome = await runTask(
      bench,
      { Resource: "arn:aws:states:::aws-sdk:sagemaker:describeEndpoint", Arguments: { EndpointName: "e1" } },
      [{ Action: "sagemaker:DescribeEndpoint" }],
    );
    assert.deepEqual(outcome.value, {
      EndpointName: "e1",
      EndpointStatus: "InService",
      CreationTime: "2026-01-01T00:00:00.250Z",
    });
  });

  it("invokes endpoints; bodies go and come as text", async () => {
    await script(bench, { InvokeEndpoint: [{ body: "0.7\n" }] });
    const outcome = await runTask(
      bench,
      {
        Resource: "arn:aws:states:::aws-sdk:sagemakerruntime:invokeEndpoint",
        Arguments: { EndpointName: "e1", ContentType: "application/json", Body: { x: [1, 2] } },
      },
      [{ Action: "sagemaker:InvokeEndpoint" }],
    );
    assert.equal((outcome.value as { Body: string }).Body, "0.7\n", outcome.cause);
    const [call] = await calls(bench);
    assert.equal(call?.path, "/endpoints/e1/invocations");
    assert.equal(call?.body, '{"x": [1, 2]}');
  });
});
