/** Logs end, neither never nor too soon; and no function writes into a log group that nobody declared. */
import { demand, within } from "../support/demand.ts";
import { FUNCTION, isNative, LOG_GROUP, tokensOf } from "../support/families.ts";
import type { Graph, Node } from "../support/graph.ts";
import { textOf } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { show } from "../support/show.ts";
import { tagsOf } from "../support/tags.ts";
import { Unknown } from "../support/unknown.ts";

type Check = "retention" | "audit" | "key" | "undeclared";

const groups = tokensOf(LOG_GROUP);
const functions = tokensOf(FUNCTION);
/** What remediation gives where nothing is said: a month. */
const DAYS = 30;
/** Evidence is kept for a year at least. */
const AUDIT_DAYS = 365;

export default rule({
  id: "log-group-retained",
  group: "observability",
  severity: "medium",
  what: "A log group keeps its logs for ever or too short a time, or a function has no declared log group.",
  why: "Logs without an end cost for ever, logs that end too soon are no record, and Lambda makes groups without an end itself.",
  fix: "Set retentionInDays within the stage's bounds, and declare a log group for each function.",
  levels: { dev: "remediate", prod: "mandatory" },
  checks: {
    retention: "The retention is absent, without end, or outside the stage's bounds.",
    audit: "A group tagged as audit keeps its logs for less than a year.",
    key: "A group tagged as audit is not encrypted with a key of the stage's own.",
    undeclared: "A function writes into a log group that the program does not declare.",
  } satisfies Record<Check, string>,
  outside: [
    {
      source: "checkov",
      ids: ["CKV_AWS_66", "CKV_AWS_338", "CKV_AWS_158"],
      note: "the last two for audit groups only",
    },
    { source: "cdk-nag", ids: ["NIST.800.53.R5-CloudWatchLogGroupRetentionPeriod"] },
    { source: "prowler", ids: ["cloudwatch_log_group_retention_policy_specific_days_enabled"] },
  ],
  settings: ["tagPrefix", "logDaysLeast", "logDaysMost", "auditKey"],
  resource: {
    reads: reads(groups, "retentionInDays", "kmsKeyId", "tags"),
    judge(subject, { settings, report }) {
      const { logDaysLeast: least, logDaysMost: most } = settings;
      const retention = subject.one("retentionInDays");
      const tags = tagsOf(subject.one("tags"));
      for (const path of tags.unknownKeys) report.waits(path, "known, as audit groups are kept longer");
      const [audit] = tags.byKey.get(`${settings.tagPrefix}audit`) ?? [];
      if (audit?.value instanceof Unknown) report.waits(audit.path, "known, as audit groups are kept longer");
      if (audit?.value !== "true") {
        const fix = "Set it; absent and 0 keep logs for ever.";
        const limit = `${least} to ${most}`;
        demand(retention, { check: "retention", limit, fix, holds: within(least, most) }, report);
        return;
      }
      const fix = "Keep evidence for a year at least, and not for ever.";
      const longest = Math.max(most, AUDIT_DAYS);
      const limit = `${AUDIT_DAYS} to ${longest} in an audit group`;
      demand(retention, { check: "audit", limit, fix, holds: within(AUDIT_DAYS, longest) }, report);
      if (settings.auditKey === "optional") return;
      const key = subject.one("kmsKeyId");
      const holds = (value: unknown) => typeof value === "string" && value !== "";
      const own = "Encrypt evidence with a key of the stage's own.";
      demand(key, { check: "key", limit: "the ARN of a key in an audit group", fix: own, holds }, report);
    },
  },
  stack: {
    types: functions,
    reads: allReads(
      { [FUNCTION.native]: ["functionName"], [FUNCTION.classic]: ["name"] },
      reads(functions, "loggingConfig.logGroup"),
      { [LOG_GROUP.native]: ["logGroupName"], [LOG_GROUP.classic]: ["name"] },
    ),
    judge(node, { report, graph }) {
      const written = node.one("loggingConfig.logGroup");
      if (written.state === "absent") judgeDefault(node, graph, report);
      else if (written.state === "unknown") {
        if (node.referredBy("loggingConfig", groups).length === 0) report.waits(written.path, "a declared log group");
      } else if (!declared(graph).names.has(written.value)) missing(written.path, written.value, report);
    },
  },
  remediate: {
    types: groups,
    apply(props) {
      const { retentionInDays: days } = props;
      if (days !== undefined && days !== null && days !== 0) return false;
      props.retentionInDays = DAYS;
      return true;
    },
  },
});

/** Without a setting a function writes to `/aws/lambda/<its name>` (Lambda developer guide, Configuring log groups). */
function judgeDefault(node: Node, graph: Graph, report: Reporter<Check>): void {
  const { names, urns } = declared(graph);
  if (urns.has(node.urn)) return;
  const name = node.one(isNative(node.type) ? "functionName" : "name");
  if (name.state === "unknown") report.waits(name.path, "the name after which a declared log group is called");
  else {
    const own = textOf(name);
    const group = own === undefined ? undefined : `/aws/lambda/${own}`;
    if (!names.has(group)) missing("loggingConfig.logGroup", group, report);
  }
}

function missing(path: string, group: unknown, report: Reporter<Check>): void {
  const value = group === undefined ? "absent" : `${show(group)}, which the program does not declare`;
  const fix = "Declare the group with a retention and name it here; otherwise Lambda makes one that never ends.";
  report.fault({ check: "undeclared", path, value, limit: "the name of a declared log group", fix });
}

/** The names of the declared groups, and the functions from whose names they are made where those are not known yet. */
function declared(graph: Graph): { names: { has(name: unknown): boolean }; urns: { has(urn: string): boolean } } {
  const found = [
    graph.referredTo([LOG_GROUP.native], "logGroupName", functions),
    graph.referredTo([LOG_GROUP.classic], "name", functions),
  ];
  return {
    names: { has: (name) => found.some(({ names }) => names.has(name)) },
    urns: { has: (urn) => found.some(({ urns }) => urns.has(urn)) },
  };
}
