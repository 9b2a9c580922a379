/** Every bucket has a policy that refuses plain HTTP, for everybody, on the bucket and on all of its objects. */
import { nameProperty, partsOf } from "../support/bucket-parts.ts";
import { parseDocument } from "../support/document.ts";
import { BUCKET, BUCKET_POLICY, tokensOf } from "../support/families.ts";
import { cis } from "../support/frameworks.ts";
import { reportFlaws } from "../support/open-document.ts";
import { type Reading, textOf, valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import type { Subject } from "../support/subject.ts";
import { tlsOnly } from "../support/tls-only.ts";

type Check = "none" | "policy" | "unreadable";

const buckets = tokensOf(BUCKET);
const classicBuckets = [BUCKET.classic, BUCKET.classicV2];
const LIMIT = "a policy that denies s3:* to * on the bucket and its objects when aws:SecureTransport is false";
const FIX = 'Add that statement: Deny, Principal "*", the bucket\'s ARN and ARN/*, Bool aws:SecureTransport "false".';

export default rule({
  id: "bucket-tls-only",
  group: "data",
  severity: "high",
  what: "A bucket may be read or written over plain HTTP.",
  why: "Training data and models would travel in clear, and could be changed on the way.",
  fix: "Give the bucket a policy that denies s3:* to everybody when aws:SecureTransport is false.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    none: "The bucket has no policy.",
    policy: "The policy does not refuse plain HTTP, for everybody, on the bucket and on all of its objects.",
    unreadable: "The policy cannot be read.",
  } satisfies Record<Check, string>,
  outside: [
    { source: "Security Hub", ids: ["S3.5"] },
    { source: "cdk-nag", ids: ["AwsSolutions-S10"] },
    { source: "checkov", ids: ["CKV_AWS_379"], note: "it asks only buckets that have an ACL resource" },
    { source: "CIS AWS v5", ids: ["2.1.1"] },
  ],
  framework: cis("2.1.1", "Supports that S3 buckets deny requests over HTTP."),
  resource: {
    reads: allReads(
      { [BUCKET_POLICY.native]: ["policyDocument", "bucket"], [BUCKET_POLICY.classic]: ["policy", "bucket"] },
      reads(classicBuckets, "policy", "bucket"),
    ),
    judge(subject, { report }) {
      const reading = subject.one(subject.has("policyDocument") ? "policyDocument" : "policy");
      const inline = buckets.includes(subject.type);
      // A bucket without a policy of its own is the stack half's.
      if (inline && isNone(reading)) return;
      if (reading.state === "unknown") report.waits(reading.path, LIMIT);
      else judgeDocument(subject, reading, report);
    },
  },
  // That there is a policy at all shows only in the whole: it is a resource of its own.
  stack: {
    types: buckets,
    reads: allReads(
      { [BUCKET.native]: ["bucketName"] },
      reads(classicBuckets, "bucket", "policy"),
      reads(tokensOf(BUCKET_POLICY), "bucket"),
    ),
    judge(node, { report, graph }) {
      if (partsOf(node, graph, tokensOf(BUCKET_POLICY), buckets).length > 0) return;
      const inline = node.has("policy") ? node.one("policy") : undefined;
      // AWS fills `policy` in after creation, so being unknown means something only where the program computed it.
      if (inline?.state === "unknown" && node.derives("policy")) return;
      if (inline && inline.state !== "unknown" && !isNone(inline)) {
        judgeDocument(node, inline, report);
        return;
      }
      const fix = "Declare a BucketPolicy for this bucket that refuses plain HTTP.";
      report.fault({ check: "none", path: nameProperty(node), value: "without a BucketPolicy", limit: LIMIT, fix });
    },
  },
});

const isNone = (reading: Reading): boolean => reading.state === "absent" || valueIn(reading) === "";

function judgeDocument(subject: Subject, reading: Reading, report: Reporter<Check>): void {
  const { path } = reading;
  const document = parseDocument(valueIn(reading), path);
  reportFlaws(document, report);
  const own = subject.one("bucket");
  const found = tlsOnly(document, textOf(own), own.path);
  if (found.state === "unknown") report.waits(found.path, LIMIT);
  else if (found.state === "no" && document.flaws.length === 0) {
    report.fault({ check: "policy", path, value: "a policy without it", limit: LIMIT, fix: FIX });
  }
}
