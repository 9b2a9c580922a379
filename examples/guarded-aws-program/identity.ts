/** Who may do what. The violating role may do everything, and anybody's SageMaker may take it. */
import * as iam from "@pulumi/aws/iam/index.js";
import { account, boundary, endpointName, logGroup, region, stage, tags, type Variant } from "./context.ts";
import { dataBucketName } from "./data.ts";
import { functionName } from "./functions.ts";

export const modelRoleName = `guarded-${stage}-model`;
export const workflowRole = `guarded-${stage}-workflow`;
export const functionRole = `guarded-${stage}-function`;
export const routerRole = `guarded-${stage}-router`;
export const scheduleRole = `guarded-${stage}-schedule`;

const document = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

/** A trust that holds for this account's own resources only. */
const trustedBy = (service: string): string =>
  document({
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sts:AssumeRole",
    Condition: { StringEquals: { "aws:SourceAccount": account } },
  });

export function modelRole(variant: Variant): void {
  const good = variant === "compliant";
  new iam.Role("model", {
    name: modelRoleName,
    assumeRolePolicy: good
      ? trustedBy("sagemaker.amazonaws.com")
      : document({ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }),
    inlinePolicies: [
      {
        name: "serve",
        policy: good
          ? document({ Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${dataBucketName}/models/*` })
          : document({ Effect: "Allow", Action: "*", Resource: "*" }),
      },
    ],
    ...(good ? { permissionsBoundary: boundary } : {}),
    tags: tags("serving"),
  });
}

/** One role for each thing that acts, with no more than it needs. */
export function workingRoles(): void {
  const invoke = (name: string) => ({
    Effect: "Allow",
    Action: "lambda:InvokeFunction",
    Resource: `arn:aws:lambda:${region}:${account}:function:${functionName(name)}`,
  });
  const writeLogs = {
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: `arn:aws:logs:${region}:${account}:log-group:${logGroup}:*`,
  };
  const askModel = {
    Effect: "Allow",
    Action: "sagemaker:InvokeEndpoint",
    Resource: `arn:aws:sagemaker:${region}:${account}:endpoint/${endpointName}`,
  };
  working(workflowRole, "states.amazonaws.com", invoke("clean"));
  working(functionRole, "lambda.amazonaws.com", writeLogs);
  working(routerRole, "lambda.amazonaws.com", writeLogs, askModel);
  working(scheduleRole, "scheduler.amazonaws.com", invoke("drift"));
}

function working(name: string, service: string, ...statements: readonly object[]): void {
  new iam.Role(name, {
    name,
    assumeRolePolicy: trustedBy(service),
    inlinePolicies: [{ name: "work", policy: document(...statements) }],
    permissionsBoundary: boundary,
    tags: tags("workflow"),
  });
}
