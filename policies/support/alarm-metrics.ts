/** Which metrics an alarm watches, and of what, in both providers' spellings. */

import { membersOf } from "./alarms.ts";
import { ALARM, COMPOSITE_ALARM, ENDPOINT, FUNCTION, tokensOf } from "./families.ts";
import type { Graph, Node } from "./graph.ts";
import { file, perGraph } from "./per-graph.ts";
import { allReads } from "./rule.ts";
import type { Reads } from "./subject.ts";
import { isTree, type Tree, Unknown } from "./unknown.ts";

const composites = tokensOf(COMPOSITE_ALARM);
const QUERIES: Readonly<Record<string, string>> = { [ALARM.native]: "metrics", [ALARM.classic]: "metricQueries" };

/** What a rule must declare that asks what an alarm watches. */
export const METRIC_READS: Reads = allReads(
  ...Object.entries(QUERIES).map(([type, queries]) => ({ [type]: ["namespace", "metricName", "dimensions", queries] })),
);

/** A metric that is looked for. */
export interface Aim {
  readonly fits: (namespace: string, metric: string) => boolean;
  /** The dimension that must name it; absent: any. */
  readonly dimension?: string;
  /** The thing that is watched, and its name where it is known. */
  readonly node: Node;
  readonly name: string | undefined;
}

type Sight = "yes" | "no" | "unknown";

/** Whether the alarm, or one that it is made of, watches such a metric. Composite alarms may hold each other. */
export function watches(alarm: Node, graph: Graph, aim: Aim, seen = new Set<string>()): Sight {
  if (seen.has(alarm.urn)) return "no";
  seen.add(alarm.urn);
  if (composites.includes(alarm.type)) {
    const sights = membersOf(alarm, graph).map((member) => watches(member, graph, aim, seen));
    return best(alarm.one("alarmRule").state === "unknown" ? [...sights, "unknown"] : sights);
  }
  return best(metricsOf(alarm).map((metric) => (metric instanceof Unknown ? "unknown" : sightOf(metric, alarm, aim))));
}

interface Metric {
  readonly namespace: unknown;
  readonly name: unknown;
  readonly dimensions: unknown;
  /** Where it stands. */
  readonly property: string;
}

/** The alarm's own metric and those it is computed from. */
function metricsOf(alarm: Node): (Metric | Unknown)[] {
  const [namespace, name, dimensions] = ["namespace", "metricName", "dimensions"].map((path) => {
    const reading = alarm.one(path);
    return reading.state === "unknown" ? new Unknown(path) : reading.state === "known" ? reading.value : undefined;
  });
  const own: (Metric | Unknown)[] = [{ namespace, name, dimensions, property: "dimensions" }];
  const property = QUERIES[alarm.type] ?? "";
  const listed = alarm.one(property);
  if (listed.state === "unknown") return [...own, new Unknown(property)];
  const queries: readonly unknown[] = listed.state === "known" && Array.isArray(listed.value) ? listed.value : [];
  return queries.reduce<(Metric | Unknown)[]>((all, query) => {
    const inner = metricOf(query);
    if (inner instanceof Unknown) all.push(inner);
    else if (inner)
      all.push({ namespace: inner.namespace, name: inner.metricName, dimensions: inner.dimensions, property });
    return all;
  }, own);
}

/** Metric alarms by what they are about: the value of a dimension, or the resource that one is computed from. */
const aboutOf = perGraph((graph) => {
  const byValue = new Map<unknown, Node[]>();
  const byUrn = new Map<string, Node[]>();
  const open: Node[] = [];
  for (const alarm of graph.ofTypes(tokensOf(ALARM))) {
    const values = new Set<unknown>();
    const urns = new Set<string>();
    let isOpen = false;
    for (const metric of metricsOf(alarm)) {
      const property = metric instanceof Unknown ? metric.path : metric.property;
      const found = metric instanceof Unknown ? [[undefined, metric] as const] : dimensionsOf(metric.dimensions);
      for (const [key, value] of found) {
        if (key !== undefined && !(value instanceof Unknown)) values.add(value);
        else {
          const referred = alarm.referredBy(property, tokensOf(ENDPOINT, FUNCTION));
          for (const { urn } of referred) urns.add(urn);
          isOpen ||= referred.length === 0;
        }
      }
    }
    for (const value of values) file(byValue, value, alarm);
    for (const urn of urns) file(byUrn, urn, alarm);
    if (isOpen) open.push(alarm);
  }
  return { byValue, byUrn, open };
});

