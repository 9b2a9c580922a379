/** What a submission may ask for, and what a dataset version must be to be tested on. No I/O. */
import {
  type DatasetManifest,
  datasetDigest,
  datasetPrefix,
  DatasetManifest as ManifestSchema,
  manifestKey,
  testFiles,
} from "../../contracts/dataset.ts";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import { parseDatasetVersion } from "../../contracts/lineage.ts";
import { s3Uri } from "../../contracts/paths.ts";
import type { SubmissionInput } from "../../contracts/submission.ts";
import { describeIssues, refuse } from "../shared/parse.ts";
import { type Container, jobOfArtifact } from "./source.ts";

/** What the stage takes. */
export interface StageRules {
  modelName: string;
  /** Whether models of several containers are taken: a serverless endpoint serves none. */
  pipelines: boolean;
}

/** Longest container environment (source: botocore sagemaker 2017-07-24, EnvironmentMap). */
const environmentEntries = 100;

/** What is wrong with an input that has the right shape, from the input and the stage alone. */
export function inputFaults(input: SubmissionInput, { modelName }: StageRules): string[] {
  const faults: string[] = [];
  if (input.modelName !== undefined && input.modelName !== modelName) {
    faults.push(`modelName is ${input.modelName}, and this stage's model is ${modelName}`);
  }
  if (input.autoMlJobName !== undefined && input.image !== undefined) {
    faults.push("image is not for an AutoML job, whose candidate names its own");
  }
  if (Object.keys(input.environment ?? {}).length > environmentEntries) {
    faults.push(`environment has more than ${environmentEntries} entries`);
  }
  if (input.artifactUri !== undefined && jobOfArtifact(input.artifactUri) === undefined) {
    faults.push("artifactUri is not a training job's output, s3://…/<job>/output/model.tar.gz");
  }
  return faults;
}

/** Why a stage does not take what is served by these containers. */
export function containerFaults(containers: readonly Container[], { pipelines }: StageRules): string[] {
  const faults = containers.flatMap(({ environment }, at) =>
    Object.keys(environment).length > environmentEntries
      ? [`container ${at + 1} has more than ${environmentEntries} entries in its environment`]
      : [],
  );
  if (containers.length > 1 && !pipelines) {
    faults.push(
      `the candidate is an inference pipeline of ${containers.length} containers, and this stage would serve it on a serverless endpoint, ` +
        "which SageMaker refuses: submit it to a stage whose deployment.flow is none, or a candidate of one container",
    );
  }
  return faults;
}

/**
 * A published manifest, held against the version that names it. Throws `LineageMismatch` when there is none or it is not
 * that version's.
 */
export function checkManifest(version: string, text: string | undefined, dataBucket: string): DatasetManifest {
  const where = s3Uri(dataBucket, manifestKey(version));
  if (text === undefined) {
    throw new FlowError(errorNames.lineageMismatch, `Dataset version ${version} was never published: no ${where}`);
  }
  const manifest = parseManifest(text, where);
  const { hex } = parseDatasetVersion(version);
  if (manifest.version !== version || digestOrNone(manifest) !== hex) {
    throw new FlowError(
      errorNames.lineageMismatch,
      `${where} does not describe ${version}: its content gives another digest`,
    );
  }
  return manifest;
}

function digestOrNone(manifest: DatasetManifest): string | undefined {
  try {
    return datasetDigest(manifest.files);
  } catch {
    // Two files of one name: such a list has no digest.
    return undefined;
  }
}

/** A file of the test part: where it must lie, and what must be there. */
export interface TestFile {
  key: string;
  bytes: number;
  /** Base64 as S3 answers it, where the manifest says so. */
  checksum?: string;
}

/** The test part's files. Throws `InvalidInput` when the version cannot be tested on. */
export function testPart(manifest: DatasetManifest): { features: TestFile; labels: TestFile } {
  const { version } = manifest;
  const byPath = new Map(manifest.files.map((file) => [file.path, file]));
  const missing = Object.values(testFiles).filter((path) => !byPath.has(path));
  refuse(
    errorNames.invalidInput,
    `Dataset version ${version} cannot be tested on`,
    missing.map((path) => `it has no ${path}`),
  );
  const file = (path: string): TestFile => ({
    key: datasetPrefix(version) + path,
    bytes: byPath.get(path)?.bytes ?? 0,
    checksum: byPath.get(path)?.checksum,
  });
  return { features: file(testFiles.features), labels: file(testFiles.labels) };
}

/** Why a stored file is not the published one. */
export function fileFault(
  file: TestFile,
  stored: { bytes: number; checksumSha256?: string } | undefined,
): string | undefined {
  if (!stored) return `${file.key} is gone`;
  if (stored.bytes !== file.bytes) return `${file.key} has ${stored.bytes} bytes, ${file.bytes} were published`;
  const { checksumSha256 } = stored;
  if (file.checksum !== undefined && checksumSha256 !== undefined && file.checksum !== checksumSha256) {
    return `${file.key} holds other bytes than were published`;
  }
  return undefined;
}

function parseManifest(text: string, where: string): DatasetManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FlowError(errorNames.lineageMismatch, `${where} is not JSON`);
  }
  const result = ManifestSchema.safeParse(value);
  if (result.success) return result.data;
  throw new FlowError(errorNames.lineageMismatch, `${where} is not a manifest: ${describeIssues(result.error.issues)}`);
}
