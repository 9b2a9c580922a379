/** How this program declares a function: with a log, a limit and somewhere for what failed. */
import * as lambda from "@pulumi/aws/lambda/index.js";
import { account, failedEvents, logGroup, roleArn, stage, tags } from "./context.ts";

export interface Task {
  readonly component: string;
  /** What the function is for, where the estate has one of its kind: rules find it by this. */
  readonly duty?: string;
  readonly role: string;
  readonly timeout: number;
  readonly concurrency?: number;
  readonly variables: Record<string, string>;
}

export const functionName = (name: string): string => `guarded-${stage}-${name}`;

/** A function that keeps the rules, whatever it does. */
export function soundFunction(name: string, { component, duty, role, timeout, concurrency, variables }: Task): void {
  new lambda.Function(name, {
    name: functionName(name),
    role: roleArn(role),
    runtime: "nodejs24.x",
    handler: "index.handler",
    s3Bucket: `guarded-${stage}-code-${account}`,
    s3Key: `${name}/4f1c.zip`,
    timeout,
    environment: { variables: { STAGE: stage, ...variables } },
    loggingConfig: { logFormat: "JSON", logGroup },
    deadLetterConfig: { targetArn: failedEvents },
    ...(concurrency === undefined ? {} : { reservedConcurrentExecutions: concurrency }),
    tags: { ...tags(component), ...(duty === undefined ? {} : { "frugal:role": duty }) },
  });
}
