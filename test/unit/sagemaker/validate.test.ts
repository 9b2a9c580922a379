import assert from "node:assert/strict";
import fc from "fast-check";
import { ServiceModel, type Shape } from "../../../local/sagemaker/validate/model.ts";
import { compilePattern } from "../../../local/sagemaker/validate/pattern.ts";
import { checkConstraints, checkTypes, constraintFaults, project } from "../../../local/sagemaker/validate/validate.ts";

/** A part of SageMaker's own model (botocore, sagemaker 2017-07-24), so that this tier needs no virtual environment. */
const shapes: Record<string, Shape> = {
  CreateInput: {
    type: "structure",
    required: ["EndpointName", "EndpointConfigName"],
    members: {
      EndpointName: { shape: "EndpointName" },
      EndpointConfigName: { shape: "EndpointName" },
      ProductionVariants: { shape: "Variants" },
      Tags: { shape: "TagList" },
      StartArns: { shape: "Arns" },
      Environment: { shape: "Environment" },
      Seconds: { shape: "Seconds" },
      After: { shape: "Timestamp" },
      Enable: { shape: "Boolean" },
    },
  },
  EndpointName: { type: "string", max: 63, min: 0, pattern: "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}" },
  Variants: { type: "list", member: { shape: "Variant" }, min: 1, max: 2 },
  Variant: {
    type: "structure",
    required: ["VariantName"],
    members: { VariantName: { shape: "EndpointName" }, InstanceType: { shape: "InstanceType" } },
  },
  InstanceType: { type: "string", enum: ["ml.m5.large", "ml.m5.xlarge"] },
  TagList: { type: "list", member: { shape: "Tag" }, max: 50, min: 0 },
  Tag: { type: "structure", required: ["Key"], members: { Key: { shape: "TagKey" } } },
  TagKey: { type: "string", max: 128, min: 1, pattern: "([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)" },
  Arns: { type: "list", member: { shape: "Arn" }, max: 1, min: 0 },
  Arn: { type: "string", max: 20, pattern: "arn:.*" },
  Environment: { type: "map", key: { shape: "Key" }, value: { shape: "Value" }, max: 100 },
  Key: { type: "string", max: 4, pattern: "[a-zA-Z_][a-zA-Z0-9_]*" },
  Value: { type: "string", max: 3 },
  Seconds: { type: "integer", min: 1, max: 3600 },
  Timestamp: { type: "timestamp" },
  Boolean: { type: "boolean" },
};
const model = new ServiceModel({ operations: { Create: { input: { shape: "CreateInput" } } }, shapes });
const NAMED = { EndpointName: "a", EndpointConfigName: "b" };

const refusal = (input: object): string => {
  try {
    checkConstraints(model, "CreateInput", input);
  } catch (error) {
    assert.equal((error as Error).name, "ValidationException");
    return (error as Error).message;
  }
  return "";
};

