/** What a trace is: the part of the lineage graph that lies before and after one subject. */

/** What a node is to a person; those of the flow, then what SageMaker records besides. */
export const flowKinds = [
  "dataset version",
  "run",
  "training job",
  "processing job",
  "transform job",
  "artefact",
  "model package",
  "approval",
  "endpoint",
] as const;
export type NodeKind =
  | (typeof flowKinds)[number]
  | "image"
  | "data"
  | "model file"
  | "package group"
  | "status change"
  | "deployment"
  | "other";

export interface TraceNode {
  /** ARN of the lineage entity. */
  readonly arn: string;
  readonly kind: NodeKind;
  /** As a person knows it: `churn@sha256:…`, a job's name, a package's ARN. */
  readonly name: string;
  /** What the entity stands for: S3 URI, ARN. */
  readonly uri: string;
  /** Facts worth showing, in order. */
  readonly facts: readonly (readonly [label: string, value: string])[];
}

export interface TraceEdge {
  /** ARNs of lineage entities. */
  readonly from: string;
  readonly to: string;
  readonly type: string;
}

export interface Trace {
  /** ARN of the node that was asked about. */
  readonly subject: string;
  readonly nodes: readonly TraceNode[];
  readonly edges: readonly TraceEdge[];
  /** Whether the limit was met, and more would be found. */
  readonly more: { readonly up: boolean; readonly down: boolean };
}

/** The nodes of the flow and images; what SageMaker notes besides is left out. */
export function flowOnly(trace: Trace): Trace {
  const shown = new Set<NodeKind>([...flowKinds, "image"]);
  const nodes = trace.nodes.filter((node) => shown.has(node.kind) || node.arn === trace.subject);
  const kept = new Set(nodes.map((node) => node.arn));
  return { ...trace, nodes, edges: trace.edges.filter(({ from, to }) => kept.has(from) && kept.has(to)) };
}

/** Runs the work for each item, so many at a time; results are in the items' order. */
export async function mapLimited<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as T);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
