/**
 * What the stage costs a month stays under its limit: the idle part alone, and with the usage that is declared.
 *
 * The bill counts no free tier, since those belong to the account and several stages share it; so it errs upwards.
 */
import { bill, usedUsd } from "../../pricing/bill.ts";
import { ageInDays } from "../../pricing/table.ts";
import type { Bill, Line } from "../../pricing/types.ts";
import { BILL_READS, billedOf, dollars, nameOf, tableOf, withoutPrices } from "../support/bill.ts";
import type { Reporter } from "../support/report.ts";
import { rule } from "../support/rule.ts";
import { currentRun } from "../support/run.ts";
import { and, show } from "../support/show.ts";

type Check = "total" | "idle" | "unpriced" | "region" | "old" | "usage";

/** Resources that a message names at most. */
const NAMED = 5;

export default rule({
  id: "stage-monthly-bill",
  group: "cost",
  severity: "high",
  what: "The stage costs more in a month than its limit, or part of it has no price.",
  why: "Cost is decided at review or not at all.",
  fix: "Leave out or make smaller what the message names, or raise the stage's limit where it is reviewed.",
  levels: { dev: "advisory", prod: "mandatory" },
  checks: {
    total: "The bill with the declared usage reaches the stage's limit.",
    idle: "The bill of a month in which nobody does anything reaches the stage's limit.",
    unpriced: "Something costs, and there is no price for it.",
    region: "Resources lie in a region without prices, or nothing says where they lie.",
    old: "The price table was not compared with AWS for too long.",
    usage: "Usage is declared of something that is not there.",
  } satisfies Record<Check, string>,
  settings: ["limitUsdPerMonth", "idleUsdPerMonth", "declaredUsage", "ownPrices", "priceTableDays"],
  stack: {
    types: [],
    reads: BILL_READS,
    whole(graph, { settings, at }) {
      const report = at();
      const table = tableOf(settings.ownPrices);
      const resources = billedOf(graph);
      if (resources.length === 0) return;
      judgeTable(
        ageInDays(table, Date.parse(`${currentRun().today}T00:00:00Z`)),
        settings.priceTableDays,
        table.asOf,
        report,
      );
      const abroad = withoutPrices(resources, table);
      for (const { region, urns } of abroad) {
        const limit = table.regions.length === 1 ? `${table.regions[0]}` : `one of ${and(table.regions)}`;
        const fix =
          "Give its prices in ownPrices, or state the region where it is not stated; no other region's are taken.";
        const path = `the region of ${named(urns.map(nameOf))}`;
        report.fault({ check: "region", path, value: show(region), limit: `${limit}, which the price table has`, fix });
      }
      const result = bill(resources, settings.declaredUsage, table);
      judgeUnpriced(result, new Set(abroad.flatMap(({ urns }) => urns)), report);
      for (const usage of result.unmatched) {
        const path = `declaredUsage ${show(usage)}`;
        const fix = "Correct the name or the meter, or take it out.";
        const limit = "of a resource of this stage that has the meter";
        report.fault({ check: "usage", path, value: "of nothing", limit, fix });
      }
      const idle = (line: Line) => line.idleUsdPerMonth;
      const { idleUsdPerMonth, limitUsdPerMonth } = settings;
      judgeLimit("idle", "the bill of an idle month", result, idle, idleUsdPerMonth, report);
      const all = (line: Line) => line.idleUsdPerMonth + usedUsd(line);
      judgeLimit("total", "the bill of a month with the declared usage", result, all, limitUsdPerMonth, report);
    },
  },
});

function judgeTable(age: number, most: number, asOf: string, report: Reporter<Check>): void {
  if (age <= most) return;
  const fix = "Take a newer version of the pack, or compare the prices with AWS's (docs/COSTS.md).";
  const value = Number.isNaN(age) ? show(asOf) : `of ${asOf}, ${age} days ago`;
  report.fault({ check: "old", path: "the price table", value, limit: `at most ${most} days old`, fix });
}

/** What has no price is named. In a region without prices nothing has one, which is said once. */
function judgeUnpriced({ unpriced }: Bill, abroad: ReadonlySet<string>, report: Reporter<Check>): void {
  const found = unpriced.filter(({ urn }) => !abroad.has(urn));
  if (found.length === 0) return;
  const names = found.map(({ urn, type, what, why }) => `${urn === "" ? type : nameOf(urn)} (${what}: ${why})`);
  const fix = "Take what has a price, or give the price in ownPrices, with its source and date.";
  report.fault({ check: "unpriced", path: "the bill", value: `without ${named(names)}`, limit: "complete", fix });
}

function judgeLimit(
  check: "idle" | "total",
  path: string,
  { lines }: Bill,
  usd: (line: Line) => number,
  limit: number,
  report: Reporter<Check>,
): void {
  const sorted = [...lines].sort((a, b) => usd(b) - usd(a));
  const total = sorted.reduce((sum, line) => sum + usd(line), 0);
  if (total < limit) return;
  const dearest = sorted.filter((line) => usd(line) > 0).slice(0, NAMED);
  const list = dearest.map((line) => `${label(line)} ${dollars(usd(line))} (${line.what})`);
  const fix = `${list.length === 0 ? "Raise the limit." : `Dearest: ${and(list)}. `}${change(sorted, total, usd, limit)}`;
  report.fault({ check, path, value: `${dollars(total)} USD`, limit: `under ${limit} USD`, fix });
}

/** The fewest of the dearest whose absence brings the bill under its limit. */
function change(sorted: readonly Line[], total: number, usd: (line: Line) => number, limit: number): string {
  let left = total;
  const without: string[] = [];
  for (const line of sorted) {
    if (left < limit || usd(line) === 0) break;
    left -= usd(line);
    without.push(label(line));
  }
  if (without.length === 0) return "";
  return left < limit && without.length <= NAMED
    ? `Without ${and(without)} it is ${dollars(Math.max(0, left))} USD.`
    : `It takes more than ${NAMED} resources less to bring it under.`;
}

const label = ({ urn, type }: Line): string => (urn === "" ? type : nameOf(urn));

const named = (names: readonly string[]): string =>
  names.length <= NAMED ? and(names) : `${names.slice(0, NAMED).join(", ")} and ${names.length - NAMED} more`;
