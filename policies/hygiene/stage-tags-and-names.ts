/** Every taggable resource says which stage, project, owner and component it belongs to. */
import { NAMED, TAGGABLE } from "../support/physical-names.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { and, show } from "../support/show.ts";
import type { Subject } from "../support/subject.ts";
import { tagsOf } from "../support/tags.ts";
import { Unknown } from "../support/unknown.ts";

type Check = "missing" | "empty" | "value" | "stage" | "name" | "length" | "unknown" | "shape";

/** Characters of a tag's value, and which (SageMaker's API model, TagValue; other services take the same). */
const MOST = 256;
const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const named = Object.fromEntries(Object.entries(NAMED).map(([type, { property }]) => [type, [property]]));

export default rule({
  id: "stage-tags-and-names",
  group: "hygiene",
  severity: "medium",
  what: "A resource does not carry the stage, project, owner and component in its tags, or the stage in its name.",
  why: "Bills, permissions and clean-up all select by tag; a name without its stage collides with another's.",
  fix: "Let the program's one tag file make the tags, and its one naming file the names.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    missing: "A required key is absent.",
    empty: "A required key has no value.",
    value: "A required key's value is one that AWS does not take.",
    stage: "The stage in the tag is not the stack's.",
    name: "The physical name does not carry the stage. Names that are no stage's alone need not: of buckets, package groups, domains, profiles, spaces and notebooks.",
    length: "The physical name is longer than AWS takes.",
    unknown: "Which keys there are is not known at preview.",
    shape: "The tags are not tags.",
  } satisfies Record<Check, string>,
  settings: ["tagPrefix", "requiredTags"],
  resource: {
    reads: allReads(reads(TAGGABLE, "tags"), named),
    judge(subject, { settings, report }) {
      if (subject.has("tags")) judgeTags(subject, settings.tagPrefix, settings.requiredTags, report);
      judgeName(subject, report);
    },
  },
});

function judgeTags(subject: Subject, prefix: string, required: readonly string[], report: Reporter<Check>): void {
  const tags = tagsOf(subject.one("tags"));
  const keys = required.map((key) => `${prefix}${key}`);
  const fix = "Use the program's tags for every resource.";
  for (const { path, value } of tags.malformed) {
    report.fault({ check: "shape", path, value: show(value), limit: "a tag with a key and a value", fix });
  }
  for (const path of tags.unknownKeys) {
    report.fault({
      check: "unknown",
      path,
      value: "not known at preview",
      limit: `literal keys, among them ${and(keys)}`,
      fix,
    });
  }
  const missing = keys.filter((key) => !tags.byKey.has(key));
  if (missing.length > 0 && tags.unknownKeys.length === 0 && tags.malformed.length === 0) {
    report.fault({ check: "missing", path: "tags", value: `without ${and(missing)}`, limit: `with ${and(keys)}`, fix });
  }
  for (const key of keys) {
    for (const { path, value } of tags.byKey.get(key) ?? []) {
      if (value instanceof Unknown) report.waits(path, "a value that is not empty");
      else if (typeof value !== "string" || value.trim() === "") {
        report.fault({ check: "empty", path, value: show(value), limit: "a value that is not empty", fix });
      } else if (value.length > MOST || !CHARACTERS.test(value)) {
        const limit = `up to ${MOST} letters, digits, spaces and _ . : / = + - @`;
        report.fault({
          check: "value",
          path,
          value: show(value),
          limit,
          fix: "Say it shorter, or in other characters.",
        });
      } else if (key === `${prefix}stage` && value !== subject.stack) {
        report.fault({
          check: "stage",
          path,
          value: show(value),
          limit: `${show(subject.stack)}, the stack's name`,
          fix,
        });
      }
    }
  }
}

function judgeName(subject: Subject, report: Reporter<Check>): void {
  const name = NAMED[subject.type];
  if (name === undefined) return;
  const { property, most } = name;
  const reading = subject.one(property);
  if (reading.state === "absent") return;
  const limit = `a name that contains ${show(subject.stack)}`;
  const fix = "Let the program's naming file make the name.";
  if (reading.state === "unknown") report.waits(reading.path, limit);
  else if (typeof reading.value !== "string" || !reading.value.split(/[^A-Za-z0-9]+/).includes(subject.stack)) {
    report.fault({ check: "name", path: reading.path, value: show(reading.value), limit, fix });
  } else if (reading.value.length > most) {
    const value = `${show(reading.value)}, of ${reading.value.length} characters`;
    report.fault({ check: "length", path: reading.path, value, limit: `of ${most} or less`, fix });
  }
}
