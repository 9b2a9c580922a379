/**
 * A decision that another program sends for a person: `POST /decisions/{submissionId}`, let in by IAM. The program vouches
 * for who decided; its own ARN is kept beside that.
 */
import { type DecisionAnswer, packetKey } from "../../contracts/approvals.ts";
import { ApprovalPacket } from "../../contracts/submission.ts";
import { errorName } from "../shared/aws-errors.ts";
import type { Log } from "../shared/log.ts";
import { isSubmitter, missingApprovals, samePerson } from "../shared/votes.ts";
import { askState, makeVote } from "./decide.ts";
import type { Page } from "./pages.ts";
import type { Ports } from "./ports.ts";
import { type HttpEvent, readDecision, submissionOf } from "./request.ts";
import { cast, deliver } from "./vote.ts";

/** Longest ARN of a caller that is kept; IAM's are shorter. */
const arnLimit = 2048;

export async function signed(ports: Ports, submitterMayApprove: boolean, log: Log, event: HttpEvent): Promise<Page> {
  try {
    return await answer(ports, submitterMayApprove, log, event);
  } catch (error) {
    // Only the name: messages of AWS may repeat what was sent.
    log.error("failed", { route: "decisions", errorName: errorName(error) });
    return json(500, { message: "Something went wrong and nothing was decided by this call. Please try again." });
  }
}

async function answer(ports: Ports, submitterMayApprove: boolean, log: Log, event: HttpEvent): Promise<Page> {
  const caller = event.requestContext.authorizer?.iam?.userArn;
  // The gateway lets nobody in unsigned; should it ever be set up otherwise, nobody gets further than this.
  if (!caller?.startsWith("arn:") || caller.length > arnLimit) {
    return json(403, { message: "This route takes requests that are signed with IAM." });
  }
  const submissionId = submissionOf(event);
  if (submissionId === undefined)
    return json(404, { message: "The path names no submission: /decisions/sub-<20 hex>." });
  const request = readDecision(event);
  if ("fault" in request) return json(400, { submissionId, message: request.fault });

  const found = await ports.packet(packetKey(submissionId));
  if (!found) return json(404, { submissionId, message: "No approval of this submission is asked for." });
  const packet = ApprovalPacket.parse(JSON.parse(found.packet));
  const approver = found.approvers.find((one) => samePerson(one, request.approver));
  if (approver === undefined) {
    const message = `${request.approver} was not asked; who was stands in the event that asked, in approvers.`;
    return json(403, { submissionId, message });
  }
  if (!submitterMayApprove && isSubmitter(caller, packet.submittedBy)) {
    const message = "Whoever submitted the model may not decide on it, nor send the decision of somebody else.";
    return json(403, { submissionId, message });
  }
  const bound = { packetDigest: request.packetDigest, approver };
  const vote = makeVote(request, approver, caller.toWellFormed(), ports.now());
  const result = await cast(ports, log, found.pk, bound, vote);
  const item = result.packet;
  if (!item) return json(404, { submissionId, message: "No approval of this submission is asked for." });
  const { decision } = item;
  if (result.kept && !decision) {
    const missing = missingApprovals(item);
    return json(200, { submissionId, message: `The answer is kept; approvals still needed: ${missing}.`, missing });
  }
  if (decision && (result.kept || result.state === "undelivered")) {
    const delivery = await deliver(ports, log, item);
    if (delivery === "later") {
      const message = "The decision is kept, but not handed on yet; send the same request again in a minute.";
      return json(503, { submissionId, message, decision }, { "retry-after": "60" });
    }
    if (delivery === "ended") return json(410, { submissionId, message: endedMessage });
    if (result.kept) return json(200, { submissionId, message: "The decision is kept and handed on.", decision });
    return json(409, { submissionId, message: decidedMessage, decision });
  }
  switch (askState(bound, item, ports.now())) {
    case "replaced":
      return json(409, {
        submissionId,
        message: "packetDigest is not that of what is asked now; decide on the packet of the newest event.",
      });
    case "voted":
      return json(409, { submissionId, message: `${approver} has answered already.`, missing: missingApprovals(item) });
    case "decided":
      return json(409, { submissionId, message: decidedMessage, decision });
    default:
      return json(410, { submissionId, message: endedMessage, ...(decision ? { decision } : {}) });
  }
}

const decidedMessage = "It is decided already; nothing was changed.";
const endedMessage = "The time to decide is over, or the submission has ended; nothing was changed.";

function json(statusCode: number, body: DecisionAnswer, more: Record<string, string> = {}): Page {
  const headers = {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "strict-transport-security": "max-age=31536000",
    ...more,
  };
  return { statusCode, headers, body: JSON.stringify(body) };
}
