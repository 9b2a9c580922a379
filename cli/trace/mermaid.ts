/** A trace as a Mermaid flow chart, as GitHub and many editors draw it. */
import type { Trace, TraceNode } from "./model.ts";

const shapes: Readonly<Record<string, readonly [string, string]>> = {
  "dataset version": ["[(", ")]"],
  run: ["([", "])"],
  approval: ["{{", "}}"],
  endpoint: ["[[", "]]"],
};

export function formatMermaid(trace: Trace): string {
  const ids = new Map(trace.nodes.map((node, index) => [node.arn, `n${index}`]));
  const lines = ["flowchart LR"];
  for (const node of trace.nodes) {
    const [open, close] = shapes[node.kind] ?? ["[", "]"];
    lines.push(`  ${ids.get(node.arn)}${open}"${label(node)}"${close}`);
  }
  for (const { from, to, type } of trace.edges) {
    const arrow = type === "AssociatedWith" ? "-.->" : "-->";
    if (ids.has(from) && ids.has(to)) lines.push(`  ${ids.get(from)} ${arrow}|${type}| ${ids.get(to)}`);
  }
  lines.push("  classDef subject stroke-width:3px", `  class ${ids.get(trace.subject)} subject`);
  return lines.join("\n");
}

const label = (node: TraceNode): string => `${quoted(node.kind)}<br/>${quoted(shortName(node.name, 48))}`;

/** Mermaid reads HTML entities in quoted labels, written with # for &. */
const quoted = (text: string): string => text.replace(/[&<>"#]/g, (character) => `#${character.codePointAt(0)};`);

/** Long names lose their middle: a digest is known by its head, an ARN by its tail. */
export function shortName(name: string, length: number): string {
  const text = name.replace(/([0-9a-f]{12})[0-9a-f]{52}/, "$1…");
  if (text.length <= length) return text;
  return `${text.slice(0, Math.ceil(length / 3))}…${text.slice(text.length - Math.floor((length * 2) / 3) + 1)}`;
}
