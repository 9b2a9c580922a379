/** What staging an artefact comes to, from what AWS says about the training job and the dataset version. No I/O. */
import {
  type DatasetManifest,
  datasetDigest,
  datasetPrefix,
  DatasetManifest as ManifestSchema,
  manifestKey,
  testFiles,
} from "../../contracts/dataset.ts";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import { datasetVersionPattern, lineageKeys, parseDatasetVersion, tagAlphabet } from "../../contracts/lineage.ts";
import { parseS3Uri, s3Uri } from "../../contracts/paths.ts";
import { type SubmissionInput, submissionId } from "../../contracts/submission.ts";
import { describeIssues, refuse } from "../shared/parse.ts";

/** The part of DescribeTrainingJob's answer that matters here. */
export interface TrainingJobFacts {
  TrainingJobName?: string;
  TrainingJobArn?: string;
  TrainingJobStatus?: string;
  SecondaryStatus?: string;
  ModelArtifacts?: { S3ModelArtifacts?: string };
  AlgorithmSpecification?: { TrainingImage?: string };
  InputDataConfig?: { ChannelName?: string; DataSource?: { S3DataSource?: { S3Uri?: string } } }[];
}

export interface Staging {
  trainingJobArn: string;
  source: { bucket: string; key: string };
  image: string;
  datasetVersion: string;
  run: string;
}

/** Longest container environment (source: botocore sagemaker 2017-07-24, EnvironmentMap). */
const environmentEntries = 100;

/**
 * What is to be staged. Throws `InvalidInput` when the job cannot be submitted and `LineageMismatch` when the job does not
 * truly say which data it learned from; all faults of a kind in one message.
 */
export function decideStaging(
  input: SubmissionInput,
  job: TrainingJobFacts,
  tags: Readonly<Record<string, string>>,
  dataBucket: string,
): Staging {
  const name = input.trainingJobName;
  const arn = job.TrainingJobArn ?? "";
  const model = job.ModelArtifacts?.S3ModelArtifacts;
  const image = job.AlgorithmSpecification?.TrainingImage;
  const unfit: string[] = [];
  if (job.TrainingJobStatus !== "Completed") {
    unfit.push(
      `its status is ${job.TrainingJobStatus} (${job.SecondaryStatus}); only a Completed job has a whole model`,
    );
  } else {
    if (!model) unfit.push("it names no model artefact");
    if (!image) unfit.push("it was not trained in an image of its own, so there is none to serve the model with");
  }
  if (submissionId(arn, input.environment) !== input.submissionId) {
    unfit.push(`submissionId ${input.submissionId} does not follow from this job's ARN and the environment`);
  }
  if (Object.keys(input.environment).length > environmentEntries) {
    unfit.push(`environment has more than ${environmentEntries} entries`);
  }
  refuse(errorNames.invalidInput, `Training job ${name} cannot be submitted`, unfit);
  const { datasetVersion, run } = readClaims(name, job, tags, dataBucket);
  return { trainingJobArn: arn, source: parseS3Uri(model ?? ""), image: image ?? "", datasetVersion, run };
}

function readClaims(
  name: string,
  job: TrainingJobFacts,
  tags: Readonly<Record<string, string>>,
  dataBucket: string,
): { datasetVersion: string; run: string } {
  const faults: string[] = [];
  const version = tags[lineageKeys.datasetVersion];
  const run = tags[lineageKeys.run];
  if (version === undefined) faults.push(`the tag ${lineageKeys.datasetVersion} is missing`);
  else if (!datasetVersionPattern.test(version)) {
    faults.push(`the tag ${lineageKeys.datasetVersion} is "${version}", not <name>@sha256:<64 hex>`);
  } else {
    const prefix = s3Uri(dataBucket, datasetPrefix(version));
    const channels = (job.InputDataConfig ?? []).map((channel) => channel.DataSource?.S3DataSource?.S3Uri ?? "");
    if (!channels.some((uri) => `${uri}/`.startsWith(prefix))) {
      faults.push(`none of its channels reads from ${prefix}, the dataset version it is tagged with`);
    }
  }
  if (!run || !tagAlphabet.test(run)) faults.push(`the tag ${lineageKeys.run} is missing`);
  refuse(errorNames.lineageMismatch, `Training job ${name} does not say where its model comes from`, faults);
  return { datasetVersion: version ?? "", run: run ?? "" };
}

/**
 * Checks a published manifest against the version that names it, and finds the test part.
 * Throws `LineageMismatch` when there is none or it is not that version's, `InvalidInput` when it cannot be tested on.
 */
export function checkManifest(
  version: string,
  text: string | undefined,
  dataBucket: string,
): { featuresUri: string; labelsUri: string } {
  const where = s3Uri(dataBucket, manifestKey(version));
  if (text === undefined) {
    throw new FlowError(errorNames.lineageMismatch, `Dataset version ${version} was never published: no ${where}`);
  }
  const manifest = parseManifest(text, where);
  const { hex } = parseDatasetVersion(version);
  if (manifest.version !== version || datasetDigest(manifest.files) !== hex) {
    throw new FlowError(
      errorNames.lineageMismatch,
      `${where} does not describe ${version}: its content gives another digest`,
    );
  }
  const paths = new Set(manifest.files.map((file) => file.path));
  const missing = Object.values(testFiles).filter((path) => !paths.has(path));
  refuse(
    errorNames.invalidInput,
    `Dataset version ${version} cannot be tested on`,
    missing.map((path) => `it has no ${path}`),
  );
  const prefix = datasetPrefix(version);
  return {
    featuresUri: s3Uri(dataBucket, prefix + testFiles.features),
    labelsUri: s3Uri(dataBucket, prefix + testFiles.labels),
  };
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
