import assert from "node:assert/strict";
import fc from "fast-check";
import { sdkName, topLevelSdkName } from "../../../local/provider/native/names.ts";
import { type Shape, typeSpec } from "../../../local/provider/native/spec.ts";
import { declared, nested, typesOf } from "./support/sdk.ts";

/** The services the estate is made of. */
const MODULES = [
  "apigatewayv2",
  "cloudwatch",
  "dynamodb",
  "events",
  "iam",
  "kms",
  "lambda",
  "logs",
  "s3",
  "sagemaker",
  "scheduler",
  "ses",
  "sns",
  "sqs",
  "ssm",
  "stepfunctions",
];
/** In the SDK and not (any more) in the CloudFormation spec. */
const RETIRED = new Set(["dynamodb:Backup"]);

function nestedNames(shape: Shape, seen: Set<unknown>, names: Set<string>): void {
  if (shape.kind === "array" || shape.kind === "map") nestedNames(shape.element, seen, names);
  if (shape.kind === "union") for (const alternative of shape.of) nestedNames(alternative, seen, names);
  if (shape.kind !== "object" || seen.has(shape.fields())) return;
  seen.add(shape.fields());
  for (const field of shape.fields().all) {
    names.add(field.sdk);
    nestedNames(field.type, seen, names);
  }
}

describe("spelling of names", () => {
  const table: Readonly<Record<string, string>> = {
    BucketName: "bucketName",
    S3Bucket: "s3Bucket",
    BodyS3Location: "bodyS3Location",
    PrincipalOrgID: "principalOrgId",
    KMSMasterKeyID: "kmsMasterKeyId",
    SSEAlgorithm: "sseAlgorithm",
    VolumeSizeInGB: "volumeSizeInGb",
    OKActions: "okActions",
    TargetGroupARNs: "targetGroupArns",
    DkimDNSTokenName1: "dkimDnsTokenName1",
    SupportedResponseMIMETypes: "supportedResponseMimeTypes",
  };
  for (const [cfn, sdk] of Object.entries(table)) it(`${cfn} is ${sdk}`, () => assert.equal(sdkName(cfn), sdk));

  it("calls a resource's own Id awsId, since id is Pulumi's", () => {
    assert.equal(topLevelSdkName("Id"), "awsId");
    assert.equal(sdkName("Id"), "id");
  });

  it("changes case only, and settles in one step", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,30}$/), (name) => {
        const spelt = sdkName(name);
        assert.equal(spelt.toLowerCase(), name.toLowerCase());
        assert.equal(sdkName(spelt.slice(0, 1).toUpperCase() + spelt.slice(1)), spelt);
      }),
    );
  });

  for (const module of MODULES) {
    it(`is the SDK's for every type of ${module}`, () => {
      const nestedOurs = new Set<string>();
      const seen = new Set<unknown>();
      for (const type of typesOf(module).filter((name) => !RETIRED.has(`${module}:${name}`))) {
        const spec = typeSpec(`aws-native:${module}:${type}`);
        assert.ok(spec, `${module}:${type} is in the spec`);
        const { outputs, inputs } = declared(module, type);
        assert.ok(outputs.length > 0, `${module}:${type} declares outputs`);
        const properties = spec.properties.all.map(({ sdk }) => sdk);
        const all = [...properties, ...spec.attributes.all.map(({ sdk }) => sdk)];
        assert.deepEqual(
          outputs.filter((name) => !all.includes(name)),
          [],
          `${type}: outputs of the SDK that we do not have`,
        );
        assert.deepEqual(
          inputs.filter((name) => !properties.includes(name)),
          [],
          `${type}: inputs of the SDK that we do not know`,
        );
        for (const { type: shape } of spec.properties.all) nestedNames(shape, seen, nestedOurs);
      }
      assert.deepEqual(
        nested(module).filter((name) => !nestedOurs.has(name)),
        [],
        "names inside nested types",
      );
    });
  }
});
