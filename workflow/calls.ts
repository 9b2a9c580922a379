/** The calls that several steps make, how they are tried again, and the grants that come with them. */
import { permanentErrors } from "../contracts/errors.ts";
import { allow, arnOf, type Scope, type Statement } from "../contracts/iam.ts";
import { type Catcher, goOn, type Retrier, type Step, task } from "./states.ts";

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

/**
 * Says under which key SageMaker writes a job's output: where nothing is said it takes S3's own key of the account, not the
 * bucket's (botocore sagemaker, OutputDataConfig and TransformOutput: KmsKeyId). No key is named for the jobs' volumes: they
 * are encrypted anyway, and instance types with disks of their own refuse one (botocore, VolumeKmsKeyId).
 */
export function outputKey({ keyArn }: { readonly keyArn?: string }): { KmsKeyId?: string } {
  return keyArn === undefined ? {} : { KmsKeyId: keyArn };
}
