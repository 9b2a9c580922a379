/**
 * Whatever is paid by the hour has a price in the bill; where the stage asks, it also carries a tag that says why it stands
 * and until when.
 */
import { bill } from "../../pricing/bill.ts";
import { BILL_READS, billedOf, tableOf } from "../support/bill.ts";
import type { Graph } from "../support/graph.ts";
import type { Reporter } from "../support/report.ts";
import { rule } from "../support/rule.ts";
import { currentRun } from "../support/run.ts";
import { show } from "../support/show.ts";
import { tagsOf } from "../support/tags.ts";
import { isTree, Unknown } from "../support/unknown.ts";

type Check = "price" | "reason" | "overdue";

const DAY = /\b\d{4}-\d{2}-\d{2}\b/g;
const KEY = "hourly-reason";

export default rule({
  id: "no-unpriced-hourly",
  group: "cost",
  severity: "high",
  what: "Something is paid by the hour and has no price, or stands without a word why and until when.",
  why: "What the bill cannot price it hides, and what stands without an end is forgotten.",
  fix: "Take what has a price or give its price in the pack's configuration; say in the tag why it stands, and its last day.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    price: "Paid by the hour, without a price.",
    reason: "Paid by the hour, without a tag that says why and until when.",
    overdue: "The day until which it should stand is over.",
  } satisfies Record<Check, string>,
  settings: ["ownPrices", "hourlyReason", "tagPrefix"],
  stack: {
    types: [],
    reads: BILL_READS,
    whole(graph, { settings, at }) {
      const { lines, unpriced } = bill(billedOf(graph), [], tableOf(settings.ownPrices));
      const hourly = new Set(lines.filter((line) => line.byTime && line.idleUsdPerMonth > 0).map(({ urn }) => urn));
      for (const { urn, what, why, byTime } of unpriced) {
        if (!byTime) continue;
        hourly.add(urn);
        const fix = "Take what has a price, or give the price in ownPrices, with its source and date.";
        at(urn).fault({
          check: "price",
          path: what,
          value: `without a price (${why})`,
          limit: "priced by the hour",
          fix,
        });
      }
      if (settings.hourlyReason === "demand") judgeReasons(graph, hourly, `${settings.tagPrefix}${KEY}`, at);
    },
  },
});

function judgeReasons(
  graph: Graph,
  urns: ReadonlySet<string>,
  key: string,
  at: (urn: string) => Reporter<Check>,
): void {
  const fix = "Say why it stands and its last day, as in: load test until 2027-01-31.";
  for (const node of graph.all()) {
    if (!urns.has(node.urn)) continue;
    const report = at(node.urn);
    const { everything } = node;
    const tags = isTree(everything) ? everything.tags : undefined;
    const reading = { state: "known", path: "tags", value: tags } as const;
    const { byKey, unknownKeys } = tagsOf(tags instanceof Unknown ? { state: "unknown", path: "tags" } : reading);
    const [tag] = byKey.get(key) ?? [];
    const limit = "a reason and a last day (YYYY-MM-DD)";
    const path = tag?.path ?? `tags ${key}`;
    const value = tag?.value;
    if (value instanceof Unknown || (!tag && unknownKeys.length > 0)) {
      report.waits(value instanceof Unknown ? path : (unknownKeys[0] ?? path), limit);
      continue;
    }
    const text = typeof value === "string" ? value : "";
    const days = [...text.matchAll(DAY)].map(([day]) => day).filter((day) => !Number.isNaN(Date.parse(day)));
    const last = days.sort().at(-1);
    if (last === undefined || !/[A-Za-z]/.test(text.replaceAll(DAY, ""))) {
      report.fault({ check: "reason", path, value: show(value), limit, fix });
    } else if (last < currentRun().today) {
      const until = "a day that is not over";
      report.fault({
        check: "overdue",
        path,
        value: show(value),
        limit: until,
        fix: "Take it down, or say a later day.",
      });
    }
  }
}
