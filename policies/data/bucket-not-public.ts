/** No bucket can be read or written by strangers, by whatever road: block settings, ACL, policy, website. */

import { demand } from "../support/demand.ts";
import {
  BUCKET,
  BUCKET_ACL,
  BUCKET_POLICY,
  BUCKET_WEBSITE,
  PUBLIC_ACCESS_BLOCK,
  tokensOf,
} from "../support/families.ts";
import { cis } from "../support/frameworks.ts";
import { openDocument } from "../support/open-document.ts";
import { judgeOpenStatements } from "../support/open-principal.ts";
import { restriction } from "../support/public-access.ts";
import { valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import type { Subject } from "../support/subject.ts";

type Check = "block" | "acl" | "grant" | "website" | "policy" | "no-block" | "unreadable";

const FLAGS = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"] as const;
const NATIVE_BLOCK = "publicAccessBlockConfiguration";
const classicBuckets = [BUCKET.classic, BUCKET.classicV2];

export default rule({
  id: "bucket-not-public",
  group: "data",
  severity: "critical",
  what: "A bucket is open to strangers, or not closed against being opened.",
  why: "One open bucket leaks every dataset and lets anyone replace a model.",
  fix: "Set all four public access block settings to true; use no ACL, no website, and no policy for everyone.",
  levels: { dev: "remediate", prod: "mandatory" },
  unexemptable: "all",
  checks: {
    block: "One of the four block settings is not true.",
    acl: "A canned ACL gives others access.",
    grant: "An ACL grant gives everyone, or every AWS user, access.",
    website: "The bucket is a website.",
    policy: "The bucket policy lets everyone in.",
    "no-block": "No public access block is declared for the bucket.",
    unreadable: "The policy cannot be read.",
  } satisfies Record<Check, string>,
  outside: [
    { source: "Security Hub", ids: ["S3.8"] },
    { source: "cdk-nag", ids: ["AwsSolutions-S2"] },
    { source: "checkov", ids: ["CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56", "CKV2_AWS_6", "CKV_AWS_70"] },
    { source: "CIS AWS v5", ids: ["2.1.4"] },
  ],
  framework: cis("2.1.4", "Supports that S3 buckets block public access."),
  resource: {
    reads: allReads(
      { [BUCKET.native]: [...FLAGS.map((flag) => `${NATIVE_BLOCK}.${flag}`), "accessControl", "websiteConfiguration"] },
      reads(classicBuckets, "acl", "policy", "grants[].uri"),
      { [BUCKET.classic]: ["website"], [BUCKET.classicV2]: ["websites"] },
      reads(tokensOf(PUBLIC_ACCESS_BLOCK), ...FLAGS),
      reads(tokensOf(BUCKET_ACL), "acl", "accessControlPolicy.grants[].grantee.uri"),
      reads(tokensOf(BUCKET_WEBSITE), "bucket"),
      { [BUCKET_POLICY.native]: ["policyDocument"], [BUCKET_POLICY.classic]: ["policy"] },
    ),
    judge(subject, { report }) {
      for (const path of subject.paths()) {
        if (FLAGS.some((flag) => path.endsWith(flag))) judgeFlag(subject, path, report);
        else if (path === "acl" || path === "accessControl") judgeAcl(subject, path, report);
        else if (path.endsWith("uri")) judgeGrants(subject, path, report);
        else if (path.startsWith("website")) judgeWebsite(subject, path, report);
        else if (path === "policy" || path === "policyDocument") judgePolicy(subject, path, report);
      }
      if (tokensOf(BUCKET_WEBSITE).includes(subject.type)) {
        const { path } = subject.one("bucket");
        report.fault({
          check: "website",
          path,
          value: "a website",
          limit: "no website",
          fix: "Serve files through an authenticated API.",
        });
      }
    },
  },
  // The classic provider keeps the block in a resource of its own, so only the whole stack shows that there is one.
  stack: {
    types: classicBuckets,
    reads: allReads(reads(classicBuckets, "bucket"), reads(tokensOf(PUBLIC_ACCESS_BLOCK), "bucket")),
    judge(node, { report, graph }) {
      const own = node.one("bucket");
      const { names, urns } = graph.referredTo(tokensOf(PUBLIC_ACCESS_BLOCK), "bucket", classicBuckets);
      if (urns.has(node.urn) || names.has(valueIn(own))) return;
      const fix = "Declare one for this bucket with all four settings true.";
      report.fault({
        check: "no-block",
        path: "bucket",
        value: "without a BucketPublicAccessBlock",
        limit: "named by one",
        fix,
      });
    },
  },
  // Only where the settings are the bucket's own inputs, and only in dev: in prod the code must say it.
  remediate: {
    types: [BUCKET.native],
    apply(props) {
      const block = props[NATIVE_BLOCK] as Record<string, unknown> | undefined;
      if (FLAGS.every((flag) => block?.[flag] === true)) return false;
      props[NATIVE_BLOCK] = Object.fromEntries(FLAGS.map((flag) => [flag, true]));
      return true;
    },
  },
});

function judgeFlag(subject: Subject, path: string, report: Reporter<Check>): void {
  const holds = (value: unknown) => value === true;
  demand(subject.one(path), { check: "block", limit: "true", fix: "Set all four to true.", holds }, report);
}

function judgeAcl(subject: Subject, path: string, report: Reporter<Check>): void {
  const fix = "Remove the ACL and give access by policy.";
  const holds = (value: unknown) => typeof value === "string" && value.toLowerCase() === "private";
  demand(subject.one(path), { check: "acl", limit: "absent or private", fix, holds, optional: true }, report);
}

function judgeGrants(subject: Subject, path: string, report: Reporter<Check>): void {
  const limit = "no group of everyone or of every AWS user";
  const holds = (value: unknown) => typeof value === "string" && !/\/(?:AllUsers|AuthenticatedUsers)$/i.test(value);
  for (const reading of subject.read(path))
    demand(reading, { check: "grant", limit, fix: "Remove the grant.", holds, optional: true }, report);
}

function judgeWebsite(subject: Subject, path: string, report: Reporter<Check>): void {
  const fix = "Serve files through an authenticated API.";
  demand(subject.one(path), { check: "website", limit: "absent", fix, optional: true }, report);
}

function judgePolicy(subject: Subject, path: string, report: Reporter<Check>): void {
  const reading = subject.one(path);
  const limits = {
    document: "a policy that lets nobody in without a restricting condition",
    statement: "a statement that lets nobody in without a restricting condition",
  };
  const document = openDocument(reading, limits, report);
  if (!document) return;
  judgeOpenStatements(document, restriction, report);
}
