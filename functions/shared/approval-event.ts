/** Puts an event about an approval on the account's default bus. */
import { type EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
  type ApprovalDecided,
  type ApprovalRequested,
  approvalEventSource,
  type approvalEvents,
} from "../../contracts/approval-events.ts";

type DetailType = (typeof approvalEvents)[keyof typeof approvalEvents];

/** @throws also when the bus took the call and refused the event */
export async function putApprovalEvent(
  client: EventBridgeClient,
  detailType: DetailType,
  detail: ApprovalRequested | ApprovalDecided,
): Promise<void> {
  const { Entries: entries, FailedEntryCount: failed } = await client.send(
    new PutEventsCommand({
      Entries: [{ Source: approvalEventSource, DetailType: detailType, Detail: JSON.stringify(detail) }],
    }),
  );
  if (!failed) return;
  const refused = entries?.find(({ ErrorCode }) => ErrorCode !== undefined);
  throw Object.assign(new Error(`the event bus refused the event: ${refused?.ErrorCode ?? "no reason given"}`), {
    name: refused?.ErrorCode ?? "EventRefused",
  });
}
