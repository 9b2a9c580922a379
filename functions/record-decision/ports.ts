/** What recording needs of the world, and how AWS provides it. */
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import {
  DescribeModelPackageCommand,
  type SageMakerClient,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type ApprovalDecided, approvalEvents } from "../../contracts/approval-events.ts";
import { PacketItem } from "../../contracts/approvals.ts";
import type { ApprovalDecision } from "../../contracts/submission.ts";
import { putApprovalEvent } from "../shared/approval-event.ts";
import { errorName, isNotFound } from "../shared/aws-errors.ts";
import type { PackageFacts, PackageUpdate } from "./decide.ts";

export interface Ports {
  /** Undefined when there is no such package. */
  describe(arn: string): Promise<PackageFacts | undefined>;
  update(arn: string, update: PackageUpdate): Promise<void>;
  readPacket(pk: string): Promise<PacketItem | undefined>;
  /**
   * Closes the request: what is written is its decision from now on, if nobody wrote since the packet was read. Answers
   * whether it was written.
   */
  close(packet: PacketItem, decision: ApprovalDecision, time: string): Promise<boolean>;
  /** Notes that the state machine took the kept decision, or that it never will. */
  note(pk: string, what: "deliveredAt" | "lapsedAt", time: string): Promise<void>;
  announce(decided: ApprovalDecided): Promise<void>;
  now(): number;
}

export function awsPorts(clients: {
  sagemaker: SageMakerClient;
  dynamodb: DynamoDBDocumentClient;
  events: EventBridgeClient;
  table: string;
}): Ports {
  const { sagemaker, dynamodb, events, table } = clients;
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
    async describe(arn) {
      try {
        return await sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async update(arn, change) {
      await sagemaker.send(new UpdateModelPackageCommand({ ModelPackageArn: arn, ...change }));
    },
    async readPacket(pk) {
      const { Item } = await dynamodb.send(new GetCommand({ TableName: table, Key: { pk }, ConsistentRead: true }));
      return Item === undefined ? undefined : PacketItem.parse(Item);
    },
    close: (packet, decision, time) =>
      update({
        Key: { pk: packet.pk },
        UpdateExpression: "SET #decision = :decision, #delivered = :time, #revision = :next",
        ConditionExpression: "#revision = :revision AND attribute_not_exists(#decision)",
        ExpressionAttributeNames: { "#decision": "decision", "#delivered": "deliveredAt", "#revision": "revision" },
        ExpressionAttributeValues: {
          ":decision": decision,
          ":time": time,
          ":revision": packet.revision,
          ":next": packet.revision + 1,
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
    announce: (decided) => putApprovalEvent(events, approvalEvents.decided, decided),
    now: () => Date.now(),
  };
}
