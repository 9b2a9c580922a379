import assert from "node:assert/strict";
import rule from "../../../policies/data/bucket-not-public.ts";
import { broken, compliant, PROVIDERS, type Provider } from "../support/fixtures.ts";
import { analyze, analyzeStack, notes, type Resource, remediate, UNKNOWN, violates } from "../support/harness.ts";

const FLAGS = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];
const LATER = "It is judged at update, before the resource is touched.";
const NAMED = "Name the principals, or fix who may come by a condition such as aws:PrincipalAccount or aws:SourceArn.";

/** A bucket policy of one statement, in both forms that the provider takes. */
function policies(provider: Provider, statement: Record<string, unknown>): [Resource, string][] {
  const policy = compliant(provider, "bucketPolicy");
  const document = { Version: "2012-10-17", Statement: [statement] };
  const at = provider === "native" ? "policyDocument" : "policy";
  return [document, JSON.stringify(document)].map((form) => [broken(policy, at, form), at]);
}

describe("bucket-not-public", () => {
  const blocks: readonly [Provider, string, string][] = [
    ["native", "bucket", "publicAccessBlockConfiguration."],
    ["classic", "publicAccessBlock", ""],
  ];
  for (const [provider, family, prefix] of blocks) {
    for (const flag of FLAGS) {
      it(`${provider}: ${flag} not true`, async () => {
        for (const [value, shown] of [
          [false, "false"],
          [undefined, "absent"],
          ["true", '"true"'],
          [1, "1"],
        ] as const) {
          violates(
            await analyze(rule, broken(compliant(provider, family), `${prefix}${flag}`, value)),
            `bucket-not-public/block: ${prefix}${flag} is ${shown}, must be true. Set all four to true.`,
          );
        }
        notes(
          await analyze(rule, broken(compliant(provider, family), `${prefix}${flag}`, UNKNOWN)),
          `bucket-not-public/waits: ${prefix}${flag} is not known yet, must be true. ${LATER}`,
        );
      });
    }
  }

  it("native: no block at all is four faults", async () => {
    const found = await analyze(
      rule,
      broken(compliant("native", "bucket"), "publicAccessBlockConfiguration", undefined),
    );
    violates(
      found,
      ...FLAGS.map(
        (flag) =>
          `bucket-not-public/block: publicAccessBlockConfiguration.${flag} is absent, must be true. Set all four to true.`,
      ),
    );
  });

  it("canned ACLs", async () => {
    for (const [provider, family, path, value] of [
      ["native", "bucket", "accessControl", "PublicRead"],
      ["native", "bucket", "accessControl", "AuthenticatedRead"],
      ["classic", "bucket", "acl", "public-read-write"],
      ["classic", "bucketV2", "acl", "authenticated-read"],
      ["classic", "bucketAcl", "acl", "public-read"],
    ] as const) {
      violates(
        await analyze(rule, broken(compliant(provider, family), path, value)),
        `bucket-not-public/acl: ${path} is "${value}", must be absent or private. Remove the ACL and give access by policy.`,
      );
    }
    violates(await analyze(rule, broken(compliant("native", "bucket"), "accessControl", "Private")));
    violates(
      await analyze(rule, broken(compliant("classic", "bucket"), "acl", 7)),
      "bucket-not-public/acl: acl is 7, must be absent or private. Remove the ACL and give access by policy.",
    );
    notes(
      await analyze(rule, broken(compliant("classic", "bucket"), "acl", UNKNOWN)),
      `bucket-not-public/waits: acl is not known yet, must be absent or private. ${LATER}`,
    );
  });

  it("classic: grants to everyone", async () => {
    for (const group of ["AllUsers", "AuthenticatedUsers"]) {
      const uri = `http://acs.amazonaws.com/groups/global/${group}`;
      const text = (path: string) =>
        `bucket-not-public/grant: ${path} is "${uri}", must be no group of everyone or of every AWS user. Remove the grant.`;
      violates(
        await analyze(
          rule,
          broken(compliant("classic", "bucket"), "grants", [{ type: "Group", permissions: ["READ"], uri }]),
        ),
        text("grants[0].uri"),
      );
      violates(
        await analyze(
          rule,
          broken(compliant("classic", "bucketAclV2"), "accessControlPolicy.grants[0].grantee.uri", uri),
        ),
        text("accessControlPolicy.grants[0].grantee.uri"),
      );
    }
  });

  it("classic: grants to somebody, to nobody, and such as cannot be read", async () => {
    const granted = (uri: unknown) =>
      analyze(rule, broken(compliant("classic", "bucket"), "grants", [{ type: "Group", permissions: ["READ"], uri }]));
    const limit = "no group of everyone or of every AWS user";
    for (const uri of [
      undefined,
      "http://acs.amazonaws.com/groups/s3/LogDelivery",
      "http://example.com/AllUsersOfMine",
    ])
      violates(await granted(uri));
    violates(await granted(7), `bucket-not-public/grant: grants[0].uri is 7, must be ${limit}. Remove the grant.`);
    notes(
      await granted(UNKNOWN),
      `bucket-not-public/waits: grants[0].uri is not known yet, must be ${limit}. ${LATER}`,
    );
  });

  it("websites, in every form", async () => {
    const fix = "Serve files through an authenticated API.";
    violates(
      await analyze(rule, broken(compliant("native", "bucket"), "websiteConfiguration", { indexDocument: "i" })),
      `bucket-not-public/website: websiteConfiguration is {"indexDocument":"i"}, must be absent. ${fix}`,
    );
    violates(
      await analyze(rule, broken(compliant("classic", "bucket"), "website", {})),
      `bucket-not-public/website: website is {}, must be absent. ${fix}`,
    );
    violates(
      await analyze(rule, broken(compliant("classic", "bucketV2"), "websites", [])),
      `bucket-not-public/website: websites is [], must be absent. ${fix}`,
    );
    notes(
      await analyze(rule, broken(compliant("classic", "bucket"), "website", UNKNOWN)),
      `bucket-not-public/waits: website is not known yet, must be absent. ${LATER}`,
    );
    for (const twin of ["", "V2"]) {
      const type = `aws:s3/bucketWebsiteConfiguration${twin}:BucketWebsiteConfiguration${twin}`;
      violates(
        await analyze(rule, { type, name: "w", props: { bucket: "b" } }),
        `bucket-not-public/website: bucket is a website, must be no website. ${fix}`,
      );
    }
  });

  for (const provider of PROVIDERS) {
    it(`${provider}: an Allow for everyone`, async () => {
      for (const [principal, at] of [
        ["*", "Principal"],
        [["*"], "Principal[0]"],
        [{ AWS: "*" }, "Principal.AWS"],
        [{ AWS: ["arn:aws:iam::111122223333:root", "*"] }, "Principal.AWS[1]"],
        [{ AWS: "arn:aws:iam::*:root" }, "Principal.AWS"],
      ] as const) {
        const value =
          at === "Principal.AWS" && typeof principal === "object" && "AWS" in principal ? principal.AWS : "*";
        for (const [resource, path] of policies(provider, {
          Effect: "Allow",
          Principal: principal,
          Action: "s3:GetObject",
          Resource: "*",
        })) {
          violates(
            await analyze(rule, resource),
            `bucket-not-public/policy: ${path}.Statement[0].${at} is "${value}", must be named principals in an Allow. ${NAMED}`,
          );
        }
      }
    });

    it(`${provider}: a single statement outside a list, and NotPrincipal`, async () => {
      const at = provider === "native" ? "policyDocument" : "policy";
      const statement = {
        Effect: "Allow",
        NotPrincipal: { AWS: "arn:aws:iam::111122223333:root" },
        Action: "s3:*",
        Resource: "*",
      };
      violates(
        await analyze(rule, broken(compliant(provider, "bucketPolicy"), at, { Statement: statement })),
        `bucket-not-public/policy: ${at}.Statement.NotPrincipal is "NotPrincipal", must be named principals in an Allow. ${NAMED}`,
      );
    });

    it(`${provider}: conditions that fix who may come, and such as do not`, async () => {
      const open = (condition: unknown) =>
        policies(provider, {
          Effect: "Allow",
          Principal: "*",
          Action: "s3:GetObject",
          Resource: "*",
          Condition: condition,
        });
      for (const condition of [
        { StringEquals: { "aws:PrincipalAccount": "111122223333" } },
        { StringEquals: { "AWS:SOURCEACCOUNT": ["111122223333"] } },
        { ArnLike: { "aws:SourceArn": "arn:aws:sagemaker:us-east-1:111122223333:*" } },
        { IpAddress: { "aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"] } },
      ]) {
        for (const [resource] of open(condition)) violates(await analyze(rule, resource));
      }
      for (const condition of [
        { StringNotEquals: { "aws:PrincipalAccount": "111122223333" } },
        { StringEqualsIfExists: { "aws:PrincipalAccount": "111122223333" } },
        { "ForAllValues:StringEquals": { "aws:PrincipalAccount": "111122223333" } },
        { StringLike: { "aws:PrincipalOrgID": "*" } },
        { ArnLike: { "aws:SourceArn": "arn:aws:s3:::*" } },
        { IpAddress: { "aws:SourceIp": "0.0.0.0/0" } },
        { IpAddress: { "aws:SourceIp": ["10.0.0.0/8", "0.0.0.0/7"] } },
        { Bool: { "aws:SecureTransport": "true" } },
        { StringEquals: { "aws:PrincipalAccount": [] } },
        undefined,
      ]) {
        for (const [resource, path] of open(condition)) {
          violates(
            await analyze(rule, resource),
            `bucket-not-public/policy: ${path}.Statement[0].Principal is "*", must be named principals in an Allow. ${NAMED}`,
          );
        }
      }
    });

    it(`${provider}: a policy that cannot be read, or is not known yet`, async () => {
      const at = provider === "native" ? "policyDocument" : "policy";
      const policy = compliant(provider, "bucketPolicy");
      violates(
        await analyze(rule, broken(policy, at, "{")),
        `bucket-not-public/unreadable: ${at} is "{", must be a policy document, as an object or as JSON text. Correct the document.`,
      );
      violates(
        await analyze(rule, broken(policy, at, { Statement: [{ effect: "Allow" }] })),
        `bucket-not-public/unreadable: ${at}.Statement[0].effect is "Allow", must be one of IAM's elements, spelt as IAM spells them. Correct the document.`,
      );
      notes(
        await analyze(rule, broken(policy, at, UNKNOWN)),
        `bucket-not-public/waits: ${at} is not known yet, must be a policy that lets nobody in without a restricting condition. ${LATER}`,
      );
      notes(
        await analyze(rule, broken(policy, at, { Statement: [UNKNOWN] })),
        `bucket-not-public/waits: ${at}.Statement[0] is not known yet, must be a statement that lets nobody in without a restricting condition. ${LATER}`,
      );
      notes(
        await analyze(
          rule,
          broken(policy, at, {
            Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Condition: UNKNOWN }],
          }),
        ),
        `bucket-not-public/waits: ${at}.Statement[0].Condition is not known yet, must be a condition that fixes who may come. ${LATER}`,
      );
      const under = (Condition: unknown) =>
        analyze(
          rule,
          broken(policy, at, { Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:Get*", Condition }] }),
        );
      const wait = (leaf: string) =>
        `bucket-not-public/waits: ${at}.Statement[0].Condition.${leaf} is not known yet, must be a condition that fixes who may come. ${LATER}`;
      notes(await under({ ArnEquals: { "aws:SourceArn": UNKNOWN } }), wait('ArnEquals["aws:SourceArn"]'));
      notes(
        await under({ StringEquals: { "aws:SourceAccount": ["111122223333", UNKNOWN] } }),
        wait('StringEquals["aws:SourceAccount"][1]'),
      );
      // What else is known lets everybody in already, or keeps them out already.
      for (const open of [
        { StringLike: { "aws:SourceAccount": ["*", UNKNOWN] } },
        { StringEquals: { "aws:Referer": UNKNOWN } },
      ])
        assert.match((await under(open))[0]?.text ?? "", /bucket-not-public\/policy: /);
      violates(await under({ StringEquals: { "aws:SourceAccount": "111122223333", "aws:SourceVpc": UNKNOWN } }));
      for (const Principal of [{ Service: "*" }, { aws: "*" }, { Federated: "*" }])
        assert.match(
          (
            await analyze(
              rule,
              broken(policy, at, { Statement: [{ Effect: "Allow", Principal, Action: "s3:GetObject" }] }),
            )
          )[0]?.text ?? "",
          /bucket-not-public\/policy: /,
        );
    });
  }

  describe("classic: the block is a resource of its own", () => {
    const bucket = compliant("classic", "bucket");
    const block = compliant("classic", "publicAccessBlock");
    const missing =
      "bucket-not-public/no-block: bucket is without a BucketPublicAccessBlock, must be named by one. Declare one for this bucket with all four settings true.";

    it("none, or one for another bucket", async () => {
      violates(await analyzeStack(rule, [bucket]), missing);
      violates(await analyzeStack(rule, [bucket, broken(block, "bucket", "another")]), missing);
    });

    it("found by name, and by reference when the name is not known yet", async () => {
      violates(await analyzeStack(rule, [bucket, block]));
      const byReference = { ...broken(block, "bucket", UNKNOWN), propertyDependencies: { bucket: ["bucket"] } };
      violates(await analyzeStack(rule, [broken(bucket, "bucket", UNKNOWN), byReference]));
      const other = { ...bucket, name: "other" };
      const found = await analyzeStack(rule, [bucket, other, byReference]);
      assert.deepEqual(
        found.map(({ on }) => on),
        ["other"],
      );
    });
  });

  it("native: remediation closes the bucket and leaves the rest, unknown values too", async () => {
    const open = broken(
      broken(compliant("native", "bucket"), "publicAccessBlockConfiguration", undefined),
      "bucketName",
      UNKNOWN,
    );
    assert.deepEqual(await remediate(rule, open), {
      ...open.props,
      publicAccessBlockConfiguration: Object.fromEntries(FLAGS.map((flag) => [flag, true])),
    });
    const ajar = broken(compliant("native", "bucket"), "publicAccessBlockConfiguration.blockPublicAcls", false);
    assert.deepEqual(await remediate(rule, ajar), compliant("native", "bucket").props);
    assert.equal(await remediate(rule, compliant("native", "bucket")), undefined, "a closed one is left alone");
    assert.equal(await remediate(rule, compliant("classic", "bucket")), undefined);
  });
});
