/**
 * Every bucket of a stage that demands it is encrypted under a key whose policy we write, with a bucket key.
 *
 * `aws:kms:dsse` is refused there: it takes no bucket key (S3 user guide, Dual-layer server-side encryption), so that each
 * object is a paid call of KMS. Differs from CKV_AWS_19 and CKV_AWS_145, which accept any KMS encryption: here the key must
 * not be AWS's own.
 */
import { nameProperty, partsOf } from "../support/bucket-parts.ts";
import { type Demand, demand, rowPaths, rows } from "../support/demand.ts";
import { BUCKET, BUCKET_ENCRYPTION, tokensOf } from "../support/families.ts";
import { isOwnKey } from "../support/own-key.ts";
import { type Reading, rootOf, textOf, valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { show } from "../support/show.ts";
import type { Subject } from "../support/subject.ts";

type Check = "algorithm" | "key" | "bucket-key" | "none" | "shape";

const buckets = tokensOf(BUCKET);
const classicBuckets = [BUCKET.classic, BUCKET.classicV2];
const parts = tokensOf(BUCKET_ENCRYPTION);

const NATIVE = {
  whole: "bucketEncryption",
  list: "bucketEncryption.serverSideEncryptionConfiguration",
  at: "serverSideEncryptionByDefault",
} as const;
const CLASSIC = { list: "rules", at: "applyServerSideEncryptionByDefault" } as const;
const fieldsOf = (at: string, prefix = "") =>
  [`${prefix}${at}.sseAlgorithm`, `${prefix}${at}.kmsMasterKeyId`, `${prefix}bucketKeyEnabled`] as const;

/** Written in the classic bucket itself; of what is a list in the V2 twin AWS takes one element. */
const INLINE = {
  [BUCKET.classic]: fieldsOf(CLASSIC.at, "serverSideEncryptionConfiguration.rule."),
  [BUCKET.classicV2]: fieldsOf(`${CLASSIC.at}s[]`, "serverSideEncryptionConfigurations[].rules[]."),
};

/** The readings of one rule's three fields. */
type Fields = readonly [algorithm: Reading, key: Reading, bucketKey: Reading];
type Demanded = "demand" | "optional";

export default rule({
  id: "bucket-encrypted",
  group: "data",
  severity: "medium",
  what: "A bucket is not encrypted under a key of the stage's own, or asks KMS anew for each object.",
  why: "AWS encrypts with its own key by default; data that matters must be under a key whose policy we write.",
  fix: "Encrypt with aws:kms, the stage's key, and bucketKeyEnabled true.",
  levels: { dev: "advisory", prod: "mandatory" },
  checks: {
    algorithm: "The bucket is not encrypted with aws:kms.",
    key: "The key is AWS's own.",
    "bucket-key": "There is no bucket key, so that each object is a paid call of KMS.",
    none: "No resource sets the encryption of the bucket.",
    shape: "The encryption is no list of rules.",
  } satisfies Record<Check, string>,
  outside: [
    { source: "Security Hub", ids: ["S3.17"] },
    { source: "checkov", ids: ["CKV_AWS_145"] },
    {
      source: "checkov",
      ids: ["CKV_AWS_19"],
      note: "it passes every bucket, as AWS encrypts with its own key by default",
    },
    { source: "cdk-nag", ids: ["NIST.800.53.R5-S3DefaultEncryptionKMS"] },
  ],
  settings: ["bucketKey"],
  resource: {
    reads: allReads(
      { [BUCKET.native]: [NATIVE.whole, NATIVE.list, ...rowPaths(NATIVE.list, fieldsOf(NATIVE.at))] },
      reads(parts, CLASSIC.list, ...rowPaths(CLASSIC.list, fieldsOf(CLASSIC.at))),
    ),
    judge(subject, { settings, report }) {
      const { list, at } = subject.type === BUCKET.native ? NATIVE : CLASSIC;
      if (list === NATIVE.list && subject.one(NATIVE.whole).state === "absent") {
        judgeNone("bucketName", settings.bucketKey, "bucketEncryption", report);
        return;
      }
      judgeList(subject, list, fieldsOf(at), settings.bucketKey, report);
    },
  },
  // In the classic provider encryption is a resource of its own.
  stack: {
    types: classicBuckets,
    reads: allReads(INLINE, reads([...classicBuckets, ...parts], "bucket")),
    judge(node, { settings, report, graph }) {
      if (partsOf(node, graph, parts, buckets).length > 0) return;
      const paths = INLINE[node.type === BUCKET.classic ? BUCKET.classic : BUCKET.classicV2];
      const [algorithms, keys, bucketKeys] = [node.read(paths[0]), node.read(paths[1]), node.read(paths[2])];
      const [first] = algorithms;
      // AWS fills it in after creation, so being unknown means something only where the program computed it.
      const isFilledIn = first?.state === "unknown" && !node.derives(rootOf(first.path));
      if (first === undefined || first.state === "absent" || isFilledIn) {
        judgeNone(nameProperty(node), settings.bucketKey, "a BucketServerSideEncryptionConfiguration", report);
        return;
      }
      algorithms.forEach((algorithm, i) => {
        const absent = { state: "absent", path: algorithm.path } as const;
        judgeRule([algorithm, keys[i] ?? absent, bucketKeys[i] ?? absent], settings.bucketKey, report);
      });
    },
  },
});

const WORDS: Readonly<Record<Demanded, string>> = {
  demand: '"aws:kms"',
  optional: '"AES256", or "aws:kms" with a bucket key',
};

function judgeNone(path: string, demanded: Demanded, what: string, report: Reporter<Check>): void {
  if (demanded === "optional") return;
  const fix = `Declare ${what} for this bucket, with the stage's key.`;
  report.fault({ check: "none", path, value: "without encryption of its own", limit: WORDS.demand, fix });
}

function judgeList(
  subject: Subject,
  list: string,
  fields: ReturnType<typeof fieldsOf>,
  demanded: Demanded,
  report: Reporter<Check>,
): void {
  const found = rows(subject, list, fields);
  for (const reading of found.unseen) {
    const limit = "a list of encryption rules";
    if (reading.state === "unknown") report.waits(reading.path, WORDS[demanded]);
    else {
      const value = show(valueIn(reading));
      report.fault({ check: "shape", path: reading.path, value, limit, fix: "Correct it." });
    }
  }
  for (const { at } of found.rows) judgeRule(fields.map((field) => at[field]) as unknown as Fields, demanded, report);
  if (found.rows.length + found.unseen.length > 0 || demanded === "optional") return;
  const value = show(valueIn(subject.one(list)));
  report.fault({ check: "algorithm", path: list, value, limit: "a rule with aws:kms", fix: KMS });
}

const KMS = "Encrypt with aws:kms and the stage's key.";

function judgeRule([algorithm, key, bucketKey]: Fields, demanded: Demanded, report: Reporter<Check>): void {
  const own = demanded === "demand";
  const asked: Demand<Check> = {
    check: "algorithm",
    limit: WORDS[demanded],
    fix: own ? KMS : "Use AES256, which costs nothing, or aws:kms.",
    holds: (value) => value === "aws:kms" || (!own && value === "AES256"),
    optional: !own,
  };
  demand(algorithm, asked, report);
  if (textOf(algorithm) !== "aws:kms") return;
  if (own) {
    const fix = "Name the stage's key; absent is AWS's own.";
    demand(key, { check: "key", limit: "a key of the stage's own", fix, holds: isOwnKey }, report);
  }
  const fix = "Set it: S3 then asks KMS for a key of the bucket, not for one of each object.";
  demand(bucketKey, { check: "bucket-key", limit: "true", fix, holds: (value) => value === true }, report);
}
