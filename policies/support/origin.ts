/** Whether the origin that a package records is real: asked of SageMaker and S3, as whoever registers could write anything. */
import { datasetKeys, LINEAGE, type PackageRef } from "./lineage.ts";
import { type Answer, type AutoMlJobFacts, factsOf, type LiveCheck, registry, type TrainingJobFacts } from "./live.ts";
import { objects } from "./live-objects.ts";
import type { Reporter } from "./report.ts";
import { s3Ref } from "./s3-uri.ts";
import type { Settings } from "./settings.ts";
import { and, show } from "./show.ts";

export const ORIGIN_CHECKS = {
  job: "The recorded training job (of an AutoML model: AutoML job) does not exist, or read nothing of the recorded dataset version, or is not what trained the AutoML job's best candidate.",
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
  /** The AutoML job of which `job` is a step: that one read the dataset, its steps what others of them had written. */
  readonly autoMl?: Recorded | undefined;
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
  const job = await (origin.autoMl ? searchOf(origin, origin.autoMl, wanted, report) : jobOf(origin, wanted, report));
  if (!job) return;
  const read = job.channels.flatMap((uri) => {
    const place = s3Ref(uri);
    return place && `${place.key}/`.startsWith(keys.prefix) ? [place.bucket] : [];
  });
  if (read.length === 0) {
    const asked = origin.autoMl ?? origin.job;
    const all = job.channels.length === 0 ? "nothing in S3" : and(job.channels.map(show));
    report.fault({
      check: "job",
      path: asked.path,
      value: `${origin.autoMl ? "AutoML" : "training"} job ${show(asked.text)}, which read ${all}`,
      limit: `one that read below ${show(keys.prefix)}, where ${text} lies`,
      fix: "Submit a model that was trained on the dataset version that it names.",
    });
  }
  for (const bucket of new Set(read)) await judgeManifest(origin, bucket, keys.manifest, wanted, report);
}

/** The job that the package was trained by; undefined after having reported why there is none. */
const jobOf = (origin: Origin, wanted: Wanted, report: OriginReporter): Promise<TrainingJobFacts | undefined> =>
  found("training job", origin.job, (name, region) => registry().trainingJob(name, region), origin, wanted, report);

/** The AutoML job that the package is the best candidate of; undefined after having reported why there is none. */
async function searchOf(
  origin: Origin,
  autoMl: Recorded,
  wanted: Wanted,
  report: OriginReporter,
): Promise<AutoMlJobFacts | undefined> {
  const ask = (name: string, region: string) => registry().autoMlJob(name, region);
  const facts = await found("AutoML job", autoMl, ask, origin, wanted, report);
  const { path, text } = origin.job;
  // Of a candidate without a training step its own name is recorded.
  if (!facts || text === autoMl.text || facts.trainedBy.includes(text)) return facts;
  const by = facts.trainedBy.length === 0 ? "no training job" : and(facts.trainedBy.map(show));
  report.fault({
    check: "job",
    path,
    value: show(text),
    limit: `what trained the best candidate of AutoML job ${show(autoMl.text)}, which is ${by}`,
    fix: "Submit the AutoML job itself; its best candidate is found then.",
  });
  return undefined;
}

async function found<Facts extends TrainingJobFacts>(
  kind: "training job" | "AutoML job",
  { path, text }: Recorded,
  ask: (name: string, region: string) => Promise<Answer<Facts>>,
  { package: made }: Origin,
  { offline }: Wanted,
  report: OriginReporter,
): Promise<Facts | undefined> {
  const limit = `${kind === "AutoML job" ? "an" : "a"} ${kind} of account ${made.account} in ${made.region}`;
  const fault = (value: string) =>
    report.fault({
      check: "job",
      path,
      value,
      limit,
      fix: `Submit the model by the ${kind} that made it; jobs are seen only with credentials of account ${made.account}.`,
    });
  if (!LINEAGE.trainingJob.pattern.test(text)) {
    fault(show(text));
    return undefined;
  }
  const subject = `${kind} ${show(text)}`;
  const answer = await ask(text, made.region);
  if (answer.state === "not-found") {
    fault(`${subject}, which does not exist (${answer.words})`);
    return undefined;
  }
  const facts = factsOf(answer, { path, subject, limit }, offline, report);
  // A name is looked up in the account of the credentials, which may have another job of that name.
  if (facts && facts.arn?.split(":")[4] !== made.account) {
    fault(`${kind} ${show(facts.arn)}`);
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
