/** What a state machine did can be told afterwards, and what must stay secret is not in its logs. */
import { demand, type Row, rowPaths, rows } from "../support/demand.ts";
import { isNative, STATE_MACHINE, tokensOf } from "../support/families.ts";
import { TRACEABLE } from "../support/frameworks.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { show } from "../support/show.ts";
import { DEFINITION, definitionOf } from "../support/states.ts";
import type { Subject } from "../support/subject.ts";
import { tagsOf, tagText } from "../support/tags.ts";
import { Unknown } from "../support/unknown.ts";

type Check = "level" | "target" | "data" | "traces" | "unreadable";

const DESTINATIONS = "loggingConfiguration.destinations";
const FIELDS = ["cloudWatchLogsLogGroup.logGroupArn"] as const;
/** Step Functions takes the group with all its streams (API reference, LoggingConfiguration). */
const GROUP = /^arn:[^:]+:logs:[^:]+:[^:]+:log-group:[^:]+:\*$/;

export default rule({
  id: "state-machine-observable",
  group: "observability",
  severity: "medium",
  what: "A state machine logs too little to say what happened, is not traced, or logs what an approval must keep secret.",
  why: "Without history a failed submission cannot be explained; a task token in a log lets its reader answer in the approver's place.",
  fix: "Log every event into a declared group, turn tracing on, and leave execution data out where a state waits for a person's answer, in everywhere else.",
  levels: { dev: "advisory", prod: "mandatory" },
  checks: {
    level: "It logs nothing, or less than the stage demands.",
    target: "Its log goes nowhere.",
    data: "The log leaves out what the states were given, or holds it where that is a task token and a person's answer.",
    traces: "Its executions are not traced.",
    unreadable: "The definition cannot be read, so it cannot be told whether a state waits for an answer.",
  } satisfies Record<Check, string>,
  outside: [
    { source: "Security Hub", ids: ["StepFunctions.1"], note: "any level but OFF is enough there" },
    { source: "cdk-nag", ids: ["AwsSolutions-SF1", "AwsSolutions-SF2"] },
    {
      source: "checkov",
      ids: ["CKV_AWS_284"],
    },
    {
      source: "checkov",
      ids: ["CKV_AWS_285"],
      note: "it demands execution data always, which here would put task tokens into the log",
    },
  ],
  framework: TRACEABLE,
  settings: ["executionLogs", "tagPrefix"],
  resource: {
    reads: allReads(
      reads(
        tokensOf(STATE_MACHINE),
        "loggingConfiguration.level",
        "loggingConfiguration.includeExecutionData",
        "tracingConfiguration.enabled",
        "tags",
      ),
      { [STATE_MACHINE.native]: [...rowPaths(DESTINATIONS, FIELDS), "stateMachineType", ...DEFINITION.native] },
      { [STATE_MACHINE.classic]: ["loggingConfiguration.logDestination", "type", ...DEFINITION.classic] },
    ),
    judge(subject, { settings, report }) {
      judgeLevel(subject, settings.executionLogs, report);
      judgeTarget(subject, report);
      judgeData(subject, `${settings.tagPrefix}personal-data`, report);
      const holds = (value: unknown) => value === true;
      const fix = "Turn it on; it shows where the time went and which call failed.";
      demand(subject.one("tracingConfiguration.enabled"), { check: "traces", limit: "true", fix, holds }, report);
    },
  },
});

/** Step Functions keeps the history of standard executions itself for 90 days, of express ones not at all. */
function judgeLevel(subject: Subject, least: "ALL" | "ERROR", report: Reporter<Check>): void {
  const level = subject.one("loggingConfiguration.level");
  if (least === "ERROR") {
    const type = subject.one(isNative(subject.type) ? "stateMachineType" : "type");
    if (type.state === "unknown") report.waits(type.path, "STANDARD, or beside a log of every event");
    if (type.state !== "known" || type.value === "STANDARD") {
      const holds = (value: unknown) => value === "ERROR" || value === "ALL";
      const fix = "Log the events of what fails at least.";
      demand(level, { check: "level", limit: "ERROR or ALL", fix, holds }, report);
      return;
    }
  }
  const fix = "Log every event.";
  demand(level, { check: "level", limit: "ALL", fix, holds: (value) => value === "ALL" }, report);
}

function judgeTarget(subject: Subject, report: Reporter<Check>): void {
  const holds = (value: unknown) => typeof value === "string" && GROUP.test(value);
  const fix = "Name a declared log group.";
  const target = { check: "target", limit: "the ARN of a log group, with :* at its end", fix, holds } as const;
  if (!isNative(subject.type)) {
    demand(subject.one("loggingConfiguration.logDestination"), target, report);
    return;
  }
  const { rows: found, unseen } = rows(subject, DESTINATIONS, FIELDS);
  for (const reading of unseen) demand(reading, { ...target, holds: undefined }, report);
  for (const { at } of found as readonly Row<(typeof FIELDS)[number]>[]) demand(at[FIELDS[0]], target, report);
  if (found.length + unseen.length > 0) return;
  const { state } = subject.read(`${DESTINATIONS}[]`)[0] ?? { state: "empty" };
  report.fault({ check: "target", path: DESTINATIONS, value: state, limit: target.limit, fix });
}

/** Task tokens and what people wrote stay out of the log; a machine says by the tag `key` that its input holds the latter. */
function judgeData(subject: Subject, key: string, report: Reporter<Check>): void {
  const data = subject.one("loggingConfiguration.includeExecutionData");
  const { tasks, unknown, flaws } = definitionOf(subject);
  for (const { path, value, limit } of flaws) {
    const fix = "Give the definition in the program.";
    report.fault({ check: "unreadable", path, value: show(value), limit, fix });
  }
  const waiting = tasks.find(({ state: { Resource: resource } }) => waits(resource));
  if (waiting !== undefined) {
    const limit = `false, as ${waiting.path} waits for an answer`;
    const fix = "Leave execution data out: it holds the task token and who decided what.";
    demand(data, { check: "data", limit, fix, holds: (value) => value === false, optional: true }, report);
    return;
  }
  const tags = tagsOf(subject.one("tags"));
  const [tag] = tags.byKey.get(key) ?? [];
  for (const path of [...tags.unknownKeys, ...(tag?.value instanceof Unknown ? [tag.path] : [])])
    report.waits(path, "known, as what is personal must not be logged");
  const personal = tagText(tags, key);
  if (personal?.text === "true") {
    const limit = `false, as ${personal.path} says that its input is personal data`;
    const fix = "Leave execution data out: logs are kept longer, and read by more people, than what they wrote.";
    demand(data, { check: "data", limit, fix, holds: (value) => value === false, optional: true }, report);
    return;
  }
  const hidden = [
    ...unknown,
    ...tasks.filter(({ state }) => state.Resource instanceof Unknown).map(({ path }) => path),
  ];
  for (const path of hidden) report.waits(path, "known, as a log must not hold task tokens");
  if (hidden.length > 0 || flaws.length > 0) return;
  const fix = "Log what the states were given; a failure cannot be explained without it.";
  demand(data, { check: "data", limit: "true", fix, holds: (value) => value === true }, report);
}

const waits = (resource: unknown): boolean =>
  typeof resource === "string" && resource.trim().toLowerCase().endsWith(".waitfortasktoken");
