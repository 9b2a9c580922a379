/** A published dataset version with a batch test's predictions, before Evaluate. */
import { createHash } from "node:crypto";
import { DatasetManifest, datasetDigest } from "../../../contracts/dataset.ts";
import type { EvaluationRules } from "../../../contracts/evaluation.ts";
import { makeHandler } from "../../../functions/evaluate/evaluate.ts";
import { awsPorts } from "../../../functions/evaluate/ports.ts";
import { binaryRules } from "./evaluations.ts";
import { fakeLog } from "./fake-log.ts";
import { FakeS3 } from "./fake-s3.ts";
import { artifactBucket, artifactDigest, dataBucket, features, labels, manifest, submission } from "./samples.ts";

/** Where the submission leaves its things. */
export const folder = `${artifactBucket}/submissions/${submission.submissionId}`;
export const sha256 = (text: string | Buffer) => createHash("sha256").update(text).digest("hex");

export interface World {
  predictions?: string;
  at?: string;
  rules?: Partial<EvaluationRules>;
  /** Further files of the dataset version, or others in the place of those that it has. */
  files?: Record<string, string>;
  parts?: unknown[];
}

/** A published dataset version, a batch test's predictions, and the function that judges them. */
export function setup({
  predictions = "0.1\n0.9\n0.6\n0.8\n",
  at = "features.csv.out",
  rules,
  files,
  parts,
}: World = {}) {
  const s3 = new FakeS3();
  const contents: Record<string, string> = { "test/features.csv": features, "test/labels.csv": labels, ...files };
  const listed = Object.entries(contents).map(([path, content]) => ({
    path,
    sha256: sha256(content),
    bytes: content.length,
  }));
  const hex = datasetDigest(listed);
  const testDatasetVersion = `breast-cancer@sha256:${hex}`;
  const dataset = `${dataBucket}/datasets/breast-cancer/${hex}`;
  const text = manifest({ version: testDatasetVersion, files: listed, ...(parts ? { parts: parts as never } : {}) });
  DatasetManifest.parse(JSON.parse(text));
  s3.put(`${dataset}/manifest.json`, text);
  for (const [path, content] of Object.entries(contents)) s3.put(`${dataset}/${path}`, content);
  if (predictions !== "") s3.put(`${folder}/predictions/${at}`, predictions);
  const log = fakeLog();
  const environment = { ARTIFACT_BUCKET: artifactBucket, EVALUATION: { ...binaryRules, ...rules } };
  const handler = makeHandler(awsPorts({ s3: s3.as() }), environment, log);
  const input = {
    submissionId: submission.submissionId,
    featuresUri: `s3://${dataset}/test/features.csv`,
    labelsUri: `s3://${dataset}/test/labels.csv`,
    predictionsPrefix: `s3://${folder}/predictions/`,
    testDatasetVersion,
    artifactDigest,
  };
  const file = (name = "evaluation.json") => JSON.parse(s3.objects.get(`${folder}/${name}`)?.body.toString() ?? "");
  return { s3, log, handler, input, dataset, file, run: () => handler(input) };
}
