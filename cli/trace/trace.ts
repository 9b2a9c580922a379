/** Traces one subject in both directions. */
import { DescribeModelPackageCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import { packageKeys } from "../../contracts/lineage.ts";
import { servedPackages } from "../../functions/record-lineage/facts.ts";
import { awsTruth } from "../../functions/record-lineage/truth.ts";
import { isNotFound } from "../../functions/shared/aws-errors.ts";
import { UserError } from "../stage.ts";
import { describeNode } from "./describe.ts";
import { mapLimited, type Trace, type TraceNode } from "./model.ts";
import { type Buckets, entityOf, readSubject } from "./subject.ts";
import { AT_ONCE, walk } from "./walk.ts";

/** Most entities that a trace meets in each direction unless asked for more. */
export const DEFAULT_LIMIT = 200;

/**
 * @throws UserError when the text names nothing, or nothing is recorded about it
 */
export async function traceSubject(
  sagemaker: SageMakerClient,
  text: string,
  options: Buckets & { readonly limit?: number },
): Promise<Trace> {
  const source = await readSubject(sagemaker, text, options);
  const subject = await entityOf(sagemaker, source);
  if (subject === undefined) {
    throw new UserError(
      `nothing is recorded about ${source.said}. Events are recorded within seconds; \`frugal lineage repair\` adds what none brought`,
    );
  }
  const limit = options.limit ?? DEFAULT_LIMIT;
  const [up, down] = await Promise.all([
    walk(sagemaker, subject, "up", limit),
    walk(sagemaker, subject, "down", limit),
  ]);
  const arns = [...new Set([subject, ...up.arns, ...down.arns])];
  const nodes = await mapLimited(arns, AT_ONCE, async (arn) =>
    withTruth(sagemaker, await describeNode(sagemaker, arn)),
  );
  const edges = new Map([...up.edges, ...down.edges].map((edge) => [`${edge.from} ${edge.to}`, edge]));
  return { subject, nodes, edges: [...edges.values()], more: { up: up.more, down: down.more } };
}

/** Adds what SageMaker says now about the things whose state changes: packages and endpoints. */
async function withTruth(sagemaker: SageMakerClient, node: TraceNode): Promise<TraceNode> {
  if (node.kind !== "model package" && node.kind !== "endpoint") return node;
  try {
    const facts =
      node.kind === "endpoint" ? await endpointFacts(sagemaker, node.name) : await packageFacts(sagemaker, node.uri);
    return { ...node, facts: [...facts, ...node.facts] };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return { ...node, facts: [["status", "deleted"], ...node.facts] };
  }
}

async function packageFacts(sagemaker: SageMakerClient, arn: string): Promise<[string, string][]> {
  const found = await sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
  const metadata = found.CustomerMetadataProperties ?? {};
  const metric = metadata[packageKeys.metricName];
  const version = metadata[packageKeys.artifactVersionId];
  return [
    ["status", found.ModelApprovalStatus ?? ""],
    ...(version && version !== "null" ? [["artefact version id", version] as [string, string]] : []),
    ...(metric ? [[metric, metadata[packageKeys.metricValue] ?? ""] as [string, string]] : []),
  ];
}

async function endpointFacts(sagemaker: SageMakerClient, name: string): Promise<[string, string][]> {
  const truth = awsTruth(sagemaker);
  const endpoint = await truth.endpoint(name);
  const served = endpoint.configName === "" ? [] : await servedPackages(truth, endpoint.configName);
  return [["status", endpoint.status], ...served.map((arn): [string, string] => ["serves", arn])];
}
