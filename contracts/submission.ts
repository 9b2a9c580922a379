/** What passes between the states of the submission state machine, and what a person hands in. */
import { createHash } from "node:crypto";
import * as z from "zod";
import {
  datasetVersionPattern,
  digestPattern,
  LineageRecord,
  modelPackageArnPattern,
  sagemakerNamePattern,
  tagAlphabet,
} from "./lineage.ts";

const s3Uri = z
  .string()
  .regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/.+$/, "must be s3://bucket/key")
  .max(1024);
const person = z.string().min(1).max(256).regex(tagAlphabet);

/** Container environment of the framework containers when a model carries its inference code under `code/`. */
export const defaultEnvironment: Readonly<Record<string, string>> = {
  SAGEMAKER_PROGRAM: "inference.py",
  SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code",
};

/** Input of the submission state machine. Everything else is read from AWS, so that it cannot be claimed falsely. */
export const SubmissionInput = z.strictObject({
  submissionId: z.string().regex(/^sub-[0-9a-f]{20}$/),
  trainingJobName: z.string().regex(sagemakerNamePattern),
  /** Who submits: an e-mail address or a principal's ARN. */
  submittedBy: person,
  /** Container environment of the served model; at most 100 entries of 1,024 characters. */
  environment: z.record(z.string().max(1024), z.string().max(1024)),
});
export type SubmissionInput = z.infer<typeof SubmissionInput>;

/** The same training job with the same environment is one submission, whoever sends it and how often. */
export function submissionId(trainingJobArn: string, environment: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `sub-${createHash("sha256")
    .update(JSON.stringify([trainingJobArn, sorted]))
    .digest("hex")
    .slice(0, 20)}`;
}

/** Result of the state StageArtifact. */
export const StagedArtifact = z.object({
  lineage: LineageRecord,
  trainingJobArn: z.string(),
  /** Content address: s3://<artefact bucket>/models/sha256/<hex>/model.tar.gz */
  artifactUri: s3Uri,
  artifactVersionId: z.string(),
  artifactBytes: z.number().int().positive(),
  image: z.string().min(1).max(255),
  featuresUri: s3Uri,
  labelsUri: s3Uri,
});
export type StagedArtifact = z.infer<typeof StagedArtifact>;

/** Quality of a binary classifier on the test part; every value lies in 0 to 1. */
export const Metrics = z.object({
  accuracy: z.number(),
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
  rocAuc: z.number(),
});
export type Metrics = z.infer<typeof Metrics>;
export const metricNames = Object.keys(Metrics.shape) as (keyof Metrics)[];

/** Result of the state Evaluate. */
export const Evaluation = z.object({
  metrics: Metrics,
  sampleSize: z.number().int().positive(),
  evaluationUri: s3Uri,
  evaluationDigest: z.string().regex(digestPattern),
});
export type Evaluation = z.infer<typeof Evaluation>;

/** Result of the state Gate. */
export const GateVerdict = z.object({
  passed: z.boolean(),
  /** One sentence for each threshold that was missed; empty when passed. */
  reasons: z.array(z.string()),
  metric: z.enum(metricNames as [keyof Metrics, ...(keyof Metrics)[]]),
  candidate: z.number(),
  minimum: z.number(),
  champion: z.object({ modelPackageArn: z.string().regex(modelPackageArnPattern), value: z.number() }).optional(),
  /** candidate − champion; absent without a champion. */
  margin: z.number().optional(),
});
export type GateVerdict = z.infer<typeof GateVerdict>;

/** What an approver is shown and what is kept: the packet's digest stands in the package's metadata. */
export const ApprovalPacket = z.object({
  submissionId: z.string(),
  stage: z.string(),
  modelPackageArn: z.string().regex(modelPackageArnPattern),
  submittedBy: person,
  lineage: LineageRecord,
  datasetVersion: z.string().regex(datasetVersionPattern),
  evaluation: Evaluation,
  verdict: GateVerdict,
});
export type ApprovalPacket = z.infer<typeof ApprovalPacket>;

/** Output that the approval page sends to the waiting state, and that RecordDecision writes into the package. */
export const ApprovalDecision = z.object({
  decision: z.enum(["Approved", "Rejected"]),
  decidedBy: person,
  decidedAt: z.iso.datetime(),
  comment: z.string().max(1000),
  packetDigest: z.string().regex(digestPattern),
});
export type ApprovalDecision = z.infer<typeof ApprovalDecision>;
