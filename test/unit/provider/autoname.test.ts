import assert from "node:assert/strict";
import fc from "fast-check";
import { autoname, longestName, nameField } from "../../../local/provider/native/autoname.ts";
import { type TypeSpec, typeSpec } from "../../../local/provider/native/spec.ts";
import type { CheckRequest } from "../../../local/provider/server/handlers.ts";

function spec(token: string): TypeSpec {
  const found = typeSpec(token);
  assert.ok(found, token);
  return found;
}

function request(name: string, more: Partial<CheckRequest> = {}): CheckRequest {
  return { urn: "urn", type: "t", name, config: {}, olds: {}, news: {}, randomSeed: new Uint8Array(), ...more };
}

describe("automatic names", () => {
  const fields: Readonly<Record<string, string | undefined>> = {
    "aws-native:s3:Bucket": "bucketName",
    "aws-native:iam:ManagedPolicy": "managedPolicyName",
    "aws-native:events:Rule": "name",
    "aws-native:sagemaker:DataQualityJobDefinition": "jobDefinitionName",
    "aws-native:sagemaker:Endpoint": "endpointName",
    "aws-native:lambda:Permission": undefined,
    "aws-native:lambda:EventInvokeConfig": undefined,
    "aws-native:sns:Subscription": undefined,
  };
  for (const [token, field] of Object.entries(fields)) {
    it(`${token} is named by ${field ?? "nothing"}`, () => assert.equal(nameField(spec(token))?.sdk, field));
  }

  it("is the logical name, a dash and seven hex digits", () => {
    const made = autoname(spec("aws-native:s3:Bucket"), request("data"));
    assert.equal(made?.field, "bucketName");
    assert.match(made?.name ?? "", /^data-[0-9a-f]{7}$/);
  });

  it("follows the engine's seed", () => {
    const seeded = request("data", { randomSeed: new Uint8Array([1, 2, 3]) });
    assert.deepEqual(autoname(spec("aws-native:s3:Bucket"), seeded), autoname(spec("aws-native:s3:Bucket"), seeded));
  });

  it("keeps the name on record, and leaves a given name alone", () => {
    const bucket = spec("aws-native:s3:Bucket");
    assert.equal(autoname(bucket, request("data", { olds: { bucketName: "data-1234567" } }))?.name, "data-1234567");
    assert.equal(autoname(bucket, request("data", { news: { bucketName: "mine" } })), undefined);
  });

  it("honours the stack's own naming", () => {
    const bucket = spec("aws-native:s3:Bucket");
    assert.equal(autoname(bucket, request("d", { autonaming: { mode: "disable", proposedName: "" } })), undefined);
    assert.equal(autoname(bucket, request("d", { autonaming: { mode: "enforce", proposedName: "x" } }))?.name, "x");
    const long = request("d", { autonaming: { mode: "propose", proposedName: "x".repeat(64) } });
    assert.throws(() => autoname(bucket, long), /exceeds max length of 63/);
  });

  it("says so when a logical name leaves no room", () => {
    assert.throws(
      () => autoname(spec("aws-native:iam:Role"), request("r".repeat(64))),
      /too large to fit max length constraint of 64/,
    );
  });

  it("never exceeds a type's limit", () => {
    const tokens = [
      "aws-native:s3:Bucket",
      "aws-native:iam:Role",
      "aws-native:sagemaker:Model",
      "aws-native:sqs:Queue",
    ];
    fc.assert(
      fc.property(fc.constantFrom(...tokens), fc.stringMatching(/^[a-z][a-z0-9-]{0,61}$/), (token, name) => {
        const longest = longestName(spec(token).cfnType) ?? Number.POSITIVE_INFINITY;
        fc.pre(name.length + 1 < longest);
        const made = autoname(spec(token), request(name));
        assert.ok(made && made.name.length <= longest && made.name.startsWith(`${name}-`));
      }),
    );
  });
});
