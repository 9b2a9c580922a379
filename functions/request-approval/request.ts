/** RequestApproval: keeps the packet with the task token, and mails each approver a link of their own. */
import * as z from "zod";
import { packetDigest, packetKey } from "../../contracts/approvals.ts";
import { RequestApprovalInput } from "../../contracts/tasks.ts";
import { errorName } from "../shared/aws-errors.ts";
import { flag, json } from "../shared/environment-types.ts";
import { type Handler, handling } from "../shared/handler.ts";
import type { Log } from "../shared/log.ts";
import { parseInput } from "../shared/parse.ts";
import { afterEarlier, decideRequest, type Invitation, whomToAsk } from "./decide.ts";
import { approvalMail } from "./mail.ts";
import type { Ports } from "./ports.ts";

export const Environment = z.object({
  APPROVALS_TABLE: z.string().min(3),
  APPROVAL_URL: z.url(),
  /** At most 99, so that the packet and its links fit one DynamoDB transaction of 100 writes. */
  APPROVERS: json(z.array(z.email()).min(1).max(99)),
  SENDER: z.email(),
  SUBMITTER_MAY_APPROVE: flag,
});

export interface RequestResult {
  submissionId: string;
  /** How many approvers got their message. */
  sent: number;
}

export function makeHandler(ports: Ports, environment: z.infer<typeof Environment>, log: Log): Handler<RequestResult> {
  const table = environment.APPROVALS_TABLE;
  return handling(log, async (event) => {
    const input = parseInput(RequestApprovalInput, event, "The input of RequestApproval");
    const { submissionId, submittedBy } = input.packet;
    const earlier = await ports.readPacket(table, packetKey(submissionId));
    if (earlier?.decision && afterEarlier(earlier, packetDigest(input.packet)) === "finish") {
      await ports.sendTaskSuccess(input.taskToken, earlier.decision);
      log.info("already decided, handed on to the waiting state", { submissionId });
      return { submissionId, sent: 0 };
    }
    const approvers = whomToAsk(environment.APPROVERS, submittedBy, environment.SUBMITTER_MAY_APPROVE);
    const tokens = approvers.map(() => ports.randomToken());
    const request = decideRequest(input, approvers, tokens, environment.APPROVAL_URL, ports.now());
    await ports.store(
      table,
      request.packet,
      request.invitations.map(({ item }) => item),
    );
    const sent = await invite(input, request.packet.expiresAt, request.invitations);
    log.info("approval requested", { submissionId, sent, asked: approvers.length, expiresAt: input.expiresAt });
    return { submissionId, sent };
  });

  /** One message that is refused must not keep the others from being asked; none at all is a failure. */
  async function invite(
    input: RequestApprovalInput,
    expiresAt: number,
    invitations: readonly Invitation[],
  ): Promise<number> {
    const results = await Promise.allSettled(
      invitations.map(({ approver, url }) =>
        ports.send(environment.SENDER, approver, approvalMail(input.packet, expiresAt, url)),
      ),
    );
    const refused = results.flatMap((result, index) =>
      result.status === "rejected" ? [{ approver: invitations[index]?.approver, error: result.reason as unknown }] : [],
    );
    for (const { approver, error } of refused) log.warn("message refused", { approver, errorName: errorName(error) });
    if (refused.length === invitations.length) throw refused[0]?.error;
    return invitations.length - refused.length;
  }
}
