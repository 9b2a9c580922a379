import assert from "node:assert/strict";
import fc from "fast-check";
import { checkInputs } from "../../../local/provider/native/check.ts";
import { typeSpec } from "../../../local/provider/native/spec.ts";
import { type Props, UNKNOWN } from "../../../local/provider/server/wire.ts";

const FUNCTION = "aws-native:lambda:Function";
const good: Props = {
  role: "arn:aws:iam::111122223333:role/r",
  code: { s3Bucket: "code", s3Key: "k.zip" },
  runtime: "nodejs24.x",
  memorySize: 256,
  environment: { variables: { A: "1" } },
  tags: [{ key: "a", value: "b" }],
};

function faults(token: string, inputs: Props): string[] {
  const spec = typeSpec(token);
  assert.ok(spec);
  return checkInputs(spec, inputs).map(({ property, reason }) => `${property} | ${reason}`);
}

describe("check", () => {
  it("lets a correct resource pass", () => assert.deepEqual(faults(FUNCTION, good), []));

  const table: readonly [what: string, change: Props, faults: readonly string[]][] = [
    ["an unknown property", { memory: 1 }, ["memory | #: extraneous key [memory] is not permitted"]],
    [
      "a misspelt property",
      { memorysize: 1 },
      ["memorysize | #: extraneous key [memorysize] is not permitted (did you mean memorySize?)"],
    ],
    [
      "a property in CloudFormation's spelling",
      { Timeout: 3 },
      ["Timeout | #: extraneous key [Timeout] is not permitted (did you mean timeout?)"],
    ],
    ["text for a number", { memorySize: "256" }, ["memorySize | #/MemorySize: expected type: Integer, found: String"]],
    [
      "a fraction for an integer",
      { memorySize: 1.5 },
      ["memorySize | #/MemorySize: expected type: Integer, found: Double"],
    ],
    ["a number for text", { handler: 1 }, ["handler | #/Handler: expected type: String, found: Integer"]],
    ["an object for a list", { layers: { a: 1 } }, ["layers | #/Layers: expected type: JSONArray, found: JSONObject"]],
    [
      "text for an object",
      { environment: "A=1" },
      ["environment | #/Environment: expected type: JSONObject, found: String"],
    ],
    [
      "nested faults",
      { code: { bucket: "b", s3Key: 1 } },
      [
        "code.s3Key | #/Code/S3Key: expected type: String, found: Integer",
        "code.bucket | #/Code: extraneous key [bucket] is not permitted (did you mean s3Bucket?)",
      ],
    ],
    [
      "faults in maps and lists",
      { environment: { variables: { A: 1 } }, tags: [{ key: "a" }] },
      [
        "environment.variables.A | #/Environment/Variables/A: expected type: String, found: Integer",
        "tags[0].value | #/Tags/0: required key [Value] not found",
      ],
    ],
    [
      "a value outside an enumeration",
      { packageType: "Tar" },
      ["packageType | #/PackageType: Tar is not a valid enum value; allowed: Image, Zip"],
    ],
  ];
  for (const [what, change, expected] of table) {
    it(`refuses ${what}`, () =>
      assert.deepEqual(faults(FUNCTION, { ...good, ...change }).sort(), [...expected].sort()));
  }

  it("names every missing property and every other fault at once", () => {
    assert.deepEqual(faults(FUNCTION, { handler: true, x: 1 }).sort(), [
      "code | #: required key [Code] not found",
      "handler | #/Handler: expected type: String, found: Boolean",
      "role | #: required key [Role] not found",
      "x | #: extraneous key [x] is not permitted",
    ]);
  });

  it("accepts what only the deployment will know, wherever it stands", () => {
    const unknown: Props = {
      role: UNKNOWN,
      code: UNKNOWN,
      memorySize: UNKNOWN,
      environment: { variables: { A: UNKNOWN } },
      tags: [{ key: "a", value: UNKNOWN }],
    };
    assert.deepEqual(faults(FUNCTION, unknown), []);
  });

  it("still refuses what is known to be wrong beside it", () => {
    assert.deepEqual(faults(FUNCTION, { ...good, role: UNKNOWN, timeout: "3" }), [
      "timeout | #/Timeout: expected type: Integer, found: String",
    ]);
  });

  it("takes free-form documents as objects or as text, and looks at nothing inside", () => {
    const trust = { Version: "2012-10-17", Statement: [{ anything: ["goes", 1] }] };
    assert.deepEqual(faults("aws-native:iam:Role", { assumeRolePolicyDocument: trust }), []);
    assert.deepEqual(faults("aws-native:iam:Role", { assumeRolePolicyDocument: JSON.stringify(trust) }), []);
    const flow = { roleArn: "r", definition: { StartAt: "A", States: { A: { Type: "Pass", End: true } } } };
    assert.deepEqual(faults("aws-native:stepfunctions:StateMachine", flow), []);
    assert.deepEqual(
      faults("aws-native:events:Rule", { eventPattern: { source: ["aws.sagemaker"], "detail-type": ["x"] } }),
      [],
    );
  });

  it("knows the style of a type's tags", () => {
    assert.deepEqual(faults("aws-native:ssm:Parameter", { type: "String", value: "v", tags: { a: "b" } }), []);
    const listed = faults("aws-native:ssm:Parameter", { type: "String", value: "v", tags: [{ key: "a", value: "b" }] });
    assert.deepEqual(listed, ["tags | #/Tags: expected type: JSONObject, found: JSONArray"]);
  });

  it("refuses an asset and says where assets go", () => {
    const asset = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text: "x", hash: "h" };
    assert.match(
      faults(FUNCTION, { ...good, code: { zipFile: asset } })[0] ?? "",
      /found: Asset \(upload it with aws\.s3\.BucketObjectv2\)/,
    );
  });

  it("never throws, whatever the inputs, and an unknown key is always a fault", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()), (bag) => {
        const clean = JSON.parse(JSON.stringify(bag, (_key, value) => (value === null ? "null" : value))) as Props;
        const spec = typeSpec("aws-native:s3:Bucket");
        assert.ok(spec);
        const found = checkInputs(spec, clean);
        for (const name of Object.keys(clean)) {
          if (!spec.properties.bySdk(name)) assert.ok(found.some(({ property }) => property === name));
        }
      }),
      { numRuns: 50 },
    );
  });
});
