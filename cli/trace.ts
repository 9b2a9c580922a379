/** Says where a serving endpoint's model comes from: first what SageMaker serves now, then the recorded lineage graph. */
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  DescribeModelPackageCommand,
  ListArtifactsCommand,
  ListAssociationsCommand,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { packageKeys, readLineage } from "../contracts/lineage.ts";
import { UserError } from "./stage.ts";

/** One thing on the way from an endpoint to its data. */
export interface TraceLink {
  readonly kind: string;
  readonly name: string;
  /** Facts worth showing, in order. */
  readonly facts: readonly (readonly [label: string, value: string])[];
}
/** An edge of the recorded lineage graph, by the source URIs of its ends. */
export interface TraceEdge {
  readonly from: string;
  readonly type: string;
  readonly to: string;
}
export interface Trace {
  readonly endpoint: string;
  /** From the endpoint back to the dataset version. */
  readonly links: readonly TraceLink[];
  /** What the lineage graph holds upstream of the package. */
  readonly edges: readonly TraceEdge[];
}

/** Traces one endpoint. Throws when a hop does not lead to a model package. */
export async function traceEndpoint(sagemaker: SageMakerClient, endpointName: string): Promise<Trace> {
  const endpoint = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpointName }));
  const config = await sagemaker.send(
    new DescribeEndpointConfigCommand({ EndpointConfigName: endpoint.EndpointConfigName }),
  );
  const modelName = config.ProductionVariants?.[0]?.ModelName;
  if (!modelName) throw new UserError(`endpoint configuration ${endpoint.EndpointConfigName} names no model`);
  const model = await sagemaker.send(new DescribeModelCommand({ ModelName: modelName }));
  const packageArn = (model.PrimaryContainer ?? model.Containers?.[0])?.ModelPackageName;
  if (!packageArn)
    throw new UserError(`model ${modelName} was not made from a model package: its origin cannot be told`);
  const modelPackage = await sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: packageArn }));
  const facts = modelPackage.CustomerMetadataProperties ?? {};
  const lineage = readLineage(facts, `model package ${packageArn}`);
  const approval: [string, string][] = facts[packageKeys.approvedBy]
    ? [
        ["by", facts[packageKeys.approvedBy] ?? ""],
        ["at", facts[packageKeys.approvedAt] ?? ""],
      ]
    : [];
  return {
    endpoint: endpointName,
    links: [
      {
        kind: "endpoint",
        name: endpointName,
        facts: [
          ["status", endpoint.EndpointStatus ?? ""],
          ["configuration", endpoint.EndpointConfigName ?? ""],
        ],
      },
      { kind: "model", name: modelName, facts: [] },
      {
        kind: "model package",
        name: packageArn,
        facts: [
          [facts[packageKeys.metricName] ?? "metric", facts[packageKeys.metricValue] ?? ""],
          ["sample size", facts[packageKeys.sampleSize] ?? ""],
        ],
      },
      {
        kind: "approval",
        name: modelPackage.ModelApprovalStatus ?? "",
        facts: [...approval, ["comment", modelPackage.ApprovalDescription ?? ""]],
      },
      {
        kind: "artefact",
        name: lineage.artifactDigest,
        facts: [["location", modelPackage.InferenceSpecification?.Containers?.[0]?.ModelDataUrl ?? ""]],
      },
      { kind: "training job", name: lineage.trainingJob, facts: [["run", lineage.run]] },
      { kind: "dataset version", name: lineage.datasetVersion, facts: [] },
    ],
    edges: await upstream(sagemaker, packageArn),
  };
}

/** Walks the recorded graph upwards from the package's artifact, breadth first; each entity is visited once. */
async function upstream(sagemaker: SageMakerClient, packageArn: string): Promise<TraceEdge[]> {
  const start = await sagemaker.send(new ListArtifactsCommand({ SourceUri: packageArn }));
  const queue = (start.ArtifactSummaries ?? []).map((artifact) => ({
    arn: artifact.ArtifactArn ?? "",
    name: packageArn,
  }));
  const seen = new Set(queue.map((entity) => entity.arn));
  const edges: TraceEdge[] = [];
  for (let entity = queue.shift(); entity; entity = queue.shift()) {
    let token: string | undefined;
    do {
      const page = await sagemaker.send(new ListAssociationsCommand({ DestinationArn: entity.arn, NextToken: token }));
      for (const edge of page.AssociationSummaries ?? []) {
        const source = edge.SourceArn ?? "";
        const name = edge.SourceName ?? source;
        edges.push({ from: name, type: edge.AssociationType ?? "", to: entity.name });
        if (!seen.has(source)) {
          seen.add(source);
          queue.push({ arn: source, name });
        }
      }
      token = page.NextToken;
    } while (token);
  }
  return edges;
}

/** The trace as an indented text tree. */
export function formatTrace(trace: Trace): string {
  const lines = trace.links.map((link, depth) => {
    const facts = link.facts.filter(([, value]) => value !== "").map(([label, value]) => `${label} ${value}`);
    const text = facts.length > 0 ? `  (${facts.join(", ")})` : "";
    return `${depth === 0 ? "" : `${"   ".repeat(depth - 1)}└─ `}${link.kind}  ${link.name}${text}`;
  });
  return lines.join("\n");
}
