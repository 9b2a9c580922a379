/** What keeps published datasets as they are, and where a stage says what it expects of them. */
import assert from "node:assert/strict";
import { DatasetExpectations } from "../../contracts/expectations.ts";
import { account, runProgram } from "./estate.ts";

describe("the estate: datasets", () => {
  const bucket = `frugal-dev-data-${account}-us-east-1`;
  const datasets = { clicks: { label: "bought", parts: { train: { columns: { "*": { type: "number" } } } } } };

  it("denies overwriting and deleting what is published, to everybody", async () => {
    const estate = await runProgram("dev");
    const { policyDocument } = estate.named("aws-native:s3:BucketPolicy", "data-bucket-policy").inputs;
    const denied = policyDocument.Statement.slice(1).map((statement: Record<string, unknown>) => [
      statement.Effect,
      statement.Principal,
      statement.Action,
      statement.Resource,
    ]);
    const objects = `arn:aws:s3:::${bucket}/datasets/*`;
    assert.deepEqual(denied, [
      ["Deny", "*", "s3:PutObject", objects],
      ["Deny", "*", ["s3:DeleteObject", "s3:DeleteObjectVersion"], objects],
    ]);
    const { inputs } = estate.named("aws-native:s3:Bucket", "data-bucket");
    assert.equal(inputs.objectLockEnabled, undefined);
    // Nothing removes a current object: the lifecycle knows unfinished uploads and replaced versions only.
    for (const rule of inputs.lifecycleConfiguration.rules) {
      assert.deepEqual([rule.expirationInDays, rule.expirationDate], [undefined, undefined]);
    }
  });

  it("locks objects where the stage asks for it, in the data bucket only", async () => {
    const estate = await runProgram("dev", {
      "frugal-mlops:data": { objectLockDays: 400, objectLockMode: "compliance" },
    });
    const { inputs } = estate.named("aws-native:s3:Bucket", "data-bucket");
    assert.equal(inputs.objectLockEnabled, true);
    assert.deepEqual(inputs.objectLockConfiguration, {
      objectLockEnabled: "Enabled",
      rule: { defaultRetention: { mode: "COMPLIANCE", days: 400 } },
    });
    assert.equal(estate.named("aws-native:s3:Bucket", "artifacts-bucket").inputs.objectLockEnabled, undefined);
  });

  it("writes what is expected of each dataset where the command reads it", async () => {
    const estate = await runProgram("dev", { "frugal-mlops:datasets": datasets });
    const { inputs } = estate.named("aws-native:ssm:Parameter", "parameter-dataset-clicks");
    assert.equal(inputs.name, "/frugal/dev/datasets/clicks");
    assert.deepEqual(DatasetExpectations.parse(JSON.parse(inputs.value)), DatasetExpectations.parse(datasets.clicks));
    const none = await runProgram("dev");
    assert.ok(!none.of("aws-native:ssm:Parameter").some(({ name }) => name.startsWith("parameter-dataset-")));
  });
});
