/** What the approval page needs of the world, and how AWS provides it. */
import { SendTaskSuccessCommand, type SFNClient } from "@aws-sdk/client-sfn";
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { LinkItem, PacketItem } from "../../contracts/approvals.ts";
import type { ApprovalDecision } from "../../contracts/submission.ts";
import { errorName } from "../shared/aws-errors.ts";

export interface Ports {
  link(pk: string): Promise<LinkItem | undefined>;
  packet(pk: string): Promise<PacketItem | undefined>;
  /**
   * Keeps the decision if there is none, the evidence is the same and time is left: one conditional write, so that of
   * two people who press at once one decides. Answers whether this was the one.
   */
  keepDecision(pk: string, decision: ApprovalDecision, now: number): Promise<boolean>;
  /** Notes what became of handing the decision on; only the first note counts. */
  note(pk: string, what: "deliveredAt" | "lapsedAt", time: string): Promise<void>;
  sendTaskSuccess(taskToken: string, decision: ApprovalDecision): Promise<void>;
  now(): number;
}

export function awsPorts(clients: { dynamodb: DynamoDBDocumentClient; sfn: SFNClient; table: string }): Ports {
  const { dynamodb, sfn, table } = clients;
  const read = async (pk: string) =>
    (await dynamodb.send(new GetCommand({ TableName: table, Key: { pk }, ConsistentRead: true }))).Item;
  const update = async (input: Omit<UpdateCommand["input"], "TableName">): Promise<boolean> => {
    try {
      await dynamodb.send(new UpdateCommand({ TableName: table, ...input }));
      return true;
    } catch (error) {
      if (errorName(error) === "ConditionalCheckFailedException") return false;
      throw error;
    }
  };
  return {
    async link(pk) {
      const item = await read(pk);
      return item === undefined ? undefined : LinkItem.parse(item);
    },
    async packet(pk) {
      const item = await read(pk);
      return item === undefined ? undefined : PacketItem.parse(item);
    },
    keepDecision: (pk, decision, now) =>
      update({
        Key: { pk },
        UpdateExpression: "SET #decision = :decision",
        ConditionExpression:
          "attribute_exists(pk) AND attribute_not_exists(#decision) AND attribute_not_exists(#lapsed) AND #digest = :digest AND #expires > :now",
        ExpressionAttributeNames: {
          "#decision": "decision",
          "#lapsed": "lapsedAt",
          "#digest": "packetDigest",
          "#expires": "expiresAt",
        },
        ExpressionAttributeValues: { ":decision": decision, ":digest": decision.packetDigest, ":now": now / 1000 },
      }),
    async note(pk, what, time) {
      await update({
        Key: { pk },
        UpdateExpression: "SET #what = :time",
        ConditionExpression: "attribute_exists(#decision) AND attribute_not_exists(#what)",
        ExpressionAttributeNames: { "#what": what, "#decision": "decision" },
        ExpressionAttributeValues: { ":time": time },
      });
    },
    async sendTaskSuccess(taskToken, decision) {
      await sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(decision) }));
    },
    now: () => Date.now(),
  };
}
