/** The resources that hold settings of a bucket (its policy, and nearly everything in the classic provider). */
import { NAME_PROPERTY } from "./families.ts";
import type { Graph, Node } from "./graph.ts";

interface Index {
  readonly byName: ReadonlyMap<unknown, readonly Node[]>;
  readonly byUrn: ReadonlyMap<string, readonly Node[]>;
}

const indexes = new WeakMap<Graph, Map<string, Index>>();

/**
 * The resources of `types` whose `bucket` is this bucket: by name where both names are known, else by reference. A rule
 * must declare the bucket's name property and `bucket` of each of `types`.
 */
export function partsOf(bucket: Node, graph: Graph, types: readonly string[], buckets: readonly string[]): Node[] {
  const { byName, byUrn } = indexOf(graph, types, buckets);
  const own = bucket.one(nameProperty(bucket));
  return [...((own.state === "known" && byName.get(own.value)) || []), ...(byUrn.get(bucket.urn) ?? [])];
}

/** The property of a bucket that holds its name. */
export const nameProperty = (bucket: Node): string => NAME_PROPERTY[bucket.type] ?? "bucket";

/** Built once for a graph, so that judging n buckets against m settings stays linear. */
function indexOf(graph: Graph, types: readonly string[], buckets: readonly string[]): Index {
  let known = indexes.get(graph);
  if (!known) {
    known = new Map();
    indexes.set(graph, known);
  }
  const key = types.join(" ");
  let index = known.get(key);
  if (!index) {
    const byName = new Map<unknown, Node[]>();
    const byUrn = new Map<string, Node[]>();
    for (const part of graph.ofTypes(types)) {
      const reading = part.one("bucket");
      if (reading.state === "known") add(byName, reading.value, part);
      else for (const target of part.referredBy("bucket", buckets)) add(byUrn, target.urn, part);
    }
    index = { byName, byUrn };
    known.set(key, index);
  }
  return index;
}

function add<Key>(map: Map<Key, Node[]>, key: Key, node: Node): void {
  const same = map.get(key);
  if (same) same.push(node);
  else map.set(key, [node]);
}
