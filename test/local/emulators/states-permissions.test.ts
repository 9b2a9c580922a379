import assert from "node:assert/strict";
import { CloudFormationClient, CreateStackCommand, DescribeStackEventsCommand } from "@aws-sdk/client-cloudformation";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import {
  ACCOUNT,
  type Bench,
  clientConfig,
  execute,
  machine,
  nodeFunction,
  oneTask,
  role,
  runTask,
  type Statement,
  startBench,
  unique,
  until,
} from "./support.ts";

const AWS = "arn:aws:states:::";
const denied = (action: string, resource: string): RegExp =>
  new RegExp(
    `^User: arn:aws:sts::${ACCOUNT}:assumed-role/role-[^/]+/Work is not authorized to perform: ${action} on resource: ` +
      `${resource.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")} because no identity-based policy allows the ${action} action \\(`,
    "i",
  );

describe("Step Functions under the state machine's role", function () {
  this.timeout(40_000);
  let bench: Bench;
  let functionArn: string;
  let topicArn: string;
  before(async () => {
    bench = await startBench();
    const config = clientConfig(bench);
    functionArn = await nodeFunction(bench, "return { got: event }");
    topicArn = (await new SNSClient(config).send(new CreateTopicCommand({ Name: "topic" }))).TopicArn ?? "";
    await new DynamoDBClient(config).send(
      new CreateTableCommand({
        TableName: "table",
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      }),
    );
    await new SSMClient(config).send(new PutParameterCommand({ Name: "/a/b", Value: "v", Type: "String" }));
  });
  after(() => bench?.stop());

  interface Case {
    readonly title: string;
    readonly task: () => Record<string, unknown>;
    readonly grant: () => Statement[];
    readonly error: string;
    readonly cause: () => RegExp;
  }
  const item = { id: { S: "1" } };
  const table = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/table`;
  const bus = `arn:aws:events:us-east-1:${ACCOUNT}:event-bus/default`;
  const parameter = `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/a/b`;
  const cases: Case[] = [
    {
      title: "lambda:invoke",
      task: () => ({ Resource: `${AWS}lambda:invoke`, Arguments: { FunctionName: functionArn, Payload: { a: 1 } } }),
      grant: () => [{ Action: "lambda:InvokeFunction", Resource: functionArn }],
      error: "Lambda.AWSLambdaException",
      cause: () => denied("lambda:InvokeFunction", functionArn),
    },
    {
      title: "a Task on a function's ARN",
      task: () => ({ Resource: functionArn, Arguments: { a: 1 } }),
      grant: () => [{ Action: "lambda:InvokeFunction", Resource: functionArn }],
      error: "Lambda.AWSLambdaException",
      cause: () => denied("lambda:InvokeFunction", functionArn),
    },
    {
      title: "sns:publish",
      task: () => ({ Resource: `${AWS}sns:publish`, Arguments: { TopicArn: topicArn, Message: "m" } }),
      grant: () => [{ Action: "sns:Publish", Resource: topicArn }],
      error: "SNS.AuthorizationErrorException",
      cause: () => denied("sns:Publish", topicArn),
    },
    {
      title: "dynamodb:putItem",
      task: () => ({ Resource: `${AWS}dynamodb:putItem`, Arguments: { TableName: "table", Item: item } }),
      grant: () => [{ Action: "dynamodb:PutItem", Resource: table }],
      error: "DynamoDB.AmazonDynamoDBException",
      cause: () => denied("dynamodb:PutItem", table),
    },
    {
      title: "events:putEvents",
      task: () => ({
        Resource: `${AWS}events:putEvents`,
        Arguments: { Entries: [{ Source: "mine", DetailType: "t", Detail: "{}" }] },
      }),
      grant: () => [{ Action: "events:PutEvents", Resource: bus }],
      error: "EventBridge.AccessDeniedException",
      cause: () => denied("events:PutEvents", bus),
    },
    {
      title: "aws-sdk:dynamodb:query",
      task: () => ({
        Resource: `${AWS}aws-sdk:dynamodb:query`,
        Arguments: {
          TableName: "table",
          KeyConditionExpression: "id = :i",
          ExpressionAttributeValues: { ":i": { S: "1" } },
        },
      }),
      grant: () => [{ Action: "dynamodb:Query", Resource: table }],
      error: "DynamoDb.DynamoDbException",
      cause: () => denied("dynamodb:Query", table),
    },
    {
      title: "aws-sdk:ssm:getParameter",
      task: () => ({ Resource: `${AWS}aws-sdk:ssm:getParameter`, Arguments: { Name: "/a/b" } }),
      grant: () => [{ Action: "ssm:GetParameter", Resource: parameter }],
      error: "Ssm.AccessDeniedException",
      cause: () => denied("ssm:GetParameter", parameter),
    },
    {
      title: "aws-sdk:sns:publish",
      task: () => ({ Resource: `${AWS}aws-sdk:sns:publish`, Arguments: { TopicArn: topicArn, Message: "m" } }),
      grant: () => [{ Action: "sns:Publish", Resource: topicArn }],
      error: "Sns.AuthorizationErrorException",
      cause: () => denied("sns:Publish", topicArn),
    },
  ];

  for (const { title, task, grant, error, cause } of cases) {
    it(`${title}: works with its grant, and is denied without as ${error}`, async () => {
      const granted = await runTask(bench, task(), grant());
      assert.equal(granted.status, "SUCCEEDED", `${granted.error}: ${granted.cause}`);
      const refused = await runTask(bench, task(), [{ Action: "s3:*" }]);
      assert.equal(refused.error, error, refused.cause);
      assert.match(refused.cause ?? "", cause());
    });
  }

  it("a denial is an ordinary task failure: States.TaskFailed and States.ALL catch it", async () => {
    for (const name of ["States.ALL", "States.TaskFailed", "Lambda.AWSLambdaException"]) {
      const definition = {
        QueryLanguage: "JSONata",
        StartAt: "Work",
        States: {
          Work: {
            Type: "Task",
            Resource: `${AWS}lambda:invoke`,
            Arguments: { FunctionName: functionArn },
            Catch: [{ ErrorEquals: [name], Next: "Caught", Output: "{% $states.errorOutput.Error %}" }],
            End: true,
          },
          Caught: { Type: "Succeed" },
        },
      };
      const arn = await machine(bench, definition, await role(bench, "states.amazonaws.com", []));
      assert.equal((await execute(bench, arn)).value, "Lambda.AWSLambdaException", name);
    }
  });

  it("the function's name, partial ARN and qualifier lead to the same resource", async () => {
    const name = functionArn.split(":").at(-1) ?? "";
    for (const reference of [name, `${ACCOUNT}:function:${name}`, functionArn]) {
      const task = { Resource: `${AWS}lambda:invoke`, Arguments: { FunctionName: reference, Payload: {} } };
      const outcome = await runTask(bench, task, []);
      assert.match(outcome.cause ?? "", denied("lambda:InvokeFunction", functionArn), reference);
    }
  });

  it("startExecution.sync needs the child's grants and the rule's", async () => {
    const child = await machine(
      bench,
      { StartAt: "End", States: { End: { Type: "Pass", Result: 5, End: true } } },
      await role(bench, "states.amazonaws.com", []),
    );
    const task = { Resource: `${AWS}states:startExecution.sync:2`, Arguments: { StateMachineArn: child, Input: {} } };
    const rule = `arn:aws:events:us-east-1:${ACCOUNT}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`;
    const managed = { Action: ["events:PutTargets", "events:PutRule", "events:DescribeRule"], Resource: rule };
    const executions = child.replace(":stateMachine:", ":execution:");
    const start = { Action: "states:StartExecution", Resource: child };
    const watch = { Action: ["states:DescribeExecution", "states:StopExecution"], Resource: `${executions}:*` };
    const good = await runTask(bench, task, [managed, start, watch]);
    assert.equal(good.status, "SUCCEEDED", good.cause);
    assert.equal((good.value as { Output: number }).Output, 5);
    const refused = await runTask(bench, task, [managed, start]);
    assert.equal(refused.error, "StepFunctions.AWSStepFunctionsException");
    assert.match(refused.cause ?? "", denied("states:DescribeExecution", `${executions}:*`));
    await assert.rejects(runTask(bench, task, [start, watch]), /is not authorized to create managed-rule/);
  });

  it("names service errors as AWS does", async () => {
    const all = [{ Action: "*" }];
    const put = {
      TableName: "table",
      Item: item,
      ConditionExpression: "attribute_not_exists(id) AND id = :no",
      ExpressionAttributeValues: { ":no": { S: "no" } },
    };
    const cases: [string, unknown, string][] = [
      ["dynamodb:putItem", put, "DynamoDB.ConditionalCheckFailedException"],
      ["dynamodb:putItem", { TableName: "missing", Item: item }, "DynamoDB.ResourceNotFoundException"],
      ["aws-sdk:dynamodb:putItem", put, "DynamoDb.ConditionalCheckFailedException"],
      ["aws-sdk:ssm:getParameter", { Name: "/none" }, "Ssm.ParameterNotFoundException"],
      ["sns:publish", { TopicArn: `${topicArn}-none`, Message: "m" }, "SNS.NotFoundException"],
      ["lambda:invoke", { FunctionName: "none" }, "Lambda.ResourceNotFoundException"],
    ];
    for (const [resource, Arguments, error] of cases) {
      const outcome = await runTask(bench, { Resource: AWS + resource, Arguments }, all);
      assert.equal(outcome.error, error, `${resource}: ${outcome.cause}`);
    }
  });

  it("refuses a machine whose role does not trust Step Functions", async () => {
    const roleArn = await role(bench, "lambda.amazonaws.com", [{ Action: "*" }]);
    await assert.rejects(machine(bench, oneTask({ Resource: functionArn }), roleArn), {
      name: "AccessDeniedException",
      message:
        "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the " +
        "provided role.",
    });
  });

  it("refuses it through CloudFormation too", async () => {
    const cloudformation = new CloudFormationClient(clientConfig(bench));
    const StackName = unique("stack");
    const TemplateBody = JSON.stringify({
      Resources: {
        Machine: {
          Type: "AWS::StepFunctions::StateMachine",
          Properties: {
            StateMachineName: unique("machine"),
            RoleArn: await role(bench, "states.amazonaws.com", []),
            DefinitionString: JSON.stringify(
              oneTask({ Resource: `${AWS}sagemaker:createTransformJob.sync`, Arguments: {} }),
            ),
          },
        },
      },
    });
    await cloudformation.send(new CreateStackCommand({ StackName, TemplateBody }));
    let reason = "";
    await until("the failed resource", async () => {
      const { StackEvents } = await cloudformation.send(new DescribeStackEventsCommand({ StackName }));
      const failed = StackEvents?.find((event) => event.ResourceStatus === "CREATE_FAILED");
      reason = failed?.ResourceStatusReason ?? "";
      return reason !== "";
    });
    assert.match(reason, /is not authorized to create managed-rule.*Error Code: AccessDeniedException/);
  });
});
