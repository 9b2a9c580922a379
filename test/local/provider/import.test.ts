import assert from "node:assert/strict";
import * as awsNative from "@pulumi/aws-native/provider.js";
import * as s3 from "@pulumi/aws-native/s3/index.js";
import * as ssm from "@pulumi/aws-native/ssm/index.js";
import { CustomResource } from "@pulumi/pulumi";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { changed, openWorld, quiet, type World } from "./support/world.ts";

const document = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Deny", Principal: "*", Action: "s3:DeleteBucket", Resource: "arn:aws:s3:::by-hand" }],
});
/** Any type with any inputs. */
class Loose extends CustomResource {}

const policy = { bucket: "by-hand", policyDocument: JSON.parse(document) };

/** What S3 gives every bucket: an import has to say so, here as with the real provider. */
const defaults: s3.BucketArgs = {
  publicAccessBlockConfiguration: {
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  },
  ownershipControls: { rules: [{ objectOwnership: "BucketOwnerEnforced" }] },
  bucketEncryption: {
    serverSideEncryptionConfiguration: [
      { bucketKeyEnabled: false, serverSideEncryptionByDefault: { sseAlgorithm: "AES256" } },
    ],
  },
};

describe("import", function () {
  this.timeout(60_000);
  let world: World;
  let stack: Stack;
  let value = "old";
  let adopting = true;

  async function program(): Promise<void> {
    const id = (name: string) => (adopting ? { import: name } : {});
    new s3.Bucket(
      "adopted",
      {
        bucketName: "by-hand",
        versioningConfiguration: { status: "Enabled" },
        tags: [{ key: "a", value: "b" }],
        ...defaults,
      },
      id("by-hand"),
    );
    new ssm.Parameter(
      "adopted",
      { name: "/by/hand", type: "String", value, dataType: "text", tier: "Standard" },
      id("/by/hand"),
    );
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

  it("shows where the program says otherwise than what is there", async () => {
    value = "other";
    const { changeSummary } = await stack.preview(quiet);
    value = "old";
    assert.deepEqual(changed(changeSummary), { create: 1, import: 2, update: 1 });
  });

  it("takes on what was made by hand", async () => {
    const up = await stack.up(quiet);
    assert.deepEqual(changed(up.summary.resourceChanges), { create: 1, import: 2 }, up.stdout);
    adopting = false;
    assert.deepEqual(changed((await stack.preview(quiet)).changeSummary), {});
    assert.deepEqual(changed((await stack.refresh(quiet)).summary.resourceChanges), {});
  });

  it("refuses an id that names nothing", async () => {
    const ghost = await world.stack("ghost", async () => {
      new s3.Bucket("ghost", { bucketName: "no-such-bucket" }, { import: "no-such-bucket" });
    });
    await assert.rejects(ghost.preview(quiet), /no-such-bucket.*does not exist/);
  });

  it("updates and destroys it as its own", async () => {
    value = "new";
    assert.deepEqual(changed((await stack.up(quiet)).summary.resourceChanges), { update: 1 });
    const { Parameter } = await world.hand.json("ssm", "AmazonSSM.GetParameter", { Name: "/by/hand" });
    assert.equal((Parameter as { Value: string }).Value, "new");
    await stack.destroy(quiet);
    const gone = world.hand.json("ssm", "AmazonSSM.GetParameter", { Name: "/by/hand" });
    await assert.rejects(gone, { code: "ParameterNotFound" });
    await assert.rejects(world.hand.raw("s3", { method: "HEAD", path: "/by-hand" }));
    assert.deepEqual(await world.stacks(), []);
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
      // Not by the SDK's class, which drops what it does not know.
      new Loose("aws-native:s3:Bucket", "wrong", {
        colour: "red",
        versioningConfiguration: { status: "On" },
        tags: "a",
      });
    });
    const message = await stack.preview(quiet).then(() => "", String);
    assert.match(message, /property colour .*#: extraneous key \[colour\] is not permitted/);
    assert.match(
      message,
      /#\/VersioningConfiguration\/Status: On is not a valid enum value; allowed: Enabled, Suspended/,
    );
    assert.match(message, /property tags .*#\/Tags: expected type: JSONArray, found: String/);
  });

  it("shows what is missing, beside what only the deployment will know", async () => {
    const stack = await world.stack("missing", async () => {
      const bucket = new s3.Bucket("b", {});
      new Loose("aws-native:s3:BucketPolicy", "wrong", { bucket: bucket.arn });
    });
    await assert.rejects(
      stack.preview(quiet),
      /property policyDocument .*#: required key \[PolicyDocument\] not found/,
    );
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
