/** Batch transform jobs: they run with the model's role, so none is passed at creation. */
import { transformEvent } from "../../events/shapes.ts";
import { inUse, validation } from "../../server/errors.ts";
import type { Call, Front, Json } from "../../server/front.ts";
import type { JobLineage } from "../lineage/automatic.ts";
import { containersToRun, findModel } from "../models.ts";
import type { Entry } from "../store.ts";
import { type JobKind, jobOperations } from "./engine.ts";

/** Largest product of MaxConcurrentTransforms and MaxPayloadInMB (API reference). */
const MOST_MEGABYTES = 100;

function check(front: Front, call: Call): void {
  const { input } = call;
  findModel(front, String(input.ModelName));
  const megabytes = Number(input.MaxConcurrentTransforms ?? 1) * Number(input.MaxPayloadInMB ?? 6);
  if (megabytes > MOST_MEGABYTES)
    throw validation(
      `The value of MaxConcurrentTransforms multiplied by MaxPayloadInMB must not exceed ${MOST_MEGABYTES} MB; it is ${megabytes} MB.`,
    );
  const split = (input.TransformInput as Json | undefined)?.SplitType ?? "None";
  if (input.BatchStrategy === "SingleRecord" && split === "None")
    throw validation("BatchStrategy SingleRecord needs TransformInput.SplitType Line, RecordIO or TFRecord.");
}

function lineage(entry: Entry): JobLineage {
  const { TransformInput, TransformOutput, TransformJobStatus } = entry.fields;
  const source = ((TransformInput as Json).DataSource as Json | undefined)?.S3DataSource as Json | undefined;
  const output = (TransformOutput as Json).S3OutputPath;
  return {
    sourceType: "SageMakerTransformJob",
    inputs: typeof source?.S3Uri === "string" ? [{ uri: source.S3Uri, type: "DataSet" }] : [],
    outputs:
      TransformJobStatus === "Completed" || TransformJobStatus === "InProgress"
        ? [{ uri: String(output), type: "DataSet" }]
        : [],
  };
}

const TRANSFORM: JobKind = {
  noun: "TransformJob",
  kind: "transform-job",
  words: "transform job",
  missing: (name) => validation(`Could not find requested job with name: ${name}`),
  exists: (arn) =>
    inUse(`Job name must be unique within an AWS account and region, and a job with this name already exists (${arn})`),
  event: transformEvent,
  lineage,
  check,
  role: (front, input) => String(findModel(front, String(input.ModelName)).fields.ExecutionRoleArn),
  initial: () => ({}),
  run: (front, entry, request, credentials, signal) => {
    const containers = containersToRun(front, findModel(front, String(request.ModelName)));
    return front.run.transform(request as never, entry.arn, containers, credentials, front.context, signal);
  },
  finish: () => {},
};

export const transformOperations = jobOperations(TRANSFORM);
