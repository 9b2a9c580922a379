/** An alarm tells somebody, says what silence means, and says what to do. */
import { ALARMS, actionsOf, USE_READS, usedAlarms } from "../support/alarms.ts";
import { demand } from "../support/demand.ts";
import { ALARM, tokensOf } from "../support/families.ts";
import type { Node } from "../support/graph.ts";
import { valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { show } from "../support/show.ts";

type Check = "disabled" | "silent" | "missing-data" | "runbook";

const metricAlarms = tokensOf(ALARM);
/** A web address, or the path of a document in the repository. */
const RUNBOOK = /https?:\/\/[^\s/]|\w\.(?:md|adoc|rst|txt|html)\b/i;

export default rule({
  id: "alarm-acts",
  group: "observability",
  severity: "medium",
  what: "An alarm starts nothing when it goes off, leaves open what missing data means, or names no runbook.",
  why: "An alarm that tells nobody is a decoration, and one that nobody knows what to do about is soon ignored.",
  fix: "Give it an action, write treatMissingData, and link the runbook in its description.",
  levels: { dev: "advisory", prod: "mandatory" },
  checks: {
    disabled: "Its actions are switched off.",
    silent: "It has no action, and neither a rollback nor a composite alarm that acts hangs on it.",
    "missing-data": "What missing data means is left to the default, by which nobody hears of it.",
    runbook: "Its description links no runbook.",
  } satisfies Record<Check, string>,
  outside: [
    { source: "checkov", ids: ["CKV_AWS_319"], note: "only actionsEnabled there" },
    { source: "cdk-nag", ids: ["NIST.800.53.R5-CloudWatchAlarmAction"], note: "also takes OK actions for enough" },
    { source: "prowler", ids: ["cloudwatch_alarm_actions_enabled"] },
  ],
  stack: {
    types: ALARMS,
    reads: allReads(
      USE_READS,
      reads(ALARMS, "alarmDescription"),
      reads(metricAlarms, "treatMissingData", "insufficientDataActions[]", "evaluationCriteria"),
    ),
    judge(node, { report, graph }) {
      const { rollback, heard } = usedAlarms(graph);
      // What hangs on it reads its state, not its actions.
      if (!rollback.has(node.urn) && !heard.has(node.urn)) judgeActions(node, report);
      if (metricAlarms.includes(node.type)) judgeMissing(node, report);
      const fix = "Say in it what to do when the alarm goes off, or where that is written.";
      const limit = "a text with a runbook's address or path";
      const holds = (value: unknown) => typeof value === "string" && RUNBOOK.test(value);
      demand(node.one("alarmDescription"), { check: "runbook", limit, fix, holds }, report);
    },
  },
});

function judgeActions(node: Node, report: Reporter<Check>): void {
  const fix = "Turn them on, or delete the alarm.";
  const holds = (value: unknown) => value === true;
  const enabled = { check: "disabled", limit: "true or absent", fix, holds, optional: true } as const;
  demand(node.one("actionsEnabled"), enabled, report);
  const actions = actionsOf(node, "alarmActions");
  if (actions === "yes") return;
  const limit = "at least one action's ARN, unless a rollback or a composite alarm that acts hangs on it";
  const [first] = node.read("alarmActions[]");
  const path = "alarmActions";
  if (actions === "unknown") report.waits(first?.path ?? path, limit);
  else {
    const value = first === undefined ? "empty" : show(valueIn(first));
    report.fault({ check: "silent", path: first?.path ?? path, value, limit, fix: "Name whom it tells." });
  }
}

/**
 * `missing` is also what the classic provider writes where nothing was written, so it counts only beside actions for
 * insufficient data, which is the state it leads to.
 */
function judgeMissing(node: Node, report: Reporter<Check>): void {
  // An alarm on a query takes no such setting (CloudWatch API reference, PutMetricAlarm).
  const criteria = node.one("evaluationCriteria");
  if (criteria.state === "unknown")
    report.waits(criteria.path, "known, as an alarm on a query has no treatMissingData");
  if (criteria.state !== "absent") return;
  const limit = "breaching, notBreaching or ignore, or missing beside insufficientDataActions";
  const fix = "Write what silence means; by default nobody hears of it.";
  const told = actionsOf(node, "insufficientDataActions");
  const reading = node.one("treatMissingData");
  if (valueIn(reading) === "missing" && told === "unknown") {
    report.waits("insufficientDataActions", "at least one action's ARN, as treatMissingData is missing");
    return;
  }
  const holds = (value: unknown) =>
    value === "breaching" || value === "notBreaching" || value === "ignore" || (value === "missing" && told === "yes");
  demand(reading, { check: "missing-data", limit, fix, holds }, report);
}
