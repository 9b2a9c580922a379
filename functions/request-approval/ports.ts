/** What asking for an approval needs of the world, and how AWS provides it. */
import { randomBytes } from "node:crypto";
import { type SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
import { SendTaskSuccessCommand, type SFNClient } from "@aws-sdk/client-sfn";
import { type DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { type LinkItem, PacketItem } from "../../contracts/approvals.ts";
import type { ApprovalDecision } from "../../contracts/submission.ts";
import type { Mail } from "./mail.ts";

export interface Ports {
  readPacket(table: string, pk: string): Promise<PacketItem | undefined>;
  /**
   * All or nothing; the packet replaces an older one, but never a decision about the same packet that a state may still
   * take: then `TransactionCanceledException`, and the retry finds the decision.
   */
  store(table: string, packet: PacketItem, links: readonly LinkItem[]): Promise<void>;
  send(sender: string, recipient: string, mail: Mail): Promise<void>;
  sendTaskSuccess(taskToken: string, decision: ApprovalDecision): Promise<void>;
  /** 256 random bits in base64url. */
  randomToken(): string;
  now(): number;
}

export function awsPorts(clients: { dynamodb: DynamoDBDocumentClient; ses: SESv2Client; sfn: SFNClient }): Ports {
  const { dynamodb, ses, sfn } = clients;
  return {
    async readPacket(table, pk) {
      const { Item } = await dynamodb.send(new GetCommand({ TableName: table, Key: { pk }, ConsistentRead: true }));
      return Item === undefined ? undefined : PacketItem.parse(Item);
    },
    async store(table, packet, links) {
      const put = {
        TableName: table,
        Item: packet,
        ConditionExpression: "attribute_not_exists(#decision) OR #digest <> :digest OR attribute_exists(#lapsed)",
        ExpressionAttributeNames: { "#decision": "decision", "#digest": "packetDigest", "#lapsed": "lapsedAt" },
        ExpressionAttributeValues: { ":digest": packet.packetDigest },
      };
      await dynamodb.send(
        new TransactWriteCommand({
          TransactItems: [{ Put: put }, ...links.map((Item) => ({ Put: { TableName: table, Item } }))],
        }),
      );
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
    async sendTaskSuccess(taskToken, decision) {
      await sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(decision) }));
    },
    randomToken: () => randomBytes(32).toString("base64url"),
    now: () => Date.now(),
  };
}
