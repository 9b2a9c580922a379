/** Lineage tags are a claim; the registry's record of the package is the truth they are held against. */
import { ENDPOINT, ENDPOINT_CONFIG, MODEL, tokensOf } from "../support/families.ts";
import { TRACEABLE } from "../support/frameworks.ts";
import { AUTO_ML_JOB, LINEAGE, PACKAGE_ARN_WORDS, packageRef } from "../support/lineage.ts";
import { factsOf, LIVE_CHECKS, type LiveCheck, registry } from "../support/live.ts";
import { judgeOrigin, ORIGIN_CHECKS, type OriginCheck, type Recorded } from "../support/origin.ts";
import { CONTAINERS, containersOf } from "../support/packages.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { show } from "../support/show.ts";
import type { Subject } from "../support/subject.ts";
import { tagsOf, tagText } from "../support/tags.ts";
import { Unknown } from "../support/unknown.ts";

type Check = "false" | "unrecorded" | "package" | "unclaimed" | OriginCheck | LiveCheck;

const models = tokensOf(MODEL);
const others = tokensOf(ENDPOINT_CONFIG, ENDPOINT);
const CLAIMS = [LINEAGE.datasetVersion, LINEAGE.run, LINEAGE.trainingJob, LINEAGE.artifactDigest];

export default rule({
  id: "lineage-tags-true",
  group: "lineage",
  severity: "critical",
  what: "A lineage tag says something else than the registry records for the model package.",
  why: "A copied or stale tag is worse than none: it sends whoever investigates to the wrong data.",
  fix: "Derive the tags from the model package's record; do not copy them from another resource.",
  levels: { dev: "advisory", prod: "mandatory" },
  unexemptable: "all",
  checks: {
    false: "A tag's value is not the one recorded.",
    unrecorded: "The package's record has no such fact.",
    package: "The package in the tag is not the one that the model is made from.",
    unclaimed: "No tag names one package, so no tag can be verified.",
    ...ORIGIN_CHECKS,
    ...LIVE_CHECKS,
  } satisfies Record<Check, string>,
  framework: TRACEABLE,
  settings: ["offline", "tagPrefix", "datasetManifest"],
  resource: {
    reads: allReads(reads([...models, ...others], "tags"), reads(models, ...CONTAINERS)),
    async judge(subject, { settings, report }) {
      const tags = tagsOf(subject.one("tags"));
      const key = `${settings.tagPrefix}${LINEAGE.modelPackage.key}`;
      const open = tags.unknownKeys[0] ?? tags.byKey.get(key)?.find(({ value }) => value instanceof Unknown)?.path;
      if (open !== undefined) {
        report.waits(open, "the package whose record the other tags repeat");
        return;
      }
      const claim = tagText(tags, key);
      const found = packageRef(claim?.text);
      if (!claim || !found) {
        report.fault({
          check: "unclaimed",
          path: claim?.path ?? "tags",
          value: claim ? show(claim.text) : `without one ${key}`,
          limit: PACKAGE_ARN_WORDS,
          fix: "Name the package, so that the other tags can be held against its record.",
        });
        return;
      }
      if (models.includes(subject.type)) judgeOwn(subject, claim, report);

      const asked = { path: claim.path, subject: `model package ${found.arn}`, limit: "a registered version" };
      const facts = factsOf(await registry().modelPackage(found.arn), asked, settings.offline, report);
      if (!facts) return;
      /** What the record says and no tag denies, by key. */
      const agreed = new Map<string, Recorded>();
      for (const { key: name, words } of CLAIMS) {
        const tagKey = `${settings.tagPrefix}${name}`;
        const tag = tags.byKey.get(tagKey)?.[0];
        const recorded = Object.hasOwn(facts.metadata, tagKey) ? facts.metadata[tagKey] : undefined;
        const waiting = tag?.value instanceof Unknown;
        if (waiting) report.waits(tag.path, words);
        if (!tag || waiting || recorded === tag.value) {
          const path = tag?.path ?? `${claim.path} > ${tagKey}`;
          if (recorded !== undefined) agreed.set(name, { path, text: recorded });
          continue;
        }
        report.fault({
          check: recorded === undefined ? "unrecorded" : "false",
          path: tag.path,
          value: show(tag.value),
          limit:
            recorded === undefined
              ? `recorded as ${tagKey} of ${found.arn}, which has no such entry`
              : `${show(recorded)}, as ${found.arn} records`,
          fix: "Take the value from the package's record.",
        });
      }
      const job = agreed.get(LINEAGE.trainingJob.key);
      const dataset = agreed.get(LINEAGE.datasetVersion.key);
      // Where a tag says something else, that comes first.
      if (!job || !dataset || settings.datasetManifest === "") return;
      const autoMlKey = `${settings.tagPrefix}${AUTO_ML_JOB}`;
      const search = Object.hasOwn(facts.metadata, autoMlKey) ? facts.metadata[autoMlKey] : undefined;
      // "-" is how a record says that there is none.
      const autoMl =
        search === undefined || search === "-" ? undefined : { path: `${claim.path} > ${autoMlKey}`, text: search };
      await judgeOrigin({ package: found, job, autoMl, dataset }, settings, report);
    },
  },
});

/** The tag of a Model must name a package that its own containers are made from. */
function judgeOwn(
  subject: Subject,
  claim: { readonly path: string; readonly text: string },
  report: Reporter<Check>,
): void {
  const { known, unknown } = containersOf(subject);
  for (const path of unknown) report.waits(path, `a container made from ${claim.text}`);
  const named = known.map((container) => container.package);
  const waiting = named.find((reading) => reading.state === "unknown");
  if (waiting) report.waits(waiting.path, claim.text);
  if (unknown.length > 0 || waiting) return;
  const packages = named.flatMap((reading) => (reading.state === "known" ? [reading.value] : []));
  // No package at all is model-from-package's fault.
  if (packages.length === 0 || packages.includes(claim.text)) return;
  report.fault({
    check: "package",
    path: claim.path,
    value: show(claim.text),
    limit: packages.map(show).join(" or "),
    fix: "Name the package that the container is made from.",
  });
}
