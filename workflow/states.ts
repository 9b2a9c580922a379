/**
 * The small vocabulary that the state machines are written in: each step is a state and the grants that it needs, side by
 * side, so that a role is the union of its steps and nothing else.
 */

import { permanentErrors } from "../contracts/errors.ts";
import { allow, arnOf, type Scope, type Statement } from "../contracts/iam.ts";

/** A state as the Amazon States Language writes it. */
export interface State {
  readonly Type: "Task" | "Choice" | "Pass" | "Wait" | "Succeed" | "Fail";
  readonly [field: string]: unknown;
}
export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: "FULL" | "NONE";
}
export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly Assign?: Readonly<Record<string, unknown>>;
}
export interface Step {
  readonly state: State;
  readonly grants: readonly Statement[];
}
export type Steps = Readonly<Record<string, Step>>;

/** A state machine in JSONata, ready for JSON.stringify. */
export interface StateMachine {
  readonly Comment: string;
  readonly QueryLanguage: "JSONata";
  readonly StartAt: string;
  readonly TimeoutSeconds: number;
  readonly States: Readonly<Record<string, State>>;
}

/** Puts steps together; the first one starts. */
export function machine(comment: string, timeoutSeconds: number, steps: Steps): StateMachine {
  const [first] = Object.keys(steps);
  if (first === undefined) throw new Error("a state machine needs a state");
  return {
    Comment: comment,
    QueryLanguage: "JSONata",
    StartAt: first,
    TimeoutSeconds: timeoutSeconds,
    States: Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, step.state])),
  };
}

/** What all steps together need. */
export function grantsOf(steps: Steps): Statement[] {
  return Object.values(steps).flatMap((step) => step.grants);
}

/** A JSONata expression as a state machine writes it. */
export function expression(jsonata: string): string {
  return `{% ${jsonata} %}`;
}

/** A step without grants: Choice, Pass, Wait, Succeed, Fail. */
export function plain(state: State): Step {
  return { state, grants: [] };
}

/** A step that calls something: always with a time limit, bounded retries and a way out. */
export function task(options: {
  /** Service integration without its ARN prefix: `lambda:invoke`, `sagemaker:createTransformJob.sync`. */
  readonly integration: string;
  readonly partition?: string;
  readonly arguments: unknown;
  /** Seconds until the attempt counts as States.Timeout. */
  readonly timeoutSeconds: number;
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
  readonly next: string;
  readonly assign?: Readonly<Record<string, unknown>>;
  readonly comment?: string;
  readonly grants: readonly Statement[];
}): Step {
  return {
    state: {
      Type: "Task",
      ...(options.comment ? { Comment: options.comment } : {}),
      Resource: `arn:${options.partition ?? "aws"}:states:::${options.integration}`,
      Arguments: options.arguments,
      TimeoutSeconds: options.timeoutSeconds,
      Retry: options.retry,
      Catch: options.catch,
      ...(options.assign ? { Assign: options.assign } : {}),
      Next: options.next,
    },
    grants: options.grants,
  };
}

/** Any failure: keep what it was in the variable `failure` and go there. */
export function catchAll(next: string): Catcher {
  return { ErrorEquals: ["States.ALL"], Assign: { failure: expression("$states.errorOutput") }, Next: next };
}

/** A failure that changes nothing any more, as in a clean-up: go on. */
export function goOn(next: string): Catcher {
  return { ErrorEquals: ["States.ALL"], Next: next };
}

/** Four tries in about half a minute; errors that trying again cannot mend are not tried again. */
export function retryFunction(never: readonly string[] = []): Retrier[] {
  return [
    { ErrorEquals: [...permanentErrors, ...never], MaxAttempts: 0 },
    { ErrorEquals: ["States.ALL"], IntervalSeconds: 2, MaxAttempts: 3, BackoffRate: 3, JitterStrategy: "FULL" },
  ];
}

/**
 * Throttling and the like when an AWS API is called directly. `SageMaker.AmazonSageMakerException` is what the optimised
 * integrations call nearly every error, `SageMaker.SageMakerException` what the SDK integrations call all that SageMaker
 * does not model, throttling included (AWS: Step Functions, SageMaker integration and error names).
 */
