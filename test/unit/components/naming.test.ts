import assert from "node:assert/strict";
import fc from "fast-check";
import {
  bucketName,
  type NameKind,
  nameLimits,
  partitionOf,
  physicalName,
  roleArn,
  shorten,
} from "../../../components/shared/naming.ts";

const kinds = Object.keys(nameLimits) as NameKind[];
const part = fc.stringMatching(/^[a-z0-9](-?[a-z0-9]){0,150}$/);
const stage = fc.stringMatching(/^[a-z0-9](-?[a-z0-9]){0,15}$/).filter((text) => text.length <= 16);

describe("physical names", () => {
  it("carry project and stage", () => {
    assert.equal(physicalName({ stage: "dev" }, "function", "gate"), "frugal-dev-gate");
    assert.equal(
      bucketName({ stage: "dev", account: "111122223333", region: "us-east-1" }, "data"),
      "frugal-dev-data-111122223333-us-east-1",
    );
  });

  it("fit their kind, are deterministic, and keep different parts apart (property)", () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), stage, part, part, (kind, where, one, other) => {
        const name = physicalName({ stage: where }, kind, one);
        assert.ok(name.length <= nameLimits[kind]);
        assert.match(name, /^[a-z0-9](-?[a-z0-9])*$/);
        assert.equal(name, physicalName({ stage: where }, kind, one));
        if (one !== other) assert.notEqual(name, physicalName({ stage: where }, kind, other));
      }),
    );
  });

  it("keep a bucket's name whole for every region and the longest stage", () => {
    const name = bucketName({ stage: "a".repeat(16), account: "111122223333", region: "ap-southeast-2" }, "artifacts");
    assert.equal(name, `frugal-${"a".repeat(16)}-artifacts-111122223333-ap-southeast-2`);
    assert.ok(name.length <= 63);
  });

  it("are shortened by their head and a mark of the whole", () => {
    const name = shorten("role", `frugal-dev-${"x".repeat(80)}`);
    assert.equal(name.length, 64);
    assert.match(name, /^frugal-dev-x+-[0-9a-f]{8}$/);
  });

  it("refuse what AWS would, and kinds that nobody has looked up", () => {
    for (const bad of ["", "Upper", "a_b", "-a", "a-", "a--b", "a.b"]) {
      assert.throws(() => physicalName({ stage: "dev" }, "role", bad), /cannot be part of a name/);
    }
    assert.throws(
      () => shorten("toString" as NameKind, "x"),
      /no name limit is known for "toString": add it to nameLimits/,
    );
  });

  it("know partition and role ARN", () => {
    assert.equal(partitionOf("us-east-1"), "aws");
    assert.equal(partitionOf("cn-north-1"), "aws-cn");
    assert.equal(partitionOf("us-gov-west-1"), "aws-us-gov");
    const scope = { account: "111122223333", region: "cn-north-1", partition: "aws-cn" };
    assert.equal(roleArn(scope, "r"), "arn:aws-cn:iam::111122223333:role/r");
  });
});
