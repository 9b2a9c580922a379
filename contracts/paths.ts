/** Where things stand in the artefact bucket, and the two parts of an S3 URI. */
import * as z from "zod";
import { digestHex } from "./digest.ts";

/** An S3 URI with a bucket and a key, at most 1,024 characters. */
export const anyS3Uri = z
  .string()
  .regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/.+$/, "must be s3://bucket/key")
  .max(1024);

/** Key prefix of the content-addressed artefacts. */
export const artifactPrefix = "models/sha256/";
/** Key prefix of what submissions leave behind. */
export const submissionsPrefix = "submissions/";

/** A data scientist's code, `sources/sha256/<hex>/source.tar.gz`. */
export const sourcesPrefix = "sources/";
/** Where training jobs write their models, `runs/<job>/output/model.tar.gz`. */
export const runsPrefix = "runs/";
/** What training jobs keep for their successors after an interruption. */
export const checkpointsPrefix = "checkpoints/";
/** The record of what was trained: `training/<hex of the key>/<job>.json`, each written once. */
export const trainingPrefix = "training/";

/** Content address of an artefact: the key follows from its bytes. */
export function artifactKey(digest: string): string {
  return `${artifactPrefix}${digestHex(digest)}/model.tar.gz`;
}

/** Key of a submission's evaluation. */
export function evaluationKey(submissionId: string): string {
  return `${submissionsPrefix}${submissionId}/evaluation.json`;
}

/** Key of what each test row did to the metric that the gate judges by; beside the evaluation, which holds its digest. */
export function influenceKey(submissionId: string): string {
  return `${submissionsPrefix}${submissionId}/influence.json`;
}

/** Key of the gate's verdict, beside the evaluation that it is about. */
export function verdictKey(evaluationKey: string): string {
  return evaluationKey.replace(/[^/]*$/, "verdict.json");
}

/** Key of the record of a refused submission; `execution` is the state machine's execution name. */
export function refusalKey(execution: string): string {
  return `${submissionsPrefix}refused/${execution}.json`;
}

/** Key prefix, ending in "/", under which a submission's batch test writes its predictions. */
export function predictionsKeyPrefix(submissionId: string): string {
  return `${submissionsPrefix}${submissionId}/predictions/`;
}

export function s3Uri(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}

/** Bucket and key of an S3 URI; the key may be empty or a prefix. Throws when the text is not one. */
export function parseS3Uri(uri: string): { bucket: string; key: string } {
  const found = /^s3:\/\/([^/]+)\/(.*)$/s.exec(uri);
  if (!found?.[1]) throw new Error(`"${uri}" is not an S3 URI: expected s3://bucket/key`);
  return { bucket: found[1], key: found[2] ?? "" };
}
