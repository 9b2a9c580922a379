/** Hears what the event bus and the topic are told, by a queue behind both. */
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import type { Credentials } from "./sign.ts";

export interface Told {
  readonly by: "bus" | "topic";
  /** An event's detail-type, or a message's subject. */
  readonly what: string;
  /** An event's detail, or a message's text. */
  readonly body: unknown;
}

interface Config {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
}

export async function listen(config: Config, topicArn: string): Promise<() => Promise<Told[]>> {
  /** One call of SQS, whose client is no dependency of the project. */
  const sqs = async (action: string, body: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(config.endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `AmazonSQS.${action}`,
        authorization:
          "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0",
      },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Record<string, unknown>;
  };
  const arn = topicArn.replace(":sns:", ":sqs:").replace(/[^:]+$/, "heard");
  const statement = (Service: string) => ({
    Effect: "Allow",
    Principal: { Service },
    Action: "sqs:SendMessage",
    Resource: arn,
  });
  const Policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [statement("events.amazonaws.com"), statement("sns.amazonaws.com")],
  });
  const { QueueUrl } = await sqs("CreateQueue", { QueueName: "heard", Attributes: { Policy } });
  const bridge = new EventBridgeClient(config);
  await bridge.send(
    new PutRuleCommand({ Name: "heard", EventPattern: JSON.stringify({ source: ["frugal.approval"] }) }),
  );
  await bridge.send(new PutTargetsCommand({ Rule: "heard", Targets: [{ Id: "queue", Arn: arn }] }));
  await new SNSClient(config).send(new SubscribeCommand({ TopicArn: topicArn, Protocol: "sqs", Endpoint: arn }));
  return async () => {
    const all: Told[] = [];
    for (;;) {
      const { Messages } = await sqs("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10 });
      const messages = (Messages ?? []) as { Body: string; ReceiptHandle: string }[];
      if (messages.length === 0) return all;
      for (const { Body, ReceiptHandle } of messages) {
        const message = JSON.parse(Body) as Record<string, unknown>;
        all.push(
          "detail-type" in message
            ? { by: "bus", what: String(message["detail-type"]), body: message.detail }
            : { by: "topic", what: String(message.Subject), body: message.Message },
        );
        await sqs("DeleteMessage", { QueueUrl, ReceiptHandle });
      }
    }
  };
}
