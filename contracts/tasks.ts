/** What the state machines hand to the functions, where it is not the input or the result of a whole machine. */
import * as z from "zod";
import { Evaluation, GateOverride } from "./evaluation.ts";
import { datasetVersionPattern, digestPattern, modelPackageArnPattern, sagemakerNamePattern } from "./lineage.ts";
import { ApprovalDecision, ApprovalPacket, submissionIdPattern } from "./submission.ts";

const uri = z.string().regex(/^s3:\/\/[^/]+\/.*$/, "must be s3://bucket/key");

/** Input of the state StageArtifact: what was handed in, unchecked, and the execution that it came with. */
export const StageArtifactInput = z.object({
  submission: z.unknown(),
  /** The state machine's execution name, 1 to 80 characters: names the record of a refusal. */
  execution: z.string().regex(/^[\w-]{1,80}$/),
});
export type StageArtifactInput = z.infer<typeof StageArtifactInput>;

/** Input of the state Evaluate. */
export const EvaluateInput = z.object({
  submissionId: z.string().regex(submissionIdPattern),
  featuresUri: uri,
  labelsUri: uri,
  /** Where the batch test wrote, ending in "/". */
  predictionsPrefix: uri,
  testDatasetVersion: z.string().regex(datasetVersionPattern),
  artifactDigest: z.string().regex(digestPattern),
});
export type EvaluateInput = z.infer<typeof EvaluateInput>;

/** Input of the state Gate. */
export const GateInput = z.object({
  evaluation: Evaluation,
  modelPackageGroupName: z.string().regex(sagemakerNamePattern),
  /** The submission's stricter demands. */
  gate: GateOverride,
});
export type GateInput = z.infer<typeof GateInput>;

/** Input of the states RequestApproval and RemindApprovers. */
export const RequestApprovalInput = z.object({
  /** Step Functions' callback token, 1 to 2,048 characters (botocore); a secret. */
  taskToken: z.string().min(1).max(2048),
  packet: ApprovalPacket,
  expiresAt: z.iso.datetime({ offset: true }),
  /** True when the approvers were asked before and the time runs out. */
  reminder: z.boolean(),
});
export type RequestApprovalInput = z.infer<typeof RequestApprovalInput>;

/** Why a package is rejected without a person's answer. */
export const withoutAnswer = ["expiry", "failure"] as const;

/**
 * Input of the states that record a decision: a person's, or the end of a submission without one, for which the function
 * makes the decision itself from the packet that nobody answered.
 */
export const RecordDecisionInput = z.union([
  z.object({ modelPackageArn: z.string().regex(modelPackageArnPattern), decision: ApprovalDecision }),
  z.object({
    modelPackageArn: z.string().regex(modelPackageArnPattern),
    ended: z.object({
      by: z.enum(withoutAnswer),
      comment: z.string().max(1000),
      /** Absent when the submission failed before there was one. */
      packet: ApprovalPacket.optional(),
    }),
  }),
]);
export type RecordDecisionInput = z.infer<typeof RecordDecisionInput>;

/** Result of the states that record a decision. */
export const RecordDecisionResult = z.object({ decision: ApprovalDecision });
export type RecordDecisionResult = z.infer<typeof RecordDecisionResult>;
