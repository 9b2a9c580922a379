import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { textAt } from "../../../local/provider/emulator/xml.ts";
import { estate, knobs } from "./support/estate.ts";
import { changed, openWorld, quiet, type World } from "./support/world.ts";

describe("an estate of every kind on the real engine", function () {
  this.timeout(120_000);
  let world: World;
  let stack: Stack;
  let outputs: Record<string, string> = {};
  const fn = (name: string) => world.hand.rest("lambda", { path: `/2015-03-31/functions/${name}/configuration` });
  const parameter = async () => {
    const { Parameter } = await world.hand.json("ssm", "AmazonSSM.GetParameter", { Name: outputs.parameter });
    return (Parameter as { Value: string }).Value;
  };
  const sub = async (part: string) =>
    (await world.hand.raw("s3", { path: `/${outputs.bucket}`, query: { [part]: "" } })).text();

  before(async () => {
    world = await openWorld();
    stack = await world.stack("dev", estate);
  });
  after(() => world?.end());

  it("previews with nothing made", async () => {
    const { changeSummary } = await stack.preview(quiet);
    assert.deepEqual(changed(changeSummary), { create: 28 });
    assert.deepEqual(await world.stacks(), []);
  });

  it("comes up, with AWS's ids and ARNs as outputs", async () => {
    const up = await stack.up(quiet);
    assert.deepEqual(Object.keys(changed(up.summary.resourceChanges)), ["create"]);
    outputs = Object.fromEntries(Object.entries(up.outputs).map(([name, { value }]) => [name, value]));
    assert.match(outputs.bucket ?? "", /^data-[0-9a-f]{7}$/);
    assert.equal(outputs.bucketArn, `arn:aws:s3:::${outputs.bucket}`);
    assert.equal(outputs.functionArn, `arn:aws:lambda:us-east-1:111122223333:function:${outputs.function}`);
    assert.equal(outputs.rule?.split(":rule/")[0], "arn:aws:events:us-east-1:111122223333");
    assert.match(outputs.integration ?? "", /^\w+\|\w+$/);
    assert.match(outputs.key ?? "", /^arn:aws:kms:/);
    assert.match(outputs.api ?? "", /^http:\/\/\w+\.execute-api\.localhost:\d+$/);
    assert.ok(outputs.textVersion);
  });

  it("holds in the account what the program asked for, secrets and all", async () => {
    const made = await fn(outputs.function ?? "");
    assert.equal(made.MemorySize, 256);
    assert.deepEqual(made.Environment, { Variables: { BUCKET: outputs.bucket, TOKEN: "hush" } });
    assert.equal(made.State, "Active");
    assert.match(await sub("lifecycle"), /<NoncurrentDays>30<\/NoncurrentDays>/);
    assert.match(await sub("tagging"), /<Key>frugal:stage<\/Key>/);
    assert.match(await sub("cors"), /https:\/\/example\.com/);
    const object = await world.hand.raw("s3", { path: `/${outputs.bucket}/notes/a%20b.txt` });
    assert.equal(await object.text(), knobs.code);
    const policy = await world.hand.query("iam", "GetRolePolicy", "2010-05-08", {
      RoleName: outputs.role ?? "",
      PolicyName: "more",
    });
    assert.match(decodeURIComponent(textAt(policy, "PolicyDocument") ?? ""), /s3:ListBucket/);
  });

  it("keeps secrets out of the recorded state", async () => {
    assert.ok(!JSON.stringify(await stack.exportStack()).includes('"hush"'));
  });

  it("shows no change after that, neither in the program nor in the account", async () => {
    assert.deepEqual(changed((await stack.preview(quiet)).changeSummary), {});
    const refreshed = await stack.refresh(quiet);
    assert.deepEqual(changed(refreshed.summary.resourceChanges), {}, refreshed.stdout);
    assert.deepEqual(changed((await stack.preview(quiet)).changeSummary), {});
  });

  it("updates in place, and only what changed", async () => {
    Object.assign(knobs, {
      memorySize: 512,
      code: "exports.handler = async () => 2",
      parameter: "two",
      visibility: 90,
    });
    assert.equal((await stack.preview(quiet)).changeSummary.update, 4);
    const up = await stack.up(quiet);
    assert.deepEqual(changed(up.summary.resourceChanges), { update: 4 });
    assert.equal((await fn(outputs.function ?? "")).MemorySize, 512);
    assert.equal(await parameter(), "two");
    assert.notEqual(up.outputs.textVersion?.value, outputs.textVersion);
    assert.deepEqual(changed((await stack.refresh(quiet)).summary.resourceChanges), {});
  });

  it("replaces what cannot be updated, and what hangs on it follows", async () => {
    knobs.functionName = "worker-renamed";
    const up = await stack.up(quiet);
    assert.ok((up.summary.resourceChanges?.replace ?? 0) >= 1);
    assert.equal(up.outputs.function?.value, "worker-renamed");
    assert.equal((await fn("worker-renamed")).MemorySize, 512);
    await assert.rejects(fn(outputs.function ?? ""), { code: "ResourceNotFoundException" });
    assert.deepEqual(changed((await stack.preview(quiet)).changeSummary), {});
  });

  it("sees what was changed by hand, and puts it right", async () => {
    await world.hand.rest("lambda", {
      method: "PUT",
      path: "/2015-03-31/functions/worker-renamed/configuration",
      body: JSON.stringify({ MemorySize: 1024 }),
    });
    await world.hand.json("ssm", "AmazonSSM.PutParameter", {
      Name: outputs.parameter,
      Value: "by hand",
      Overwrite: true,
    });
    await world.hand.query("iam", "PutRolePolicy", "2010-05-08", {
      RoleName: outputs.role ?? "",
      PolicyName: "read",
      PolicyDocument: '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}',
    });
    const refreshed = await stack.refresh(quiet);
    assert.deepEqual(changed(refreshed.summary.resourceChanges), { update: 3 });
    assert.deepEqual(changed((await stack.preview(quiet)).changeSummary), { update: 3 });
    await stack.up(quiet);
    assert.equal((await fn("worker-renamed")).MemorySize, 512);
    assert.equal(await parameter(), "two");
    const policy = await world.hand.query("iam", "GetRolePolicy", "2010-05-08", {
      RoleName: outputs.role ?? "",
      PolicyName: "read",
    });
    assert.match(decodeURIComponent(textAt(policy, "PolicyDocument") ?? ""), /s3:GetObject/);
    assert.deepEqual(changed((await stack.refresh(quiet)).summary.resourceChanges), {});
  });

  it("sees what was deleted by hand, and makes it anew", async () => {
    await world.hand.json("ssm", "AmazonSSM.DeleteParameter", { Name: outputs.parameter });
    await world.hand.json("sqs", "AmazonSQS.DeleteQueue", { QueueUrl: outputs.queue }, "1.0");
    const before = (await world.stacks()).length;
    const refreshed = await stack.refresh(quiet);
    assert.equal(refreshed.summary.resourceChanges?.delete, 3, "the queue, its policy and the parameter");
    assert.equal((await world.stacks()).length, before - 3, "their stacks went with them");
    const up = await stack.up(quiet);
    assert.equal(up.summary.resourceChanges?.create, 3);
    assert.deepEqual(changed((await stack.refresh(quiet)).summary.resourceChanges), {});
  });

  it("does not delete a protected table, in AWS's words", async () => {
    const { TableNames: tables } = await world.hand.json("dynamodb", "DynamoDB_20120810.ListTables", {});
    const [TableName] = tables as string[];
    const protect = (DeletionProtectionEnabled: boolean) =>
      world.hand.json("dynamodb", "DynamoDB_20120810.UpdateTable", { TableName, DeletionProtectionEnabled });
    await protect(true);
    await assert.rejects(
      stack.destroy(quiet),
      /currently protected against deletion\. Disable deletion protection first/,
    );
    const left = await world.hand.json("dynamodb", "DynamoDB_20120810.ListTables", {});
    assert.deepEqual(left.TableNames, [TableName]);
    await protect(false);
  });

  it("is destroyed without a trace", async () => {
    await stack.destroy(quiet);
    assert.deepEqual(await world.stacks(), []);
    const buckets = await (await world.hand.raw("s3", { path: "/" })).text();
    assert.ok(!buckets.includes("data-"), buckets);
    await assert.rejects(fn("worker-renamed"), { code: "ResourceNotFoundException" });
  });
});
