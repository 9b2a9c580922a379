/**
 * Writes what is derived from the rules: `RULES.md`, `config/<stage>.json` and `config/baseline.json`.
 * `node policies/generate.ts` writes; with `--check` it writes nothing and exits 1 naming what is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BASELINE_SETTINGS, NEED_OUR_ESTATE } from "./baseline.ts";
import { HEAD, settingsMarkdown } from "./generate-guide.ts";
import { rules } from "./index.ts";
import { RELAXATIONS, STAGE_SETTINGS, STAGES } from "./stages.ts";
import { GROUPS, type Group, type RuleMeta, type Stage } from "./support/rule.ts";
import { SETTINGS, type SettingName } from "./support/settings.ts";

/** What each rule says of a resource with one thing wrong; made, and held against the rules, by the tests. */
const examples: Readonly<Record<string, { readonly of: string; readonly says: string }>> = JSON.parse(
  readFileSync(join(import.meta.dirname, "examples.json"), "utf8"),
);

/** RULES.md as text. */
export function rulesMarkdown(metas: readonly RuleMeta[] = rules.map((rule) => rule.meta)): string {
  const overview = table(
    ["group", "rule", "severity", "baseline", "dev", "prod", "judges", "asks AWS"],
    metas.map((meta) => [
      titleOf(meta.group),
      `[${meta.id}](#${meta.id})`,
      meta.severity,
      Object.hasOwn(NEED_OUR_ESTATE, meta.id) ? "off" : "advisory",
      shownLevel(meta, "dev"),
      shownLevel(meta, "prod"),
      halves(meta),
      meta.live ? "yes" : "no",
    ]),
  );
  const groups = GROUPS.filter((group) => metas.some((meta) => meta.group === group)).map((group) => {
    const sections = metas.filter((meta) => meta.group === group).map(section);
    return `## ${titleOf(group)}\n\n${sections.join("\n")}`;
  });
  return `${HEAD}\n${overview}\n\n${groups.join("\n")}\n${settingsMarkdown(metas, table)}`;
}

const titleOf = (group: Group): string => (group === "iam" ? "IAM" : `${group[0]?.toUpperCase()}${group.slice(1)}`);

function shownLevel(meta: RuleMeta, stage: Stage): string {
  const relaxed = RELAXATIONS[stage].find((one) => one.rule === meta.id);
  return relaxed ? `${relaxed.level} until ${relaxed.until}, then ${meta.levels[stage]}` : meta.levels[stage];
}

/** A Markdown table with aligned columns, as the project's formatter writes it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], fill = " ") =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, fill)).join(" | ")} |`;
  return [line(head), line([], "-"), ...rows.map((row) => line(row))].join("\n");
}

function halves({ judges }: RuleMeta): string {
  return [judges.resource.length > 0 ? "resource" : "", judges.stack.length > 0 || judges.whole ? "stack" : ""]
    .filter(Boolean)
    .join(" + ");
}

function section(meta: RuleMeta): string {
  const settings = meta.settings ?? [];
  const lines = [
    `### ${meta.id}\n`,
    `${meta.what} ${meta.why}\n`,
    `**Fix.** ${meta.fix}\n`,
    table(
      ["check", "finds"],
      Object.entries(meta.checks).map(([check, finds]) => [`\`${meta.id}/${check}\``, finds]),
    ),
    "",
    ...exampleOf(meta),
    `- Severity ${meta.severity}; dev ${meta.levels.dev}, prod ${meta.levels.prod}; ${exemption(meta)}.`,
    `- Judges ${subjects(meta).join(", ")}.`,
    ...STAGES.flatMap((stage) =>
      RELAXATIONS[stage]
        .filter((one) => one.rule === meta.id)
        .map(({ level, until, reason }) => `- In ${stage} only ${level} until ${until}: ${reason}`),
    ),
    ...(settings.length > 0 ? [`- [Settings](#settings): ${settings.map(setting).join("; ")}.`] : []),
    ...(meta.framework
      ? [
          `- ${meta.framework.name} ${meta.framework.version}, ${meta.framework.reference}: ${meta.framework.specification}`,
        ]
      : []),
    ...(meta.outside ?? []).map(({ source, ids, note }) => `- ${source}: ${ids.join(", ")}${note ? ` (${note})` : ""}`),
    "",
  ];
  return lines.join("\n");
}

function exampleOf({ id }: RuleMeta): string[] {
  const example = examples[id];
  return example ? [`**Example.** ${example.of}:\n`, "```", example.says, "```\n"] : [];
}

function subjects({ judges }: RuleMeta): string[] {
  const types = [...new Set([...judges.resource, ...judges.stack])]
    .filter((type) => !judges.every.some((start) => type.startsWith(start)))
    .sort();
  return [
    ...types.map((type) => `\`${type}\``),
    ...judges.every.map((start) => `every \`${start}…\``),
    ...(judges.whole ? ["the stack as one"] : []),
  ];
}

function exemption({ unexemptable }: RuleMeta): string {
  if (unexemptable === undefined) return "may be exempted";
  if (unexemptable === "all") return "cannot be exempted";
  if (unexemptable === "prod") return "cannot be exempted in prod";
  return `${unexemptable.map((check) => `/${check}`).join(", ")} cannot be exempted`;
}

const setting = (name: SettingName): string => `\`${name}\` (default ${JSON.stringify(SETTINGS[name].default)})`;

/** The pack configuration of a stage: every rule's level, and each setting whose value the stage changes. */
export function stageConfig(stage: Stage): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    rules.map(({ meta }) => {
      const changed = (meta.settings ?? []).filter((name) => STAGE_SETTINGS[stage][name] !== undefined);
      const values = Object.fromEntries(changed.map((name) => [name, STAGE_SETTINGS[stage][name]]));
      return [meta.id, { enforcementLevel: levelIn(meta, stage), ...values }];
    }),
  );
}

/** The rule's level in a stage, or what is declared below it until a day. */
const levelIn = (meta: RuleMeta, stage: Stage): string =>
  RELAXATIONS[stage].find((one) => one.rule === meta.id)?.level ?? meta.levels[stage];

/** For programs that know nothing of the pack (see `baseline.ts`). */
export function baselineConfig(): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    rules.map(({ meta }) => {
      if (Object.hasOwn(NEED_OUR_ESTATE, meta.id)) return [meta.id, { enforcementLevel: "disabled" }];
      const values = (meta.settings ?? []).flatMap((name) =>
        BASELINE_SETTINGS[name] === undefined ? [] : [[name, BASELINE_SETTINGS[name]]],
      );
      return [meta.id, { enforcementLevel: "advisory", ...Object.fromEntries(values) }];
    }),
  );
}

/** Every derived file: its path below this folder, and what it must hold. */
export function derivedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["RULES.md", rulesMarkdown()],
    ...STAGES.map((stage): [string, string] => [
      `config/${stage}.json`,
      `${JSON.stringify(stageConfig(stage), null, 2)}\n`,
    ]),
    ["config/baseline.json", `${JSON.stringify(baselineConfig(), null, 2)}\n`],
  ]);
}

function main(check: boolean): void {
  const stale: string[] = [];
  for (const [file, text] of derivedFiles()) {
    const path = join(import.meta.dirname, file);
    if (!check) writeFileSync(path, text);
    else if (contentOf(path) !== text) stale.push(`policies/${file}`);
  }
  if (stale.length === 0) return;
  console.error(`stale: ${stale.join(", ")}. Run: node policies/generate.ts`);
  process.exitCode = 1;
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

if (import.meta.main) main(process.argv.includes("--check"));
