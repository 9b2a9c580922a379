/** What deciding needs of the world, and how AWS provides it. */
import { setTimeout } from "node:timers/promises";
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SendTaskSuccessCommand, type SFNClient } from "@aws-sdk/client-sfn";
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type ApprovalDecided, approvalEvents } from "../../contracts/approval-events.ts";
import { LinkItem, PacketItem } from "../../contracts/approvals.ts";
import type { ApprovalDecision } from "../../contracts/submission.ts";
import { putApprovalEvent } from "../shared/approval-event.ts";
import { errorName } from "../shared/aws-errors.ts";

export interface Ports {
  link(pk: string): Promise<LinkItem | undefined>;
  packet(pk: string): Promise<PacketItem | undefined>;
  /**
   * Keeps the votes, and the decision if they make one, if nobody wrote since the packet was read, nothing is decided and
   * time is left: one conditional write, so that of two people who press at once one is first. Answers whether it was kept.
   */
  keep(
    packet: PacketItem,
    votes: PacketItem["votes"],
    decision: ApprovalDecision | undefined,
    now: number,
  ): Promise<boolean>;
  /** Notes what became of handing the decision on; only the first note counts. */
  note(pk: string, what: "deliveredAt" | "lapsedAt", time: string): Promise<void>;
  sendTaskSuccess(taskToken: string, decision: ApprovalDecision): Promise<void>;
  /** Tells the event bus. */
  announce(decided: ApprovalDecided): Promise<void>;
  /** @param milliseconds how long to wait */
  pause(milliseconds: number): Promise<void>;
  now(): number;
}

export function awsPorts(clients: {
  dynamodb: DynamoDBDocumentClient;
  sfn: SFNClient;
  events: EventBridgeClient;
  table: string;
}): Ports {
  const { dynamodb, sfn, events, table } = clients;
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
    keep: (packet, votes, decision, now) =>
      update({
        Key: { pk: packet.pk },
        UpdateExpression: `SET #votes = :votes, #revision = :next${decision ? ", #decision = :decision" : ""}`,
        ConditionExpression:
          "#revision = :revision AND attribute_not_exists(#decision) AND attribute_not_exists(#lapsed) AND #digest = :digest AND #expires > :now",
        ExpressionAttributeNames: {
          "#votes": "votes",
          "#revision": "revision",
          "#decision": "decision",
          "#lapsed": "lapsedAt",
          "#digest": "packetDigest",
          "#expires": "expiresAt",
        },
        ExpressionAttributeValues: {
          ":votes": votes,
          ":revision": packet.revision,
          ":next": packet.revision + 1,
          ":digest": packet.packetDigest,
          ":now": now / 1000,
          ...(decision ? { ":decision": decision } : {}),
        },
      }),
    async note(pk, what, time) {
      await update({
        Key: { pk },
        UpdateExpression: "SET #what = :time ADD #revision :one",
        ConditionExpression: "attribute_exists(#decision) AND attribute_not_exists(#what)",
        ExpressionAttributeNames: { "#what": what, "#decision": "decision", "#revision": "revision" },
        ExpressionAttributeValues: { ":time": time, ":one": 1 },
      });
    },
    async sendTaskSuccess(taskToken, decision) {
      await sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(decision) }));
    },
    announce: (decided) => putApprovalEvent(events, approvalEvents.decided, decided),
    pause: (milliseconds) => setTimeout(milliseconds),
    now: () => Date.now(),
  };
}
