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

const keyOf = (source: string, destination: string): string => `${source}\n${destination}`;

export class LineageGraph {
  readonly #edges = new Map<string, Edge>();

  /** Adds an edge; one that is there already keeps its place and type. */
  add(edge: Edge): void {
    const key = keyOf(edge.source, edge.destination);
    if (!this.#edges.has(key)) this.#edges.set(key, edge);
  }

  get(source: string, destination: string): Edge | undefined {
    return this.#edges.get(keyOf(source, destination));
  }

  remove(source: string, destination: string): boolean {
    return this.#edges.delete(keyOf(source, destination));
  }

  edges(): Edge[] {
    return [...this.#edges.values()];
  }

  /** Whether anything is associated with the entity. */
  touches(arn: string): boolean {
    return this.edges().some((edge) => edge.source === arn || edge.destination === arn);
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
    const seen = new Set([start]);
    const walked: Edge[] = [];
    let frontier = new Set([start]);
    for (let step = 0; step < depth && frontier.size > 0; step += 1) {
      const next = new Set<string>();
      for (const edge of this.#edges.values()) {
        const [from, to] =
          direction === "Descendants" ? [edge.source, edge.destination] : [edge.destination, edge.source];
        if (!frontier.has(from)) continue;
        walked.push(edge);
        if (!seen.has(to)) next.add(to);
        seen.add(to);
      }
      frontier = next;
    }
    seen.delete(start);
    return { arns: [...seen], edges: walked };
  }
}
