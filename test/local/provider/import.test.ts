import assert from "node:assert/strict";
import * as awsNative from "@pulumi/aws-native/provider.js";
import * as s3 from "@pulumi/aws-native/s3/index.js";
import * as ssm from "@pulumi/aws-native/ssm/index.js";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { changed, openWorld, quiet, type World } from "./support/world.ts";

const document = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Deny", Principal: "*", Action: "s3:DeleteBucket", Resource: "arn:aws:s3:::by-hand" }],
});
const policy = { bucket: "by-hand", policyDocument: JSON.parse(document) };

describe("import", function () {
  this.timeout(60_000);
  let world: World;
  let stack: Stack;
  let value = "old";

  async function program(): Promise<void> {
    new s3.Bucket("adopted", {
      bucketName: "by-hand",
      versioningConfiguration: { status: "Enabled" },
      tags: [{ key: "a", value: "b" }],
    });
    new ssm.Parameter("adopted", { name: "/by/hand", type: "String", value, dataType: "text", tier: "Standard" });
  }

  before(async () => {
    world = await openWorld();
    stack = await world.stack("import", program);
    const { hand } = world;
    await hand.raw("s3", { method: "PUT", path: "/by-hand" });
    const enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    await hand.raw("s3", { method: "PUT", path: "/by-hand", query: { versioning: "" }, body: enabled });
    const tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    await hand.raw("s3", { method: "PUT", path: "/by-hand", query: { tagging: "" }, body: tags });
    await hand.json("ssm", "AmazonSSM.PutParameter", { Name: "/by/hand", Value: "old", Type: "String" });
  });
  after(() => world?.end());

  it("takes on what was made by hand, and the program agrees", async () => {
    const resources = [
      { type: "aws-native:s3:Bucket", name: "adopted", id: "by-hand" },
      { type: "aws-native:ssm:Parameter", name: "adopted", id: "/by/hand" },
    ];
    await stack.import({ resources, protect: false, generateCode: false });
    const { deployment } = await stack.exportStack();
    const bucket = deployment.resources.find(({ type }: { type: string }) => type === "aws-native:s3:Bucket");
    assert.deepEqual(bucket.inputs.versioningConfiguration, { status: "Enabled" });
    assert.deepEqual(bucket.inputs.tags, [{ key: "a", value: "b" }]);
    const { changeSummary } = await stack.preview(quiet);
    assert.equal(changeSummary.create ?? 0, 1, "only the engine's own record of the stack");
    assert.equal(changeSummary.replace, undefined);
  });

  it("updates and destroys it as its own", async () => {
    await stack.up(quiet);
    assert.deepEqual(changed((await stack.refresh(quiet)).summary.resourceChanges), {});
    value = "new";
    assert.deepEqual(changed((await stack.up(quiet)).summary.resourceChanges), { update: 1 });
    const { Parameter } = await world.hand.json("ssm", "AmazonSSM.GetParameter", { Name: "/by/hand" });
    assert.equal((Parameter as { Value: string }).Value, "new");
    await stack.destroy(quiet);
    await assert.rejects(world.hand.json("ssm", "AmazonSSM.GetParameter", { Name: "/by/hand" }), {
      code: "ParameterNotFound",
    });
    await assert.rejects(world.hand.raw("s3", { method: "HEAD", path: "/by-hand" }));
    assert.deepEqual(await world.stacks(), []);
  });

  it("refuses an id that names nothing", async () => {
    const resources = [{ type: "aws-native:s3:Bucket", name: "ghost", id: "no-such-bucket" }];
    await assert.rejects(stack.import({ resources, protect: false, generateCode: false }), /does not exist/);
  });
});

describe("refusals", function () {
  this.timeout(60_000);
  let world: World;
  before(async () => {
    world = await openWorld();
  });
  after(() => world?.end());

  it("shows every fault of a resource at preview, in CloudFormation's words", async () => {
    const stack = await world.stack("faults", async () => {
      const args = { bucketname: "x", versioningConfiguration: { status: "On" }, tags: "a" };
      new s3.Bucket("wrong", args as unknown as s3.BucketArgs);
      // Not by the SDK's constructor, which would drop what it does not know.
      const { CustomResource } = await import("@pulumi/pulumi");
      new CustomResource("aws-native:s3:BucketPolicy", "wrong", { bucket: 1, colour: "red" });
    });
    const message = await stack.preview(quiet).then(
      () => "",
      (error) => String(error),
    );
    assert.match(
      message,
      /#\/VersioningConfiguration\/Status: On is not a valid enum value; allowed: Enabled, Suspended/,
    );
    assert.match(message, /#\/Tags: expected type: JSONArray, found: String/);
    assert.match(message, /#: required key \[PolicyDocument\] not found/);
    assert.match(message, /#: extraneous key \[colour\] is not permitted/);
    assert.match(message, /#\/Bucket: expected type: String, found: Integer/);
  });

  it("says what the emulated service says, and leaves nothing half made", async () => {
    const stack = await world.stack("refused", async () => {
      new s3.BucketPolicy("homeless", { ...policy, bucket: "no-such-bucket" });
    });
    await assert.rejects(stack.up(quiet), /bucket/i);
    assert.deepEqual(await world.stacks(), []);
    await stack.destroy(quiet);
  });

  it("keeps to its account and region", async () => {
    const stack = await world.stack("elsewhere", async () => {
      const provider = new awsNative.Provider("far", { region: "eu-west-1", allowedAccountIds: ["999999999999"] });
      new s3.Bucket("far", {}, { provider });
    });
    await assert.rejects(
      stack.preview(quiet),
      /AWS account ID not allowed: 111122223333[\s\S]*region is us-east-1, not eu-west-1/,
    );
  });

  it("gives each provider instance its own default tags", async () => {
    const stack = await world.stack("tagged", async () => {
      const provider = new awsNative.Provider("tagged", { region: "us-east-1", defaultTags: { tags: { team: "ml" } } });
      new s3.Bucket("with", { bucketName: "with-tags" }, { provider });
      new s3.Bucket("without", { bucketName: "without-tags" });
    });
    await stack.up(quiet);
    const tags = async (bucket: string) =>
      (await world.hand.raw("s3", { path: `/${bucket}`, query: { tagging: "" } })).text();
    assert.match(await tags("with-tags"), /<Key>team<\/Key>/);
    await assert.rejects(tags("without-tags"), { code: "NoSuchTagSet" });
    await stack.destroy(quiet);
  });
});
