/** Who looks after the estate: traffic, drift, money. The violating variant has nobody. */
import * as budgets from "@pulumi/aws/budgets/index.js";
import * as cloudwatch from "@pulumi/aws/cloudwatch/index.js";
import * as scheduler from "@pulumi/aws/scheduler/index.js";
import { account, endpointName, failedEvents, notices, region, roleArn, stage, tags } from "./context.ts";
import { functionName, soundFunction } from "./functions.ts";
import { functionRole, routerRole, scheduleRole } from "./identity.ts";

/** All callers come through it: it captures what is asked and answered, and takes a bad candidate back by its alarm. */
export function router(): void {
  alarm("errors", {
    namespace: "AWS/SageMaker",
    metricName: "Invocation5XXErrors",
    dimensions: { EndpointName: endpointName, VariantName: "only" },
  });
  soundFunction("router", {
    component: "serving",
    duty: "router",
    role: routerRole,
    timeout: 25,
    concurrency: 20,
    variables: { ENDPOINTS: endpointName, ROLLBACK_ALARMS: `guarded-${stage}-errors` },
  });
}

/** Looks at the endpoint each day; silence is an alarm too. */
export function driftMonitor(): void {
  soundFunction("drift", {
    component: "serving",
    duty: "drift",
    role: functionRole,
    timeout: 60,
    variables: {},
  });
  new scheduler.Schedule("drift", {
    name: `guarded-${stage}-drift`,
    scheduleExpression: "rate(1 day)",
    flexibleTimeWindow: { mode: "OFF" },
    target: {
      arn: `arn:aws:lambda:${region}:${account}:function:${functionName("drift")}`,
      roleArn: roleArn(scheduleRole),
      input: JSON.stringify({ endpoint: endpointName }),
      deadLetterConfig: { arn: failedEvents },
      retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 3600 },
    },
  });
  alarm("drift", { namespace: "Guarded", metricName: "Drift", dimensions: { Endpoint: endpointName } });
  alarm("drift-stopped", {
    namespace: "AWS/Lambda",
    metricName: "Invocations",
    dimensions: { FunctionName: functionName("drift") },
    comparisonOperator: "LessThanThreshold",
    period: 86_400,
    threshold: 1,
    treatMissingData: "breaching",
  });
}

export function budget(): void {
  new budgets.Budget("stage", {
    name: `guarded-${stage}`,
    budgetType: "COST",
    limitAmount: "50",
    limitUnit: "USD",
    timeUnit: "MONTHLY",
    notifications: [
      { notificationType: "ACTUAL", threshold: 80, subscriberSnsTopicArns: [notices] },
      { notificationType: "FORECASTED", threshold: 100, subscriberSnsTopicArns: [notices] },
    ].map((notice) => ({ comparisonOperator: "GREATER_THAN", thresholdType: "PERCENTAGE", ...notice })),
    tags: tags("cost"),
  });
}

type Watched = Partial<cloudwatch.MetricAlarmArgs> & { namespace: string; metricName: string };

function alarm(name: string, watched: Watched): void {
  new cloudwatch.MetricAlarm(name, {
    name: `guarded-${stage}-${name}`,
    alarmDescription: `Runbook: README.md#${name}`,
    alarmActions: [notices],
    comparisonOperator: "GreaterThanThreshold",
    evaluationPeriods: 1,
    period: 300,
    statistic: "Sum",
    threshold: 0,
    treatMissingData: "notBreaching",
    tags: tags("serving"),
    ...watched,
  });
}
