/** Re-reads every link of a trace: what it says was so, and is it still. */
import type { S3Client } from "@aws-sdk/client-s3";
import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { desiredGraph } from "../../../contracts/lineage-graph.ts";
import { readFacts, type StageScope } from "../../../functions/record-lineage/facts.ts";
import { awsStore } from "../../../functions/record-lineage/store.ts";
import { awsTruth } from "../../../functions/record-lineage/truth.ts";
import { bringAbout } from "../../../functions/record-lineage/write.ts";
import { mapLimited, type Trace, type TraceNode } from "../model.ts";
import { AT_ONCE } from "../walk.ts";
import { verifyDataset } from "./dataset.ts";
import { verifyApproval, verifyArtifact, verifyEndpoint, verifyJob, verifyPackage } from "./flow.ts";
import { type Check, checked } from "./report.ts";

export interface VerifyOptions {
  /** Whether the bytes of data and artefacts are read and hashed anew. */
  readonly deep: boolean;
  readonly scope: StageScope;
}

export interface Clients {
  readonly s3: S3Client;
  readonly sagemaker: SageMakerClient;
}

/** What the checks of a node need to know of the others. */
export interface Surroundings {
  readonly trace: Trace;
  /** Packages that an endpoint of the trace serves now. */
  readonly inService: ReadonlySet<string>;
  /** Nodes with an association to this one. */
  before(node: TraceNode): TraceNode[];
  /** Nodes that this one has an association to. */
  after(node: TraceNode): TraceNode[];
}

export async function verifyTrace(clients: Clients, trace: Trace, options: VerifyOptions): Promise<Check[]> {
  const nodes = new Map(trace.nodes.map((node) => [node.arn, node]));
  const around: Surroundings = {
    trace,
    inService: new Set(
      trace.nodes.flatMap(({ facts }) => facts.flatMap(([label, value]) => (label === "serves" ? [value] : []))),
    ),
    before: (node) => trace.edges.flatMap(({ from, to }) => (to === node.arn ? (nodes.get(from) ?? []) : [])),
    after: (node) => trace.edges.flatMap(({ from, to }) => (from === node.arn ? (nodes.get(to) ?? []) : [])),
  };
  const checks = await mapLimited(trace.nodes, AT_ONCE, (node) => verifyNode(clients, node, around, options));
  const known = checks.filter((check) => check !== undefined);
  return [...known, await verifyRecord(clients, trace, options)];
}

async function verifyNode(
  clients: Clients,
  node: TraceNode,
  around: Surroundings,
  { deep }: VerifyOptions,
): Promise<Check | undefined> {
  switch (node.kind) {
    case "dataset version":
      return verifyDataset(clients.s3, node, deep);
    case "training job":
    case "processing job":
    case "transform job":
      return verifyJob(clients.sagemaker, node, around);
    case "artefact":
      return verifyArtifact(clients.s3, node, around, deep);
    case "model package":
      return verifyPackage(clients, node, around);
    case "approval":
      return verifyApproval(clients.sagemaker, node);
    case "endpoint":
      return verifyEndpoint(clients.sagemaker, node, around);
    default:
      return undefined;
  }
}

/** Whether all that SageMaker says about the subject and what leads to it is recorded. */
async function verifyRecord({ sagemaker, s3 }: Clients, trace: Trace, { scope }: VerifyOptions): Promise<Check> {
  const truth = awsTruth(sagemaker, s3);
  const told = trace.nodes.filter(
    ({ kind }) => kind === "model package" || kind === "endpoint" || kind.endsWith(" job"),
  );
  const readings = await mapLimited(told, AT_ONCE, (node) => readFacts(truth, scope, node.uri));
  const facts = readings.filter((reading) => "kind" in reading);
  const missing = await bringAbout(awsStore(sagemaker), desiredGraph(facts), { dryRun: true });
  const faults = missing
    .filter(({ what }) => what === "association" || what === "entity")
    .map(({ text }) => `not recorded: ${text}; \`frugal lineage repair\` adds it`);
  return checked(
    { kind: "record", name: "of all associations" },
    "as SageMaker describes the jobs, packages and endpoints",
    faults,
  );
}
