/** Every taggable resource says which stage, project, owner and component it belongs to. */
import {
  BUCKET,
  ENDPOINT,
  ENDPOINT_CONFIG,
  INFERENCE_COMPONENT,
  JOB,
  MODEL,
  NAME_PROPERTY,
  PACKAGE_GROUP,
  ROLE,
  STATE_MACHINE,
  tokensOf,
} from "../support/families.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { and, show } from "../support/show.ts";
import type { Subject } from "../support/subject.ts";
import { tagsOf } from "../support/tags.ts";
import { Unknown } from "../support/unknown.ts";

type Check = "missing" | "empty" | "stage" | "name" | "unknown" | "shape";

const taggable = tokensOf(
  MODEL,
  ENDPOINT_CONFIG,
  ENDPOINT,
  INFERENCE_COMPONENT,
  PACKAGE_GROUP,
  JOB,
  BUCKET,
  ROLE,
  STATE_MACHINE,
);
/** Physical names that carry the stage. Buckets are left out: their names must be globally unique and often carry a hash. */
const named = Object.fromEntries(
  Object.entries(NAME_PROPERTY)
    .filter(([type]) => !tokensOf(BUCKET).includes(type))
    .map(([type, property]) => [type, [property]]),
);

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
    stage: "The stage in the tag is not the stack's.",
    name: "The physical name does not carry the stage.",
    unknown: "Which keys there are is not known at preview.",
    shape: "The tags are not tags.",
  } satisfies Record<Check, string>,
  settings: ["tagPrefix", "requiredTags"],
  resource: {
    reads: allReads(reads(taggable, "tags"), named),
    judge(subject, { settings, report }) {
      judgeTags(subject, settings.tagPrefix, settings.requiredTags, report);
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
  const property = named[subject.type]?.[0];
  if (property === undefined) return;
  const reading = subject.one(property);
  if (reading.state === "absent") return;
  const limit = `a name that contains ${show(subject.stack)}`;
  if (reading.state === "unknown") report.waits(reading.path, limit);
  else if (typeof reading.value !== "string" || !reading.value.split(/[^A-Za-z0-9]+/).includes(subject.stack)) {
    const fix = "Let the program's naming file make the name.";
    report.fault({ check: "name", path: reading.path, value: show(reading.value), limit, fix });
  }
}
