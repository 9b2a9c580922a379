/** Whether the origin that a package records is real: asked of SageMaker and S3, as whoever registers could write anything. */
import { datasetKeys, LINEAGE, type PackageRef } from "./lineage.ts";
import { factsOf, type LiveCheck, registry, type TrainingJobFacts } from "./live.ts";
import { objects } from "./live-objects.ts";
import type { Reporter } from "./report.ts";
import { s3Ref } from "./s3-uri.ts";
import type { Settings } from "./settings.ts";
import { and, show } from "./show.ts";

export const ORIGIN_CHECKS = {
  job: "The recorded training job does not exist, or read nothing of the recorded dataset version.",
  dataset: "The recorded dataset version has no manifest, so it was never published.",
} as const;
export type OriginCheck = keyof typeof ORIGIN_CHECKS;

/** A fact that a package records, and the property that repeats it or led to it. */
export interface Recorded {
  readonly path: string;
  readonly text: string;
}

export interface Origin {
  /** Registered in the account and region in which its job ran. */
  readonly package: PackageRef;
  readonly job: Recorded;
  readonly dataset: Recorded;
}

type Wanted = Pick<Settings, "offline" | "datasetManifest">;
type OriginReporter = Reporter<OriginCheck | LiveCheck>;

/** Judges the job, and when it read the dataset version, that version's manifest. */
export async function judgeOrigin(origin: Origin, wanted: Wanted, report: OriginReporter): Promise<void> {
  const { path, text } = origin.dataset;
  const keys = datasetKeys(wanted.datasetManifest, text);
  if (!keys) {
    const fix = "Submit a model that was trained on a published dataset version.";
    report.fault({ check: "dataset", path, value: show(text), limit: LINEAGE.datasetVersion.words, fix });
    return;
  }
  const job = await jobOf(origin, wanted, report);
  if (!job) return;
  const read = job.channels.flatMap((uri) => {
    const place = s3Ref(uri);
    return place && `${place.key}/`.startsWith(keys.prefix) ? [place.bucket] : [];
  });
  if (read.length === 0) {
    const all = job.channels.length === 0 ? "nothing in S3" : and(job.channels.map(show));
    report.fault({
      check: "job",
      path: origin.job.path,
      value: `training job ${show(origin.job.text)}, which read ${all}`,
      limit: `one that read below ${show(keys.prefix)}, where ${text} lies`,
      fix: "Submit a model that was trained on the dataset version that it names.",
    });
  }
  for (const bucket of new Set(read)) await judgeManifest(origin, bucket, keys.manifest, wanted, report);
}

/** The job that the package was trained by; undefined after having reported why there is none. */
async function jobOf(
  { package: made, job: { path, text } }: Origin,
  { offline }: Wanted,
  report: OriginReporter,
): Promise<TrainingJobFacts | undefined> {
  const limit = `a training job of account ${made.account} in ${made.region}`;
  const fault = (value: string) =>
    report.fault({
      check: "job",
      path,
      value,
      limit,
      fix: `Submit the model by the training job that made it; jobs are seen only with credentials of account ${made.account}.`,
    });
  if (!LINEAGE.trainingJob.pattern.test(text)) {
    fault(show(text));
    return undefined;
  }
  const subject = `training job ${show(text)}`;
  const answer = await registry().trainingJob(text, made.region);
  if (answer.state === "not-found") {
    fault(`${subject}, which does not exist (${answer.words})`);
    return undefined;
  }
  const facts = factsOf(answer, { path, subject, limit }, offline, report);
  // A name is looked up in the account of the credentials, which may have another job of that name.
  if (facts && facts.arn?.split(":")[4] !== made.account) {
    fault(`training job ${show(facts.arn)}`);
    return undefined;
  }
  return facts;
}

async function judgeManifest(
  { package: { region }, dataset: { path, text } }: Origin,
  bucket: string,
  key: string,
  { offline }: Wanted,
  report: OriginReporter,
): Promise<void> {
  const uri = show(`s3://${bucket}/${key}`);
  const answer = await objects().object(bucket, key, region);
  if (answer.state === "not-found") {
    report.fault({
      check: "dataset",
      path,
      value: `${show(text)}, of which ${uri} does not exist (${answer.words})`,
      limit: "a published dataset version",
      fix: "Publish the version, or submit a model that was trained on a published one.",
    });
    return;
  }
  factsOf(answer, { path, subject: `manifest ${uri}`, limit: "an object that exists" }, offline, report);
}
