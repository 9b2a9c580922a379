/** What a person hands in, and what passes between the states of the submission state machine. */
import { createHash } from "node:crypto";
import * as z from "zod";
import { canonicalJson } from "./digest.ts";
import { Evaluation, GateOverride, GateVerdict } from "./evaluation.ts";
import {
  datasetVersionPattern,
  digestPattern,
  LineageRecord,
  modelPackageArnPattern,
  sagemakerNamePattern,
  tagAlphabet,
} from "./lineage.ts";
import { anyS3Uri } from "./paths.ts";

export const person = z.string().min(1).max(256).regex(tagAlphabet, "must keep to letters, digits and _.:/=+-@");
const sagemakerName = z.string().regex(sagemakerNamePattern, "must be 1 to 63 letters, digits and inner hyphens");
/** Longest note, in characters. */
export const noteLimit = 1000;
/** Most containers of an inference pipeline (botocore sagemaker 2017-07-24, ContainerDefinitionList). */
export const mostContainers = 15;

/** Container environment of the framework containers when a model carries its inference code under `code/`. */
export const defaultEnvironment: Readonly<Record<string, string>> = {
  SAGEMAKER_PROGRAM: "inference.py",
  SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code",
};

/**
 * Input of the submission state machine. Exactly one of `trainingJobName`, `artifactUri` and `autoMlJobName` says what is
 * submitted; everything else about it is read from AWS, so that it cannot be claimed falsely.
 */
export const SubmissionInput = z
  .strictObject({
    /** The stage's model; a submission of another one is refused. @default the stage's */
    modelName: z.string().min(1).max(63).optional(),
    trainingJobName: sagemakerName.optional(),
    /** Output of a training job of this account: s3://…/<job>/output/model.tar.gz */
    artifactUri: anyS3Uri.optional(),
    /** Its best candidate, with all its containers. */
    autoMlJobName: z
      .string()
      .regex(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,31}$/, "must be an AutoML job's name")
      .optional(),
    /** Serving image. @default the training image; not for AutoML, whose candidate names its own */
    image: z.string().min(1).max(255).regex(/^\S+$/, "must be an image's address").optional(),
    /** Dataset version whose test part judges. @default the one the model was trained on */
    testDatasetVersion: z.string().regex(datasetVersionPattern, "must be <name>@sha256:<64 hex>").optional(),
    /** Stricter demands than the stage's. */
    gate: GateOverride.optional(),
    /** Why, for the approver. */
    note: z.string().max(noteLimit).optional(),
    /** Who submits: an e-mail address or a principal's ARN. */
    submittedBy: person,
    /** Container environment of the served model; at most 100 entries of 1,024 characters. @default `defaultEnvironment` */
    environment: z.record(z.string().max(1024), z.string().max(1024)).optional(),
  })
  .superRefine((input, context) => {
    const given = (["trainingJobName", "artifactUri", "autoMlJobName"] as const).filter(
      (key) => input[key] !== undefined,
    );
    if (given.length === 1) return;
    const got = given.length === 0 ? "none" : given.join(" and ");
    context.addIssue({
      code: "custom",
      message: `exactly one of trainingJobName, artifactUri and autoMlJobName must be given, got ${got}`,
    });
  });
export type SubmissionInput = z.infer<typeof SubmissionInput>;

/**
 * The same source with the same image, environment, test data and demands is one submission, whoever sends it, with
 * whatever note, and how often. What is left out is the same as its default written out.
 */
export function submissionId(input: Omit<SubmissionInput, "submittedBy" | "note">): string {
  const { trainingJobName, artifactUri, autoMlJobName, image, testDatasetVersion, gate } = input;
  const environment = input.environment ?? (autoMlJobName === undefined ? defaultEnvironment : {});
  const demands = gate && Object.values(gate).some((one) => one !== undefined) ? gate : undefined;
  const source = { trainingJobName, artifactUri, autoMlJobName };
  const identity = canonicalJson({ scheme: 1, ...source, image, testDatasetVersion, gate: demands, environment });
  return `sub-${createHash("sha256").update(identity).digest("hex").slice(0, 20)}`;
}
export const submissionIdPattern = /^sub-[0-9a-f]{20}$/;

