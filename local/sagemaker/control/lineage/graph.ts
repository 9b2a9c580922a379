/** The lineage graph: directed edges between entities' ARNs, and the walk that QueryLineage does. Pure. */

export interface Edge {
  readonly source: string;
  readonly destination: string;
  readonly type: string;
  /** Epoch seconds. */
  readonly createdAt: number;
  readonly createdBy?: Record<string, unknown>;
}

export type Direction = "Both" | "Ascendants" | "Descendants";

/** Edges by one of their ends, then by the other. */
type Index = Map<string, Map<string, Edge>>;

export class LineageGraph {
  readonly #bySource: Index = new Map();
  readonly #byDestination: Index = new Map();
  readonly #edges = new Set<Edge>();

  /** Adds an edge; one that is there already keeps its place and type. */
  add(edge: Edge): void {
    if (this.get(edge.source, edge.destination)) return;
    this.#edges.add(edge);
    put(this.#bySource, edge.source, edge.destination, edge);
    put(this.#byDestination, edge.destination, edge.source, edge);
  }

  get(source: string, destination: string): Edge | undefined {
    return this.#bySource.get(source)?.get(destination);
  }

  remove(source: string, destination: string): boolean {
    const edge = this.get(source, destination);
    if (!edge) return false;
    this.#bySource.get(source)?.delete(destination);
    this.#byDestination.get(destination)?.delete(source);
    return this.#edges.delete(edge);
  }

  edges(): Edge[] {
    return [...this.#edges];
  }

  /** Edges with these ends, oldest first; an end that is not given may be any. */
  between(source: string | undefined, destination: string | undefined): Edge[] {
    if (source !== undefined && destination !== undefined) {
      const edge = this.get(source, destination);
      return edge ? [edge] : [];
    }
    if (source !== undefined) return [...(this.#bySource.get(source)?.values() ?? [])];
    if (destination !== undefined) return [...(this.#byDestination.get(destination)?.values() ?? [])];
    return this.edges();
  }

  /** Whether anything is associated with the entity. */
  touches(arn: string): boolean {
    return (this.#bySource.get(arn)?.size ?? 0) + (this.#byDestination.get(arn)?.size ?? 0) > 0;
  }

  /** Everything within `depth` edges of the start, breadth first, without the start; and the edges walked. */
  walk(start: string, direction: Direction, depth: number): { arns: string[]; edges: Edge[] } {
    if (direction !== "Both") return this.#oneWay(start, direction, depth);
    // Ancestors and descendants of the start; not the descendants of its ancestors.
    const up = this.#oneWay(start, "Ascendants", depth);
    const down = this.#oneWay(start, "Descendants", depth);
    return { arns: [...new Set([...up.arns, ...down.arns])], edges: [...new Set([...up.edges, ...down.edges])] };
  }

  #oneWay(start: string, direction: Direction, depth: number): { arns: string[]; edges: Edge[] } {
    const index = direction === "Descendants" ? this.#bySource : this.#byDestination;
    const seen = new Set([start]);
    const walked: Edge[] = [];
    let frontier = [start];
    for (let step = 0; step < depth && frontier.length > 0; step += 1) {
      const next: string[] = [];
      for (const arn of frontier)
        for (const [other, edge] of index.get(arn) ?? []) {
          walked.push(edge);
          if (!seen.has(other)) next.push(other);
          seen.add(other);
        }
      frontier = next;
    }
    seen.delete(start);
    return { arns: [...seen], edges: walked };
  }
}

function put(index: Index, end: string, other: string, edge: Edge): void {
  const edges = index.get(end) ?? new Map<string, Edge>();
  index.set(end, edges.set(other, edge));
}
