/**
 * Walks the recorded graph from one entity: up to all that it came from, down to all that came of it, never sideways. One
 * ListAssociations an entity and direction (pages of 100), so what a trace costs goes by what it shows, not by the size of
 * the graph. QueryLineage would answer at most 50 entities and 10 steps a call, and without names.
 */
import { ListAssociationsCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import { mapLimited, type TraceEdge } from "./model.ts";

export interface Walked {
  /** ARNs in the order in which they were visited; without the start. */
  readonly arns: readonly string[];
  /** Associations between those, and with the start. */
  readonly edges: readonly TraceEdge[];
  /** Whether the limit cut the walk short. */
  readonly more: boolean;
}

/** Calls under way at once. */
export const AT_ONCE = 12;

/** An entity to visit, or the next page of one that was visited. */
interface Step {
  readonly arn: string;
  readonly token?: string;
}

/**
 * Goes deep before it goes wide: where the limit cuts, whole chains are shown, not the first links of many.
 *
 * @param limit most entities to visit, besides the start
 */
export async function walk(
  sagemaker: SageMakerClient,
  start: string,
  direction: "up" | "down",
  limit: number,
): Promise<Walked> {
  const met = new Set([start]);
  const visited = new Set<string>();
  const edges = new Map<string, TraceEdge>();
  const stack: Step[] = [{ arn: start }];
  while (stack.length > 0 && visited.size <= limit) {
    const room = limit + 1 - visited.size;
    const steps = stack.splice(-Math.min(AT_ONCE, room));
    for (const { arn } of steps) visited.add(arn);
    const pages = await mapLimited(steps, AT_ONCE, (step) => read(sagemaker, step, direction));
    // The last entity is visited next: pages that are left over lie below what was met now.
    stack.push(...steps.flatMap(({ arn }, index) => (pages[index]?.next ? [{ arn, token: pages[index].next }] : [])));
    for (const page of pages)
      for (const edge of page.edges) {
        const other = direction === "up" ? edge.from : edge.to;
        edges.set(`${edge.from} ${edge.to}`, edge);
        if (!met.has(other)) stack.push({ arn: other });
        met.add(other);
      }
  }
  return {
    arns: [...visited].filter((arn) => arn !== start),
    edges: [...edges.values()].filter(({ from, to }) => visited.has(from) && visited.has(to)),
    more: stack.length > 0,
  };
}

async function read(
  sagemaker: SageMakerClient,
  { arn, token }: Step,
  direction: "up" | "down",
): Promise<{ edges: TraceEdge[]; next?: string }> {
  const page = await sagemaker.send(
    new ListAssociationsCommand({
      ...(direction === "up" ? { DestinationArn: arn } : { SourceArn: arn }),
      MaxResults: 100,
      NextToken: token,
    }),
  );
  const edges = (page.AssociationSummaries ?? []).flatMap(
    ({ SourceArn: from, DestinationArn: to, AssociationType: type = "AssociatedWith" }) =>
      from && to ? [{ from, to, type }] : [],
  );
  return { edges, next: page.NextToken };
}
