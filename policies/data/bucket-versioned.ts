/** Every bucket keeps versions, and what a model or a job reads lies in such a bucket. */
import { nameProperty, partsOf } from "../support/bucket-parts.ts";
import { demand } from "../support/demand.ts";
import { BUCKET, BUCKET_VERSIONING, tokensOf } from "../support/families.ts";
import type { Graph, Node } from "../support/graph.ts";
import { JOB_INPUTS, MODEL_DATA } from "../support/model-data.ts";
import { rootOf, textOf, valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { s3Ref } from "../support/s3-uri.ts";
import type { Settings } from "../support/settings.ts";
import { show } from "../support/show.ts";

type Check = "status" | "none" | "model-data";

const buckets = tokensOf(BUCKET);
const classicBuckets = [BUCKET.classic, BUCKET.classicV2];
const settingTypes = tokensOf(BUCKET_VERSIONING);
const readers = { ...MODEL_DATA, ...JOB_INPUTS };
const STATUS = "versioningConfiguration.status";

export default rule({
  id: "bucket-versioned",
  group: "data",
  severity: "high",
  what: "A bucket does not keep versions, or a model or a job reads from a bucket of which that is not known.",
  why: "Without versions nothing can be pinned, and an overwritten dataset is gone.",
  fix: "Enable versioning; list buckets outside the program that keep versions in versionedBuckets.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    status: "Versioning is not enabled.",
    none: "No resource enables versioning for the bucket.",
    "model-data": "A model or a job reads from a bucket that is neither declared here nor listed as versioned.",
  } satisfies Record<Check, string>,
  outside: [
    { source: "Security Hub", ids: ["S3.14"] },
    { source: "checkov", ids: ["CKV_AWS_21"] },
    { source: "prowler", ids: ["s3_bucket_object_versioning"] },
    { source: "cdk-nag", ids: ["NIST.800.53.R5-S3BucketVersioningEnabled"] },
  ],
  settings: ["versionedBuckets"],
  resource: {
    reads: reads([BUCKET.native, ...settingTypes], STATUS),
    judge(subject, { report }) {
      const holds = (value: unknown) => value === "Enabled";
      demand(subject.one(STATUS), { check: "status", limit: "Enabled", fix: "Set it to Enabled.", holds }, report);
    },
  },
  // In the classic provider versioning is a resource of its own, and whose data is read shows only in the whole.
  stack: {
    types: [...classicBuckets, ...Object.keys(readers)],
    reads: allReads(
      { [BUCKET.classic]: ["bucket", "versioning.enabled"] },
      { [BUCKET.classicV2]: ["bucket", "versionings[].enabled"] },
      reads(settingTypes, "bucket"),
      readers,
    ),
    judge(node, { settings, report, graph }) {
      if (classicBuckets.some((type) => type === node.type)) judgeClassic(node, graph, report);
      else judgeReader(node, graph, settings, report);
    },
  },
});

function judgeClassic(bucket: Node, graph: Graph, report: Reporter<Check>): void {
  if (partsOf(bucket, graph, settingTypes, buckets).length > 0) return;
  const inline = bucket.read(bucket.has("versioning.enabled") ? "versioning.enabled" : "versionings[].enabled");
  if (inline.some((reading) => valueIn(reading) === true)) return;
  const limit = "enabled by a BucketVersioning";
  const [first] = inline;
  // AWS fills `versioning` in after creation, so being unknown means something only where the program computed it.
  if (first?.state === "unknown" && bucket.derives(rootOf(first.path))) {
    report.waits(first.path, limit);
    return;
  }
  const fix = "Declare one for this bucket with status Enabled.";
  report.fault({ check: "none", path: nameProperty(bucket), value: "without versioning", limit, fix });
}

function judgeReader(
  node: Node,
  graph: Graph,
  { versionedBuckets }: Pick<Settings, "versionedBuckets">,
  report: Reporter<Check>,
): void {
  const limit = "in a bucket declared here or listed in versionedBuckets";
  const said = new Set<string>();
  for (const reading of node.paths().flatMap((path) => node.read(path))) {
    if (reading.state === "absent" || said.has(reading.path)) continue;
    said.add(reading.path);
    if (reading.state === "unknown") {
      // What refers to a bucket of this program lies in one that is judged itself.
      if (node.referredBy(rootOf(reading.path), buckets).length === 0) report.waits(reading.path, limit);
      continue;
    }
    const found = s3Ref(textOf(reading));
    if (found && (versionedBuckets.includes(found.bucket) || graph.named(found.bucket, buckets).length > 0)) continue;
    const fix = "Declare the bucket here, or list it once it is known to keep versions.";
    report.fault({ check: "model-data", path: reading.path, value: show(reading.value), limit, fix });
  }
}
