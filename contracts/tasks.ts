/** What the state machines hand to the functions, where it is not the input or the result of a whole machine. */
import * as z from "zod";
import { datasetVersionPattern, digestPattern, modelPackageArnPattern, sagemakerNamePattern } from "./lineage.ts";
import { ApprovalDecision, ApprovalPacket, Evaluation, metricNames, SubmissionInput } from "./submission.ts";

const uri = z.string().regex(/^s3:\/\/[^/]+\/.*$/, "must be s3://bucket/key");

/** Input of the state Evaluate. */
export const EvaluateInput = z.object({
  submissionId: SubmissionInput.shape.submissionId,
  featuresUri: uri,
  labelsUri: uri,
  /** Where the batch test wrote, ending in "/". */
  predictionsPrefix: uri,
  datasetVersion: z.string().regex(datasetVersionPattern),
  artifactDigest: z.string().regex(digestPattern),
});
export type EvaluateInput = z.infer<typeof EvaluateInput>;

/** Input of the state Gate. */
export const GateInput = z.object({
  evaluation: Evaluation,
  modelPackageGroupName: z.string().regex(sagemakerNamePattern),
});
export type GateInput = z.infer<typeof GateInput>;

/** What the gate asks for; the stage's configuration, handed over as JSON in the environment variable GATE. */
export const GateRules = z.strictObject({
  metric: z.enum(metricNames),
  /** The least value of the metric, 0 to 1. */
  minimum: z.number().min(0).max(1),
  /** How much better than the champion, −1 to 1; 0 lets an equal one pass, a negative one a slightly worse one. */
  minimumGain: z.number().min(-1).max(1),
  /** The least number of test rows. */
  minimumSamples: z.number().int().min(1),
});
export type GateRules = z.infer<typeof GateRules>;

/** Input of the state RequestApproval. */
export const RequestApprovalInput = z.object({
  /** Step Functions' callback token, 1 to 2,048 characters (botocore); a secret. */
  taskToken: z.string().min(1).max(2048),
  packet: ApprovalPacket,
  expiresAt: z.iso.datetime({ offset: true }),
});
export type RequestApprovalInput = z.infer<typeof RequestApprovalInput>;

/** Input of the states RecordDecision and RecordExpiry. */
export const RecordDecisionInput = z.object({
  modelPackageArn: z.string().regex(modelPackageArnPattern),
  decision: ApprovalDecision,
});
export type RecordDecisionInput = z.infer<typeof RecordDecisionInput>;

/** Result of the states RecordDecision and RecordExpiry. */
export const RecordDecisionResult = z.object({ decision: ApprovalDecision });
export type RecordDecisionResult = z.infer<typeof RecordDecisionResult>;
