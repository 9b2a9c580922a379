/**
 * RecordLineage: writes down where models come from, from SageMaker's own events. An event is a hint, what is recorded is
 * read by Describe, so repeated, late and reordered events come to the same graph.
 */
import * as z from "zod";
import { SageMakerEvent } from "../../contracts/events.ts";
import { datasetVersionPattern, lineageKeys, modelPackageArnPattern, readLineage } from "../../contracts/lineage.ts";
import { errorMessage, isNotFound } from "../shared/aws-errors.ts";
import { bucketName } from "../shared/environment-types.ts";
import { type Handler, handling } from "../shared/handler.ts";
import type { Log } from "../shared/log.ts";
import { parseInput } from "../shared/parse.ts";
import { actionStatus, type Edge, endpointGraph, packageGraph, trainingGraph } from "./graph.ts";
import type { Ports } from "./ports.ts";
import { writeGraph } from "./write.ts";

export const Environment = z.object({
  DATA_BUCKET: bucketName,
  ARTIFACT_BUCKET: bucketName,
  ENDPOINT_PREFIX: z.string().min(1),
});

export interface RecordResult {
  /** What the event was about; an ARN or a name. */
  subject: string;
  recorded: boolean;
  /** Entities that were new. */
  made?: number;
}

/** What an event comes to: a graph, or the reason why there is none. */
type Reading = { subject: string } & ({ edges: Edge[] } | { because: string });

export function makeHandler(ports: Ports, environment: z.infer<typeof Environment>, log: Log): Handler<RecordResult> {
  const buckets = { dataBucket: environment.DATA_BUCKET, artifactBucket: environment.ARTIFACT_BUCKET };
  return handling(log, async (event) => {
    const reading = await read(parseInput(SageMakerEvent, event, "The event"));
    const { subject } = reading;
    if ("because" in reading) {
      log.info("nothing to record", { subject, because: reading.because });
      return { subject, recorded: false };
    }
    const made = await writeGraph(ports, reading.edges);
    log.info("lineage recorded", { subject, edges: reading.edges.length, made });
    return { subject, recorded: true, made };
  });

  async function read(event: SageMakerEvent): Promise<Reading> {
    const subject = subjectOf(event);
    try {
      switch (event["detail-type"]) {
        case "SageMaker Training Job State Change":
          return { subject, ...(await readTraining(event.detail.TrainingJobName)) };
        case "SageMaker Model Package State Change":
          return { subject, ...(await readPackage(event.detail.ModelPackageArn)) };
        case "SageMaker Endpoint State Change":
          return { subject, ...(await readEndpoint(event.detail.EndpointName)) };
      }
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return { subject, because: `it is gone: ${errorMessage(error)}` };
    }
  }

  async function readTraining(name: string): Promise<{ edges: Edge[] } | { because: string }> {
    const job = await ports.trainingJob(name);
    const arn = job.TrainingJobArn ?? "";
    const tags = await ports.tagsOf(arn);
    const version = tags[lineageKeys.datasetVersion];
    if (version === undefined || !datasetVersionPattern.test(version)) {
      return {
        because: `its tag ${lineageKeys.datasetVersion} ${version === undefined ? "is missing" : "names no dataset version"}`,
      };
    }
    return { edges: trainingGraph(arn, actionStatus(job.TrainingJobStatus), version, tags[lineageKeys.run], buckets) };
  }

  async function readPackage(arn: string): Promise<{ edges: Edge[] } | { because: string }> {
    if (!modelPackageArnPattern.test(arn)) return { because: "it is not a version in a group" };
    const found = await ports.modelPackage(arn);
    try {
      return { edges: packageGraph(arn, readLineage(found.CustomerMetadataProperties ?? {}, arn), found, buckets) };
    } catch (error) {
      return { because: errorMessage(error) };
    }
  }

  async function readEndpoint(name: string): Promise<{ edges: Edge[] } | { because: string }> {
    if (!name.startsWith(environment.ENDPOINT_PREFIX)) return { because: "it is not an endpoint of this stage" };
    const endpoint = await ports.endpoint(name);
    if (endpoint.EndpointStatus !== "InService") return { because: `its status is ${endpoint.EndpointStatus}` };
    const config = await ports.endpointConfig(endpoint.EndpointConfigName ?? "");
    const served = (await ports.tagsOf(config.EndpointConfigArn ?? ""))[lineageKeys.modelPackage];
    if (served === undefined || !modelPackageArnPattern.test(served)) {
      return { because: `its configuration has no tag ${lineageKeys.modelPackage} with a package's ARN` };
    }
    return { edges: endpointGraph(endpoint.EndpointArn ?? "", served) };
  }
}

function subjectOf(event: SageMakerEvent): string {
  switch (event["detail-type"]) {
    case "SageMaker Training Job State Change":
      return event.detail.TrainingJobArn;
    case "SageMaker Model Package State Change":
      return event.detail.ModelPackageArn;
    case "SageMaker Endpoint State Change":
      return event.detail.EndpointArn;
  }
}
