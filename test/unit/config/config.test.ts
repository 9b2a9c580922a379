import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import fc from "fast-check";
import { ConfigError, knownKeys, PROJECT, parseStageConfig } from "../../../config.ts";

const root = resolve(import.meta.dirname, "../../..");
const yaml = createRequire(import.meta.url)("js-yaml") as { load(text: string): unknown };

const least = {
  "aws:region": "us-east-1",
  "aws-native:region": "us-east-1",
  "frugal-mlops:owner": "ml-team",
  "frugal-mlops:approval": { approvers: ["a@example.com"], sender: "ml@example.com" },
};
const gate = {
  metric: "rocAuc",
  bound: 0.9,
  minimumGain: 0,
  minimumSamples: 100,
  slices: { maximumRegression: 0.05, minimumSamples: 30 },
};
const pin = "arn:aws:sagemaker:us-east-1:111122223333:model-package/frugal-dev-breast-cancer/3";

function faultsOf(raw: Record<string, unknown>, stage = "dev"): string {
  try {
    parseStageConfig(raw, stage);
  } catch (error) {
    assert.ok(error instanceof ConfigError, `expected ConfigError, got ${error}`);
    return error.message;
  }
  assert.fail("no fault was found");
}

describe("parseStageConfig", () => {
  it("fills in every default", () => {
    assert.deepEqual(parseStageConfig(least, "dev"), {
      stage: "dev",
      region: "us-east-1",
      owner: "ml-team",
      modelName: "breast-cancer",
      protect: false,
      evaluation: { problem: "binary", threshold: 0.5, confidence: 0.95, sliceColumns: [] },
      gate,
      approval: {
        approvers: ["a@example.com"],
        required: 1,
        sender: "ml@example.com",
        expiryHours: 168,
        remindHours: 42,
        submitterMayApprove: false,
        pageConcurrency: 5,
      },
      batchTest: { instanceType: "ml.m5.large", timeoutMinutes: 30 },
      training: { instanceTypes: ["ml.m5.large"], maxRuntimeMinutes: 60, spot: true, spotWaitMinutes: 60 },
      sandbox: {
        enabled: false,
        principals: [],
        instanceTypes: ["ml.t3.medium", "ml.m5.large"],
        maxRuntimeMinutes: 60,
        autoMl: false,
      },
      data: { objectLockDays: 0, objectLockMode: "governance" },
      datasets: {},
      serving: { memoryMb: 2048, maxConcurrency: 2 },
      registry: { modelCard: false },
      deployment: { flow: "artefact" },
      logRetentionDays: 30,
      encryption: { key: false },
      budget: { limitUsdPerMonth: 5, emails: [], scope: "account" },
      alarms: {},
    });
  });

  it("reads the texts that Pulumi hands over", () => {
    const texts = Object.fromEntries(
      Object.entries({ ...least, "frugal-mlops:gate": { bound: 0.97 }, "frugal-mlops:protect": true }).map(
        ([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)],
      ),
    );
    const read = parseStageConfig(texts, "dev");
    assert.deepEqual(read.gate, { ...gate, bound: 0.97 });
    assert.equal(read.protect, true);
  });

  it("puts every fault into one message, with the limit and the value", () => {
    assert.equal(
      faultsOf({
        ...least,
        "frugal-mlops:gate": { bound: "3", metric: "accurracy" },
        "frugal-mlops:approval": { approvers: [], sender: "nobody", expiryHours: 0 },
        "frugal-mlops:serving": { memoryMb: 1500 },
        "frugal-mlops:logRetentionDays": 31,
      }),
      'Pulumi.dev.yaml: gate.metric must be one of accuracy, balancedAccuracy, precision, recall, f1, rocAuc, logLoss, rmse, mae, r2, got "accurracy"; gate.bound must be a number, got "3"; ' +
        'approval.approvers must name at least one address; approval.sender must be an e-mail address, got "nobody"; ' +
        "approval.expiryHours must be a whole number of 1 to 8760, got 0; serving.memoryMb must be 1024 to 6144 in steps of 1024, got 1500; " +
        "logRetentionDays must be a retention that CloudWatch knows (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653), got 31",
    );
  });

  it("names what is missing", () => {
    assert.equal(
      faultsOf({}, "prod"),
      "Pulumi.prod.yaml: aws:region is missing: write it beside the other provider's, both alike; " +
        "aws-native:region is missing: write it beside the other provider's, both alike; " +
        "owner is missing: it must be a name of 1 to 256 letters, digits, spaces and _.:/=+-@; " +
        "approval is missing: it must be a group of keys: approvers, sender, expiryHours, required, remindHours, submitterMayApprove, pageConcurrency",
    );
  });

  it("refuses unknown keys with the nearest known one, at every depth", () => {
    assert.equal(
      faultsOf({
        ...least,
        "frugal-mlops:onwer": "x",
        "frugal-mlops:gate": { boud: 0.5 },
        "frugal-mlops:zzzzzzzzzz": 1,
      }),
      "Pulumi.dev.yaml: gate.boud is not a known key; did you mean gate.bound?; onwer is not a known key; did you mean owner?; " +
        "zzzzzzzzzz is not a known key; known keys here: owner, modelName, protect, evaluation, gate, approval, batchTest, training, sandbox, data, datasets, serving, registry, deployment, logRetentionDays, encryption, budget, alarms",
    );
  });

  it("reads what is expected of datasets, and finds faults inside it", () => {
    const expecting = (datasets: object): Record<string, unknown> => ({ ...least, "frugal-mlops:datasets": datasets });
    const { datasets } = parseStageConfig(expecting({ clicks: { parts: { train: { columns: { n: {} } } } } }), "dev");
    assert.deepEqual(datasets.clicks?.parts.train?.columns.n, { nulls: 0, unique: false });
    assert.equal(
      faultsOf(
        expecting({
          clicks: { parts: { train: { columns: { n: { typ: "number" }, m: { type: "float" } }, minimumRows: -1 } } },
          Big_Data: {},
        }),
      ),
      "Pulumi.dev.yaml: datasets.clicks.parts.train.minimumRows must be a whole number of rows, got -1; " +
        "datasets.clicks.parts.train.columns.n.typ is not a known key; did you mean datasets.clicks.parts.train.columns.n.type?; " +
        'datasets.clicks.parts.train.columns.m.type must be one of integer, number, string, boolean, date, timestamp, other, got "float"',
    );
    assert.match(faultsOf(expecting({ Big_Data: {} })), /datasets\.Big_Data must have a dataset's name/);
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`column_${n}`, { type: "number" }]));
    assert.match(
      faultsOf(expecting({ clicks: { parts: { train: { columns: many } } } })),
      /datasets\.clicks must be at most 4096 characters as JSON, which an SSM parameter takes; it has \d+/,
    );
  });

  it("leaves other projects' and providers' keys alone", () => {
    assert.equal(parseStageConfig({ ...least, "aws:profile": "me", "other:thing": "1" }, "dev").owner, "ml-team");
  });

  it("wants one region for both providers", () => {
    assert.equal(
      faultsOf({ ...least, "aws:region": "eu-west-1" }),
      "Pulumi.dev.yaml: aws:region and aws-native:region must be the same, got eu-west-1 and us-east-1",
    );
    assert.match(
      faultsOf({ ...least, "aws:region": "Frankfurt" }),
      /aws:region must be a region's name such as us-east-1/,
    );
  });

  it("takes a pinned package in the commit flow only, in the stage's region only", () => {
    const commit = { ...least, "frugal-mlops:deployment": { flow: "commit", modelPackageArn: pin } };
    assert.equal(parseStageConfig(commit, "prod").deployment.modelPackageArn, pin);
    assert.equal(
      faultsOf({ ...least, "frugal-mlops:deployment": { modelPackageArn: pin } }),
      'Pulumi.dev.yaml: deployment.modelPackageArn is for flow "commit" only: in flow "artefact" the approval decides what is served',
    );
    assert.equal(
      faultsOf({ ...commit, "aws:region": "eu-west-1", "aws-native:region": "eu-west-1" }),
      "Pulumi.dev.yaml: deployment.modelPackageArn must lie in the stage's region eu-west-1, got us-east-1",
    );
    assert.match(
      faultsOf({ ...least, "frugal-mlops:deployment": { flow: "commit", modelPackageArn: "latest" } }),
      /deployment\.modelPackageArn must be a package version's ARN, .*, got "latest"/,
    );
  });

  const given = (parts: Record<string, object>) => ({
    ...least,
    ...Object.fromEntries(Object.entries(parts).map(([key, value]) => [`frugal-mlops:${key}`, value])),
  });
  const asking = (more: object, approvers = ["a@example.com"]) =>
    given({ approval: { approvers, sender: "m@example.com", ...more } });

  it("takes a metric that the problem has, with a bound that it can reach", () => {
    const regression = { problem: "regression" };
    const read = parseStageConfig(given({ evaluation: regression, gate: { metric: "rmse", bound: 12.5 } }), "dev");
    assert.deepEqual([read.gate.metric, read.gate.bound], ["rmse", 12.5]);
    assert.equal(
      faultsOf(given({ evaluation: regression })),
      'Pulumi.dev.yaml: gate.metric must be one of rmse, mae, r2 where evaluation.problem is regression, got "rocAuc"',
    );
    assert.equal(
      faultsOf(given({ evaluation: regression, gate: { metric: "mae" } })),
      "Pulumi.dev.yaml: gate.bound is missing: it must be written out for mae, since the default is rocAuc's",
    );
    assert.match(
      faultsOf(given({ gate: { metric: "logLoss", bound: -1 } })),
      /gate\.bound must be 0 or more for logLoss/,
    );
    assert.match(
      faultsOf(given({ evaluation: regression, gate: { metric: "r2", bound: 2 } })),
      /gate\.bound must be at most 1 for r2/,
    );
    assert.equal(
      faultsOf(
        given({ evaluation: { sliceColumns: ["a", "b", "a"] }, gate: { metric: "f1", bound: 1.5, minimumGain: -2 } }),
      ),
      "Pulumi.dev.yaml: gate.bound must be 0 to 1 for f1, got 1.5; gate.minimumGain must be -1 to 1 for f1, got -2; " +
        "evaluation.sliceColumns must name each column once, got a twice",
    );
  });

  it("wants as many approvals as people are left to give them", () => {
    const three = ["a@example.com", "b@example.com", "c@example.com"];
    assert.equal(parseStageConfig(asking({ required: 2 }, three), "dev").approval.required, 2);
    assert.equal(
      parseStageConfig(asking({ required: 3, submitterMayApprove: true }, three), "dev").approval.required,
      3,
    );
    assert.match(
      faultsOf(asking({ required: 3 }, three)),
      /approval\.required must be at most 2, one less than there are approvers, where the submitter may not approve/,
    );
    assert.match(
      faultsOf(asking({ required: 2 })),
      /approval\.required must be at most the number of approvers, 1, got 2/,
    );
  });

  it("reminds before the expiry, a quarter of the time unless said", () => {
    const remind = (more: object) => parseStageConfig(asking(more), "dev").approval.remindHours;
    assert.deepEqual(
      [remind({ expiryHours: 100 }), remind({ expiryHours: 3 }), remind({ remindHours: 0 })],
      [25, 0, 0],
    );
    assert.equal(
      faultsOf(asking({ expiryHours: 24, remindHours: 24 })),
      "Pulumi.dev.yaml: approval.remindHours must be less than approval.expiryHours, 24, got 24",
    );
  });

  it("pins nothing where nothing is served", () => {
    assert.equal(parseStageConfig(given({ deployment: { flow: "none" } }), "dev").deployment.flow, "none");
    assert.match(
      faultsOf(given({ deployment: { flow: "none", modelPackageArn: pin } })),
      /is for flow "commit" only: in flow "none" nothing is served/,
    );
  });

  it("refuses an approver who is named twice", () => {
    assert.match(
      faultsOf({
        ...least,
        "frugal-mlops:approval": { approvers: ["a@example.com", "A@example.com"], sender: "m@example.com" },
      }),
      /approvers must name each address once, got a@example\.com twice/,
    );
  });

  it("refuses names that do not fit SageMaker's", () => {
    const long = { ...least, "frugal-mlops:modelName": "m".repeat(38) };
    assert.equal(
      parseStageConfig({ ...long, "frugal-mlops:modelName": "m".repeat(29) }, "a".repeat(15)).modelName.length,
      29,
    );
    assert.equal(
      faultsOf(long, "a".repeat(15)),
      `Pulumi.${"a".repeat(15)}.yaml: modelName must be at most 29 characters beside this stack's name, got 38`,
    );
    assert.match(faultsOf(least, "Dev_1"), /the stack's name must be 1 to 16 lower-case letters/);
  });

  it("finds each fault alone, whatever else is right (property)", () => {
    const broken: [string, string, fc.Arbitrary<unknown>][] = [
      ["gate", "bound", fc.oneof(fc.double({ min: 1.0001, max: 1e6, noNaN: true }), fc.string(), fc.boolean())],
      ["evaluation", "threshold", fc.oneof(fc.double({ min: 1.0001, max: 1e6, noNaN: true }), fc.string())],
      ["evaluation", "confidence", fc.oneof(fc.constant(0.2), fc.constant(1), fc.string())],
      ["gate", "minimumSamples", fc.oneof(fc.integer({ max: 0 }), fc.constant(1.5), fc.string())],
      ["batchTest", "timeoutMinutes", fc.oneof(fc.integer({ max: 4 }), fc.integer({ min: 1441 }))],
      ["training", "maxRuntimeMinutes", fc.oneof(fc.integer({ max: 0 }), fc.integer({ min: 40_321 }))],
      ["training", "spotWaitMinutes", fc.oneof(fc.integer({ max: -1 }), fc.integer({ min: 40_321 }))],
      ["sandbox", "maxRuntimeMinutes", fc.oneof(fc.integer({ max: 0 }), fc.integer({ min: 7201 }))],
      ["sandbox", "principals", fc.constant("ada")],
      ["serving", "maxConcurrency", fc.oneof(fc.integer({ max: 0 }), fc.integer({ min: 201 }), fc.constant(null))],
      ["serving", "memoryMb", fc.integer().filter((mb) => mb % 1024 !== 0 || mb < 1024 || mb > 6144)],
    ];
    for (const [part, key, value] of broken) {
      fc.assert(
        fc.property(value, (bad) => {
          const message = faultsOf({ ...least, [`frugal-mlops:${part}`]: { [key]: bad } });
          assert.match(message, new RegExp(`^Pulumi\\.dev\\.yaml: ${part}\\.${key} must be `));
        }),
        { numRuns: 50 },
      );
    }
  });

  it("never throws anything but its one error (property)", () => {
    const keys = [...knownKeys([]), "__proto__", "constructor", "x"].map((key) => `${PROJECT}:${key}`);
    const raw = fc.dictionary(
      fc.constantFrom(...keys, "aws:region", "aws-native:region"),
      fc.oneof(fc.jsonValue(), fc.string(), fc.json()),
    );
    fc.assert(
      fc.property(raw, fc.string(), (given, stage) => {
        try {
          const config = parseStageConfig(given, stage);
          assert.equal(config.stage, stage);
        } catch (error) {
          assert.ok(error instanceof ConfigError, String(error));
          assert.ok(error.faults.length > 0);
          assert.ok(error.message.startsWith(`Pulumi.${stage}.yaml: `));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("the project's files", () => {
  type Declaration = { description?: string; type?: string; default?: unknown };
  const project = yaml.load(readFileSync(resolve(root, "Pulumi.yaml"), "utf8")) as {
    name: string;
    config: Record<string, Declaration>;
  };

  it("declare each key with description and type, and the same defaults as the parser", () => {
    assert.equal(project.name, PROJECT);
    assert.deepEqual(Object.keys(project.config).sort(), knownKeys([]).sort());
    const config = parseStageConfig(least, "dev") as unknown as Record<string, unknown>;
    for (const [key, { description, type, default: fallback }] of Object.entries(project.config)) {
      assert.ok(description && type, `${key} needs a description and a type`);
      if (key !== "owner" && key !== "approval") assert.deepEqual(fallback, config[key], key);
    }
  });

  for (const stage of ["dev", "prod"]) {
    it(`Pulumi.${stage}.yaml is right, and says everything that it says by known keys`, () => {
      const file = yaml.load(readFileSync(resolve(root, `Pulumi.${stage}.yaml`), "utf8")) as {
        config: Record<string, unknown>;
      };
      const config = parseStageConfig(file.config, stage);
      assert.equal(config.protect, stage === "prod");
      assert.equal(config.deployment.flow, stage === "prod" ? "commit" : "artefact");
    });
  }
});
