/** One consistent set of facts that the handlers' tests start from; each test changes one of them. */
import { createHash } from "node:crypto";
import { type DatasetManifest, datasetDigest } from "../../../contracts/dataset.ts";
import type { Evaluation, GateVerdict } from "../../../contracts/evaluation.ts";
import { lineageMetadata, packageKeys } from "../../../contracts/lineage.ts";
import { type ApprovalPacket, defaultEnvironment, submissionId } from "../../../contracts/submission.ts";

export const region = "us-east-1";
export const account = "111122223333";
export const dataBucket = `frugal-dev-data-${account}-${region}`;
export const artifactBucket = `frugal-dev-artifacts-${account}-${region}`;
export const group = "frugal-dev-breast-cancer";
export const packageArn = `arn:aws:sagemaker:${region}:${account}:model-package/${group}/7`;
export const jobName = "baseline-m1a2b3c4";
export const jobArn = `arn:aws:sagemaker:${region}:${account}:training-job/${jobName}`;

export const features = "1.0,2.0\n3.0,4.0\n5.0,6.0\n7.0,8.0\n";
export const labels = "0\n1\n0\n1\n";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const files = [
  { path: "train/data.csv", content: "1,0\n" },
  { path: "test/features.csv", content: features },
  { path: "test/labels.csv", content: labels },
].map(({ path, content }) => ({ path, sha256: sha256(content), bytes: content.length }));
export const datasetHex = datasetDigest(files);
export const datasetVersion = `breast-cancer@sha256:${datasetHex}`;
export const datasetFolder = `${dataBucket}/datasets/breast-cancer/${datasetHex}`;

export function manifest(change: Partial<DatasetManifest> = {}): string {
  return JSON.stringify({
    schemaVersion: 1,
    version: datasetVersion,
    createdAt: "2026-01-01T00:00:00.000Z",
    createdBy: "ada@example.com",
    files,
    ...change,
  });
}

export const artifactBytes = Buffer.from("a model.tar.gz of some length, more than one chunk");
export const artifactHex = createHash("sha256").update(artifactBytes).digest("hex");
export const artifactDigest = `sha256:${artifactHex}`;

export const lineage = { datasetVersion, run: "baseline", trainingJob: jobName, artifactDigest };

/** What is handed in. */
export const submissionInput = {
  trainingJobName: jobName,
  submittedBy: "grace@example.com",
  environment: { ...defaultEnvironment },
};
export const submission = { submissionId: submissionId(submissionInput), ...submissionInput };

const rocAucInterval = { low: 0.97, high: 1, standardError: 0.008 };

export const evaluation: Evaluation = {
  problem: "binary",
  metrics: {
    accuracy: 0.95,
    balancedAccuracy: 0.94,
    precision: 0.9,
    recall: 0.92,
    f1: 0.91,
    rocAuc: 0.99,
    logLoss: 0.12,
  },
  intervals: { rocAuc: rocAucInterval },
  confidence: 0.95,
  sampleSize: 171,
  slices: [
    { column: "mean_radius", value: "6.9 to 11.7", sampleSize: 43, metric: 0.97, interval: rocAucInterval },
    { column: "mean_radius", value: "11.8 to 27.4", sampleSize: 128 },
  ],
  testDatasetVersion: datasetVersion,
  evaluationUri: `s3://${artifactBucket}/submissions/${submission.submissionId}/evaluation.json`,
  evaluationDigest: `sha256:${"e".repeat(64)}`,
};

/** What the gate says of it. */
export const verdict: GateVerdict = {
  passed: true,
  reasons: [],
  cautions: [],
  metric: "rocAuc",
  direction: "higher",
  candidate: 0.99,
  bound: 0.9,
  minimumGain: -0.02,
  champion: {
    modelPackageArn: packageArn.replace(/7$/, "6"),
    value: 0.98,
    sampleSize: 171,
    testDatasetVersion: datasetVersion,
  },
  margin: 0.01,
  marginInterval: { low: -0.015, high: 0.03, standardError: 0.011 },
  recordDigest: `sha256:${"d".repeat(64)}`,
  slices: [
    {
      column: "mean_radius",
      value: "6.9 to 11.7",
      sampleSize: 43,
      candidate: 0.97,
      champion: 0.96,
      gain: 0.01,
      verdict: "passed",
    },
    { column: "mean_radius", value: "11.8 to 27.4", sampleSize: 128, verdict: "not defined" },
  ],
};

export const container = {
  image: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
  artifactUri: `s3://${artifactBucket}/models/sha256/${artifactHex}/model.tar.gz`,
  artifactDigest,
};

export function packet(change: Partial<ApprovalPacket> = {}): ApprovalPacket {
  return {
    submissionId: submission.submissionId,
    stage: "dev",
    modelPackageArn: packageArn,
    submittedBy: submission.submittedBy,
    note: "More rows than last month",
    lineage,
    datasetVersion,
    testDatasetVersion: datasetVersion,
    containers: [container],
    evaluation,
    verdict,
    serving: { kind: "serverless", memoryMb: 1024, maxConcurrency: 5, idleUsdPerMonth: 0, region },
    ...change,
  };
}

/** Metadata of an approved package. */
export function approvedMetadata(change: Record<string, string> = {}): Record<string, string> {
  return {
    ...lineageMetadata(lineage),
    [packageKeys.metricName]: "rocAuc",
    [packageKeys.metricValue]: "0.98",
    [packageKeys.decision]: "Approved",
    [packageKeys.approvedBy]: "ada@example.com",
    [packageKeys.approvedAt]: "2026-01-02T03:04:05.000Z",
    [packageKeys.packetDigest]: `sha256:${"d".repeat(64)}`,
    ...change,
  };
}
