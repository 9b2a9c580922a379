/** A trace as a picture that needs nothing to be looked at: columns from the past on the left to the present on the right. */
import { shortName } from "./mermaid.ts";
import type { Trace, TraceNode } from "./model.ts";

const BOX = { width: 250, height: 46, gapX: 60, gapY: 16, margin: 20 } as const;

export function formatSvg(trace: Trace): string {
  const columns = columnsOf(trace);
  const at = new Map<string, { x: number; y: number }>();
  for (const [column, nodes] of columns.entries())
    for (const [row, node] of nodes.entries())
      at.set(node.arn, {
        x: BOX.margin + column * (BOX.width + BOX.gapX),
        y: BOX.margin + row * (BOX.height + BOX.gapY),
      });
  const width = 2 * BOX.margin + columns.length * (BOX.width + BOX.gapX) - BOX.gapX;
  const rows = Math.max(...columns.map((nodes) => nodes.length));
  const height = 2 * BOX.margin + rows * (BOX.height + BOX.gapY) - BOX.gapY;
  const lines = trace.edges.flatMap(({ from, to, type }) => {
    const start = at.get(from);
    const end = at.get(to);
    if (!start || !end) return [];
    const [x1, y1, x2, y2] = [start.x + BOX.width, start.y + BOX.height / 2, end.x, end.y + BOX.height / 2];
    const bend = Math.max(30, Math.abs(x2 - x1) / 2);
    const dashed = type === "AssociatedWith" ? ' stroke-dasharray="4 3"' : "";
    return `<path d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"${dashed} marker-end="url(#tip)"><title>${quoted(type)}</title></path>`;
  });
  const boxes = trace.nodes.flatMap((node) => {
    const place = at.get(node.arn);
    return place ? box(node, place, node.arn === trace.subject) : [];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#667"/></marker></defs>',
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<g fill="none" stroke="#667">${lines.join("")}</g>`,
    ...boxes,
    "</svg>",
    "",
  ].join("\n");
}

function box(node: TraceNode, { x, y }: { x: number; y: number }, subject: boolean): string {
  const about = [node.name, ...node.facts.map(([label, value]) => `${label} ${value}`)].join("\n");
  return (
    `<g><title>${quoted(about)}</title><rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="6" fill="${subject ? "#e8f0fe" : "#f7f7f9"}" stroke="#445" stroke-width="${subject ? 2.5 : 1}"/>` +
    `<text x="${x + 10}" y="${y + 18}" fill="#667">${quoted(node.kind)}</text>` +
    `<text x="${x + 10}" y="${y + 36}" fill="#112">${quoted(shortName(node.name, 34))}</text></g>`
  );
}

/** A node stands one column right of the rightmost of those it came from. */
function columnsOf(trace: Trace): TraceNode[][] {
  const depth = new Map(trace.nodes.map((node) => [node.arn, 0]));
  // Lineage has no circles; should one have been recorded by hand, the passes end all the same.
  for (let pass = 0, moved = true; moved && pass < trace.nodes.length; pass += 1) {
    moved = false;
    for (const { from, to } of trace.edges) {
      const wanted = (depth.get(from) ?? 0) + 1;
      if (!depth.has(to) || !depth.has(from) || (depth.get(to) ?? 0) >= wanted) continue;
      depth.set(to, wanted);
      moved = true;
    }
  }
  const used = [...new Set(depth.values())].sort((a, b) => a - b);
  return used.map((column) => trace.nodes.filter((node) => depth.get(node.arn) === column));
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
/** XML has no way to hold control characters. */
const quoted = (text: string): string =>
  text.replace(/[^\P{Cc}\n\t]/gu, "").replace(/[&<>"]/g, (character) => entities[character] ?? "");
