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

describe("unknown values", () => {
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

    if (rule.meta.judges.stack.length === 0) continue;
    it(`${rule.meta.id}: an unknown in one resource does not stop the judgement of the others`, async () => {
      await against(trueRegistry(), async () => {
        for (const provider of PROVIDERS) {
          const resources = allCompliant(provider);
          for (const [index, resource] of resources.entries()) {
            for (const root of Object.keys(resource.props)) {
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

/** Read, and rightly nothing said when it is unknown: the reason. */
const SILENT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "approval-evidence": {
    "aws-native:sagemaker:Endpoint endpointConfigName": "followed by the stack half; this half acts at update only",
    "aws:sagemaker/endpoint:Endpoint endpointConfigName": "followed by the stack half; this half acts at update only",
    "aws:sagemaker/endpoint:Endpoint region": "where to look up, no more",
  },
  "bucket-tls-only": {
    "aws:s3/bucketV2:BucketV2 bucket": "compared with a policy in the bucket itself, which this one has not",
  },
  "endpoint-serves-package": {
    "aws-native:sagemaker:Endpoint endpointConfigName": "followed by the stack half; this half acts at update only",
    "aws:sagemaker/endpoint:Endpoint endpointConfigName": "followed by the stack half; this half acts at update only",
    "aws:sagemaker/endpoint:Endpoint region": "where to look up, no more",
  },
  "package-approved": {
    "aws-native:sagemaker:Endpoint endpointConfigName": "followed by the stack half; this half acts at update only",
    "aws:sagemaker/endpoint:Endpoint endpointConfigName": "followed by the stack half; this half acts at update only",
    "aws:sagemaker/endpoint:Endpoint region": "where to look up, no more",
  },
  "variants-sound": {
    "aws-native:sagemaker:EndpointConfig tags": "asked for an end date only where there is a shadow variant",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration tags":
      "asked for an end date only where there is a shadow variant",
  },
  "function-no-secrets": {
    "aws:ssm/parameter:Parameter type": "the value is searched as long as its type is not known",
  },
  "kms-key-rotates": {
    "aws-native:kms:Key keySpec": "asked for only where the key does not rotate",
    "aws:kms/key:Key customerMasterKeySpec": "asked for only where the key does not rotate",
  },
  "api-guarded": {
    "aws-native:apigatewayv2:Route routeKey": "asked for only where the route has no authorizer",
    "aws:apigatewayv2/route:Route routeKey": "asked for only where the route has no authorizer",
  },
};
