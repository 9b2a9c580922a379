/** Scenes in the real engine: what a person sees, and what is stopped before it exists. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { stageConfig } from "../../policies/generate.ts";
import { configFile, enforcing, mandatory } from "./support/enforcing.ts";
import { type EngineRun, PACK, PACK_FILE, startEngine } from "./support/engine.ts";
import { broken, compliant } from "./support/fixtures.ts";
import type { Resource } from "./support/harness.ts";
import { PACKAGE_ARN } from "./support/registry.ts";
import { type RegistryServer, startRegistry } from "./support/registry-server.ts";

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
  let registry: RegistryServer;
  let env: Record<string, string>;
  let folder: string;
  /** The rules on where a model comes from and who approved it; the others only advise. */
  let config: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "policies-scenes-"));
    config = await configFile(folder, "origin", enforcing(mandatory("lineage", "approval")));
    registry = await startRegistry();
    env = registry.env;
    engine = await startEngine("prod");
  });

  after(async () => {
    await engine?.close();
    await registry?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const serving = async () => {
    declare(compliant("native", "model"));
    declare(compliant("native", "endpointConfig"));
    declare(compliant("native", "endpoint"));
  };

  it("an approved pin passes, and an unapproved one stops the preview in the rule's words", async () => {
    const approved = await engine.preview(serving, { env, config });
    assert.ok(approved.passed, approved.output);

    registry.status = "PendingManualApproval";
    const pending = await engine.preview(serving, { env, config });
    registry.status = "Approved";
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
    const followed = await engine.preview(byReference, { env, config });
    assert.ok(followed.passed, followed.output);

    const fromNothing = await engine.preview(
      async () => {
        const role = declare(compliant("native", "role"));
        declare(broken(compliant("native", "endpoint"), "endpointConfigName", undefined), {
          endpointConfigName: role.arn,
        });
      },
      { env, config },
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
    // Only the engine knows that it previews; it says so whichever way the pack is started.
    for (const pack of [PACK, PACK_FILE]) {
      const preview = await engine.preview(lying, { env, config, pack });
      assert.ok(preview.passed, preview.output);
      const up = await engine.up(lying, { env, config, pack });
      assert.ok(!up.passed, up.output);
      assert.ok(
        up.output.includes('endpoint-serves-package/no-package: endpointConfigName > "an-older-configuration"'),
        up.output,
      );
      assert.ok(!(await engine.types()).includes("aws-native:sagemaker:Endpoint"), "the endpoint was never created");
    }
  });

  it("without AWS, prod refuses and dev says that nothing is verified", async () => {
    const offline = { ...env, AWS_ENDPOINT_URL_SAGEMAKER: "http://127.0.0.1:1" };
    const prod = await engine.preview(serving, { env: offline, config });
    assert.ok(!prod.passed, prod.output);
    assert.ok(prod.output.includes("package-approved/offline: "), prod.output);

    const warn = { enforcementLevel: "mandatory", offline: "warn" };
    const warning = await configFile(folder, "warning", enforcing({ "package-approved": warn }));
    const dev = await engine.preview(serving, { env: offline, config: warning });
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
    assert.ok(prod.output.includes("bucket-not-public/"), prod.output);
    const asDev = { ...stageConfig("dev")["pack-settings-valid"], stageOfStack: { prod: "dev" } };
    const relaxed = await configFile(folder, "dev", { ...stageConfig("dev"), "pack-settings-valid": asDev });
    const dev = await engine.preview(open, { env, config: relaxed });
    assert.ok(dev.passed, dev.output);
    assert.ok(/remediat/i.test(dev.output), dev.output);
  });
});
