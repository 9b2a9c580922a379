/** A function and the state machine that calls it, each with its log. The violating ones wait for ever and keep nothing. */
import * as cloudwatch from "@pulumi/aws/cloudwatch/index.js";
import * as lambda from "@pulumi/aws/lambda/index.js";
import * as sfn from "@pulumi/aws/sfn/index.js";
import { account, key, logGroup, region, roleArn, stage, tags, type Variant } from "./context.ts";
import { functionName, soundFunction } from "./functions.ts";
import { functionRole, workflowRole } from "./identity.ts";

const machineName = `guarded-${stage}-train`;
const kept = { retentionInDays: 365, kmsKeyId: key };

/** The function that cleans the data, and the log of all functions. */
export function cleaning(variant: Variant): void {
  const good = variant === "compliant";
  new cloudwatch.LogGroup("functions", { name: logGroup, ...(good ? kept : {}), tags: tags("workflow") });
  if (good) {
    soundFunction("clean", { component: "workflow", role: functionRole, timeout: 60, variables: {} });
    return;
  }
  new lambda.Function("clean", {
    name: functionName("clean"),
    role: roleArn(functionRole),
    runtime: "nodejs16.x",
    handler: "index.handler",
    s3Bucket: `guarded-${stage}-code-${account}`,
    s3Key: "clean/4f1c.zip",
    environment: { variables: { STAGE: stage, DB_PASSWORD: "correct-horse-battery-9" } },
    tags: tags("workflow"),
  });
}

/** The state machine that runs it. */
export function training(variant: Variant): void {
  const good = variant === "compliant";
  const guarded = {
    TimeoutSeconds: 120,
    Retry: [{ ErrorEquals: ["Lambda.ServiceException", "Lambda.TooManyRequestsException"], MaxAttempts: 3 }],
    Catch: [{ ErrorEquals: ["States.ALL"], Next: "Failed" }],
  };
  const logs = `/aws/vendedlogs/states/${machineName}`;
  if (good) new cloudwatch.LogGroup("train", { name: logs, ...kept, tags: tags("workflow") });
  new sfn.StateMachine("train", {
    name: machineName,
    roleArn: roleArn(workflowRole),
    definition: JSON.stringify({
      StartAt: "Clean",
      ...(good ? { TimeoutSeconds: 3600 } : {}),
      States: {
        Clean: {
          Type: "Task",
          Resource: "arn:aws:states:::lambda:invoke",
          Parameters: { FunctionName: functionName("clean") },
          ...(good ? guarded : {}),
          End: true,
        },
        Failed: { Type: "Fail", Error: "TrainingFailed" },
      },
    }),
    ...(good
      ? {
          loggingConfiguration: {
            level: "ALL",
            includeExecutionData: true,
            logDestination: `arn:aws:logs:${region}:${account}:log-group:${logs}:*`,
          },
          tracingConfiguration: { enabled: true },
        }
      : {}),
    tags: tags("workflow"),
  });
}
