/** The code that Lambda gets: each bundle loads, names what is missing in its environment, and stays small. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { type Bundle, bundleFunctions } from "../../components/shared/bundle.ts";
import { catalogue } from "../../functions/catalogue.ts";

/** Largest bundle, unpacked. Loading is most of a cold start, and whole SDK clients are megabytes. */
const limit = 650_000;

const environment: Record<string, string> = {
  DATA_BUCKET: "data",
  ARTIFACT_BUCKET: "artifacts",
  GATE: JSON.stringify({
    metric: "rocAuc",
    bound: 0.9,
    minimumGain: 0,
    minimumSamples: 100,
    confidence: 0.95,
    slices: { maximumRegression: 0.05, minimumSamples: 30 },
  }),
  EVALUATION: JSON.stringify({
    problem: "binary",
    metric: "rocAuc",
    threshold: 0.5,
    confidence: 0.95,
    sliceColumns: [],
  }),
  MODEL_NAME: "breast-cancer",
  PIPELINES: "false",
  LIMITS: '{"instanceTypes":["ml.m5.large"],"maxRuntimeSeconds":3600,"spot":true,"spotWaitSeconds":3600}',
  APPROVALS_TABLE: "approvals",
  APPROVAL_URL: "https://example.com",
  APPROVERS: '["ada@example.com"]',
  APPROVALS_REQUIRED: "1",
  SENDER: "models@example.com",
  TOPIC_ARN: "arn:aws:sns:us-east-1:111122223333:notices",
  SUBMITTER_MAY_APPROVE: "false",
  STAGE: "dev",
  ROLLOUT_STATE_MACHINE_ARN: "arn:aws:states:us-east-1:111122223333:stateMachine:rollout",
  MODEL_PACKAGE_GROUP: "group",
  SERVING_PREFIX: "serving",
  ENDPOINT_PREFIX: "frugal-dev-",
  MODEL_PACKAGE_GROUPS: '["frugal-dev-breast-cancer"]',
  AWS_REGION: "us-east-1",
};

describe("functions, bundled", () => {
  let folder = "";
  let bundles: ReadonlyMap<string, Bundle>;
  const kept = { ...process.env };

  before(async function () {
    this.timeout(60_000);
    folder = mkdtempSync(join(tmpdir(), "frugal-bundles-"));
    bundles = await bundleFunctions(
      catalogue.map(({ name }) => name),
      { target: folder },
    );
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => {
    process.env = { ...kept };
  });

  function load(name: string): { handler?: unknown } {
    const bundle = bundles.get(name);
    assert.ok(bundle);
    const code = unzipSync(readFileSync(bundle.path))["index.js"];
    assert.ok(code);
    assert.ok(code.length <= limit, `${name} has ${code.length} bytes, at most ${limit} are wanted`);
    const file = join(folder, `${name}-${Date.now()}-${Math.random()}.cjs`);
    writeFileSync(file, code);
    return createRequire(import.meta.url)(file);
  }

  for (const { name } of catalogue) {
    it(`${name}: loads with its environment and exports a handler`, function () {
      this.timeout(20_000);
      Object.assign(process.env, environment);
      assert.equal(typeof load(name).handler, "function");
    });
  }

  it("names every variable that is missing, at once", function () {
    this.timeout(20_000);
    for (const name of Object.keys(environment)) delete process.env[name];
    process.env.AWS_REGION = "us-east-1";
    assert.throws(
      () => load("request-approval"),
      /APPROVALS_TABLE: is missing; APPROVAL_URL: is missing; APPROVERS: is missing; APPROVALS_REQUIRED: is missing; SENDER: is missing; SUBMITTER_MAY_APPROVE: is missing/,
    );
  });
});
