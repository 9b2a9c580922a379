/** What holds the record cannot be taken away by a mistaken command, and can be set back after a mistaken write. */
import { demand, type Row, rowPaths, rows } from "../support/demand.ts";
import { BUCKET, GLOBAL_TABLE, KEY, LOG_GROUP, PACKAGE_GROUP, STUDIO, TABLE, tokensOf } from "../support/families.ts";
import type { Reading } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { show } from "../support/show.ts";
import type { Subject } from "../support/subject.ts";
import { tagsOf, tagText } from "../support/tags.ts";
import { Unknown } from "../support/unknown.ts";

type Check = "protect" | "refused" | "deletion" | "recovery";
interface Wanted {
  readonly protection: "demand" | "refuse";
  readonly recovery: "all" | "listed";
  readonly recoveryTables: readonly string[];
  readonly tagPrefix: string;
}

const tables = tokensOf(TABLE);
const groups = tokensOf(LOG_GROUP);
const whole = [...tokensOf(BUCKET, KEY, PACKAGE_GROUP), STUDIO.domain, STUDIO.classicDomain];
const DELETION = "deletionProtectionEnabled";
const TABLE_NAME: Readonly<Record<string, string>> = {
  [TABLE.native]: "tableName",
  [TABLE.classic]: "name",
  [GLOBAL_TABLE.native]: "tableName",
};
/** Where it stands that a table can be set back. */
const RECOVERY: Readonly<Record<string, string>> = {
  [TABLE.native]: "pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled",
  [TABLE.classic]: "pointInTimeRecovery.enabled",
};
/** The same of a replica in another region, which is deleted and set back by itself. */
const REPLICA_RECOVERY: Readonly<Record<string, string>> = {
  [TABLE.classic]: "pointInTimeRecovery",
  [GLOBAL_TABLE.native]: "pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled",
};

export default rule({
  id: "state-protected",
  group: "reliability",
  severity: "high",
  what: "A resource that holds the record can be deleted by a mistaken command, or a table cannot be set back.",
  why: "A mistaken destroy must not be able to take the record with it; a stage that is meant to go must be able to go.",
  fix: "Set protect in the resource's options, deletion protection and point-in-time recovery where the stage is kept; leave them out where it is not.",
  levels: { dev: "advisory", prod: "mandatory" },
  checks: {
    protect: "The program does not protect a bucket, table, key, package group, audit log group or domain.",
    refused: "Protection stands where the stage must be able to go without a trace.",
    deletion: "AWS deletes a table or an audit log group at the first request.",
    recovery: "A table cannot be set back to an earlier moment.",
  } satisfies Record<Check, string>,
  outside: [
    { source: "Security Hub", ids: ["DynamoDB.2", "DynamoDB.6"] },
    { source: "cdk-nag", ids: ["AwsSolutions-DDB3"] },
    { source: "checkov", ids: ["CKV_AWS_28", "CKV_AWS_165"] },
    { source: "prowler", ids: ["dynamodb_tables_pitr_enabled", "dynamodb_table_deletion_protection_enabled"] },
  ],
  settings: ["protection", "recovery", "recoveryTables", "tagPrefix"],
  resource: {
    reads: allReads(
      // Only their options are judged, which are no property.
      reads(whole),
      reads(groups, "tags", DELETION),
      reads(tables, "tags", DELETION),
      Object.fromEntries(Object.entries(TABLE_NAME).map(([type, path]) => [type, [path]])),
      Object.fromEntries(Object.entries(RECOVERY).map(([type, path]) => [type, [path]])),
      Object.fromEntries(
        Object.entries(REPLICA_RECOVERY).map(([type, path]) => [type, rowPaths("replicas", [DELETION, path])]),
      ),
    ),
    judge(subject, { settings, report }) {
      if (groups.includes(subject.type) && !isAudit(subject, settings, report)) return;
      judgeOptions(subject, settings, report);
      if (groups.includes(subject.type) || tables.includes(subject.type))
        judgeDeletion(subject.one(DELETION), settings, report);
      if (TABLE_NAME[subject.type] !== undefined) judgeTable(subject, settings, report);
    },
  },
});

/** Only logs that are evidence are held. */
function isAudit(subject: Subject, { tagPrefix }: Wanted, report: Reporter<Check>): boolean {
  const tags = tagsOf(subject.one("tags"));
  const key = `${tagPrefix}audit`;
  const words = "known, as audit groups are protected";
  for (const path of tags.unknownKeys) report.waits(path, words);
  const found = tags.byKey.get(key) ?? [];
  for (const { path, value } of found) if (value instanceof Unknown) report.waits(path, words);
  return found.some(({ value }) => value === "true");
}

function judgeOptions(subject: Subject, { protection }: Wanted, report: Reporter<Check>): void {
  const { protect } = subject.opts;
  const path = "opts.protect";
  if (protection === "demand" && protect !== true) {
    const fix = "Set it in the resource's options; letting go is then a step of its own.";
    report.fault({ check: "protect", path, value: show(protect), limit: "true", fix });
  }
  if (protection === "refuse" && protect === true) {
    const fix = "Leave it out: this stage is taken down whole.";
    report.fault({ check: "refused", path, value: "true", limit: "false or absent", fix });
  }
}

function judgeDeletion(reading: Reading, { protection }: Wanted, report: Reporter<Check>): void {
  if (protection === "demand") {
    const fix = "Let AWS itself refuse to delete it.";
    demand(reading, { check: "deletion", limit: "true", fix, holds: (value) => value === true }, report);
    return;
  }
  const fix = "Leave it out: this stage is taken down whole.";
  const holds = (value: unknown) => value === false;
  demand(reading, { check: "refused", limit: "false or absent", fix, holds, optional: true }, report);
}

function judgeTable(subject: Subject, settings: Wanted, report: Reporter<Check>): void {
  const isRecovered = settings.recovery === "all" || isListed(subject, settings, report);
  const limit = "true";
  const fix = "Turn point-in-time recovery on; a mistaken write is then no loss.";
  const back = { check: "recovery", limit, fix, holds: (value: unknown) => value === true } as const;
  const own = RECOVERY[subject.type];
  if (own !== undefined && isRecovered) demand(subject.one(own), back, report);
  const column = REPLICA_RECOVERY[subject.type];
  if (column === undefined) return;
  const { rows: replicas, unseen } = rows(subject, "replicas", [DELETION, column]);
  for (const reading of unseen) {
    const words = { check: "recovery", limit: "a list of replicas", fix: "Write the replicas out." } as const;
    demand(reading, words, report);
  }
  for (const { at } of replicas as readonly Row<string>[]) {
    const [deletion, recovery] = [at[DELETION], at[column]];
    if (deletion) judgeDeletion(deletion, settings, report);
    if (recovery && isRecovered) demand(recovery, back, report);
  }
}

/** By name, by the end of a name, by role tag. A name that is not known yet may be a listed one. */
function isListed(subject: Subject, { recoveryTables, tagPrefix }: Wanted, report: Reporter<Check>): boolean {
  const name = subject.one(TABLE_NAME[subject.type] ?? "");
  const words = "known, as listed tables can be set back";
  if (name.state === "unknown") report.waits(name.path, words);
  const texts = [name.state === "known" ? name.value : undefined];
  if (subject.has("tags")) {
    const tags = tagsOf(subject.one("tags"));
    for (const path of tags.unknownKeys) report.waits(path, words);
    texts.push(tagText(tags, `${tagPrefix}role`)?.text);
  }
  return recoveryTables.some((entry) =>
    texts.some((text) => text === entry || (typeof text === "string" && text.endsWith(`-${entry}`))),
  );
}
