import { allow, type Scope, type Statement } from "../../contracts/iam.ts";
import { announceGrants } from "../shared/approval-grants.ts";

export interface DecideApprovalRefs extends Scope {
  approvalsTableArn: string;
}

/**
 * What the approval page may do. states:SendTaskSuccess has no resource-level permission (AWS service authorization
 * reference), so "*" is unavoidable: whoever calls it needs the task's token, which only the table holds.
 */
export function grants(refs: DecideApprovalRefs): Statement[] {
  return [
    allow("ReadAndDecide", ["dynamodb:GetItem", "dynamodb:UpdateItem"], refs.approvalsTableArn),
    allow("HandOnDecision", "states:SendTaskSuccess", "*"),
    announceGrants(refs),
  ];
}
