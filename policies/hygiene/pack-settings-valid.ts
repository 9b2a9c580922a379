/**
 * The pack's own orders: the stage, the levels, the dated tables and the exemptions.
 *
 * Order makes "matches nothing" true: the engine asks for each resource first and for the stack last, the library asks the
 * rules one after the other, and this one is the last of the roster. Where a rule could not judge the resource to the end (a
 * value not known yet, AWS out of reach, a rule that is switched off), an unused exemption is noted, not refused.
 *
 * With --target too the engine asks for every resource that the program registers.
 *
 * Not visible from here: keys of the configuration file that name no rule (the engine drops them; a test over the files
 * refuses them), and a run without the pack.
 */
import { priceTable } from "../../pricing/table.ts";
import { daysUntil, MOST_DAYS } from "../support/exemptions.ts";
import type { Reporter } from "../support/report.ts";
import { REVIEWED } from "../support/reviewed.ts";
import { reads, rule } from "../support/rule.ts";
import { type Configured, currentRun, enlisted, type Run, stackOf, stageOfStack } from "../support/run.ts";
import { SETTINGS } from "../support/settings.ts";
import { show } from "../support/show.ts";

type Check =
  | "stage"
  | "pack-date"
  | "price-date"
  | "offline"
  | "level"
  | "relaxation"
  | "exemption-file"
  | "exemption-form"
  | "exemption-expired"
  | "exemption-unknown"
  | "exemption-refused"
  | "exemption-unused";

type Say = Reporter<Check>["fault"];

/** Remediation changes inputs behind the program's back, so in prod it is less than being told. */
const RANK: Readonly<Record<Configured["level"], number>> = { disabled: 0, advisory: 1, remediate: 2, mandatory: 3 };
const STRICT = "prod";

export default rule({
  id: "pack-settings-valid",
  group: "hygiene",
  severity: "critical",
  what: "The pack runs with another stage's configuration, with levels below those of production, with old tables, or with exemptions that do not hold.",
  why: "A guard with the wrong orders is worse than none.",
  fix: "Give the run the configuration of its stage, and keep exemptions and dated tables up to date.",
  levels: { dev: "mandatory", prod: "mandatory" },
  unexemptable: "all",
  checks: {
    stage: "The configuration is for another stage than the stack's.",
    "pack-date": "The pack's dated lists have not been reviewed for too long.",
    "price-date": "The price table has not been compared with AWS for too long.",
    offline: "In prod a rule only warns when AWS cannot be asked.",
    level: "In prod a rule runs below its level, or the levels cannot be seen.",
    relaxation: "A declared relaxation has ended, or ends too far ahead.",
    "exemption-file": "The file of exemptions cannot be read, or is no list.",
    "exemption-form": "An exemption lacks something, or has something that means nothing.",
    "exemption-expired": "An exemption has ended, or ends too far ahead.",
    "exemption-unknown": "An exemption names a rule or check that does not exist.",
    "exemption-refused": "An exemption names what may not be exempted.",
    "exemption-unused": "An exemption matches no finding of its stage.",
  } satisfies Record<Check, string>,
  settings: ["stage", "stageOfStack", "packDays", "priceTableDays", "exemptionsFile"],
  stack: {
    types: [],
    reads: reads([]),
    whole(graph, { settings, at }) {
      const run = currentRun();
      const report = at();
      const stacks = new Set(graph.all().map(({ urn }) => stackOf(urn)));
      const stages = new Set([...stacks].map((stack) => stageOfStack(stack, settings.stageOfStack)));
      const strict = settings.stage === STRICT || stages.has(STRICT);
      // In prod this rule's own level may be among what is wrong, so it does not speak at that level.
      const say: Say = (fault) => (strict ? report.insist(fault) : report.fault(fault));
      for (const stack of stacks) judgeStage(stack, settings, say);
      judgeDates(run, settings, say);
      if (strict) judgeLevels(run, say);
      judgeRelaxations(run, settings.stage, say);
      for (const fault of run.exemptions.faults) say(fault);
      judgeUnused(run, stacks, say, report);
    },
  },
});

