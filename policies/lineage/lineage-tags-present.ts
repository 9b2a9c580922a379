/** A model, endpoint or training job says where it comes from, in tags. */
import { ENDPOINT, ENDPOINT_CONFIG, JOB, MODEL, PACKAGE, PACKAGE_GROUP, tokensOf } from "../support/families.ts";
import { TRACEABLE } from "../support/frameworks.ts";
import { GROUP_MODEL, LINEAGE, type LineageKey } from "../support/lineage.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { and, show } from "../support/show.ts";
import { tagsOf } from "../support/tags.ts";
import { Unknown } from "../support/unknown.ts";

const { datasetVersion, run, trainingJob, artifactDigest, modelPackage } = LINEAGE;
const SERVED: readonly LineageKey[] = [datasetVersion, run, trainingJob, artifactDigest, modelPackage];
/** A version cannot name itself, so its record has four keys. */
const REGISTERED: readonly LineageKey[] = [datasetVersion, run, trainingJob, artifactDigest];
const RUN: readonly LineageKey[] = [datasetVersion, run];

const served = tokensOf(MODEL, ENDPOINT_CONFIG, ENDPOINT);
const jobs = tokensOf(JOB);
const groups = tokensOf(PACKAGE_GROUP);

function keysFor(type: string): readonly LineageKey[] {
  if (served.includes(type)) return SERVED;
  if (type === PACKAGE.native) return REGISTERED;
  return jobs.includes(type) ? RUN : [GROUP_MODEL];
}

export default rule({
  id: "lineage-tags-present",
  group: "lineage",
  severity: "high",
  what: "A model, endpoint, job or model package does not say which data, run, training job and artefact it comes from.",
  why: "What cannot be traced cannot be explained, repeated or recalled, and every other lineage rule stands on these tags.",
  fix: "Add the tags; the deployment component derives them from the model package's record.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    missing: "A required key is absent.",
    value: "A value does not have the form of its key.",
    doubled: "A key stands twice, so which value counts is open.",
    unknown: "Which keys there are is not known at preview.",
    shape: "The tags are not tags.",
  },
  outside: [
    { source: "prowler", ids: ["sagemaker_models_registry_in_use"], note: "near: asks only that a registry is used" },
  ],
  framework: TRACEABLE,
  settings: ["tagPrefix"],
  resource: {
    reads: allReads(
      reads([...served, ...jobs, ...groups], "tags"),
      reads([PACKAGE.native], "customerMetadataProperties"),
    ),
    judge(subject, { settings, report }) {
      const property = subject.type === PACKAGE.native ? "customerMetadataProperties" : "tags";
      const keys = keysFor(subject.type);
      const tags = tagsOf(subject.one(property));
      const named = (key: LineageKey) => `${settings.tagPrefix}${key.key}`;
      const all = and(keys.map(named));

      for (const { path, value } of tags.malformed) {
        report.fault({
          check: "shape",
          path,
          value: show(value),
          limit: "a tag with a key and a value",
          fix: `Give ${all}.`,
        });
      }
      for (const path of tags.unknownKeys) {
        report.fault({
          check: "unknown",
          path,
          value: "not known at preview",
          limit: `literal keys, among them ${all}`,
          fix: "Write the keys as literals; only their values may come from other resources.",
        });
      }
      const missing = keys.filter((key) => !tags.byKey.has(named(key)));
      // With unknown or unreadable keys the missing ones may be among them; that fault has been reported above.
      if (missing.length > 0 && tags.unknownKeys.length === 0 && tags.malformed.length === 0) {
        report.fault({
          check: "missing",
          path: property,
          value: `without ${and(missing.map(named))}`,
          limit: `with ${all}`,
          fix: "Add what is missing, as the model package records it.",
        });
      }
      for (const key of keys) {
        const found = tags.byKey.get(named(key)) ?? [];
        const [, second] = found;
        if (second) {
          report.fault({
            check: "doubled",
            path: second.path,
            value: `a second ${named(key)}`,
            limit: "the only one",
            fix: "Keep the true one.",
          });
        }
        for (const { path, value } of found) {
          if (value instanceof Unknown) report.waits(path, key.words);
          else if (typeof value !== "string" || !key.pattern.test(value)) {
            report.fault({
              check: "value",
              path,
              value: show(value),
              limit: key.words,
              fix: `Take ${named(key)} from the model package's record instead of writing it by hand.`,
            });
          }
        }
      }
    },
  },
});
