/** Where a stage says what happened, and where events end up that nothing could handle. */
import * as cloudwatch from "@pulumi/aws-native/cloudwatch/index.js";
import * as sns from "@pulumi/aws-native/sns/index.js";
import * as sqs from "@pulumi/aws-native/sqs/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { arnOf } from "../contracts/iam.ts";
import { FlowComponent } from "./shared/component.ts";
import type { ResourcePolicy } from "./shared/grants.ts";
import { physicalName, type Site } from "./shared/naming.ts";

/** Days that SQS keeps an event nobody looked at; its longest (AWS: SetQueueAttributes). */
const KEEP_DAYS = 14;

export class Notices extends FlowComponent {
  /** Topic of notices and alarms; known before it exists. */
  readonly topicArn: string;
  /** Queue of the events that could not be handled; known before it exists. */
  readonly failedEventsArn: string;
  /** What must exist before either can be used. */
  readonly ready: readonly pulumi.Resource[];

  constructor(
    name: string,
    args: {
      readonly site: Site;
      /** Who is mailed; its owner must confirm the subscription. @default nobody */
      readonly email?: string;
    },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("notices", name, args.site, opts);
    const topicName = physicalName(args.site, "topic", "notices");
    const queueName = physicalName(args.site, "queue", "failed-events");
    this.topicArn = arnOf(args.site, "sns", topicName);
    this.failedEventsArn = arnOf(args.site, "sqs", queueName);
    this.ready = [...this.topic(topicName, args.email), ...this.failedEvents(queueName)];
    this.failedEventsAlarm(queueName);
    this.registerOutputs({ topicArn: this.topicArn });
  }

  /** An alarm that tells the topic; every stage-wide alarm is made here, so that none is without an action. */
  alarm(
    name: string,
    args: Pick<cloudwatch.AlarmArgs, "alarmDescription" | "namespace" | "metricName" | "dimensions" | "statistic">,
    parent: pulumi.Resource = this,
  ): cloudwatch.Alarm {
    return new cloudwatch.Alarm(
      `${name}-alarm`,
      {
        ...args,
        alarmName: physicalName(this.site, "alarm", name),
        comparisonOperator: "GreaterThanThreshold",
        threshold: 0,
        period: 300,
        evaluationPeriods: 1,
        // No submission, no event, no data: that is the stage at rest.
        treatMissingData: "notBreaching",
        actionsEnabled: true,
        alarmActions: [this.topicArn],
        tags: this.tags(),
      },
      { parent, dependsOn: [...this.ready] },
    );
  }

  private topic(topicName: string, email: string | undefined): pulumi.Resource[] {
    const { key, ready } = this.site;
    const topic = new sns.Topic(
      "notices-topic",
      { topicName, kmsMasterKeyId: key?.arn, tags: this.tags() },
      this.part(ready),
    );
    const policy = new sns.TopicPolicy(
      "notices-topic-policy",
      { topics: [this.topicArn], policyDocument: this.topicPolicy() },
      this.part([topic]),
    );
    if (email !== undefined) {
      new sns.Subscription(
        "notices-mail",
        { topicArn: this.topicArn, protocol: "email", endpoint: email },
        this.part([topic]),
      );
    }
    return [topic, policy];
  }

  private topicPolicy(): ResourcePolicy {
    return {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "AlarmsOfThisAccount",
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: "sns:Publish",
          Resource: this.topicArn,
          Condition: { StringEquals: { "aws:SourceAccount": this.site.account } },
        },
        {
          Sid: "DenyClearTransport",
          Effect: "Deny",
          Principal: "*",
          Action: "sns:Publish",
          Resource: this.topicArn,
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    };
  }

  private failedEvents(queueName: string): pulumi.Resource[] {
    const queue = new sqs.Queue(
      "failed-events",
      {
        queueName,
        messageRetentionPeriod: KEEP_DAYS * 24 * 3600,
        // SQS's own keys: under the stage's, every rule of every account would have to be let in (EventBridge user guide, targets).
        sqsManagedSseEnabled: true,
        tags: this.tags(),
      },
      this.part(),
    );
    const policy = new sqs.QueueInlinePolicy(
      "failed-events-policy",
      { queue: queue.queueUrl, policyDocument: this.queuePolicy() },
      this.part([queue]),
    );
    return [queue, policy];
  }

  private queuePolicy(): ResourcePolicy {
    return {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "RulesOfThisStage",
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: this.failedEventsArn,
          Condition: {
            ArnLike: {
              "aws:SourceArn": arnOf(this.site, "events", `rule/${physicalName(this.site, "rule", "x").slice(0, -1)}*`),
            },
            StringEquals: { "aws:SourceAccount": this.site.account },
          },
        },
        {
          Sid: "DenyClearTransport",
          Effect: "Deny",
          Principal: "*",
          Action: "sqs:*",
          Resource: this.failedEventsArn,
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    };
  }

  private failedEventsAlarm(queueName: string): void {
    this.alarm("failed-events", {
      alarmDescription: `An event of stage ${this.site.stage} could not be handled; it lies in queue ${queueName}. Runbook: docs/RUNBOOK.md#an-event-could-not-be-handled`,
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: [{ name: "QueueName", value: queueName }],
      statistic: "Maximum",
    });
  }
}
