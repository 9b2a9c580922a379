/** A verdict for a pull request. */
import { type Finding, isMandatory, resourceOf, type Verdict } from "./finding.ts";
import { summaryOf } from "./text.ts";

/** GitHub takes comments of at most 65,536 characters; what is cut off is said. */
const MOST = 60_000;

export function markdownOf(verdict: Verdict): string {
  const { findings, remarks, remediated } = verdict;
  const mandatory = findings.filter(isMandatory);
  const advisory = findings.filter((finding) => !isMandatory(finding));
  const title =
    mandatory.length > 0
      ? "❌ Policies: refused"
      : advisory.length > 0
        ? "⚠️ Policies: passed with remarks"
        : "✅ Policies: passed";
  const parts = [
    `## ${title}\n\n${summaryOf(verdict)}`,
    ...remarks.map((remark) => `> ${escaped(remark)}`),
    ...section("Must be mended", mandatory, false),
    ...section("Advisory", advisory, mandatory.length > 0),
    ...(remediated.length > 0
      ? [
          `### Corrected by remediation\n\n${remediated.map(({ rule, urn }) => `- \`${rule}\` on ${code(resourceOf(urn))}`).join("\n")}`,
        ]
      : []),
  ];
  return `${cut(parts)}\n`;
}

/** One block per rule, so that a sentence said of ten resources is read once. */
function section(title: string, findings: readonly Finding[], folded: boolean): string[] {
  if (findings.length === 0) return [];
  const rules = Map.groupBy(findings, ({ rule }) => rule);
  const head = `### ${title} (${findings.length})`;
  const blocks = [...rules].map(([rule, of]) => block(rule, of));
  return folded
    ? [`<details><summary>${title} (${findings.length})</summary>`, ...blocks, "</details>"]
    : [head, ...blocks];
}

function block(rule: string, findings: readonly Finding[]): string {
  const { severity, description } = findings[0] as Finding;
  const items = findings.map(({ urn, text, source }) => {
    const where = source ? ` (${escaped(source)})` : "";
    // The rule stands above; what is left of its name is the check.
    const [, check, rest] = /^[a-z0-9-]+\/([a-z0-9-]+): (.*)$/s.exec(text) ?? [];
    const said = check && text.startsWith(`${rule}/`) ? `\`${check}\` ${escaped(rest ?? "")}` : escaped(text);
    return `- **${escaped(resourceOf(urn))}**${where}: ${said}`;
  });
  return `#### \`${rule}\` · ${severity || "no severity"}\n\n${escaped(description)}\n\n${items.join("\n")}`;
}

function cut(parts: readonly string[]): string {
  let text = "";
  for (const [index, part] of parts.entries()) {
    if (text.length + part.length > MOST) {
      const open = text.includes("<details>") && !text.includes("</details>") ? "\n\n</details>" : "";
      return `${text.trimEnd()}${open}\n\n_${parts.length - index} more sections do not fit here; the whole is in the run's log._`;
    }
    text += `${part}\n\n`;
  }
  return text.trimEnd();
}

/** Names and values come from the program: none of them may become markup. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[\\`*_{}[\]<>#|~@]/g, (mark) =>
      mark === "<" ? "&lt;" : mark === ">" ? "&gt;" : mark === "@" ? "@\u200b" : `\\${mark}`,
    )
    .replaceAll(/\s*\n\s*/g, " ");

const code = (text: string): string => `\`${text.replaceAll("`", "'")}\``;