export function retryCall(intervalSeconds = 3): Retrier[] {
  return [
    {
      ErrorEquals: [
        "ThrottlingException",
        "SageMaker.AmazonSageMakerException",
        "SageMaker.SageMakerException",
        "SageMaker.ConflictException",
        "SNS.AmazonSNSException",
        "SNS.InternalErrorException",
        "SNS.ThrottledException",
      ],
      IntervalSeconds: intervalSeconds,
      MaxAttempts: 4,
      BackoffRate: 2,
      MaxDelaySeconds: 60,
      JitterStrategy: "FULL",
    },
  ];
}

/** The same for a clean-up, which meets "could not find …" under the same name and must not wait long for it. */
export function retryBriefly(): Retrier[] {
  return [
    {
      ErrorEquals: ["SageMaker.SageMakerException"],
      IntervalSeconds: 2,
      MaxAttempts: 2,
      BackoffRate: 2,
      JitterStrategy: "FULL",
    },
  ];
}

/** One of our functions, as a state machine knows it. */
export interface FunctionRef {
  readonly arn: string;
  /** The function's own time limit, seconds. */
  readonly timeoutSeconds: number;
}

/** A call of one of our functions; its result is `$states.result.Payload`. */
export function invoke(options: {
  readonly function: FunctionRef;
  readonly partition?: string;
  readonly payload: unknown;
  /** Seconds. Unless said, longer than the function's own limit, so that the function's error is the one that is seen. */
  readonly timeoutSeconds?: number;
  readonly next: string;
  readonly retry?: readonly Retrier[];
  readonly catch: readonly Catcher[];
  readonly assign?: Readonly<Record<string, unknown>>;
  readonly comment?: string;
  /** Whether the state waits until somebody answers with its token. */
  readonly waitForToken?: boolean;
}): Step {
  return task({
    integration: options.waitForToken ? "lambda:invoke.waitForTaskToken" : "lambda:invoke",
    partition: options.partition,
    arguments: { FunctionName: options.function.arn, Payload: options.payload },
    timeoutSeconds: options.timeoutSeconds ?? options.function.timeoutSeconds + 30,
    retry: options.retry ?? retryFunction(),
    catch: options.catch,
    next: options.next,
    assign: options.assign,
    comment: options.comment,
    grants: [allow("Invoke", "lambda:InvokeFunction", options.function.arn)],
  });
}

/** A notice to the stage's topic; at most 100 characters of subject (botocore sns, subject). */
export function notify(options: {
  readonly topicArn: string;
  readonly partition?: string;
  readonly subject: unknown;
  readonly message: unknown;
  readonly next: string;
}): Step {
  return task({
    integration: "sns:publish",
    partition: options.partition,
    arguments: { TopicArn: options.topicArn, Subject: options.subject, Message: options.message },
    timeoutSeconds: 60,
    retry: retryCall(),
    // What was decided stands, even where nobody could be told.
    catch: [goOn(options.next)],
    next: options.next,
    grants: [allow("Publish", "sns:Publish", options.topicArn)],
  });
}

/** Passing a role to SageMaker, and to nothing else. */
export function passRole(sid: string, roleArn: string): Statement {
  return allow(sid, "iam:PassRole", roleArn, { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } });
}

/** What every machine's role needs to write its log and its traces; none of these actions takes a resource (AWS: service authorization reference). */
export function observeGrants(): Statement[] {
  return [
    allow(
      "DeliverLogs",
      [
        "logs:CreateLogDelivery",
        "logs:GetLogDelivery",
        "logs:UpdateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:DescribeResourcePolicies",
        "logs:DescribeLogGroups",
      ],
      "*",
    ),
    allow(
      "Trace",
      ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"],
      "*",
    ),
  ];
}

/** What a `.sync` job needs besides its own calls: the rule by which Step Functions hears of the job's end. */
export function syncGrants(scope: Scope, kind: "TransformJobs" | "TrainingJobs" | "ProcessingJobs"): Statement[] {
  return [
    allow(
      "HearOfJobs",
      ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
      arnOf(scope, "events", `rule/StepFunctionsGetEventsForSageMaker${kind}Rule`),
    ),
  ];
}
