/** What the stage tells the default event bus about approvals, for chat rooms and portals. No token and no link is in it. */
import * as z from "zod";
import { digestPattern, modelPackageArnPattern } from "./lineage.ts";
import { ApprovalDecision, ApprovalPacket, submissionIdPattern } from "./submission.ts";

/** `source` of the events. */
export const approvalEventSource = "frugal.approval";
/** `detail-type`s of the events. */
export const approvalEvents = { requested: "Model approval requested", decided: "Model approval decided" } as const;

/** Detail of `Model approval requested`. Repeated by a reminder and by a retry: `packetDigest` tells what is the same. */
export const ApprovalRequested = z.object({
  packet: ApprovalPacket,
  packetDigest: z.string().regex(digestPattern),
  /** ISO time. */
  expiresAt: z.iso.datetime(),
  reminder: z.boolean(),
  approvers: z.array(z.string()),
  /** How many must approve. */
  required: z.int().min(1),
  /** Where a decision can be sent, signed with IAM for the service execute-api. */
  decisionUrl: z.url(),
});
export type ApprovalRequested = z.infer<typeof ApprovalRequested>;

/** Detail of `Model approval decided`: by people, or by the end of a submission that nobody answered. */
export const ApprovalDecided = z.object({
  stage: z.string(),
  submissionId: z.string().regex(submissionIdPattern).optional(),
  modelPackageArn: z.string().regex(modelPackageArnPattern),
  decision: ApprovalDecision,
});
export type ApprovalDecided = z.infer<typeof ApprovalDecided>;
