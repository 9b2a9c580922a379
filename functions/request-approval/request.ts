/** RequestApproval: keeps the packet with the task token, mails each approver a link of their own, and tells the stage. */
import * as z from "zod";
import type { ApprovalRequested } from "../../contracts/approval-events.ts";
import { type PacketItem, packetDigest, packetKey } from "../../contracts/approvals.ts";
import { RequestApprovalInput } from "../../contracts/tasks.ts";
import { errorName } from "../shared/aws-errors.ts";
import { bucketName, flag, json } from "../shared/environment-types.ts";
import { type Handler, handling } from "../shared/handler.ts";
import type { Log } from "../shared/log.ts";
import type { Asked } from "../shared/packet-facts.ts";
import { parseInput } from "../shared/parse.ts";
import { decideRequest, type Invitation, type Request, standingDecision, whomToAsk } from "./decide.ts";
import { approvalMail, approvalNotice } from "./mail.ts";
import type { Ports } from "./ports.ts";

export const Environment = z.object({
  APPROVALS_TABLE: z.string().min(3),
  APPROVAL_URL: z.url(),
  /** At most 99, so that the packet and its links fit one DynamoDB transaction of 100 writes. */
  APPROVERS: json(z.array(z.email()).min(1).max(99)),
  /** How many of them must approve. */
  APPROVALS_REQUIRED: z.coerce.number().int().min(1).max(99),
  SENDER: z.email(),
  SUBMITTER_MAY_APPROVE: flag,
  /** Where dataset versions lie; the message links to their manifests. */
  DATA_BUCKET: bucketName,
  /** Topic of the stage's notices. */
  TOPIC_ARN: z.string().startsWith("arn:"),
});
export type Environment = z.infer<typeof Environment>;

export interface RequestResult {
  submissionId: string;
  /** How many approvers got their message. */
  sent: number;
}

/** Others may answer while the request is written; after so many times the state tries again. */
const MOST_TRIES = 5;

export function makeHandler(ports: Ports, environment: Environment, log: Log): Handler<RequestResult> {
  const table = environment.APPROVALS_TABLE;
  return handling(log, async (event) => {
    const input = parseInput(RequestApprovalInput, event, "The input of RequestApproval");
    const { submissionId, submittedBy } = input.packet;
    const required = environment.APPROVALS_REQUIRED;
    const approvers = whomToAsk(environment.APPROVERS, submittedBy, environment.SUBMITTER_MAY_APPROVE, required);
    const tokens = approvers.map(() => ports.randomToken());
    const terms = { approvers, required, approvalUrl: environment.APPROVAL_URL };
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const earlier = await ports.readPacket(table, packetKey(submissionId));
      const standing = standingDecision(earlier, packetDigest(input.packet));
      if (standing) return handOn(input, standing);
      const request = decideRequest(input, terms, tokens, earlier, ports.now());
      const links = request.invitations.map(({ item }) => item);
      if (!(await ports.store(table, request.packet, links, earlier?.revision))) continue;
      if (request.packet.decision) return handOn(input, request.packet.decision);
      return ask(input, request);
    }
    throw new Error("the approvers answered faster than the request could be written; the state tries again");
  });

  async function handOn(
    { taskToken, packet: { submissionId } }: RequestApprovalInput,
    decision: NonNullable<PacketItem["decision"]>,
  ): Promise<RequestResult> {
    await ports.sendTaskSuccess(taskToken, decision);
    log.info("already decided, handed on to the waiting state", { submissionId });
    return { submissionId, sent: 0 };
  }

  async function ask(input: RequestApprovalInput, request: Request): Promise<RequestResult> {
    const { submissionId } = input.packet;
    const { packet: item, invitations } = request;
    const left = input.reminder ? item.expiresAt * 1000 - ports.now() : undefined;
    const asked: Asked = {
      dataBucket: environment.DATA_BUCKET,
      expiresAt: item.expiresAt,
      required: item.required,
      asked: item.approvers.length,
    };
    const [sent] = await Promise.all([
      invite(input, invitations, asked, left),
      bestEffort("event", submissionId, () => ports.announce(eventOf(input, request))),
      bestEffort("notice", submissionId, () =>
        ports.publish(environment.TOPIC_ARN, approvalNotice(input.packet, asked, left)),
      ),
    ]);
    const { reminder, expiresAt } = input;
    log.info("approval requested", { submissionId, sent, asked: invitations.length, reminder, expiresAt });
    return { submissionId, sent };
  }

  /** One message that is refused must not keep the others from being asked; none at all is a failure. */
  async function invite(
    { packet }: RequestApprovalInput,
    invitations: readonly Invitation[],
    asked: Asked,
    left: number | undefined,
  ): Promise<number> {
    const results = await Promise.allSettled(
      invitations.map(({ approver, url }) =>
        ports.send(environment.SENDER, approver, approvalMail(packet, { ...asked, url, left })),
      ),
    );
    const refused = results.flatMap((result, index) =>
      result.status === "rejected" ? [{ approver: invitations[index]?.approver, error: result.reason as unknown }] : [],
    );
    for (const { approver, error } of refused) log.warn("message refused", { approver, errorName: errorName(error) });
    if (refused.length > 0 && refused.length === invitations.length) throw refused[0]?.error;
    return invitations.length - refused.length;
  }

  /** The people are asked by mail whatever becomes of these two. */
  async function bestEffort(what: string, submissionId: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      log.warn(`${what} refused`, { submissionId, errorName: errorName(error) });
    }
  }
}

function eventOf(
  { packet, reminder }: RequestApprovalInput,
  { packet: item, decisionUrl }: Request,
): ApprovalRequested {
  return {
    packet,
    packetDigest: item.packetDigest,
    expiresAt: new Date(item.expiresAt * 1000).toISOString(),
    reminder,
    approvers: item.approvers,
    required: item.required,
    decisionUrl,
  };
}
