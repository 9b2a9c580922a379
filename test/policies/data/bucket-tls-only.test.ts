import assert from "node:assert/strict";
import rule from "../../../policies/data/bucket-tls-only.ts";
import { broken, compliant, PROVIDERS, type Provider } from "../support/fixtures.ts";
import { analyze, analyzeStack, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const NAME = "frugal-prod-data-111122223333";
const ARN = `arn:aws:s3:::${NAME}`;
const LATER = "It is judged at update, before the resource is touched.";
const LIMIT = "a policy that denies s3:* to * on the bucket and its objects when aws:SecureTransport is false";
const without = (path: string) =>
  `bucket-tls-only/policy: ${path} is a policy without it, must be ${LIMIT}. Add that statement: Deny, Principal "*", the bucket's ARN and ARN/*, Bool aws:SecureTransport "false".`;
const none = (path: string) =>
  `bucket-tls-only/none: ${path} is without a BucketPolicy, must be ${LIMIT}. Declare a BucketPolicy for this bucket that refuses plain HTTP.`;
const waits = (path: string) => `bucket-tls-only/waits: ${path} is not known yet, must be ${LIMIT}. ${LATER}`;

const DENY = {
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: [ARN, `${ARN}/*`],
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};

const documentAt = (provider: Provider) => (provider === "native" ? "policyDocument" : "policy");

/** The compliant policy with these statements, as an object and as text. */
function policies(provider: Provider, ...statements: readonly unknown[]): Resource[] {
  const document = { Version: "2012-10-17", Statement: statements };
  const policy = compliant(provider, "bucketPolicy");
  return [document, JSON.stringify(document)].map((form) => broken(policy, documentAt(provider), form));
}

describe("bucket-tls-only", () => {
  for (const provider of PROVIDERS) {
    const at = documentAt(provider);

    it(`${provider}: forms that refuse plain HTTP`, async () => {
      for (const change of [
        {},
        { Principal: { AWS: "*" } },
        { Principal: { AWS: ["arn:aws:iam::111122223333:root", "*"] } },
        { Action: ["S3:*"] },
        { Action: "*" },
        { Resource: "*" },
        { Resource: `${ARN}*` },
        { Resource: ["arn:aws-us-gov:s3:::frugal-prod-data-111122223333", `arn:*:s3:::${NAME}/*`] },
        { Resource: "arn:aws:s3:::*" },
        { Condition: { BoolIfExists: { "AWS:securetransport": ["false"] } } },
        { Condition: { Bool: { "aws:SecureTransport": false } } },
      ]) {
        for (const policy of policies(provider, { ...DENY, ...change })) violates(await analyze(rule, policy));
      }
      for (const policy of policies(provider, { ...DENY, Resource: ARN }, { ...DENY, Resource: [`${ARN}/*`] }))
        violates(await analyze(rule, policy));
    });

    it(`${provider}: forms that only look so`, async () => {
      for (const change of [
        { Effect: "Allow" },
        { Principal: { AWS: "arn:aws:iam::111122223333:root" } },
        { Principal: { Service: "*" } },
        { Principal: undefined },
        { Principal: undefined, NotPrincipal: "*" },
        { Action: ["s3:GetObject", "s3:PutObject"] },
        { Action: "s3:Get*" },
        { Action: undefined, NotAction: "s3:*" },
        { Resource: ARN },
        { Resource: `${ARN}/*` },
        { Resource: [ARN, `${ARN}/datasets/*`] },
        { Resource: [ARN, `${ARN}/?*`] },
        { Resource: [ARN, `${ARN}/*.csv`] },
        { Resource: ["arn:aws:s3:::another", "arn:aws:s3:::another/*"] },
        { Resource: [`${ARN}-2`, `${ARN}-2/*`] },
        { Resource: ["arn:aws:s3:::frugal?prod-data-111122223333", `${ARN}/*`] },
        { Resource: undefined, NotResource: "arn:aws:s3:::another" },
        { Condition: undefined },
        { Condition: { Bool: { "aws:SecureTransport": "true" } } },
        { Condition: { Bool: { "aws:SecureTransport": ["false", "true"] } } },
        { Condition: { Bool: { "aws:SecureTransport": [] } } },
        { Condition: { StringEquals: { "aws:SecureTransport": "false" } } },
        { Condition: { Bool: { "aws:MultiFactorAuthPresent": "false" } } },
        { Condition: { Bool: { "aws:SecureTransport": "false" }, StringEquals: { "aws:SourceAccount": "1" } } },
        { Condition: { Bool: { "aws:SecureTransport": "false", "aws:ViaAWSService": "false" } } },
        { Condition: { Bool: { "aws:SecureTransport": "false" }, StringEquals: UNKNOWN } },
      ]) {
        const statement = JSON.parse(JSON.stringify({ ...DENY, ...change }));
        const [policy] = policies(provider, statement);
        violates(await analyze(rule, policy as Resource), without(at));
      }
      violates(await analyze(rule, policies(provider)[0] as Resource), without(at));
    });

    it(`${provider}: a policy that cannot be read`, async () => {
      violates(
        await analyze(rule, broken(compliant(provider, "bucketPolicy"), at, "{")),
        `bucket-tls-only/unreadable: ${at} is "{", must be a policy document, as an object or as JSON text. Correct the document.`,
      );
      violates(
        await analyze(rule, broken(compliant(provider, "bucketPolicy"), at, undefined)),
        `bucket-tls-only/unreadable: ${at} is absent, must be a policy document, as an object or as JSON text. Correct the document.`,
      );
    });

    it(`${provider}: what is not known yet`, async () => {
      const policy = compliant(provider, "bucketPolicy");
      notes(await analyze(rule, broken(policy, at, UNKNOWN)), waits(at));
      notes(await analyze(rule, broken(policy, "bucket", UNKNOWN)), waits("bucket"));
      for (const [change, path] of [
        [{ Resource: UNKNOWN }, "Resource"],
        [{ Resource: [ARN, UNKNOWN] }, "Resource[1]"],
        [{ Action: UNKNOWN }, "Action"],
        [{ Principal: UNKNOWN }, "Principal"],
        [{ Condition: UNKNOWN }, "Condition"],
        [{ Condition: { Bool: { "aws:SecureTransport": UNKNOWN } } }, 'Condition.Bool["aws:SecureTransport"]'],
      ] as const) {
        const document = { Statement: [{ ...DENY, ...change }] };
        notes(await analyze(rule, broken(policy, at, document)), waits(`${at}.Statement[0].${path}`));
      }
      // Known to comply whatever the rest turns out to be.
      violates(await analyze(rule, broken(policy, at, { Statement: [DENY, UNKNOWN] })));
      violates(
        await analyze(rule, broken(broken(policy, "bucket", UNKNOWN), at, { Statement: [{ ...DENY, Resource: "*" }] })),
      );
    });

    it(`${provider}: a bucket without a policy, or one for another bucket`, async () => {
      const bucket = compliant(provider, "bucket");
      delete bucket.props.policy;
      const name = provider === "native" ? "bucketName" : "bucket";
      const policy = compliant(provider, "bucketPolicy");
      violates(await analyzeStack(rule, [bucket]), none(name));
      violates(await analyzeStack(rule, [bucket, broken(policy, "bucket", "another")]), none(name));
      violates(await analyzeStack(rule, [bucket, policy]));
      const byReference = { ...broken(policy, "bucket", UNKNOWN), propertyDependencies: { bucket: ["bucket"] } };
      const found = await analyzeStack(rule, [
        broken(bucket, name, UNKNOWN),
        { ...bucket, name: "other" },
        byReference,
      ]);
      violates(found, none(name));
      assert.deepEqual(
        found.map(({ on }) => on),
        ["other"],
      );
    });
  }

  for (const family of ["bucket", "bucketV2"]) {
    it(`classic ${family}: a policy in the bucket itself`, async () => {
      const bucket = broken(compliant("classic", family), "bucket", NAME);
      const open = broken(bucket, "policy", JSON.stringify({ Statement: [{ ...DENY, Effect: "Allow" }] }));
      const closed = broken(bucket, "policy", JSON.stringify({ Statement: [DENY] }));
      violates(await analyze(rule, open), without("policy"));
      violates(await analyzeStack(rule, [open]), without("policy"));
      violates(await analyze(rule, closed));
      violates(await analyzeStack(rule, [closed]));
      violates(await analyzeStack(rule, [broken(bucket, "policy", "")]), none("bucket"));
      for (const nothing of ["", undefined]) violates(await analyze(rule, broken(bucket, "policy", nothing)));
      notes(await analyze(rule, broken(bucket, "policy", UNKNOWN)), waits("policy"));
      // What AWS fills in is no promise; what the program computes is judged at update.
      const unknown = broken(bucket, "policy", UNKNOWN);
      violates(await analyzeStack(rule, [unknown]), none("bucket"));
      const role = compliant("classic", "role");
      violates(await analyzeStack(rule, [{ ...unknown, propertyDependencies: { policy: ["role"] } }, role]));
    });
  }
});
