import assert from "node:assert/strict";
import { toCfn, toSdk } from "../../../local/provider/native/convert.ts";
import { type TypeSpec, typeSpec } from "../../../local/provider/native/spec.ts";
import type { Props } from "../../../local/provider/server/wire.ts";

function spec(token: string): TypeSpec {
  const found = typeSpec(token);
  assert.ok(found, token);
  return found;
}

describe("conversion", () => {
  it("spells nested names as CloudFormation does and back", () => {
    const inputs: Props = {
      bucketName: "b",
      bucketEncryption: {
        serverSideEncryptionConfiguration: [
          { serverSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: "k" } },
        ],
      },
      tags: [{ key: "a", value: "b" }],
    };
    const cfn = toCfn(spec("aws-native:s3:Bucket"), inputs);
    assert.deepEqual(cfn, {
      BucketName: "b",
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: "k" } },
        ],
      },
      Tags: [{ Key: "a", Value: "b" }],
    });
    assert.deepEqual(toSdk(spec("aws-native:s3:Bucket"), cfn), inputs);
  });

  it("leaves documents and map keys untouched", () => {
    const definition = { StartAt: "doIt", States: { doIt: { Type: "Task", arguments: { functionName: 1 } } } };
    const flow = toCfn(spec("aws-native:stepfunctions:StateMachine"), { roleArn: "r", definition });
    assert.deepEqual(flow, { RoleArn: "r", Definition: definition });
    const fn = toCfn(spec("aws-native:lambda:Function"), {
      environment: { variables: { lower_case: "x", roleArn: "y" } },
    });
    assert.deepEqual(fn, { Environment: { Variables: { lower_case: "x", roleArn: "y" } } });
    const queue = toCfn(spec("aws-native:sqs:Queue"), {
      redrivePolicy: { deadLetterTargetArn: "a", maxReceiveCount: 3 },
    });
    assert.deepEqual(queue, { RedrivePolicy: { deadLetterTargetArn: "a", maxReceiveCount: 3 } });
  });

  it("takes the typed reading of a property that is typed or free-form", () => {
    const keySchema = [{ attributeName: "pk", keyType: "HASH" }];
    assert.deepEqual(toCfn(spec("aws-native:dynamodb:Table"), { keySchema }), {
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    });
  });

  it("reads services' own casing, numbers and booleans as text, and drops what the SDK does not declare", () => {
    const group = toSdk(spec("aws-native:logs:LogGroup"), {
      logGroupName: "/x",
      retentionInDays: 7,
      storedBytes: 0,
      arn: "a",
    });
    assert.deepEqual(group, { logGroupName: "/x", retentionInDays: 7, arn: "a" });
    const queue = toSdk(spec("aws-native:sqs:Queue"), {
      VisibilityTimeout: "30",
      SqsManagedSseEnabled: "true",
      Whatever: "x",
    });
    assert.deepEqual(queue, { visibilityTimeout: 30, sqsManagedSseEnabled: true });
  });

  it("spells a permission's Id awsId", () => {
    assert.deepEqual(toSdk(spec("aws-native:lambda:Permission"), { Id: "s", FunctionName: "f" }), {
      awsId: "s",
      functionName: "f",
    });
  });
});
