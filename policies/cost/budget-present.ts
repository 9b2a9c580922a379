/**
 * At least one budget watches the stage: by the month, within its limit, and telling somebody of what was spent and of what
 * is forecast. Where the stage asks, a budget also acts.
 *
 * Other budgets beside that one are nobody's business here: when one is right, the rest is not judged.
 */

import { METERED } from "../../pricing/bill.ts";
import { ACTION_READS, judgeActions } from "../support/budget-actions.ts";
import { BUDGET, tokensOf } from "../support/families.ts";
import type { Node } from "../support/graph.ts";
import { type Reading, valueIn } from "../support/read.ts";
import type { Fault, Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { show } from "../support/show.ts";
import { isTree, type Tree, Unknown } from "../support/unknown.ts";

type Check = "missing" | "type" | "amount" | "period" | "notice" | "action";
/** What is wrong with one budget, or cannot be seen yet. */
type Flaw = Fault<Check> | { readonly waits: string; readonly limit: string };

const ADD =
  "Add a monthly cost budget with notices of actual and forecast spending, or name the one kept elsewhere in budgets.";
const NOTICES = ["ACTUAL", "FORECASTED"] as const;
export default rule({
  id: "budget-present",
  group: "cost",
  severity: "medium",
  what: "No budget watches the stage, or the one that does is too high or tells nobody.",
  why: "Estimates err; a budget notices.",
  fix: ADD,
  levels: { dev: "advisory", prod: "mandatory" },
  checks: {
    missing: "There is no budget.",
    type: "The budget does not watch cost in US dollars.",
    amount: "The budget's amount is above the stage's limit.",
    period: "The budget is not by the month.",
    notice: "The budget does not tell anybody of actual or of forecast spending in time.",
    action: "No budget acts by denying new jobs and endpoints, where the stage asks for it.",
  } satisfies Record<Check, string>,
  settings: ["limitUsdPerMonth", "budgets", "budgetAction"],
  stack: {
    types: [],
    reads: allReads(
      reads(
        tokensOf(BUDGET),
        "budgetType",
        "limitAmount",
        "limitUnit",
        "timeUnit",
        ...["notificationType", "comparisonOperator", "threshold", "thresholdType"].map(
          (key) => `notifications[].${key}`,
        ),
        "notifications",
        "notifications[]",
        "notifications[].subscriberEmailAddresses",
        "notifications[].subscriberSnsTopicArns",
      ),
      ACTION_READS,
    ),
    whole(graph, { settings, at }) {
      const budgets = graph.ofTypes(tokensOf(BUDGET));
      const spends = graph.all().some(({ type }) => Object.hasOwn(METERED, type));
      if (!spends && budgets.length === 0) return;
      if (settings.budgets.length === 0) judgeBudgets(budgets, settings.limitUsdPerMonth, at);
      if (settings.budgetAction === "demand") judgeActions(graph, settings.budgets, at);
    },
  },
});

function judgeBudgets(budgets: readonly Node[], limit: number, at: (urn?: string) => Reporter<Check>): void {
  if (budgets.length === 0) {
    at().fault({ check: "missing", path: "the stage's budget", value: show(undefined), limit: "there", fix: ADD });
    return;
  }
  const judged = budgets.map((budget) => ({ budget, flaws: flawsOf(budget, limit) }));
  if (judged.some(({ flaws }) => flaws.length === 0)) return;
  // One that may turn out right when it is known is waited for.
  const open = judged.filter(({ flaws }) => flaws.every((flaw) => "waits" in flaw));
  for (const { budget, flaws } of open.length > 0 ? open : judged) {
    const report = at(budget.urn);
    for (const flaw of flaws) {
      if ("waits" in flaw) report.waits(flaw.waits, flaw.limit);
      else report.fault(flaw);
    }
  }
}

function flawsOf(budget: Node, most: number): Flaw[] {
  const flaws: Flaw[] = [];
  const want = (
    path: string,
    check: Check,
    limit: string,
    fix: string,
    holds: (value: unknown) => boolean,
    optional = false,
  ) => {
    const reading = budget.one(path);
    const value = valueIn(reading);
    if (reading.state === "unknown") flaws.push({ waits: reading.path, limit });
    else if (!(optional && reading.state === "absent") && !holds(value))
      flaws.push({ check, path: reading.path, value: show(value), limit, fix });
  };
  const cost = "Watch cost in US dollars.";
  want("budgetType", "type", "COST", cost, (value) => value === "COST");
  want("limitUnit", "type", "USD", cost, (value) => value === "USD", true);
  want("timeUnit", "period", "MONTHLY", "Watch the month: that is how the bill comes.", (value) => value === "MONTHLY");
  const isAmount = (value: unknown) => amountOf(value) > 0 && amountOf(value) <= most;
  want("limitAmount", "amount", `${most} or less`, "Lower it, or raise the stage's limit.", isAmount);
  flaws.push(...noticeFlaws(budget));
  return flaws;
}

/** The provider takes amounts as text. */
const amountOf = (value: unknown): number =>
  typeof value === "number" ? value : typeof value === "string" && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : NaN;

function noticeFlaws(budget: Node): Flaw[] {
  const list = budget.one("notifications");
  const fix = "Let it tell somebody before the whole amount is gone.";
  const limitOf = (type: string) => `a list with a notice of type ${type}, at 100 % or less, that somebody gets`;
  if (list.state === "unknown") return [{ waits: list.path, limit: limitOf(NOTICES[0]) }];
  const notices = budget.read("notifications[]");
  const flaws: Flaw[] = [];
  for (const type of NOTICES) {
    const limit = limitOf(type);
    const states = notices.map((notice) => stateOf(notice, type, budget));
    if (states.includes("yes")) continue;
    const hidden = notices[states.indexOf("unknown")];
    if (hidden) flaws.push({ waits: hidden.path, limit });
    else flaws.push({ check: "notice", path: list.path, value: show(valueIn(list)), limit, fix });
  }
  return flaws;
}

/** Whether a notice tells somebody of spending of that type in time. */
function stateOf(reading: Reading, type: string, budget: Node): "yes" | "unknown" | undefined {
  if (reading.state === "unknown") return "unknown";
  const notice = valueIn(reading);
  if (!isTree(notice)) return undefined;
  const { notificationType, comparisonOperator, threshold, thresholdType } = notice;
  const parts = [
    isOne(notificationType, (value) => value === type),
    isOne(comparisonOperator, (value) => value === "GREATER_THAN"),
    isOne(threshold, (value) => isInTime(amountOf(value), thresholdType, budget)),
    isOne(thresholdType, (value) => value === "PERCENTAGE" || value === "ABSOLUTE_VALUE"),
    hasSubscriber(notice),
  ];
  if (parts.includes("no")) return undefined;
  return parts.includes("unknown") ? "unknown" : "yes";
}

const isOne = (value: unknown, holds: (value: unknown) => boolean): "yes" | "no" | "unknown" =>
  value instanceof Unknown ? "unknown" : holds(value) ? "yes" : "no";

function isInTime(threshold: number, type: unknown, budget: Node): boolean {
  if (type !== "ABSOLUTE_VALUE") return threshold <= 100;
  const amount = budget.one("limitAmount");
  return amount.state !== "known" || threshold <= amountOf(amount.value);
}

function hasSubscriber({ subscriberEmailAddresses: mails, subscriberSnsTopicArns: topics }: Tree) {
  const lists = [mails, topics];
  // An address computed from a resource is one.
  const isThere = (item: unknown) => item instanceof Unknown || (typeof item === "string" && item !== "");
  if (lists.some((list) => Array.isArray(list) && list.some(isThere))) return "yes";
  return lists.some((list) => list instanceof Unknown) ? "unknown" : "no";
}
