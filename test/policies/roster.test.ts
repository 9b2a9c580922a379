/** The roster is pinned: a rule that is lost, renamed, relaxed or left out of the list is red here. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as datasets from "../../contracts/dataset.ts";
import * as contracts from "../../contracts/lineage.ts";
import { derivedFiles, stageConfig } from "../../policies/generate.ts";
import { rules } from "../../policies/index.ts";
import { RELAXATIONS, STAGE_SETTINGS, STAGES } from "../../policies/stages.ts";
import { isDay } from "../../policies/support/exemptions.ts";
import * as lineage from "../../policies/support/lineage.ts";
import { GROUPS } from "../../policies/support/rule.ts";
import { SETTINGS } from "../../policies/support/settings.ts";

const root = join(import.meta.dirname, "..", "..");
const policies = join(root, "policies");
const json = (path: string): Record<string, Record<string, unknown>> =>
  JSON.parse(readFileSync(join(policies, path), "utf8"));

describe("roster", () => {
  it("holds these rules, with these severities and levels", () => {
    assert.deepEqual(
      rules.map(({ meta }) =>
        [meta.group, meta.id, meta.severity, meta.levels.dev, meta.levels.prod, meta.unexemptable ?? "-"]
          .flat()
          .join(" "),
      ),
      [
        "lineage lineage-tags-present high mandatory mandatory -",
        "lineage lineage-tags-true critical advisory mandatory all",
        "lineage artifact-digest-matches critical advisory mandatory all",
        "lineage model-data-content-addressed critical advisory mandatory -",
        "approval model-from-package critical advisory mandatory prod",
        "approval endpoint-serves-package critical advisory mandatory all",
        "approval package-approved critical advisory mandatory all",
        "approval approval-evidence high advisory mandatory all",
        "approval package-not-approved-in-code critical mandatory mandatory all",
        "approval package-group-closed high mandatory mandatory -",
        "approval approved-event-filtered high mandatory mandatory -",
        "data bucket-versioned high mandatory mandatory -",
        "data bucket-tls-only high mandatory mandatory -",
        "data bucket-encrypted medium advisory mandatory -",
        "data bucket-not-public critical remediate mandatory all",
        "data bucket-retained high advisory mandatory -",
        "encryption volumes-encrypted medium advisory mandatory -",
        "encryption notebook-hardened high mandatory mandatory -",
        "encryption workload-isolated high advisory mandatory -",
        "encryption messages-encrypted medium advisory mandatory -",
        "encryption kms-key-rotates medium remediate mandatory -",
        "encryption api-guarded high mandatory mandatory -",
        "iam iam-no-wildcard critical mandatory mandatory admin",
        "iam iam-pass-role-conditioned high mandatory mandatory -",
        "iam iam-permissions-boundary medium advisory mandatory -",
        "iam iam-trust-conditioned high mandatory mandatory -",
        "iam iam-duties-separated critical mandatory mandatory all",
        "cost stage-monthly-bill high advisory mandatory -",
        "cost no-unpriced-hourly high mandatory mandatory -",
        "cost budget-present medium advisory mandatory -",
        "cost serverless-capped medium mandatory mandatory -",
        "cost instance-type-allowed high mandatory mandatory -",
        "cost job-runtime-bounded high mandatory mandatory -",
        "cost async-scales-to-zero high mandatory mandatory -",
        "cost idle-shutdown high mandatory mandatory -",
        "observability log-group-retained medium remediate mandatory -",
        "reliability endpoint-update-guarded high advisory mandatory -",
        "observability alarm-acts medium advisory mandatory -",
        "observability state-machine-observable medium advisory mandatory -",
        "observability endpoint-captured high advisory mandatory -",
        "observability drift-monitor-present high advisory mandatory -",
        "reliability variants-sound high mandatory mandatory -",
        "reliability function-bounded medium advisory mandatory -",
        "reliability tasks-guarded high mandatory mandatory -",
        "reliability function-no-secrets critical mandatory mandatory all",
        "reliability state-protected high advisory mandatory -",
        "hygiene stage-tags-and-names medium mandatory mandatory -",
        "hygiene region-allowed high mandatory mandatory -",
        "hygiene nothing-deprecated medium advisory mandatory -",
        "hygiene pack-settings-valid critical mandatory mandatory all",
      ],
    );
  });

  it("lists every rule file, and each file's name and test are its id", () => {
    const files = (folder: string, ending: string) =>
      GROUPS.flatMap((group) => {
        try {
          return readdirSync(join(folder, group)).map((file) => `${group}/${file}`);
        } catch {
          return [];
        }
      }).filter((file) => file.endsWith(ending));
    const listed = rules.map(({ meta }) => `${meta.group}/${meta.id}`).sort();
    assert.deepEqual(
      files(policies, ".ts")
        .map((file) => file.slice(0, -3))
        .sort(),
      listed,
    );
    assert.deepEqual(
      files(import.meta.dirname, ".test.ts")
        .map((file) => file.slice(0, -8))
        .sort(),
      listed,
    );
  });

  it("states everything that a reader and the engine need", () => {
    for (const { meta, policy } of rules) {
      for (const sentence of [meta.what, meta.why, meta.fix])
        assert.match(sentence, /^[A-Z].*\.$/, `${meta.id}: ${sentence}`);
      assert.equal(policy.enforcementLevel, meta.levels.prod, `${meta.id}: code defaults are production's`);
      assert.equal(policy.name, meta.id);
      assert.equal(policy.severity, meta.severity);
      assert.equal(policy.description, `${meta.what} ${meta.why}`);
      assert.ok(Object.keys(meta.checks).length > 0, meta.id);
      for (const check of Array.isArray(meta.unexemptable) ? meta.unexemptable : [])
        assert.ok(check in meta.checks, `${meta.id}/${check}`);
      for (const value of Object.values(meta.framework ?? {})) assert.ok(value.length > 0, meta.id);
    }
  });

  it("RULES.md and the stage configurations are what the rules say", () => {
    for (const [file, text] of derivedFiles()) {
      const held = readFileSync(join(policies, file), "utf8");
      assert.ok(held === text, `policies/${file} is stale: node policies/generate.ts`);
    }
  });
});

describe("stage configuration", () => {
  for (const stage of STAGES) {
    it(`${stage}: names only rules and settings that exist, and switches nothing off`, () => {
      // The engine accepts unknown names in silence, so this is where they are refused.
      for (const [id, values] of Object.entries(json(`config/${stage}.json`))) {
        const rule = rules.find(({ meta }) => meta.id === id);
        assert.ok(rule, `${id} is no rule`);
        const allowed = new Set<string>(["enforcementLevel", ...(rule.meta.settings ?? [])]);
        assert.deepEqual(
          Object.keys(values).filter((key) => !allowed.has(key)),
          [],
          id,
        );
        assert.ok(["advisory", "mandatory", "remediate"].includes(String(values.enforcementLevel)), id);
      }
    });
  }

  it("prod changes no setting, and no level that is not declared: forgetting the file means production", () => {
    assert.deepEqual(STAGE_SETTINGS.prod, { stage: SETTINGS.stage.default });
    for (const { meta } of rules) {
      const relaxed = RELAXATIONS.prod.find((one) => one.rule === meta.id)?.level;
      assert.deepEqual(stageConfig("prod")[meta.id], {
        enforcementLevel: relaxed ?? meta.levels.prod,
        ...(meta.settings?.includes("stage") ? { stage: "prod" } : {}),
      });
    }
  });

  it("relaxations name rules, say why, and end", () => {
    for (const { rule, reason, until } of Object.values(RELAXATIONS).flat()) {
      assert.ok(
        rules.some(({ meta }) => meta.id === rule && meta.unexemptable !== "all"),
        rule,
      );
      assert.match(reason, /^[A-Z].*\.$/, rule);
      assert.ok(isDay(until), rule);
    }
  });

  it("every setting has a default, which its schema holds", () => {
    for (const [name, setting] of Object.entries(SETTINGS)) {
      const { schema } = setting as { schema: { enum?: unknown[]; type?: string } };
      if (schema.enum) assert.ok(schema.enum.includes(setting.default), name);
      assert.equal(Array.isArray(setting.default), schema.type === "array", name);
    }
  });
});

describe("the pack's own package", () => {
  it("pins the same libraries as the project", () => {
    const own = json("package.json");
    const project: { dependencies: Record<string, string> } = JSON.parse(
      readFileSync(join(root, "package.json"), "utf8"),
    );
    for (const [name, version] of Object.entries(own.dependencies ?? {}))
      assert.equal(version, project.dependencies[name], name);
    assert.match(String(own.version), /^\d+\.\d+\.\d+$/);
  });

  it("asks for the lineage keys that the estate writes", () => {
    const { datasetVersion, run, trainingJob, artifactDigest, modelPackage } = lineage.LINEAGE;
    const keys = { datasetVersion, run, trainingJob, artifactDigest, modelPackage };
    assert.deepEqual(
      Object.fromEntries(Object.entries(keys).map(([name, { key }]) => [name, `${SETTINGS.tagPrefix.default}${key}`])),
      contracts.lineageKeys,
    );
    const good = {
      datasetVersion: `churn-2@sha256:${"a".repeat(64)}`,
      artifactDigest: `sha256:${"0".repeat(64)}`,
      modelPackage: "arn:aws:sagemaker:eu-central-1:111122223333:model-package/churn/12",
    };
    for (const text of [good.datasetVersion, "Churn@sha256:0", `churn@sha256:${"A".repeat(64)}`]) {
      assert.equal(datasetVersion.pattern.test(text), contracts.datasetVersionPattern.test(text), text);
    }
    for (const text of [good.artifactDigest, "sha256:0"])
      assert.equal(artifactDigest.pattern.test(text), contracts.digestPattern.test(text), text);
    for (const text of [good.modelPackage, "arn:aws:sagemaker:eu-central-1:111122223333:model-package/churn"]) {
      assert.equal(modelPackage.pattern.test(text), contracts.modelPackageArnPattern.test(text), text);
    }
  });

  it("looks for a dataset version where the estate publishes it", () => {
    const { default: layout, schema } = SETTINGS.datasetManifest;
    const version = `churn-2@sha256:${"a1".repeat(32)}`;
    assert.deepEqual(lineage.datasetKeys(layout, version), {
      prefix: datasets.datasetPrefix(version),
      manifest: datasets.manifestKey(version),
    });
    assert.equal(lineage.datasetKeys(layout, "churn-2"), undefined);
    const pattern = new RegExp(String(schema.pattern));
    for (const good of [layout, "", "{hex}/m.json", "a/{name}/v{hex}/b/{name}.json"]) assert.match(good, pattern);
    for (const bad of ["datasets/manifest.json", "a/{name}/{hex}.json", "{hex}/", "{hex}/{hex}/m", "{day}/{hex}/m"])
      assert.doesNotMatch(bad, pattern);
  });
});