function judgeStage(
  stack: string,
  { stage, stageOfStack: mapped }: { readonly stage: string; readonly stageOfStack: Readonly<Record<string, string>> },
  say: Say,
): void {
  const wanted = stageOfStack(stack, mapped);
  if (wanted === stage) return;
  say({
    check: "stage",
    path: "stage",
    value: show(stage),
    limit: `${show(wanted)}, the stage of stack ${show(stack)}`,
    fix: `Give the run the configuration of ${wanted} (--policy-pack-config), or map the stack in stageOfStack.`,
  });
}

function judgeDates(
  { today }: Run,
  { packDays, priceTableDays }: { readonly packDays: number; readonly priceTableDays: number },
  say: Say,
): void {
  const dates = [
    ["pack-date", "REVIEWED", REVIEWED, packDays, "Take a newer version of the pack, or review its dated lists."],
    ["price-date", "asOf", priceTable().asOf, priceTableDays, "Compare the prices with AWS's, and set the day."],
  ] as const;
  for (const [check, path, day, most, fix] of dates) {
    const age = -daysUntil(day, today);
    if (age <= most) continue;
    const value = Number.isNaN(age) ? show(day) : `${day}, ${age} days ago`;
    say({ check, path, value, limit: `at most ${most} days ago`, fix });
  }
}

function judgeLevels(run: Run, say: Say): void {
  if (run.served && !run.configuration) {
    const fix = "Report this as a fault of the policy pack: the library or the engine has changed.";
    say({ check: "level", path: "levels", value: "not seen", limit: "configured by the engine", fix });
  }
  for (const meta of enlisted().values()) {
    const level = run.levelOf(meta);
    const relaxed = run.relaxations[STRICT]?.some((one) => one.rule === meta.id && RANK[level] >= RANK[one.level]);
    if (RANK[level] < RANK[meta.levels.prod] && !relaxed) {
      const fix = "Set it back; a relaxation is declared in stages.ts, with a reason and an end.";
      const path = `${meta.id}.enforcementLevel`;
      say({ check: "level", path, value: show(level), limit: `${show(meta.levels.prod)} in prod`, fix });
    }
    const offline = run.configuration?.get(meta.id)?.settings.offline ?? SETTINGS.offline.default;
    if (meta.live && offline !== "refuse") {
      const fix = "Set it back: what cannot be verified is not deployed to prod.";
      say({ check: "offline", path: `${meta.id}.offline`, value: show(offline), limit: '"refuse" in prod', fix });
    }
  }
}

function judgeRelaxations({ relaxations, today }: Run, stage: string, say: Say): void {
  if (!Object.hasOwn(relaxations, stage)) return;
  for (const { rule: id, until } of relaxations[stage] ?? []) {
    const days = daysUntil(until, today);
    if (days >= 0 && days <= MOST_DAYS) continue;
    const value = days < 0 ? `${until}, which has passed` : show(until);
    const fix = "Run the rule at its level, or have the relaxation reviewed again.";
    const limit = `at most ${MOST_DAYS} days ahead`;
    say({ check: "relaxation", path: `relaxation of ${id} in ${stage}, until`, value, limit, fix });
  }
}

function judgeUnused(run: Run, stacks: ReadonlySet<string>, say: Say, report: Reporter<Check>): void {
  for (const { exemption, open } of run.unused(stacks)) {
    const { path, rule: id, check, urn } = exemption;
    const fault = {
      check: "exemption-unused" as const,
      path,
      value: `${check === undefined ? id : `${id}/${check}`} on ${urn}`,
      limit: "one that matches a finding",
    };
    if (open) report.note({ ...fault, fix: "It cannot be told yet: the rule has not judged the resource to the end." });
    else say({ ...fault, fix: "Remove it, or correct its check, URN or stages." });
  }
}
