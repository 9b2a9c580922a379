/** What asking for an approval needs of the world, and how AWS provides it. */
import { randomBytes } from "node:crypto";
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { type SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
import { SendTaskSuccessCommand, type SFNClient } from "@aws-sdk/client-sfn";
import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import {
  type DynamoDBDocumentClient,
  GetCommand,
  type PutCommandInput,
  TransactWriteCommand,
} from "@aws-sdk/lib-dynamodb";
import { type ApprovalRequested, approvalEvents } from "../../contracts/approval-events.ts";
import { type LinkItem, PacketItem } from "../../contracts/approvals.ts";
import type { ApprovalDecision } from "../../contracts/submission.ts";
import { putApprovalEvent } from "../shared/approval-event.ts";
import { errorName } from "../shared/aws-errors.ts";
import type { Mail, Notice } from "./mail.ts";

export interface Ports {
  readPacket(table: string, pk: string): Promise<PacketItem | undefined>;
  /**
   * All or nothing, and only if nobody wrote since the earlier packet was read; answers whether it was kept.
   *
   * @param revision of the packet that this one replaces; undefined when there was none
   */
  store(table: string, packet: PacketItem, links: readonly LinkItem[], revision: number | undefined): Promise<boolean>;
  send(sender: string, recipient: string, mail: Mail): Promise<void>;
  publish(topicArn: string, notice: Notice): Promise<void>;
  announce(requested: ApprovalRequested): Promise<void>;
  sendTaskSuccess(taskToken: string, decision: ApprovalDecision): Promise<void>;
  /** 256 random bits in base64url. */
  randomToken(): string;
  now(): number;
}

export function awsPorts(clients: {
  dynamodb: DynamoDBDocumentClient;
  ses: SESv2Client;
  sfn: SFNClient;
  sns: SNSClient;
  events: EventBridgeClient;
}): Ports {
  const { dynamodb, ses, sfn, sns, events } = clients;
  return {
    async readPacket(table, pk) {
      const { Item } = await dynamodb.send(new GetCommand({ TableName: table, Key: { pk }, ConsistentRead: true }));
      return Item === undefined ? undefined : PacketItem.parse(Item);
    },
    async store(table, packet, links, revision) {
      const condition: Pick<
        PutCommandInput,
        "ConditionExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues"
      > =
        revision === undefined
          ? { ConditionExpression: "attribute_not_exists(#pk)", ExpressionAttributeNames: { "#pk": "pk" } }
          : {
              ConditionExpression: "#revision = :revision",
              ExpressionAttributeNames: { "#revision": "revision" },
              ExpressionAttributeValues: { ":revision": revision },
            };
      const put = { TableName: table, Item: packet, ...condition };
      try {
        await dynamodb.send(
          new TransactWriteCommand({
            TransactItems: [{ Put: put }, ...links.map((Item) => ({ Put: { TableName: table, Item } }))],
          }),
        );
        return true;
      } catch (error) {
        if (wasConditionRefused(error)) return false;
        throw error;
      }
    },
    async send(sender, recipient, mail) {
      const utf8 = (Data: string) => ({ Data, Charset: "UTF-8" });
      await ses.send(
        new SendEmailCommand({
          FromEmailAddress: sender,
          Destination: { ToAddresses: [recipient] },
          Content: {
            Simple: { Subject: utf8(mail.subject), Body: { Text: utf8(mail.text), Html: utf8(mail.html) } },
          },
        }),
      );
    },
    async publish(topicArn, { subject, message }) {
      await sns.send(new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: message }));
    },
    announce: (requested) => putApprovalEvent(events, approvalEvents.requested, requested),
    async sendTaskSuccess(taskToken, decision) {
      await sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(decision) }));
    },
    randomToken: () => randomBytes(32).toString("base64url"),
    now: () => Date.now(),
  };
}

/** Whether the transaction was cancelled because somebody else wrote: a condition did not hold, or two writes met. */
function wasConditionRefused(error: unknown): boolean {
  if (errorName(error) !== "TransactionCanceledException") return false;
  const reasons = (error as { CancellationReasons?: { Code?: string }[] }).CancellationReasons ?? [];
  return reasons.some(({ Code }) => Code === "ConditionalCheckFailed" || Code === "TransactionConflict");
}
