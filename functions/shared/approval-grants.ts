/** Grants that several functions of the approval share. */
import { approvalEventSource } from "../../contracts/approval-events.ts";
import { allow, arnOf, type Scope, type Statement } from "../../contracts/iam.ts";

/** Putting events on the account's default bus, under the approvals' own source only. */
export function announceGrants(scope: Scope): Statement {
  return allow("AnnounceApproval", "events:PutEvents", arnOf(scope, "events", "event-bus/default"), {
    StringEquals: { "events:source": approvalEventSource },
  });
}