describe("validation with AWS's words", () => {
  it("reports every fault in one message", () => {
    assert.equal(
      refusal({ EndpointName: "a_b" }),
      "2 validation errors detected: Value null at 'endpointConfigName' failed to satisfy constraint: Member must not be null; " +
        "Value 'a_b' at 'endpointName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
    );
  });

  const single: [string, object, string][] = [
    [
      "length",
      { ...NAMED, Tags: [{ Key: "x".repeat(129) }] },
      `Value '${"x".repeat(129)}' at 'tags.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 128`,
    ],
    [
      "range below",
      { ...NAMED, Seconds: 0 },
      "Value '0' at 'seconds' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      "range above",
      { ...NAMED, Seconds: 3601 },
      "Value '3601' at 'seconds' failed to satisfy constraint: Member must have value less than or equal to 3600",
    ],
    [
      "enum, inside a list",
      { ...NAMED, ProductionVariants: [{ VariantName: "v", InstanceType: "m5" }] },
      "Value 'm5' at 'productionVariants.1.member.instanceType' failed to satisfy constraint: Member must satisfy enum value set: [ml.m5.large, ml.m5.xlarge]",
    ],
    [
      "required, inside a list",
      { ...NAMED, ProductionVariants: [{ VariantName: "v" }, {}] },
      "Value null at 'productionVariants.2.member.variantName' failed to satisfy constraint: Member must not be null",
    ],
    [
      "list length",
      { ...NAMED, ProductionVariants: [] },
      "Value '[]' at 'productionVariants' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      "list members",
      { ...NAMED, StartArns: ["nothing"] },
      "Value '[nothing]' at 'startArns' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 20, Member must satisfy regular expression pattern: arn:.*]",
    ],
    [
      "map keys",
      { ...NAMED, Environment: { "1a": "x" } },
      "Value '{1a=x}' at 'environment' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 4, Member must satisfy regular expression pattern: [a-zA-Z_][a-zA-Z0-9_]*]",
    ],
    [
      "map values",
      { ...NAMED, Environment: { a: "long" } },
      "Value '{a=long}' at 'environment' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 3]",
    ],
  ];
  for (const [name, input, text] of single)
    it(`words a broken ${name}`, () => assert.equal(refusal(input), `1 validation error detected: ${text}`));

  it("takes what is allowed, null for absent, and ignores unknown members", () => {
    const input = { ...NAMED, Seconds: null, Nonsense: 1, Tags: [{ Key: "tëam/ä", Extra: {} }], After: 1.5 };
    assert.equal(refusal(input), "");
    assert.deepEqual(project(model, "CreateInput", input), { ...NAMED, Tags: [{ Key: "tëam/ä" }], After: 1.5 });
  });

  const types: [object, string][] = [
    [{ ...NAMED, Seconds: "5" }, "STRING_VALUE can not be converted to an Integer"],
    [{ ...NAMED, EndpointName: 5 }, "NUMBER_VALUE can not be converted to a String"],
    [{ ...NAMED, Enable: "true" }, "STRING_VALUE can not be converted to a Boolean"],
    [{ ...NAMED, EndpointName: ["a"] }, "Start of list found where not expected"],
    [{ ...NAMED, Tags: "a" }, "Expected list or null"],
    [{ ...NAMED, Tags: [{ Key: {} }] }, "Start of structure or map found where not expected."],
  ];
  for (const [input, message] of types)
    it(`refuses the wrong type: ${message}`, () =>
      assert.throws(() => checkTypes(model, "CreateInput", input), { name: "SerializationException", message }));

  it("counts each fault once, whatever is broken (property)", () => {
    const name = fc.oneof(fc.stringMatching(/^[a-z0-9-]{0,70}$/), fc.constant(null));
    fc.assert(
      fc.property(name, name, fc.integer({ min: -5, max: 4000 }), (first, second, Seconds) => {
        const faulty = (value: string | null): number => {
          if (value === null) return 1;
          const fits = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/.test(value);
          return (fits ? 0 : 1) + (value.length > 63 ? 1 : 0);
        };
        const input = { EndpointName: first, EndpointConfigName: second, Seconds };
        const expected = faulty(first) + faulty(second) + (Seconds < 1 || Seconds > 3600 ? 1 : 0);
        const faults = constraintFaults(model, "CreateInput", input);
        assert.equal(faults.length, expected);
        for (const fault of faults)
          assert.match(fault, /^Value ('.*'|null) at '[a-z][A-Za-z]+' failed to satisfy constraint: /s);
        const count = faults.length === 1 ? "1 validation error" : `${faults.length} validation errors`;
        if (faults.length > 0) assert.ok(refusal(input).startsWith(`${count} detected: `));
      }),
    );
  });

  it("never throws but AwsError, whatever JSON comes (property)", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...Object.keys(shapes.CreateInput?.members ?? {})), fc.jsonValue()),
        (input) => {
          try {
            checkTypes(model, "CreateInput", input);
            checkConstraints(model, "CreateInput", input);
          } catch (error) {
            assert.ok(["SerializationException", "ValidationException"].includes((error as Error).name), String(error));
          }
        },
      ),
    );
  });
});

/** CustomerMetadataKey's pattern: an anchor with a quantifier, which only Java takes. */
const CUSTOMER_METADATA = `([\\p{L}\\p{Z}\\p{N}_.:\\/=+\\-@]*)$${"{1,128}"}`;

describe("Java patterns in JavaScript", () => {
  const cases: [string, string, boolean][] = [
    [CUSTOMER_METADATA, "tëam", true],
    [CUSTOMER_METADATA, "{}", false],
    ["arn:[\\p{Alnum}\\-]+:lambda:.*", "arn:aws:lambda:x", true],
    [".*", "two\nlines", true],
    ["[a-z]+", "abc\n", false],
  ];
  for (const [pattern, text, fits] of cases)
    it(`${pattern} ${fits ? "takes" : "refuses"} ${JSON.stringify(text)}`, () =>
      assert.equal(compilePattern(pattern)?.test(text), fits));
});
