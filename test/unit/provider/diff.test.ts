import assert from "node:assert/strict";
import { diffInputs } from "../../../local/provider/native/diff.ts";
import { typeSpec } from "../../../local/provider/native/spec.ts";
import { type Props, UNKNOWN } from "../../../local/provider/server/wire.ts";

function changes(token: string, olds: Props, news: Props): string[] {
  const spec = typeSpec(token);
  assert.ok(spec);
  return diffInputs(spec, olds, news).changes.map(
    ({ path, kind, replace }) => `${kind} ${path}${replace ? " (replace)" : ""}`,
  );
}

const FUNCTION = "aws-native:lambda:Function";
const fn: Props = {
  functionName: "f",
  role: "r",
  code: { s3Bucket: "b", s3Key: "k1" },
  memorySize: 128,
  environment: { variables: { A: "1" } },
};

describe("diff", () => {
  const table: readonly [what: string, token: string, olds: Props, news: Props, expected: readonly string[]][] = [
    ["nothing for equal inputs", FUNCTION, fn, { ...fn }, []],
    ["an update in place", FUNCTION, fn, { ...fn, memorySize: 256 }, ["update memorySize"]],
    ["a nested leaf", FUNCTION, fn, { ...fn, code: { s3Bucket: "b", s3Key: "k2" } }, ["update code.s3Key"]],
    [
      "entries of a map",
      FUNCTION,
      fn,
      { ...fn, environment: { variables: { "a-b": "2" } } },
      ["delete environment.variables.A", 'add environment.variables["a-b"]'],
    ],
    ["a property that came", FUNCTION, fn, { ...fn, timeout: 3 }, ["add timeout"]],
    ["a property that went", FUNCTION, { ...fn, timeout: 3 }, fn, ["delete timeout"]],
    ["a replacement by name", FUNCTION, fn, { ...fn, functionName: "g" }, ["update functionName (replace)"]],
    ["a value known only later", FUNCTION, fn, { ...fn, role: UNKNOWN }, ["update role"]],
    [
      "a replacement by a value known only later",
      "aws-native:lambda:Permission",
      { functionName: "f", action: "a", principal: "p" },
      { functionName: UNKNOWN, action: "a", principal: "p" },
      ["update functionName (replace)"],
    ],
    [
      "nothing for tags in another order",
      FUNCTION,
      {
        ...fn,
        tags: [
          { key: "a", value: "1" },
          { key: "b", value: "2" },
        ],
      },
      {
        ...fn,
        tags: [
          { key: "b", value: "2" },
          { key: "a", value: "1" },
        ],
      },
      [],
    ],
    [
      "a changed tag",
      FUNCTION,
      { ...fn, tags: [{ key: "a", value: "1" }] },
      { ...fn, tags: [{ key: "a", value: "2" }] },
      ["update tags[0].value"],
    ],
    [
      "list items by position",
      FUNCTION,
      { ...fn, layers: ["a", "b"] },
      { ...fn, layers: ["a", "c"] },
      ["update layers[1]"],
    ],
    [
      "a list of another length as a whole",
      FUNCTION,
      { ...fn, layers: ["a"] },
      { ...fn, layers: ["a", "c"] },
      ["update layers"],
    ],
    [
      "nothing for a document as text instead of an object, in another order",
      "aws-native:iam:Role",
      { assumeRolePolicyDocument: { Version: "2012-10-17", Statement: [] } },
      { assumeRolePolicyDocument: '{ "Statement": [], "Version": "2012-10-17" }' },
      [],
    ],
    [
      "a changed document as one property",
      "aws-native:iam:Role",
      { assumeRolePolicyDocument: { Statement: [{ Effect: "Allow" }] } },
      { assumeRolePolicyDocument: { Statement: [{ Effect: "Deny" }] } },
      ["update assumeRolePolicyDocument"],
    ],
    [
      "a replacement of an endpoint configuration by what it serves",
      "aws-native:sagemaker:EndpointConfig",
      { endpointConfigName: "c", productionVariants: [{ variantName: "v", modelName: "m1" }] },
      { endpointConfigName: "c", productionVariants: [{ variantName: "v", modelName: "m2" }] },
      ["update productionVariants[0].modelName (replace)"],
    ],
    [
      "an endpoint updated in place by its configuration",
      "aws-native:sagemaker:Endpoint",
      { endpointName: "e", endpointConfigName: "c1" },
      { endpointName: "e", endpointConfigName: "c2" },
      ["update endpointConfigName"],
    ],
  ];
  for (const [what, token, olds, news, expected] of table) {
    it(`sees ${what}`, () => assert.deepEqual(changes(token, olds, news), expected));
  }

  it("deletes before it replaces, as pulumi-aws-native does", () => {
    const spec = typeSpec(FUNCTION);
    assert.ok(spec);
    assert.equal(diffInputs(spec, fn, { ...fn, functionName: "g" }).deleteBeforeReplace, true);
  });
});
