/**
 * Values that are not known at preview, through the library's own proxy: wherever one stands, no rule lets the library's
 * error escape (which would turn a mandatory verdict into a note and stop a stack rule), and the rest is still judged.
 */
import assert from "node:assert/strict";
import * as library from "@pulumi/policy";
import { rules } from "../../policies/index.ts";
import { UnknownValueError, unknownCheckingProxy } from "../../policies/support/unknown.ts";
import { allCompliant, broken, compliantOf, leavesOf, PROVIDERS } from "./support/fixtures.ts";
import { analyze, analyzeStack, UNKNOWN, UNKNOWNS } from "./support/harness.ts";
import { against, trueRegistry } from "./support/registry.ts";

describe("unknown values", function () {
  this.timeout(60_000);

  it("the library still exports the two names, without declaring them", () => {
    assert.ok("UnknownValueError" in library && "unknownCheckingProxy" in library);
    const proxied = unknownCheckingProxy({ a: { b: UNKNOWN } });
    assert.throws(() => proxied.a.b, UnknownValueError);
  });

  it("there are seven sentinels", () => {
    assert.equal(new Set(Object.values(UNKNOWNS)).size, 7);
  });

  for (const rule of rules) {
    it(`${rule.meta.id}: each leaf of each fixture unknown, one at a time`, async () => {
      await against(trueRegistry(), async () => {
        for (const resource of rule.meta.judges.resource.flatMap(compliantOf)) {
          for (const path of leavesOf(resource.props)) {
            const sentinels = Object.values(UNKNOWNS);
            const sentinel = sentinels[path.length % sentinels.length];
            const found = await analyze(rule, broken(resource, path, sentinel));
            // `analyze` has rejected the library's own note; a crash would be a violation here.
            assert.ok(
              !found.some(({ text }) => text.includes("/crash")),
              `${resource.type} ${path}: ${found[0]?.text}`,
            );
          }
        }
      });
    });

    it(`${rule.meta.id}: each whole property unknown is noticed where the rule reads it`, async () => {
      await against(trueRegistry(), async () => {
        const silent = new Set<string>();
        for (const type of rule.meta.judges.resource) {
          const roots = new Set((rule.meta.reads.resource[type] ?? []).map((path) => path.split(/[.[]/)[0] ?? ""));
          for (const resource of compliantOf(type)) {
            for (const root of roots) {
              // Known to be read for look-ups only, or not there in the fixture.
              if (resource.props[root] === undefined) continue;
              for (const sentinel of Object.values(UNKNOWNS)) {
                const found = await analyze(rule, broken(resource, root, sentinel));
                if (found.length === 0) silent.add(`${type} ${root}`);
                for (const { text, level } of found) {
                  assert.ok(text.startsWith(`${rule.meta.id}/`) && !text.includes("/crash"), text);
                  assert.ok(level === "mandatory" || text.includes("/waits: "), `${level} ${text}`);
                }
              }
            }
          }
        }
        assert.deepEqual([...silent], Object.keys(SILENT[rule.meta.id] ?? {}));
      });
    });

    if (rule.meta.judges.stack.length === 0 && !rule.meta.judges.whole) continue;
    it(`${rule.meta.id}: an unknown in one resource does not stop the judgement of the others`, async () => {
      await against(trueRegistry(), async () => {
        for (const provider of PROVIDERS) {
          const resources = allCompliant(provider);
          for (const [index, resource] of resources.entries()) {
            // What the rule does not read cannot stop it.
            const read = new Set((rule.meta.reads.stack[resource.type] ?? []).map((path) => path.split(/[.[]/, 1)[0]));
            for (const root of Object.keys(resource.props).filter((key) => read.has(key))) {
              const some = resources.with(index, broken(resource, root, UNKNOWN));
              const found = await analyzeStack(rule, some);
              assert.ok(
                !found.some(({ text }) => text.includes("/crash")),
                `${resource.type} ${root}: ${found[0]?.text}`,
              );
            }
          }
        }
      });
    });
  }
});

/** Of the rules that follow the road to an endpoint: where it begins. */
const ROAD = {
  "aws-native:sagemaker:Endpoint endpointConfigName": "followed by the stack half; this half acts at update only",
  "aws:sagemaker/endpoint:Endpoint endpointConfigName": "followed by the stack half; this half acts at update only",
  "aws:sagemaker/endpoint:Endpoint region": "where to look up, no more",
  "aws-native:sagemaker:InferenceComponent specification": "followed by the stack half; this half acts at update only",
  "aws-native:sagemaker:InferenceExperiment modelVariants": "followed by the stack half; this half acts at update only",
};
/** Read, and rightly nothing said when it is unknown: the reason. */
const SILENT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "approval-evidence": {
    ...ROAD,
    "aws-native:stepfunctions:StateMachine definition": "model-from-package waits for it",
    "aws:sfn/stateMachine:StateMachine definition": "model-from-package waits for it",
  },
  "bucket-tls-only": {
    "aws:s3/bucketV2:BucketV2 bucket": "compared with a policy in the bucket itself, which this one has not",
  },
  "endpoint-serves-package": {
    ...ROAD,
  },
  "package-approved": {
    ...ROAD,
    "aws-native:stepfunctions:StateMachine definition": "model-from-package waits for it",
    "aws:sfn/stateMachine:StateMachine definition": "model-from-package waits for it",
  },
  "state-protected": {
    "aws-native:dynamodb:Table tags": "asked for only where listed tables alone are recoverable",
    "aws-native:dynamodb:Table tableName": "asked for only where listed tables alone are recoverable",
    "aws:dynamodb/table:Table tags": "asked for only where listed tables alone are recoverable",
    "aws:dynamodb/table:Table name": "asked for only where listed tables alone are recoverable",
    "aws-native:dynamodb:GlobalTable tableName": "asked for only where listed tables alone are recoverable",
  },
  "state-machine-observable": {
    "aws-native:stepfunctions:StateMachine tags": "asked only of machines that wait for no answer",
    "aws:sfn/stateMachine:StateMachine tags": "asked only of machines that wait for no answer",
  },
  "variants-sound": {
    "aws-native:sagemaker:EndpointConfig tags": "asked for an end date only where there is a shadow variant",
    "aws-native:sagemaker:EndpointConfig dataCaptureConfig": "asked for only where there is a serverless variant",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration tags":
      "asked for an end date only where there is a shadow variant",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration dataCaptureConfig":
      "asked for only where there is a serverless variant",
  },
  "function-no-secrets": {
    "aws:ssm/parameter:Parameter type": "the value is searched as long as its type is not known",
  },
  "kms-key-rotates": {
    "aws-native:kms:Key keySpec": "asked for only where the key does not rotate",
    "aws:kms/key:Key customerMasterKeySpec": "asked for only where the key does not rotate",
  },
  "iam-no-wildcard": {
    "aws-native:iam:ManagedPolicy managedPolicyName": "only a known name makes it a boundary, which is left alone",
    "aws-native:iam:ManagedPolicy policyDocument": "a boundary's is left alone, since it grants nothing",
    "aws:iam/policy:Policy name": "only a known name makes it a boundary, which is left alone",
    "aws:iam/policy:Policy policy": "a boundary's is left alone, since it grants nothing",
  },
  "iam-pass-role-conditioned": {
    "aws-native:iam:ManagedPolicy managedPolicyName": "only a known name makes it a boundary, which is left alone",
    "aws-native:iam:ManagedPolicy policyDocument": "a boundary's is left alone, since it grants nothing",
    "aws:iam/policy:Policy name": "only a known name makes it a boundary, which is left alone",
    "aws:iam/policy:Policy policy": "a boundary's is left alone, since it grants nothing",
  },
  "iam-permissions-boundary": {
    "aws-native:iam:ManagedPolicy managedPolicyName":
      "a policy of an unknown name is no boundary yet; judged at update",
    "aws-native:iam:ManagedPolicy policyDocument": "judged where the name is a boundary's",
    "aws:iam/policy:Policy name": "a policy of an unknown name is no boundary yet; judged at update",
    "aws:iam/policy:Policy policy": "judged where the name is a boundary's",
  },
  "messages-encrypted": {
    "aws-native:sns:TopicPolicy topics": "compared with the resources that the document names, where both are known",
    "aws-native:sns:TopicInlinePolicy topicArn":
      "compared with the resources that the document names, where both are known",
    "aws:sns/topicPolicy:TopicPolicy arn": "compared with the resources that the document names, where both are known",
    "aws-native:sqs:QueueInlinePolicy queue":
      "compared with the resources that the document names, where both are known",
    "aws:sqs/queuePolicy:QueuePolicy queueUrl":
      "compared with the resources that the document names, where both are known",
  },
  "volumes-encrypted": {
    "aws-native:sagemaker:EndpointConfig productionVariants":
      "with a key nothing is missing, whatever the instances are",
    "aws-native:sagemaker:EndpointConfig shadowProductionVariants":
      "with a key nothing is missing, whatever the instances are",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration productionVariants":
      "with a key nothing is missing, whatever the instances are",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration shadowProductionVariants":
      "with a key nothing is missing, whatever the instances are",
  },
  "workload-isolated": {
    "aws-native:sagemaker:ProcessingJob processingResources":
      "how many there are matters only where the traffic is in clear",
    "aws-native:sagemaker:DataQualityJobDefinition jobResources":
      "how many there are matters only where the traffic is in clear",
    "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition jobResources":
      "how many there are matters only where the traffic is in clear",
    "aws-native:sagemaker:ModelQualityJobDefinition jobResources":
      "how many there are matters only where the traffic is in clear",
    "aws-native:sagemaker:ModelBiasJobDefinition jobResources":
      "how many there are matters only where the traffic is in clear",
    "aws-native:sagemaker:ModelExplainabilityJobDefinition jobResources":
      "how many there are matters only where the traffic is in clear",
  },
  "api-guarded": {
    "aws-native:apigatewayv2:Route routeKey": "asked for only where the route has no authorizer",
    "aws:apigatewayv2/route:Route routeKey": "asked for only where the route has no authorizer",
  },
};
