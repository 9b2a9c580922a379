/** RecordTraining: what a finished job brought is kept under its key, once. */
import * as z from "zod";
import { canonicalJson } from "../../contracts/digest.ts";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import { parseS3Uri } from "../../contracts/paths.ts";
import { RecordTrainingInput, recordPrefix, type TrainingRecord } from "../../contracts/training-record.ts";
import { bucketName } from "../shared/environment-types.ts";
import { type Handler, handling } from "../shared/handler.ts";
import type { Log } from "../shared/log.ts";
import { parseInput } from "../shared/parse.ts";
import { finished, recordOf } from "./decide.ts";
import type { Ports } from "./ports.ts";

export const Environment = z.object({ ARTIFACT_BUCKET: bucketName });

export function makeHandler(ports: Ports, environment: z.infer<typeof Environment>, log: Log): Handler<TrainingRecord> {
  return handling(log, async (event) => {
    const { key, trainingJobName: name } = parseInput(RecordTrainingInput, event, "The input of RecordTraining");
    const job = await ports.describe(name);
    const identity = finished(name, key, job);
    const uri = job.ModelArtifacts?.S3ModelArtifacts ?? "";
    const { bucket, key: objectKey } = parseS3Uri(uri);
    if (bucket !== environment.ARTIFACT_BUCKET) {
      throw new FlowError(
        errorNames.lineageMismatch,
        `Training job ${name} wrote its model to ${uri}, not to this stage`,
      );
    }
    const facts = await ports.head(bucket, objectKey);
    if (!facts || facts.bytes === 0) {
      throw new FlowError(errorNames.trainingFailed, `Training job ${name} completed, but ${uri} holds no model`);
    }
    const record = recordOf(key, identity, job, await ports.tagsOf(job.TrainingJobArn ?? ""), { uri, facts });
    // Somebody who waited for the same job may have been here first; what was written first stands.
    const created = await ports.create(bucket, `${recordPrefix(key)}${name}.json`, canonicalJson(record));
    log.info(created ? "training recorded" : "training was recorded before", { key, trainingJobName: name });
    return record;
  });
}
