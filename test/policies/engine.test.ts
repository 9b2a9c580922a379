/** Scenes in the real engine: what a person sees, and what is stopped before it exists. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type EngineRun, PACK, startEngine } from "./support/engine.ts";
import { broken, compliant } from "./support/fixtures.ts";
import type { Resource } from "./support/harness.ts";
import { DIGEST, MODEL_URI, PACKAGE_ARN, RECORDED } from "./support/registry.ts";

/** Declares a resource by its token, so that no provider SDK has to be loaded. */
function declare({ type, name, props }: Resource, inputs: Record<string, unknown> = {}): Declared {
  return new Declared(type, name, { ...props, ...inputs }, {});
}
class Declared extends pulumi.CustomResource {
  declare readonly arn: pulumi.Output<string>;
  constructor(type: string, name: string, props: Record<string, unknown>, opts: pulumi.CustomResourceOptions) {
    super(type, name, { arn: undefined, ...props }, opts);
  }
}

describe("the pack in the real engine", function () {
  this.timeout(120_000);
  let engine: EngineRun;
  let registry: Server;
  let status: string;
  let env: Record<string, string>;

  /** The account: the package, a configuration and a model under whatever name is asked for. */
  const answers = (): Record<string, unknown> => ({
    "SageMaker.DescribeModelPackage": {
      ModelApprovalStatus: status,
      ModelPackageStatus: "Completed",
      CustomerMetadataProperties: RECORDED.metadata,
      ApprovalDescription: RECORDED.approvalDescription,
      ModelMetrics: {
        ModelQuality: { Statistics: { ContentType: "application/json", S3Uri: "s3://b/evaluation.json" } },
      },
      LastModifiedBy: { IamIdentity: { Arn: RECORDED.lastModifiedBy } },
      InferenceSpecification: { Containers: [{ ModelDataUrl: MODEL_URI }] },
    },
    "SageMaker.DescribeEndpointConfig": { ProductionVariants: [{ ModelName: "m" }] },
    "SageMaker.DescribeModel": { PrimaryContainer: { Image: "a-stranger's" } },
  });

  before(async () => {
    status = "Approved";
    registry = createServer((request, response) => {
      request.resume();
      if (request.method === "HEAD") {
        // S3, asked for the model's artefact.
        const sha256 = Buffer.from(DIGEST.slice("sha256:".length), "hex").toString("base64");
        response.writeHead(200, { "x-amz-checksum-sha256": sha256, "x-amz-checksum-type": "FULL_OBJECT" }).end();
        return;
      }
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(answers()[String(request.headers["x-amz-target"])] ?? {}));
    });
    await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
    env = {
      AWS_ENDPOINT_URL_SAGEMAKER: url,
      AWS_ENDPOINT_URL_S3: url,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "us-east-1",
    };
    engine = await startEngine("prod");
  });

  after(async () => {
    await engine?.close();
    registry?.closeAllConnections();
    registry?.close();
  });

  const serving = async () => {
    declare(compliant("native", "model"));
    declare(compliant("native", "endpointConfig"));
    declare(compliant("native", "endpoint"));
  };

  it("an approved pin passes, and an unapproved one stops the preview in the rule's words", async () => {
    const approved = await engine.preview(serving, { env });
    assert.ok(approved.passed, approved.output);

    status = "PendingManualApproval";
    const pending = await engine.preview(serving, { env });
    status = "Approved";
    assert.ok(!pending.passed, pending.output);
    assert.ok(
      pending.output.includes(
        `package-approved/status: primaryContainer.modelPackageName is model package ${PACKAGE_ARN} with ModelApprovalStatus "PendingManualApproval", must be one with "Approved".`,
      ),
      pending.output,
    );
  });

  it("references that are not known at preview are followed", async () => {
    const byReference = async () => {
      const model = declare(compliant("native", "model"));
      const config = declare(broken(compliant("native", "endpointConfig"), "productionVariants", undefined), {
        productionVariants: [
          {
            variantName: "champion",
            modelName: model.arn.apply((arn) => arn),
            initialVariantWeight: 1,
            serverlessConfig: { memorySizeInMb: 2048, maxConcurrency: 5 },
          },
        ],
      });
      declare(broken(compliant("native", "endpoint"), "endpointConfigName", undefined), {
        endpointConfigName: config.arn,
      });
    };
    const followed = await engine.preview(byReference, { env });
    assert.ok(followed.passed, followed.output);

    const fromNothing = await engine.preview(
      async () => {
        const role = declare(compliant("native", "role"));
        declare(broken(compliant("native", "endpoint"), "endpointConfigName", undefined), {
          endpointConfigName: role.arn,
        });
      },
      { env },
    );
    assert.ok(!fromNothing.passed, fromNothing.output);
    assert.ok(
      fromNothing.output.includes("endpoint-serves-package/untraceable: endpointConfigName is not known yet"),
      fromNothing.output,
    );
  });

  it("a value that becomes known at update is judged then, before the resource exists", async () => {
    const late = async () => {
      const role = declare(compliant("native", "role"));
      const statement = role.arn.apply(() => ({ Effect: "Allow", Action: "s3:*", Resource: "arn:aws:s3:::b/*" }));
      declare(broken(compliant("native", "rolePolicy"), "policyDocument", undefined), {
        policyDocument: { Statement: [statement] },
      });
    };
    const preview = await engine.preview(late, { env });
    assert.ok(preview.passed, preview.output);
    assert.ok(
      preview.output.includes("iam-no-wildcard/waits: policyDocument.Statement[0] is not known yet"),
      preview.output,
    );

    const up = await engine.up(late, { env });
    assert.ok(!up.passed, up.output);
    assert.ok(up.output.includes('iam-no-wildcard/action: policyDocument.Statement[0].Action is "s3:*"'), up.output);
    const types = await engine.types();
    assert.ok(types.includes("aws-native:iam:Role"), "what complies was created");
    assert.ok(!types.includes("aws-native:iam:RolePolicy"), "what does not was never created");
  });

  it("a reference that claims a good configuration and becomes another name is stopped before the endpoint exists", async () => {
    const lying = async () => {
      declare(compliant("native", "model"));
      const config = declare(compliant("native", "endpointConfig"));
      const name = config.arn.apply(() => "an-older-configuration");
      declare(broken(compliant("native", "endpoint"), "endpointConfigName", undefined), { endpointConfigName: name });
    };
    const preview = await engine.preview(lying, { env });
    assert.ok(preview.passed, preview.output);
    const up = await engine.up(lying, { env });
    assert.ok(!up.passed, up.output);
    assert.ok(
      up.output.includes('endpoint-serves-package/no-package: endpointConfigName > "an-older-configuration"'),
      up.output,
    );
    assert.ok(!(await engine.types()).includes("aws-native:sagemaker:Endpoint"), "the endpoint was never created");
  });

  it("without AWS, prod refuses and dev says that nothing is verified", async () => {
    const offline = { ...env, AWS_ENDPOINT_URL_SAGEMAKER: "http://127.0.0.1:1" };
    const prod = await engine.preview(serving, { env: offline });
    assert.ok(!prod.passed, prod.output);
    assert.ok(prod.output.includes("package-approved/offline: "), prod.output);

    const dev = await engine.preview(serving, { env: offline, config: join(PACK, "config", "dev.json") });
    assert.ok(dev.passed, dev.output);
    assert.ok(dev.output.includes("package-approved/offline: "), dev.output);
  });

  it("an open bucket is refused in prod and closed in dev", async () => {
    const open = async () => {
      declare(broken(compliant("native", "bucket"), "publicAccessBlockConfiguration", undefined));
      declare(compliant("native", "bucketPolicy"));
    };
    const prod = await engine.preview(open, { env, config: join(PACK, "config", "prod.json") });
    assert.ok(!prod.passed, prod.output);
    const dev = await engine.preview(open, { env, config: join(PACK, "config", "dev.json") });
    assert.ok(dev.passed, dev.output);
    assert.ok(/remediat/i.test(dev.output), dev.output);
  });
});
