/** Evidence is not deleted, by nobody in passing; every other bucket is kept tidy. */
import { nameProperty, partsOf } from "../support/bucket-parts.ts";
import { demand } from "../support/demand.ts";
import { BUCKET, BUCKET_LIFECYCLE, BUCKET_LOCK, tokensOf } from "../support/families.ts";
import type { Node } from "../support/graph.ts";
import { lifecycleOf } from "../support/lifecycle.ts";
import { type Reading, valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import type { Settings } from "../support/settings.ts";
import { show } from "../support/show.ts";
import type { Subject } from "../support/subject.ts";
import { tagsOf, tagText } from "../support/tags.ts";
import { isTree, Unknown } from "../support/unknown.ts";

type Check = "lock" | "retention" | "destroy" | "expires" | "uploads" | "old-versions" | "unreadable";
type Wanted = Pick<Settings, "evidenceLockDays" | "tagPrefix">;

const buckets = tokensOf(BUCKET);
const classicBuckets = [BUCKET.classic, BUCKET.classicV2];
const lifecycles = tokensOf(BUCKET_LIFECYCLE);
const locks = tokensOf(BUCKET_LOCK);
const NATIVE_RULES = "lifecycleConfiguration.rules[]";
const NATIVE_RETENTION = "objectLockConfiguration.rule.defaultRetention";
const RETENTION = "rule.defaultRetention";
const DAYS_IN_YEAR = 365;

export default rule({
  id: "bucket-retained",
  group: "data",
  severity: "high",
  what: "A bucket's evidence can go, or a bucket keeps what nothing refers to.",
  why: "Evidence that can be deleted is not evidence; parts of broken uploads and old versions are paid for unseen.",
  fix: "Never expire nor force-destroy evidence, lock it where the stage asks for it, and tidy every other bucket.",
  levels: { dev: "advisory", prod: "mandatory" },
  checks: {
    lock: "A bucket of evidence has no Object Lock, and the stage asks for it.",
    retention: "Object Lock keeps objects for less than the stage asks for, or in no mode.",
    destroy: "Destroying the bucket deletes every object in it.",
    expires: "A lifecycle rule deletes current objects of a bucket of evidence.",
    uploads: "Parts of uploads that were never finished stay for ever.",
    "old-versions": "Versions that were replaced stay for ever.",
    unreadable: "A lifecycle rule is no lifecycle rule.",
  } satisfies Record<Check, string>,
  outside: [
    { source: "Security Hub", ids: ["S3.15"], note: "only where evidenceLockDays is above 0" },
    {
      source: "checkov",
      ids: ["CKV_AWS_143"],
      note: "it reads an inline block that the provider replaced by a resource of its own; here only where evidenceLockDays is above 0",
    },
    { source: "checkov", ids: ["CKV_AWS_300"] },
    { source: "prowler", ids: ["s3_bucket_object_lock"], note: "only where evidenceLockDays is above 0" },
  ],
  settings: ["evidenceLockDays", "tagPrefix"],
  resource: {
    reads: allReads(
      { [BUCKET.native]: ["tags", "objectLockEnabled", NATIVE_RETENTION, NATIVE_RULES] },
      reads(classicBuckets, "forceDestroy"),
    ),
    judge(subject, { settings, report }) {
      if (subject.type !== BUCKET.native) {
        judgeDestroy(subject, report);
        return;
      }
      const evidence = isEvidence(subject, settings, report);
      if (evidence) {
        const { evidenceLockDays } = settings;
        judgeLock(subject.one("objectLockEnabled"), evidenceLockDays, report);
        judgeRetention(subject.one(NATIVE_RETENTION), evidenceLockDays, report);
      }
      judgeLifecycle(subject.read(NATIVE_RULES), "lifecycleConfiguration.rules", evidence, report);
    },
  },
  // The classic provider keeps lifecycle and lock in resources of their own.
  stack: {
    types: classicBuckets,
    reads: allReads(
      reads(classicBuckets, "bucket", "tags", "objectLockEnabled", "lifecycleRules[]"),
      reads(lifecycles, "bucket", "rules[]"),
      reads(locks, "bucket", RETENTION),
    ),
    judge(node, { settings, report, graph }) {
      const evidence = isEvidence(node, settings, report);
      if (evidence) {
        const parts = partsOf(node, graph, locks, buckets);
        // A BucketObjectLockConfiguration turns the lock on for a bucket that was made without it.
        if (parts.length === 0) judgeLock(node.one("objectLockEnabled"), settings.evidenceLockDays, report);
        const own: Reading = { state: "absent", path: nameProperty(node) };
        const all = parts.map((part) => under(node, part, part.one(RETENTION)));
        for (const reading of all.length > 0 ? all : [own]) judgeRetention(reading, settings.evidenceLockDays, report);
      }
      const parts = partsOf(node, graph, lifecycles, buckets);
      const rules = parts.flatMap((part) => part.read("rules[]").map((reading) => under(node, part, reading)));
      // AWS fills `lifecycleRules` in after creation, so being unknown means something only where the program computed it.
      const inline = node
        .read("lifecycleRules[]")
        .filter(({ state }) => state !== "unknown" || node.derives("lifecycleRules"));
      judgeLifecycle([...rules, ...inline], nameProperty(node), evidence, report);
    },
  },
});

/** A reading of the resource that holds a bucket's settings, with the way to it. */
const under = (bucket: Node, part: Node, reading: Reading): Reading => ({
  ...reading,
  path: `${nameProperty(bucket)} > ${show(part.name)} ${reading.path}`,
});

/** Undefined where the tags cannot be seen: neither side's demands are made then, and that is said. */
function isEvidence(subject: Subject, { tagPrefix }: Wanted, report: Reporter<Check>): boolean | undefined {
  const tags = tagsOf(subject.one("tags"));
  const key = `${tagPrefix}keep`;
  const tag = tags.byKey.get(key)?.[0];
  const open = tags.unknownKeys[0] ?? (tag && typeof tag.value !== "string" ? tag.path : undefined);
  if (open === undefined) return tagText(tags, key)?.text === "evidence";
  report.waits(open, `known, as ${key} says whether the bucket holds evidence`);
  return undefined;
}

function judgeDestroy(subject: Subject, report: Reporter<Check>): void {
  const fix = "Empty the bucket by hand when it has to go.";
  const holds = (value: unknown) => value === false;
  demand(subject.one("forceDestroy"), { check: "destroy", limit: "false", fix, holds, optional: true }, report);
}

function judgeLock(reading: Reading, days: number, report: Reporter<Check>): void {
  if (days === 0) return;
  const fix = "Turn Object Lock on when the bucket is made; later it replaces an aws-native bucket.";
  demand(reading, { check: "lock", limit: "true", fix, holds: (value) => value === true }, report);
}

function judgeRetention(reading: Reading, days: number, report: Reporter<Check>): void {
  if (days === 0) return;
  const limit = `GOVERNANCE or COMPLIANCE for at least ${days} days`;
  const value = valueIn(reading);
  const { mode, days: own, years } = isTree(value) ? value : {};
  if (reading.state === "unknown" || [mode, own, years].some((leaf) => leaf instanceof Unknown)) {
    report.waits(reading.path, limit);
    return;
  }
  const kept = Math.max(typeof own === "number" ? own : 0, typeof years === "number" ? years * DAYS_IN_YEAR : 0);
  if ((mode === "GOVERNANCE" || mode === "COMPLIANCE") && kept >= days) return;
  const fix = "Set the default retention of the bucket's Object Lock.";
  report.fault({ check: "retention", path: reading.path, value: show(value), limit, fix });
}

function judgeLifecycle(
  readings: readonly Reading[],
  path: string,
  evidence: boolean | undefined,
  report: Reporter<Check>,
): void {
  const found = lifecycleOf(readings);
  for (const { path: at, value } of found.malformed) {
    const fix = "Correct the rule.";
    report.fault({ check: "unreadable", path: at, value: show(value), limit: "a lifecycle rule", fix });
  }
  if (evidence) {
    for (const { path: at, value } of found.expiresCurrent) {
      const fix = "Keep current objects; expire noncurrent versions only.";
      report.fault({ check: "expires", path: at, value: show(value), limit: "absent in a bucket of evidence", fix });
    }
    for (const at of found.unknown) report.waits(at, "a rule that keeps current objects");
    return;
  }
  const missing = [
    ...(found.aborts ? [] : [["uploads", "abort unfinished uploads"] as const]),
    ...(found.expiresOld ? [] : [["old-versions", "expire noncurrent versions"] as const]),
  ];
  if (missing.length === 0 || evidence === undefined) return;
  for (const at of found.unknown)
    report.waits(at, "rules that abort unfinished uploads and expire noncurrent versions");
  if (found.unknown.length > 0) return;
  for (const [check, words] of missing) {
    report.fault({
      check,
      path,
      value: "without an enabled rule for the whole bucket",
      limit: `rules that ${words}`,
      fix: "Add one without prefix, tags or sizes.",
    });
  }
}