/** The metric alarms that may watch one of the things; all of them where the name of one is not known yet. */
export function alarmsAbout(graph: Graph, aims: readonly Pick<Aim, "node" | "name">[]): readonly Node[] {
  if (aims.some(({ name }) => name === undefined)) return graph.ofTypes(tokensOf(ALARM));
  const { byValue, byUrn, open } = aboutOf(graph);
  const found = aims.flatMap(({ node, name }) => [...(byValue.get(name) ?? []), ...(byUrn.get(node.urn) ?? [])]);
  return [...new Set([...found, ...open])];
}

/** Composite alarms by what they are made of; `open`: what those are made of is not known yet. */
const holdersOf = perGraph((graph) => {
  const holders = new Map<string, Node[]>();
  const open: Node[] = [];
  for (const composite of graph.ofTypes(composites)) {
    if (composite.one("alarmRule").state === "unknown") open.push(composite);
    for (const { urn } of membersOf(composite, graph)) file(holders, urn, composite);
  }
  return { holders, open };
});

/** The alarms that may watch one of the things (see `alarmsAbout`), and the composite ones above them, however high. */
export function alarmsOver(graph: Graph, aims: readonly Pick<Aim, "node" | "name">[]): ReadonlySet<Node> {
  const { holders, open } = holdersOf(graph);
  const found = new Set([...alarmsAbout(graph, aims), ...open]);
  // A set that grows while it is walked is walked to its end.
  for (const { urn } of found) for (const holder of holders.get(urn) ?? []) found.add(holder);
  return found;
}

/** aws-native: `metricStat.metric`; classic: `metric`. An expression has neither. */
function metricOf(query: unknown): Tree | Unknown | undefined {
  if (query instanceof Unknown) return query;
  if (!isTree(query)) return undefined;
  const outer = query.metricStat ?? query.metric;
  const inner = isTree(outer) && outer.metric !== undefined ? outer.metric : outer;
  return inner instanceof Unknown || isTree(inner) ? inner : undefined;
}

const best = (sights: readonly Sight[]): Sight =>
  sights.includes("yes") ? "yes" : sights.includes("unknown") ? "unknown" : "no";

function sightOf({ namespace, name: metric, dimensions, property }: Metric, alarm: Node, aim: Aim): Sight {
  if (namespace === undefined || metric === undefined) return "no";
  const isHidden = namespace instanceof Unknown || metric instanceof Unknown;
  if (!isHidden && (typeof namespace !== "string" || typeof metric !== "string" || !aim.fits(namespace, metric)))
    return "no";
  const sight = best(
    dimensionsOf(dimensions).map(([key, value]): Sight => {
      if (key !== undefined && aim.dimension !== undefined && key !== aim.dimension) return "no";
      if (value instanceof Unknown || key === undefined) {
        const referred = alarm.referredBy(property, [aim.node.type]);
        if (referred.some(({ urn }) => urn === aim.node.urn)) return "yes";
        return referred.length > 0 ? "no" : "unknown";
      }
      if (aim.name === undefined) return "unknown";
      return value === aim.name ? "yes" : "no";
    }),
  );
  return sight === "yes" && isHidden ? "unknown" : sight;
}

/** aws-native has a list of names and values, classic a map. A key that is not known yet is undefined. */
function dimensionsOf(dimensions: unknown): readonly (readonly [string | undefined, unknown])[] {
  if (dimensions instanceof Unknown) return [[undefined, dimensions]];
  if (isTree(dimensions)) return Object.entries(dimensions);
  if (!Array.isArray(dimensions)) return [];
  return dimensions.flatMap((entry: unknown): (readonly [string | undefined, unknown])[] => {
    if (entry instanceof Unknown) return [[undefined, entry]];
    if (!isTree(entry)) return [];
    const { name, value } = entry;
    return typeof name === "string" ? [[name, value]] : name instanceof Unknown ? [[undefined, name]] : [];
  });
}
