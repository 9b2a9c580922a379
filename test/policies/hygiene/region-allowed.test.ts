import assert from "node:assert/strict";
import rule from "../../../policies/hygiene/region-allowed.ts";
import { broken, compliant, PROVIDERS, type Provider } from "../support/fixtures.ts";
import { analyze, analyzeStack, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const SET = "Set the region in the provider, as the program's configuration.";
const ONLY = { config: { regions: ["us-east-1", "eu-central-1"], accounts: ["111122223333"] } };
const text = (check: string, path: string, shown: string, limit: string, fix: string) =>
  `region-allowed/${check}: ${path} is ${shown}, must be ${limit}. ${fix}`;
/** The resource under a provider of a region; null: the provider states none. */
const under = (resource: Resource, region: unknown): Resource => ({
  ...resource,
  provider: { type: "pulumi:providers:x", props: region === null ? {} : { region } },
});
const bucket = (provider: Provider) => under(compliant(provider, "bucket"), "us-east-1");

describe("region-allowed", () => {
  for (const provider of PROVIDERS) {
    const good = bucket(provider);

    it(`${provider}: the provider states one of the stage's regions`, async () => {
      const unstated = (limit: string) => text("unstated", "provider.region", "absent", limit, SET);
      const one = "one of us-east-1 and eu-central-1";
      violates(await analyze(rule, good));
      violates(await analyze(rule, good, ONLY));
      violates(await analyze(rule, under(good, null)), unstated("a region"));
      violates(await analyze(rule, under(good, null), ONLY), unstated(one));
      for (const [value, shown] of [
        ["eu-west-1", '"eu-west-1"'],
        ["US-EAST-1", '"US-EAST-1"'],
        ["", "empty"],
        [7, "7"],
      ] as const) {
        violates(await analyze(rule, under(good, value), ONLY), text("region", "provider.region", shown, one, SET));
      }
      violates(await analyze(rule, under(good, "")), text("region", "provider.region", "empty", "a region", SET));
      violates(
        await analyze(rule, under(good, "eu-west-1"), { config: { regions: ["us-east-1"] } }),
        text("region", "provider.region", '"eu-west-1"', "us-east-1", SET),
      );
      notes(
        await analyze(rule, under(good, UNKNOWN), ONLY),
        `region-allowed/waits: provider.region is not known yet, must be ${one}. ${LATER}`,
      );
    });

    it(`${provider}: every type of AWS, but for services without regions, and nobody else's`, async () => {
      const any = provider === "native" ? "aws-native:kinesis:Stream" : "aws:kinesis/stream:Stream";
      const [found] = await analyze(rule, under({ type: any, name: "x", props: {} }, null));
      assert.match(found?.text ?? "", /^region-allowed\/unstated/);
      violates(await analyze(rule, under(compliant(provider, "role"), null)));
      violates(await analyze(rule, under({ type: "gcp:storage/bucket:Bucket", name: "x", props: {} }, null)));
    });

    it(`${provider}: literal ARNs name the stage's regions and accounts`, async () => {
      const arn = (path: string, check: string, kind: string, value: string, limit: string) =>
        text(
          check,
          path,
          `an ARN of ${kind} ${value}`,
          `of ${limit}`,
          `Name what lies in the stage's ${kind}, or list it in ${kind}s.`,
        );
      const holding = (value: unknown) => broken(good, "tags", value);
      const regions = "one of us-east-1 and eu-central-1";
      for (const [value, path] of [
        ["arn:aws:sns:eu-west-1:111122223333:x", "tags"],
        [{ a: { b: ["x", "arn:aws-cn:sns:eu-west-1:111122223333:x"] } }, "tags.a.b[1]"],
        ['{"Resource":["arn:aws:sns:eu-west-1:111122223333:x"]}', "tags"],
        ["arn:aws:ssm:eu-west-1::parameter/x", "tags"],
      ] as const) {
        violates(await analyze(rule, holding(value), ONLY), arn(path, "arn", "region", "eu-west-1", regions));
      }
      violates(
        await analyze(rule, holding("arn:aws:iam::999988887777:role/x and arn:aws:iam::999988887777:role/y"), ONLY),
        arn("tags", "account", "account", "999988887777", "111122223333"),
      );
      for (const value of [
        "arn:aws:s3:::bucket/arn",
        "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess",
        "arn:aws:logs:*:*:*",
        "arn:aws:sns:eu-central-1:111122223333:x",
        "arn:aws:states:::lambda:invoke",
        UNKNOWN,
      ]) {
        violates(await analyze(rule, holding(value), ONLY));
      }
      const elsewhere = holding("arn:aws:sns:us-east-1:999988887777:x");
      for (const setting of ["accounts", "registryAccounts", "readerAccounts"]) {
        const config = { ...ONLY.config, [setting]: ["999988887777", "111122223333"] };
        violates(await analyze(rule, elsewhere, { config }));
      }
    });

    it(`${provider}: without lists, the stack has one region and one account`, async () => {
      const here = (name: string): Resource => ({ ...good, name });
      const fix = (kind: string) => `Keep the stack in one ${kind}, or list those it uses in ${kind}s.`;
      violates(await analyzeStack(rule, [here("a"), here("b")]));
      const odd = under(here("odd"), "eu-west-1");
      const [found, ...more] = await analyzeStack(rule, [odd, here("a"), here("b")]);
      assert.equal(more.length, 0);
      assert.equal(found?.on, "odd");
      assert.match(
        found?.text ?? "",
        /^region-allowed\/region: provider\.region is "eu-west-1", must be us-east-1, as in \d+ other places of the stack\./,
      );
      violates(await analyzeStack(rule, [odd, here("a"), here("b")], ONLY));
      // Which list is given decides: accounts are still one only.
      const foreign = broken(here("foreign"), "tags", "arn:aws:sns:us-east-1:999988887777:x");
      const regions = { config: { regions: ["us-east-1"] } };
      const [account, ...others] = await analyzeStack(rule, [here("a"), here("b"), here("c"), foreign], regions);
      assert.equal(others.length, 0);
      assert.match(
        account?.text ?? "",
        /^region-allowed\/account: tags is an ARN of account 999988887777, must be of 111122223333, /,
      );
      assert.ok(account?.text.endsWith(fix("account")));
      const reading = { config: { readerAccounts: ["999988887777"] } };
      violates(await analyzeStack(rule, [here("a"), foreign], reading));
      const abroad = broken(here("abroad"), "tags", "arn:aws:sns:eu-west-1:111122223333:x");
      const [region] = await analyzeStack(rule, [here("a"), here("b"), abroad]);
      assert.match(
        region?.text ?? "",
        /^region-allowed\/arn: tags is an ARN of region eu-west-1, must be of us-east-1, /,
      );
      // Where regions are listed, several may stand beside one another.
      violates(await analyzeStack(rule, [odd, here("a")], { config: { regions: ["us-east-1", "eu-west-1"] } }));
      // Each is named, and what stands twice in one place once.
      const twice = broken(here("c"), "tags", "arn:aws:sns:eu-west-1::x and arn:aws:sns:eu-west-1::y");
      const rest = ["a", "b", "d", "e", "f", "g"].map(here);
      const all = await analyzeStack(rule, [odd, { ...odd, name: "second" }, twice, ...rest]);
      assert.deepEqual(
        all.map(({ on, text: said }) => [on, said.split(":")[0]]),
        [
          ["odd", "region-allowed/region"],
          ["second", "region-allowed/region"],
          ["c", "region-allowed/arn"],
        ],
      );
      // What is not AWS's, and what is not known yet, says nothing.
      violates(await analyzeStack(rule, [here("a"), under({ ...here("x"), type: "gcp:a/b:C" }, "eu-west-1")]));
      violates(await analyzeStack(rule, [here("a"), under(here("x"), UNKNOWN)]));
    });
  }

  it("a tie is said alike each time, by name", async () => {
    const [a, b] = [
      under({ ...bucket("native"), name: "a" }, "eu-west-1"),
      under({ ...bucket("native"), name: "b" }, "eu-central-1"),
    ];
    // Without the key of the fixture, whose ARN names a region too.
    const bare = [a, b].map((resource) => broken(resource, "bucketEncryption", undefined));
    for (const order of [bare, bare.toReversed()]) {
      violates(
        await analyzeStack(rule, order),
        text(
          "region",
          "provider.region",
          '"eu-west-1"',
          "eu-central-1, as in 1 other place of the stack",
          "Keep the stack in one region, or list those it uses in regions.",
        ),
      );
    }
  });

  it("classic: a region of the resource's own", async () => {
    const own = (region: unknown) => broken(bucket("classic"), "region", region);
    violates(await analyze(rule, own("us-east-1")));
    violates(
      await analyze(rule, own("eu-central-1"), ONLY),
      text(
        "mixed",
        "region",
        '"eu-central-1"',
        '"us-east-1", as its provider\'s',
        "Leave it out, or use a provider of that region.",
      ),
    );
    violates(await analyze(rule, under(own("us-east-1"), null), ONLY));
    violates(
      await analyze(rule, under(own("eu-west-1"), null), ONLY),
      text("region", "region", '"eu-west-1"', "one of us-east-1 and eu-central-1", SET),
    );
    notes(
      await analyze(rule, own(UNKNOWN), ONLY),
      `region-allowed/waits: region is not known yet, must be one of us-east-1 and eu-central-1. ${LATER}`,
    );
  });
});