/** One container of the candidate, with its artefact at its content address. */
export const StagedContainer = z.object({
  image: z.string().min(1).max(255),
  /** s3://<artefact bucket>/models/sha256/<hex>/model.tar.gz */
  artifactUri: anyS3Uri,
  artifactVersionId: z.string(),
  artifactBytes: z.int().positive(),
  artifactDigest: z.string().regex(digestPattern),
  environment: z.record(z.string(), z.string()),
});
export type StagedContainer = z.infer<typeof StagedContainer>;

/** Result of the state StageArtifact. */
export const StagedArtifact = z.object({
  submissionId: z.string().regex(submissionIdPattern),
  submittedBy: person,
  note: z.string(),
  /** `artifactDigest` is the one container's, or of a pipeline `pipelineDigest` of its containers'. */
  lineage: LineageRecord,
  trainingJobArn: z.string(),
  /** The AutoML job that was submitted, whose best candidate the training job is a step of; "-" where none was. */
  autoMlJob: z.string(),
  /** In the order in which they answer; one, or several as an inference pipeline. */
  containers: z.array(StagedContainer).min(1).max(mostContainers),
  testDatasetVersion: z.string().regex(datasetVersionPattern),
  featuresUri: anyS3Uri,
  labelsUri: anyS3Uri,
  /** The submission's stricter demands; empty when it has none. */
  gate: GateOverride,
});
export type StagedArtifact = z.infer<typeof StagedArtifact>;

/** What serving the candidate would cost, as the stage is configured. Prices are list prices of the date given. */
export const ServingCost = z.object({
  kind: z.enum(["serverless", "none"]),
  memoryMb: z.number().optional(),
  maxConcurrency: z.number().optional(),
  /** While nobody asks. */
  idleUsdPerMonth: z.number().nonnegative(),
  /** For a million requests of `secondsPerRequest`. */
  usdPerMillionRequests: z.number().nonnegative().optional(),
  secondsPerRequest: z.number().positive().optional(),
  /** The most that the concurrency limit lets a month cost: every slot busy all the time. */
  ceilingUsdPerMonth: z.number().nonnegative().optional(),
  region: z.string(),
  /** Date of the prices, YYYY-MM-DD; absent where there is no price for the region. */
  pricesOf: z.string().optional(),
});
export type ServingCost = z.infer<typeof ServingCost>;

/** What an approver is shown and what is kept: the packet's digest stands in the package's metadata. */
export const ApprovalPacket = z.object({
  submissionId: z.string().regex(submissionIdPattern),
  stage: z.string(),
  modelPackageArn: z.string().regex(modelPackageArnPattern),
  submittedBy: person,
  /** Empty when the submitter gave none. */
  note: z.string().max(noteLimit),
  lineage: LineageRecord,
  /** What it was trained on. */
  datasetVersion: z.string().regex(datasetVersionPattern),
  /** What it was tested on. */
  testDatasetVersion: z.string().regex(datasetVersionPattern),
  containers: z.array(StagedContainer.pick({ image: true, artifactUri: true, artifactDigest: true })).min(1),
  evaluation: Evaluation,
  verdict: GateVerdict,
  serving: ServingCost,
});
export type ApprovalPacket = z.infer<typeof ApprovalPacket>;

/** One approver's answer. */
export const Vote = z.object({
  approver: person,
  decision: z.enum(["Approved", "Rejected"]),
  at: z.iso.datetime(),
  comment: z.string().max(1000),
  /** How it came: the link of the message, or the ARN of the principal that sent it for the approver. */
  via: z.string().max(2048),
});
export type Vote = z.infer<typeof Vote>;

/**
 * What the waiting state gets, and what RecordDecision writes into the package. Where the stage asks for several approvals,
 * the last one of them decides; one rejection decides at once.
 */
export const ApprovalDecision = z.object({
  decision: z.enum(["Approved", "Rejected"]),
  decidedBy: person,
  decidedAt: z.iso.datetime(),
  comment: z.string().max(1000),
  /** Of exactly what was shown; absent when the submission failed before there was anything to show. */
  packetDigest: z.string().regex(digestPattern).optional(),
  /** Every answer, in time order; empty when nobody answered (expiry) or the submission failed. */
  votes: z.array(Vote).max(20),
});
export type ApprovalDecision = z.infer<typeof ApprovalDecision>;
