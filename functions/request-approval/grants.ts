import { allow, arnOf, type Scope, type Statement } from "../../contracts/iam.ts";
import { announceGrants } from "../shared/approval-grants.ts";

export interface RequestApprovalRefs extends Scope {
  approvalsTableArn: string;
  /** TOPIC_ARN in the environment. */
  topicArn: string;
  /** The address in From; SENDER in the environment. */
  sender: string;
  /**
   * The SES identity that vouches for the sender: the address itself or its domain.
   * @default the address
   */
  senderIdentity?: string;
}

/**
 * What RequestApproval may do. A transaction of puts is judged as PutItem; states:SendTaskSuccess has no resource-level
 * permission (AWS service authorization reference), so "*" is unavoidable: whoever calls it needs the task's token.
 */
export function grants(refs: RequestApprovalRefs): Statement[] {
  return [
    allow("KeepPacket", ["dynamodb:GetItem", "dynamodb:PutItem"], refs.approvalsTableArn),
    allow("MailApprovers", "ses:SendEmail", arnOf(refs, "ses", `identity/${refs.senderIdentity ?? refs.sender}`), {
      StringEquals: { "ses:FromAddress": refs.sender },
    }),
    allow("TellStage", "sns:Publish", refs.topicArn),
    announceGrants(refs),
    allow("FinishDecidedTask", "states:SendTaskSuccess", "*"),
  ];
}
