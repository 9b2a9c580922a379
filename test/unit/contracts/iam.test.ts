/** Statements and their union. */
import assert from "node:assert/strict";
import { allow, arnOf, bucketArn, objectsArn, policyDocument } from "../../../contracts/iam.ts";

const site = { account: "111122223333", region: "eu-central-1" };

describe("contracts/iam", () => {
  it("makes ARNs, in other partitions too", () => {
    assert.equal(arnOf(site, "sagemaker", "model/m"), "arn:aws:sagemaker:eu-central-1:111122223333:model/m");
    assert.equal(
      arnOf({ ...site, partition: "aws-cn" }, "states", "x"),
      "arn:aws-cn:states:eu-central-1:111122223333:x",
    );
    assert.equal(bucketArn("b"), "arn:aws:s3:::b");
    assert.equal(objectsArn("b", "a/*", "aws-cn"), "arn:aws-cn:s3:::b/a/*");
  });

  it("keeps a repeated statement once", () => {
    const read = allow("Read", "s3:GetObject", "arn:aws:s3:::b/*");
    assert.deepEqual(policyDocument([read, { ...read }]), { Version: "2012-10-17", Statement: [read] });
  });

  it("tells different statements of one name apart, as IAM asks for", () => {
    const one = allow("Read", "s3:GetObject", "arn:aws:s3:::a/*");
    const two = allow("Read", "s3:GetObject", "arn:aws:s3:::b/*");
    const three = allow("Read2", "s3:GetObject", "arn:aws:s3:::c/*");
    const sids = policyDocument([one, two, three]).Statement.map(({ Sid }) => Sid);
    assert.deepEqual(sids, ["Read", "Read2", "Read22"]);
  });

  it("leaves out a condition that is not there", () => {
    assert.equal("Condition" in allow("Read", "s3:GetObject", "*"), false);
    assert.deepEqual(allow("Read", "s3:GetObject", "*", { StringEquals: { a: "b" } }).Condition, {
      StringEquals: { a: "b" },
    });
  });
});
