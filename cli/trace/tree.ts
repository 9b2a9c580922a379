/** A trace as text: what the subject came from, and what came of it, each as a tree. */
import { flowKinds, type Trace, type TraceNode } from "./model.ts";

/** Facts that only `--json` and `--verify` need. */
const quiet = new Set(["serves", "artefact version id"]);

type Children = (arn: string) => readonly string[];

export function formatTree(trace: Trace): string {
  const nodes = new Map(trace.nodes.map((node) => [node.arn, node]));
  const subject = nodes.get(trace.subject) as TraceNode;
  const inService = new Set(
    trace.nodes.flatMap((node) => node.facts.flatMap(([label, value]) => (label === "serves" ? [value] : []))),
  );
  const line = (node: TraceNode): string => {
    const facts = node.facts.filter(([label]) => !quiet.has(label)).map(([label, value]) => `${label} ${value}`);
    if (node.kind === "model package" && inService.has(node.uri)) facts.push("in service");
    return `${node.kind}  ${node.name}${facts.length > 0 ? `  (${facts.join(", ")})` : ""}`;
  };
  const neighbours =
    (from: "from" | "to", to: "from" | "to"): Children =>
    (arn) =>
      trace.edges
        .filter((edge) => edge[from] === arn)
        .map((edge) => edge[to])
        .filter((other) => nodes.has(other))
        .sort((a, b) => order(nodes.get(a)) - order(nodes.get(b)));
  const grown = (title: string, children: Children, more: boolean): string[] => {
    const lines = branches(trace.subject, children, nodes, line);
    if (more) lines.push("… more than the limit; see --limit");
    return ["", title, ...(lines.length > 0 ? lines : ["nothing is recorded"])];
  };
  return [
    line(subject),
    ...grown("comes from", neighbours("to", "from"), trace.more.up),
    ...grown("leads to", neighbours("from", "to"), trace.more.down),
  ].join("\n");
}

/** Each node is unfolded where it is met first. An approval is a leaf: what it is about stands beside it. */
function branches(
  subject: string,
  children: Children,
  nodes: ReadonlyMap<string, TraceNode>,
  line: (node: TraceNode) => string,
): string[] {
  const lines: string[] = [];
  const unfolded = new Set([subject]);
  const grow = (arn: string, indent: string): void => {
    const below = children(arn);
    for (const [index, child] of below.entries()) {
      const node = nodes.get(child) as TraceNode;
      const last = index === below.length - 1;
      const leaf = node.kind === "approval" || unfolded.has(child);
      const again =
        unfolded.has(child) && children(child).length > 0 && node.kind !== "approval" ? "  (see above)" : "";
      lines.push(`${indent}${last ? "└─" : "├─"} ${line(node)}${again}`);
      unfolded.add(child);
      if (!leaf) grow(child, `${indent}${last ? "   " : "│  "}`);
    }
  };
  grow(subject, "");
  return lines;
}

/** Packages before their approvals, data before runs. */
function order(node: TraceNode | undefined): number {
  const at = (flowKinds as readonly string[]).indexOf(node?.kind ?? "");
  return at === -1 ? flowKinds.length : at;
}
