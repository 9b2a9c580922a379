/** The one-page report of a run: one HTML file, no script, nothing loaded from elsewhere. */
import type { Fact } from "./life.ts";
import type { Played } from "./run.ts";

export interface Report {
  readonly startedAt: Date;
  readonly scenes: readonly Played[];
  /** Facts about the run as a whole: versions, where to look. */
  readonly about: readonly { label: string; value: string }[];
}

export function renderReport(report: Report): string {
  const failed = report.scenes.some((scene) => scene.fault !== undefined);
  const total = report.scenes.reduce((sum, scene) => sum + scene.seconds, 0);
  const lineage = report.scenes.find((scene) => scene.id === "lineage");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rehearsal of ${escapeHtml(report.startedAt.toISOString().slice(0, 16).replace("T", " "))} UTC</title>
<style>${css}</style>
</head>
<body>
<header>
<h1>Rehearsal: the life of a model</h1>
<p class="${failed ? "bad" : "good"}">${failed ? "A scene failed" : `All ${report.scenes.length} scenes shown true`} in ${total.toFixed(1)} s</p>
</header>
${lineage && lineage.fault === undefined ? chain(lineage) : ""}
<main>
${report.scenes.map(section).join("\n")}
</main>
<footer>
<h2>About this run</h2>
${table(report.about)}
</footer>
</body>
</html>
`;
}

function section(scene: Played, index: number): string {
  return `<section id="${escapeHtml(scene.id)}">
<h2><span class="number">${index + 1}</span> ${escapeHtml(scene.title)} <span class="time">${scene.seconds.toFixed(1)} s</span></h2>
${scene.fault === undefined ? table(scene.facts.filter((fact) => !fact.picture)) : `<p class="bad">${escapeHtml(scene.fault)}</p>`}
${scene.facts
  .filter((fact) => fact.picture)
  .map(picture)
  .join("")}</section>`;
}

function chain(lineage: Played): string {
  const links = lineage.facts.filter((fact) => fact.link);
  const items = links
    .map((fact) => `<li><b>${escapeHtml(fact.label)}</b><span>${escapeHtml(fact.value)}</span></li>`)
    .join("");
  return `<nav aria-label="Lineage"><h2>Lineage, from the prod endpoint back to the data</h2><ol class="chain">${items}</ol></nav>`;
}

/** The picture stands in the file itself; a tall page scrolls in its frame, and all but the first are folded away. */
function picture({ label, value, picture: png }: Fact, index: number): string {
  if (!png) return "";
  const [name, alt] = [escapeHtml(label), escapeHtml(value)];
  return `<details${index === 0 ? " open" : ""}><summary>${name}</summary><div class="frame" tabindex="0" role="group" aria-label="${name}"><img src="data:image/png;base64,${png.toString("base64")}" alt="${alt}"></div></details>
`;
}

function table(facts: readonly { label: string; value: string }[]): string {
  const rows = facts.map(
    (fact) => `<tr><th scope="row">${escapeHtml(fact.label)}</th><td>${escapeHtml(fact.value)}</td></tr>`,
  );
  return `<table>${rows.join("")}</table>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

const css = `
:root { color-scheme: light dark; --ink: #1c2330; --soft: #5b6472; --line: #d9dee7; --good: #1a7f4b; --bad: #b3261e; --paper: #fff; --panel: #f5f7fa; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #9aa4b2; --line: #333b47; --good: #5fd08f; --bad: #ff8a80; --paper: #14181f; --panel: #1c222b; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.05rem; margin: 0 0 .5rem; }
.good { color: var(--good); font-weight: 600; } .bad { color: var(--bad); font-weight: 600; white-space: pre-wrap; overflow-wrap: anywhere; }
section, nav, footer { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.2rem; margin: 1rem 0; }
.number { display: inline-block; min-width: 1.6em; color: var(--soft); } .time { float: right; color: var(--soft); font-weight: 400; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; } th { text-align: left; font-weight: 500; color: var(--soft); width: 14rem; vertical-align: top; padding: .2rem 1rem .2rem 0; }
td { overflow-wrap: anywhere; padding: .2rem 0; }
details { margin-top: .6rem; } summary { cursor: pointer; font-weight: 500; } .frame { max-height: 34rem; overflow: auto; border: 1px solid var(--line); border-radius: 4px; margin-top: .5rem; } img { display: block; max-width: 100%; }
.chain { list-style: none; margin: 0; padding: 0; } .chain li { border-left: 3px solid var(--good); padding: .15rem 0 .5rem 1rem; overflow-wrap: anywhere; } .chain b { display: block; font-weight: 500; color: var(--soft); }
@media (max-width: 40rem) { table { table-layout: auto; } th { width: auto; } }
`;
