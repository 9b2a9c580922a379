import assert from "node:assert/strict";
import rule from "../../../policies/data/bucket-encrypted.ts";
import { broken, compliant } from "../support/fixtures.ts";
import { analyze, analyzeStack, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const KEY = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555";
const DEV = { config: { bucketKey: "optional" } };
const KMS = "Encrypt with aws:kms and the stage's key.";
const FREE = '"AES256", or "aws:kms" with a bucket key';
const SET = "Set it: S3 then asks KMS for a key of the bucket, not for one of each object.";
const OWN = "Name the stage's key; absent is AWS's own.";
const fault = (check: string, path: string, value: string, limit: string, fix: string) =>
  `bucket-encrypted/${check}: ${path} is ${value}, must be ${limit}. ${fix}`;
const NONE = fault(
  "none",
  "bucket",
  "without encryption of its own",
  '"aws:kms"',
  "Declare a BucketServerSideEncryptionConfiguration for this bucket, with the stage's key.",
);

describe("bucket-encrypted", () => {
  for (const [provider, family, list, by] of [
    ["native", "bucket", "bucketEncryption.serverSideEncryptionConfiguration", "serverSideEncryptionByDefault"],
    ["classic", "encryption", "rules", "applyServerSideEncryptionByDefault"],
    ["classic", "encryptionV2", "rules", "applyServerSideEncryptionByDefault"],
  ] as const) {
    const good = compliant(provider, family);
    const at = `${list}[0].${by}`;
    const algorithm = `${at}.sseAlgorithm`;

    it(`${provider} ${family}: prod demands aws:kms, dev lets AES256 be`, async () => {
      for (const [value, shown, dev] of [
        ["AES256", '"AES256"', true],
        ["aws:kms:dsse", '"aws:kms:dsse"', false],
        ["AWS:KMS", '"AWS:KMS"', false],
        ["", "empty", false],
        [undefined, "absent", true],
        [7, "7", false],
      ] as const) {
        const bad = broken(good, algorithm, value);
        violates(await analyze(rule, bad), fault("algorithm", algorithm, shown, '"aws:kms"', KMS));
        violates(
          await analyze(rule, bad, DEV),
          ...(dev ? [] : [fault("algorithm", algorithm, shown, FREE, "Use AES256, which costs nothing, or aws:kms.")]),
        );
      }
      notes(
        await analyze(rule, broken(good, algorithm, UNKNOWN)),
        `bucket-encrypted/waits: ${algorithm} is not known yet, must be "aws:kms". ${LATER}`,
      );
    });

    it(`${provider} ${family}: the key is not AWS's`, async () => {
      const key = `${at}.kmsMasterKeyId`;
      for (const [value, shown] of [
        [undefined, "absent"],
        ["", "empty"],
        ["alias/aws/s3", '"alias/aws/s3"'],
        ["arn:aws:kms:us-east-1:111122223333:alias/aws/s3", '"arn:aws:kms:us-east-1:111122223333:alias/aws/s3"'],
        [true, "true"],
      ] as const) {
        violates(
          await analyze(rule, broken(good, key, value)),
          fault("key", key, shown, "a key of the stage's own", OWN),
        );
        violates(await analyze(rule, broken(good, key, value), DEV));
      }
      for (const value of [KEY, "alias/frugal-prod", "11111111-2222-3333-4444-555555555555"])
        violates(await analyze(rule, broken(good, key, value)));
      notes(
        await analyze(rule, broken(good, key, UNKNOWN)),
        `bucket-encrypted/waits: ${key} is not known yet, must be a key of the stage's own. ${LATER}`,
      );
    });

    it(`${provider} ${family}: a bucket key wherever KMS is asked`, async () => {
      const path = `${list}[0].bucketKeyEnabled`;
      for (const [value, shown] of [
        [undefined, "absent"],
        [false, "false"],
        ["true", '"true"'],
      ] as const) {
        const text = fault("bucket-key", path, shown, "true", SET);
        violates(await analyze(rule, broken(good, path, value)), text);
        violates(await analyze(rule, broken(good, path, value), DEV), text);
      }
      notes(
        await analyze(rule, broken(good, path, UNKNOWN)),
        `bucket-encrypted/waits: ${path} is not known yet, must be true. ${LATER}`,
      );
    });

    it(`${provider} ${family}: no rule, and no list of rules`, async () => {
      for (const [value, shown] of [
        [undefined, "absent"],
        [[], "[]"],
      ] as const) {
        violates(
          await analyze(rule, broken(good, list, value)),
          fault("algorithm", list, shown, "a rule with aws:kms", KMS),
        );
        violates(await analyze(rule, broken(good, list, value), DEV));
      }
      for (const [value, path, shown] of [
        ["aws:kms", list, '"aws:kms"'],
        [["aws:kms"], `${list}[0]`, '"aws:kms"'],
        [[null], `${list}[0]`, "absent"],
      ] as const) {
        for (const options of [{}, DEV]) {
          violates(
            await analyze(rule, broken(good, list, value), options),
            fault("shape", path, shown, "a list of encryption rules", "Correct it."),
          );
        }
      }
      notes(
        await analyze(rule, broken(good, list, UNKNOWN)),
        `bucket-encrypted/waits: ${list} is not known yet, must be "aws:kms". ${LATER}`,
      );
    });
  }

  it("native: no encryption at all", async () => {
    const bare = broken(compliant("native", "bucket"), "bucketEncryption", undefined);
    const declare = "Declare bucketEncryption for this bucket, with the stage's key.";
    violates(
      await analyze(rule, bare),
      fault("none", "bucketName", "without encryption of its own", '"aws:kms"', declare),
    );
    violates(await analyze(rule, bare, DEV));
    const words = `bucket-encrypted/waits: bucketEncryption is not known yet, must be "aws:kms". ${LATER}`;
    notes(await analyze(rule, broken(bare, "bucketEncryption", UNKNOWN)), words);
  });

  describe("classic: encryption is a resource of its own", () => {
    const bucket = compliant("classic", "bucket");
    const second = compliant("classic", "bucketV2");
    const encryption = compliant("classic", "encryption");
    const by = (algorithm: unknown) => ({ sseAlgorithm: algorithm, kmsMasterKeyId: KEY });
    const inline = (algorithm: unknown): Resource =>
      broken(bucket, "serverSideEncryptionConfiguration", {
        rule: { applyServerSideEncryptionByDefault: by(algorithm), bucketKeyEnabled: true },
      });
    const inlineV2 = (algorithm: unknown): Resource =>
      broken(second, "serverSideEncryptionConfigurations", [
        { rules: [{ applyServerSideEncryptionByDefaults: [by(algorithm)], bucketKeyEnabled: true }] },
      ]);

    it("none, or one for another bucket", async () => {
      for (const one of [bucket, second]) {
        violates(await analyzeStack(rule, [one]), NONE);
        violates(await analyzeStack(rule, [one], DEV));
      }
      const found = await analyzeStack(rule, [bucket, second, encryption]);
      violates(found, NONE);
      assert.equal(found[0]?.on, "bucketV2");
    });

    it("found by reference when the name is not known yet", async () => {
      const byReference = { ...broken(encryption, "bucket", UNKNOWN), propertyDependencies: { bucket: ["bucket"] } };
      violates(await analyzeStack(rule, [broken(bucket, "bucket", UNKNOWN), byReference]));
    });

    it("written in the bucket itself", async () => {
      violates(await analyzeStack(rule, [inline("aws:kms")]));
      violates(await analyzeStack(rule, [inlineV2("aws:kms")]));
      const path = "serverSideEncryptionConfiguration.rule.applyServerSideEncryptionByDefault.sseAlgorithm";
      violates(await analyzeStack(rule, [inline("AES256")]), fault("algorithm", path, '"AES256"', '"aws:kms"', KMS));
      const pathV2 =
        "serverSideEncryptionConfigurations[0].rules[0].applyServerSideEncryptionByDefaults[0].sseAlgorithm";
      violates(
        await analyzeStack(rule, [inlineV2("AES256")]),
        fault("algorithm", pathV2, '"AES256"', '"aws:kms"', KMS),
      );
      const keyless = broken(
        inline("aws:kms"),
        "serverSideEncryptionConfiguration.rule.applyServerSideEncryptionByDefault.kmsMasterKeyId",
        undefined,
      );
      assert.match((await analyzeStack(rule, [keyless]))[0]?.text ?? "", /^bucket-encrypted\/key: /);
    });

    it("what AWS fills in is no promise; what the program computes is waited for", async () => {
      const unknown = broken(bucket, "serverSideEncryptionConfiguration", UNKNOWN);
      violates(await analyzeStack(rule, [unknown]), NONE);
      violates(await analyzeStack(rule, [broken(second, "serverSideEncryptionConfigurations", [])]), NONE);
      const many = "serverSideEncryptionConfigurations";
      notes(
        await analyzeStack(rule, [
          { ...broken(second, many, UNKNOWN), propertyDependencies: { [many]: ["encryption"] } },
          broken(encryption, "bucket", "another"),
        ]),
        `bucket-encrypted/waits: ${many} is not known yet, must be "aws:kms". It is judged again when the update has made it known.`,
      );
      const computed = { ...unknown, propertyDependencies: { serverSideEncryptionConfiguration: ["encryption"] } };
      const other = broken(encryption, "bucket", "another");
      notes(
        await analyzeStack(rule, [computed, other]),
        'bucket-encrypted/waits: serverSideEncryptionConfiguration is not known yet, must be "aws:kms". It is judged again when the update has made it known.',
      );
    });
  });
});
