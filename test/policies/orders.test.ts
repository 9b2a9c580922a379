/** The pack's own orders in the real engine: the stage, the levels that the engine configures, and exemptions. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { stageConfig } from "../../policies/generate.ts";
import { configFile, enforcing } from "./support/enforcing.ts";
import { type EngineRun, type Outcome, PACK, startEngine } from "./support/engine.ts";
import { broken, compliant } from "./support/fixtures.ts";
import type { Resource } from "./support/harness.ts";

class Declared extends pulumi.CustomResource {
  constructor({ type, name, props }: Resource) {
    super(type, name, { ...props });
  }
}

const bucket = compliant("native", "bucket");
const open = broken(bucket, "versioningConfiguration.status", "Suspended");
const FAULT = 'bucket-versioned/status: versioningConfiguration.status is "Suspended", must be Enabled.';
const program = (resource: Resource) => async () => {
  new Declared(resource);
  new Declared(compliant("native", "bucketPolicy"));
};

describe("the pack's own orders, in the real engine", function () {
  this.timeout(120_000);
  let engine: EngineRun;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "policies-orders-"));
    engine = await startEngine("prod");
  });
  after(async () => {
    await engine?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const file = (name: string, value: unknown): Promise<string> => configFile(folder, name, value);
  const says = ({ output }: Outcome, text: string) => assert.ok(output.includes(text), output);

  it("another stage's configuration is refused", async () => {
    const run = await engine.preview(program(bucket), { config: join(PACK, "config", "dev.json") });
    assert.ok(!run.passed, run.output);
    says(run, 'pack-settings-valid/stage: stage is "dev", must be "prod", the stage of stack "prod".');
  });

  it("a region that the stack's configuration states is seen in the provider", async () => {
    const config = join(PACK, "config", "prod.json");
    const run = await engine.preview(program(bucket), { config });
    assert.ok(!run.output.includes("region-allowed/"), run.output);
    const regions = await file(
      "regions",
      enforcing({ "region-allowed": { enforcementLevel: "mandatory", regions: ["eu-west-1"] } }),
    );
    const elsewhere = await engine.preview(program(bucket), { config: regions });
    assert.ok(!elsewhere.passed, elsewhere.output);
    says(elsewhere, 'region-allowed/region: provider.region is "us-east-1", must be eu-west-1.');
  });

  it("a level lowered in prod is seen, though no rule is shown another's", async () => {
    const config = await file("lowered", {
      ...stageConfig("prod"),
      "bucket-not-public": { enforcementLevel: "advisory" },
      "package-approved": { enforcementLevel: "mandatory", offline: "warn" },
      // Its own level does not silence it.
      "pack-settings-valid": { enforcementLevel: "advisory", stage: "prod" },
    });
    const run = await engine.preview(program(bucket), { config });
    assert.ok(!run.passed, run.output);
    says(
      run,
      'pack-settings-valid/level: bucket-not-public.enforcementLevel is "advisory", must be "mandatory" in prod.',
    );
    says(run, 'pack-settings-valid/level: pack-settings-valid.enforcementLevel is "advisory"');
    says(run, 'pack-settings-valid/offline: package-approved.offline is "warn", must be "refuse" in prod.');
  });

  it("the rule that says so cannot be switched off", async () => {
    const config = await file("off", { all: "disabled", "pack-settings-valid": "disabled" });
    const run = await engine.preview(program(open), { config });
    assert.ok(!run.passed, run.output);
    says(run, 'pack-settings-valid is "disabled", must be mandatory');
  });

  describe("exemptions", () => {
    const entry = {
      rule: "bucket-versioned",
      check: "status",
      urn: `urn:pulumi:prod::scene::${bucket.type}::${bucket.name}`,
      stages: ["scene"],
      reason: "Replaced by the end of the month.",
      owner: "ml-team",
      expires: new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10),
    };
    /** One rule enforced, everything else advisory, in a stage of its own. */
    const exempting = async (name: string, entries: unknown) => {
      const exemptionsFile = await file(`${name}.exemptions`, entries);
      const settings = enforcing({ "bucket-versioned": { enforcementLevel: "mandatory" } });
      return file(name, {
        ...settings,
        "pack-settings-valid": { ...(settings["pack-settings-valid"] as object), exemptionsFile },
      });
    };

    it("none: the finding stops the preview", async () => {
      const run = await engine.preview(program(open), { config: await exempting("none", []) });
      assert.ok(!run.passed, run.output);
      says(run, FAULT);
    });

    it("an exempted finding is said and lets preview and update pass", async () => {
      const config = await exempting("one", [entry]);
      const words = `Exempted until ${entry.expires} by ml-team: Replaced by the end of the month.`;
      for (const run of [await engine.preview(program(open), { config }), await engine.up(program(open), { config })]) {
        assert.ok(run.passed, run.output);
        says(run, FAULT);
        says(run, words);
      }
    });

    it("one that matches nothing, or has no owner, stops it", async () => {
      const unused = await engine.preview(program(bucket), { config: await exempting("unused", [entry]) });
      assert.ok(!unused.passed, unused.output);
      says(unused, `pack-settings-valid/exemption-unused: exemptions[0] is bucket-versioned/status on ${entry.urn}`);
      const nobodys = await exempting("nobodys", [{ ...entry, owner: "" }]);
      const run = await engine.preview(program(open), { config: nobodys });
      assert.ok(!run.passed, run.output);
      says(run, FAULT);
      says(run, "pack-settings-valid/exemption-form: exemptions[0].owner is empty, must be who answers for it.");
    });
  });
});
