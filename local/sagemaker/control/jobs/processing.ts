/** Processing jobs. */
import { processingEvent } from "../../events/shapes.ts";
import type { ProcessingResult } from "../../run/types.ts";
import { inUse, validation } from "../../server/errors.ts";
import type { Call, Front, Json } from "../../server/front.ts";
import type { JobLineage } from "../lineage/automatic.ts";
import type { Entry } from "../store.ts";
import { type JobKind, jobOperations } from "./engine.ts";

const inputsOf = (fields: Json): Json[] => (fields.ProcessingInputs ?? []) as Json[];
const outputsOf = (fields: Json): Json[] =>
  ((fields.ProcessingOutputConfig as Json | undefined)?.Outputs ?? []) as Json[];

function check(_front: Front, call: Call): void {
  const names = [
    ...inputsOf(call.input).map((input) => `input ${input.InputName}`),
    ...outputsOf(call.input).map((output) => `output ${output.OutputName}`),
  ];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw validation(`Names of processing inputs and outputs must be unique; ${twice} is given twice.`);
}

function lineage(entry: Entry): JobLineage {
  const { fields } = entry;
  const uris = (items: Json[], member: string): string[] =>
    items.map((item) => (item[member] as Json | undefined)?.S3Uri).filter((uri) => typeof uri === "string");
  const done = fields.ProcessingJobStatus === "InProgress" || fields.ProcessingJobStatus === "Completed";
  return {
    sourceType: "SageMakerProcessingJob",
    inputs: [
      { uri: String((fields.AppSpecification as Json).ImageUri), type: "Image" },
      ...uris(inputsOf(fields), "S3Input").map((uri) => ({ uri, type: "DataSet" as const })),
    ],
    outputs: done ? uris(outputsOf(fields), "S3Output").map((uri) => ({ uri, type: "DataSet" as const })) : [],
  };
}

const PROCESSING: JobKind = {
  noun: "ProcessingJob",
  kind: "processing-job",
  words: "processing job",
  missing: (name) => validation(`Could not find requested job with name: ${name}`),
  exists: (arn) =>
    inUse(`Job name must be unique within an AWS account and region, and a job with this name already exists (${arn})`),
  event: processingEvent,
  lineage,
  check,
  role: (_front, input) => String(input.RoleArn),
  initial: (input) => ({ StoppingCondition: input.StoppingCondition ?? { MaxRuntimeInSeconds: 86_400 } }),
  run: (front, entry, request, credentials, signal) =>
    front.run.processing(
      { ...request, StoppingCondition: entry.fields.StoppingCondition } as never,
      entry.arn,
      credentials,
      front.context,
      signal,
    ),
  finish: (entry, result) => {
    const { exitMessage } = result as ProcessingResult;
    if (exitMessage) entry.fields.ExitMessage = exitMessage.slice(0, 1024);
  },
};

export const processingOperations = jobOperations(PROCESSING);
