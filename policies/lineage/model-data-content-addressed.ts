/** Model data is named by the digest of its content, so that no other bytes can take its place. */
import { MODEL, tokensOf } from "../support/families.ts";
import { TRACEABLE } from "../support/frameworks.ts";
import { MODEL_DATA, OTHER_MODEL_DATA } from "../support/model-data.ts";
import { CONTAINERS, containersOf } from "../support/packages.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { CONTENT_ADDRESS, s3Ref } from "../support/s3-uri.ts";
import { show } from "../support/show.ts";
import type { Subject } from "../support/subject.ts";

type Check = "path" | "bucket" | "none";

const models = tokensOf(MODEL);
const paths = { ...MODEL_DATA, ...OTHER_MODEL_DATA };
/** What may stand in a container instead of a package, in either provider. */
const DATA = ["modelDataUrl", "modelDataSource", "additionalModelDataSources"] as const;
const LIMIT = "s3://<bucket>/<prefix>/sha256/<64 lower-case hex digits>/…";

export default rule({
  id: "model-data-content-addressed",
  group: "lineage",
  severity: "critical",
  what: "Model data lies at a path that does not say its content, or outside the artefact buckets.",
  why: "What can be overwritten lets a model change under its own name and approval.",
  fix: "Take the model from a package, or store its data under the SHA-256 of its bytes and name that path.",
  levels: { dev: "advisory", prod: "mandatory" },
  checks: {
    path: "The path holds no digest of its content.",
    bucket: "The data is not in one of the artefact buckets.",
    none: "A container names neither model data nor a package, so what it serves is hidden in its image.",
  } satisfies Record<Check, string>,
  framework: TRACEABLE,
  settings: ["artifactBuckets"],
  resource: {
    reads: allReads(paths, reads(models, ...CONTAINERS)),
    judge(subject, { settings, report }) {
      const said = new Set<string>();
      for (const reading of subject.readAll(paths)) {
        const { path } = reading;
        // An unknown or malformed container stands at the same place for each of its properties.
        if (reading.state === "absent" || said.has(path)) continue;
        said.add(path);
        if (reading.state === "unknown") report.waits(path, LIMIT);
        else judgeAddress(path, reading.value, settings.artifactBuckets, report);
      }
      if (models.includes(subject.type)) judgeEmpty(subject, report);
    },
  },
});

function judgeAddress(path: string, value: unknown, buckets: readonly string[], report: Reporter<Check>): void {
  const found = s3Ref(value);
  if (!found || !CONTENT_ADDRESS.test(found.key)) {
    const fix = "Store the bytes under their own digest and name that path.";
    report.fault({ check: "path", path, value: show(value), limit: LIMIT, fix });
  } else if (buckets.length > 0 && !buckets.includes(found.bucket)) {
    const fix = "Store it in an artefact bucket, or list its bucket in artifactBuckets.";
    report.fault({ check: "bucket", path, value: show(value), limit: `in ${buckets.join(" or ")}`, fix });
  }
}

/** That there is a container at all is model-from-package's. */
function judgeEmpty(subject: Subject, report: Reporter<Check>): void {
  for (const container of containersOf(subject).known) {
    if (container.package.state !== "absent") continue;
    if (DATA.some((key) => container.property(key).value !== undefined)) continue;
    report.fault({
      check: "none",
      path: container.path,
      value: "without model data",
      limit: `made from a package, or from ${LIMIT}`,
      fix: "Set modelPackageName to the ARN of a registered version.",
    });
  }
}
