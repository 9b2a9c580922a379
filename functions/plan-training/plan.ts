/** PlanTraining: the same training is never run twice unless somebody says so. */
import * as z from "zod";
import { manifestKey } from "../../contracts/dataset.ts";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import { parseS3Uri } from "../../contracts/paths.ts";
import { TrainingInput, trainingKey } from "../../contracts/training.ts";
import { trainingJobName } from "../../contracts/training-job.ts";
import {
  PlanTrainingInput,
  TrainingLimits,
  type TrainingPlan,
  type TrainingRecord,
} from "../../contracts/training-record.ts";
import { bucketName, json } from "../shared/environment-types.ts";
import { type Handler, handling } from "../shared/handler.ts";
import type { Log } from "../shared/log.ts";
import { parseInput } from "../shared/parse.ts";
import { fruitless, newJob, settle, standing, stillThere } from "./decide.ts";
import type { Ports } from "./ports.ts";

export const Environment = z.object({
  STAGE: z.string().min(1),
  DATA_BUCKET: bucketName,
  ARTIFACT_BUCKET: bucketName,
  LIMITS: json(TrainingLimits),
});

/** Most jobs of one key: each forced or failed one takes a name. */
const MOST_ATTEMPTS = 200;

export function makeHandler(ports: Ports, environment: z.infer<typeof Environment>, log: Log): Handler<TrainingPlan> {
  const place = { dataBucket: environment.DATA_BUCKET, artifactBucket: environment.ARTIFACT_BUCKET };
  return handling(log, async (event) => {
    const input = parseInput(PlanTrainingInput, event, "The input of PlanTraining");
    const request = parseInput(TrainingInput, input.request, "The training request");
    const key = trainingKey(request);
    const plan = await decide(request, key, input.following);
    log.info("training planned", { key, action: plan.action, trainingJobName: plan.trainingJobName });
    return plan;
  });

  async function decide(request: TrainingInput, key: string, following: string): Promise<TrainingPlan> {
    // Limits hold for a training that is there already as well: whoever asks wrongly is told at once, not some day.
    const source = parseS3Uri(request.sourceUri);
    const [object, manifest] = await Promise.all([
      source.bucket === place.artifactBucket ? ports.head(source.bucket, source.key) : undefined,
      ports.head(place.dataBucket, manifestKey(request.datasetVersion)),
    ]);
    const settled = settle(request, environment.LIMITS, { place, source: object, published: manifest !== undefined });

    const records = await ports.records(key);
    const whole = request.force ? undefined : await newestWhole(records);
    if (whole) return { action: "reuse", key, trainingJobName: whole.trainingJobName, record: whole };
    const recorded = new Set(records.map((record) => record.trainingJobName));
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      const name = trainingJobName(environment.STAGE, request.datasetVersion, key, attempt);
      const job = await ports.describe(name);
      if (!job) return newJob(request, settled, environment.LIMITS, place, { key, name });
      const now = standing(job, key, place.artifactBucket);
      if (now === "ended" && name === following) throw fruitless(name, job);
      // Forced ones go their own way, whatever else runs.
      if (request.force || now === "other") continue;
      if (now === "running") return { action: "wait", key, trainingJobName: name };
      // A recorded one was looked at before: its artefact is gone.
      if (now === "completed" && !recorded.has(name)) return { action: "record", key, trainingJobName: name };
    }
    throw new FlowError(
      errorNames.invalidInput,
      `${MOST_ATTEMPTS} jobs have been made for the training key ${key} already; change what is trained, or delete old jobs`,
    );
  }

  /** The newest finished job whose artefact still is what it was. */
  async function newestWhole(records: readonly TrainingRecord[]): Promise<TrainingRecord | undefined> {
    for (const record of records.toSorted((a, b) => (a.endedAt < b.endedAt ? 1 : -1))) {
      const { bucket, key } = parseS3Uri(record.artifactUri);
      if (stillThere(record, await ports.head(bucket, key))) return record;
      log.warn("a recorded artefact is gone or changed", { trainingJobName: record.trainingJobName });
    }
    return undefined;
  }
}
