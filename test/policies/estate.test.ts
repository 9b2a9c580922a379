/** The project's own two stages, as the program declares them, judged at prod levels: no finding, and no exemption needed. */
import assert from "node:assert/strict";
import { rules } from "../../policies/index.ts";
import { RELAXATIONS, STAGE_SETTINGS } from "../../policies/stages.ts";
import type { Stage } from "../../policies/support/rule.ts";
import { account, type Estate, pinnedArn, runProgram, stageConfig } from "../components/estate.ts";
import { analyze, analyzeStack, type Finding, type Resource } from "./support/harness.ts";
import { against, answered, double, store, stored } from "./support/registry.ts";

const hex = "a".repeat(64);
const RECORD = {
  "frugal:dataset-version": `breast-cancer@sha256:${hex}`,
  "frugal:run": "baseline",
  "frugal:training-job": "baseline-1",
  "frugal:artifact-digest": `sha256:${hex}`,
  "frugal:artifact-uri": `s3://frugal-dev-artifacts-${account}-us-east-1/models/sha256/${hex}/model.tar.gz`,
};
/** What the training machine's job read, and the manifest of it. */
const dataset = `s3://frugal-dev-data-${account}-us-east-1/datasets/breast-cancer/${hex}/`;
const jobs = {
  "baseline-1": answered({
    arn: `arn:aws:sagemaker:us-east-1:${account}:training-job/baseline-1`,
    channels: [`${dataset}train/`],
  }),
};
const uri = RECORD["frugal:artifact-uri"];
const FACTS = {
  status: "Completed",
  metadata: {
    ...RECORD,
    "frugal:submitted-by": "ada@example.com",
    "frugal:approved-by": "grace@example.com",
    "frugal:approved-at": "2026-11-02T09:30:00.000Z",
    "frugal:packet-digest": `sha256:${hex}`,
  },
  approvalDescription: "Better on every segment.",
  hasQuality: true,
  lastModifiedBy: `arn:aws:sts::${account}:assumed-role/frugal-prod-record-decision/frugal-prod-record-decision`,
  modelData: [{ path: "Containers[0]", uri }],
};
/** Stage prod as its file says, with a package to serve. */
const pinned = () => ({
  ...stageConfig("prod"),
  "frugal-mlops:deployment": { flow: "commit", modelPackageArn: pinnedArn },
});
const artefacts = () => store({ [uri]: answered(stored(hex)), [`${dataset}manifest.json`]: answered(stored(hex)) });

/** Every finding of the pack over the stage, violations and notes; of the rules that the stage relaxes, that they mean its endpoint. */
async function judge(stage: Stage, estate: Estate): Promise<string[]> {
  const resources: Resource[] = estate.resources
    .filter(({ type }) => type.split(":").length === 3)
    .map(({ type, name, inputs, protect }) => ({
      type,
      name,
      stack: stage,
      props: inputs,
      opts: { protect },
      provider: { type: "pulumi:providers:aws-native", props: { region: "us-east-1" } },
    }));
  assert.ok(resources.length > 20, `only ${resources.length} resources`);
  const found: string[] = [];
  for (const rule of rules) {
    const config = STAGE_SETTINGS[stage];
    const findings: Finding[] = await analyzeStack(rule, resources, { config });
    for (const resource of resources) {
      for (const finding of await analyze(rule, resource, { config })) findings.push({ ...finding, on: resource.name });
    }
    if (RELAXATIONS[stage].some((relaxed) => relaxed.rule === rule.meta.id)) {
      for (const { on, text } of findings) assert.equal(on, "endpoint", `${rule.meta.id} is relaxed for more: ${text}`);
      continue;
    }
    found.push(...findings.map(({ on, text }) => `${on}: ${text}`));
  }
  return found;
}

describe("the estate's own stages", function () {
  this.timeout(60_000);

  it("dev", async () => {
    await against(double({}), async () =>
      assert.deepEqual(await judge("dev", await runProgram("dev", stageConfig("dev"))), []),
    );
  });

  it("prod with a pinned package", async () => {
    const facts = { approvalStatus: "Approved", ...FACTS };
    await against(
      double({ packages: { [pinnedArn]: answered(facts) }, jobs }),
      async () =>
        assert.deepEqual(await judge("prod", await runProgram("prod", pinned(), { [pinnedArn]: RECORD })), []),
      artefacts(),
    );
  });

  it("prod with a pinned package that is not approved has the one finding", async () => {
    const facts = { approvalStatus: "PendingManualApproval", ...FACTS };
    const judged = async () => {
      const found = await judge("prod", await runProgram("prod", pinned(), { [pinnedArn]: RECORD }));
      assert.equal(found.length, 1);
      assert.match(found[0] ?? "", /package-approved\/status: .*PendingManualApproval/);
    };
    await against(double({ packages: { [pinnedArn]: answered(facts) }, jobs }), judged, artefacts());
  });
});
