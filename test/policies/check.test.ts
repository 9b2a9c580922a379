/** Judging a recorded stack: what counts as one, what is said of a wrong file, and how configuration is read. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigurationError, ownLevels, readConfiguration, SCHEMA_KEYS } from "../../policies/check/configuration.ts";
import { judge, prepare } from "../../policies/check/judge.ts";
import { check } from "../../policies/check/main.ts";
import { RecordingError, readRecording } from "../../policies/check/recorded.ts";
import { rules } from "../../policies/index.ts";
import { SETTINGS } from "../../policies/support/settings.ts";
import { UNKNOWN } from "./support/harness.ts";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const stack = { urn: "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod", type: "pulumi:pulumi:Stack" };
const provider = {
  urn: "urn:pulumi:prod::shop::pulumi:providers:aws::mine",
  type: "pulumi:providers:aws",
  id: "7",
  inputs: { region: "us-east-1", __internal: {} },
};
const group = (inputs: object, more: object = {}) => ({
  urn: "urn:pulumi:prod::shop::aws:cloudwatch/logGroup:LogGroup::log",
  type: "aws:cloudwatch/logGroup:LogGroup",
  custom: true,
  inputs,
  provider: `${provider.urn}::7`,
  ...more,
});
const exported = (...resources: object[]) => JSON.stringify({ version: 3, deployment: { manifest: {}, resources } });
const previewed = (steps: object[], more: object = {}) => JSON.stringify({ steps, ...more });
const create = (state: object) => ({ op: "create", urn: (state as { urn: string }).urn, newState: state });

const configFolder = join(import.meta.dirname, "..", "..", "policies", "config");
const baseline = join(configFolder, "baseline.json");

describe("a recording", () => {
  it("of an export has inputs and outputs, the provider's, and nothing that is being deleted", () => {
    const { kind, resources } = readRecording(
      exported(stack, provider, group({ name: "a", __defaults: ["x"] }, { outputs: { name: "a", arn: "arn:b" } }), {
        ...group({}),
        delete: true,
      }),
    );
    assert.equal(kind, "stack export");
    const [, , log, ...more] = resources;
    assert.deepEqual(more, []);
    assert.deepEqual(log?.inputs, { name: "a" });
    assert.deepEqual(log?.outputs, { name: "a", arn: "arn:b" });
    assert.deepEqual(log?.provider?.inputs, { region: "us-east-1" });
    assert.equal(log?.name, "log");
  });

  it("of a preview has inputs for outputs, and makes the default provider from the configuration", () => {
    const text = previewed(
      [
        create(stack),
        create(group({ name: UNKNOWN }, { provider: "urn:pulumi:prod::shop::pulumi:providers:aws::default::04da" })),
      ],
      {
        config: { "aws:region": "eu-central-1", "shop:size": "1" },
        changeSummary: { create: 2 },
      },
    );
    const { kind, resources } = readRecording(text);
    assert.equal(kind, "preview");
    assert.deepEqual(resources[1]?.outputs, { name: UNKNOWN });
    assert.deepEqual(resources[1]?.provider?.inputs, { region: "eu-central-1" });
  });

  it("counts what is hidden, and reads what is not", () => {
    const shown = { [SIGNATURE]: SECRET, plaintext: '"in the clear"' };
    const hidden = { [SIGNATURE]: SECRET, ciphertext: "AAAA" };
    const { resources, secrets } = readRecording(
      exported(group({ name: shown, tags: { a: hidden }, kmsKeyId: "[secret]" })),
    );
    assert.deepEqual(resources[0]?.inputs, { name: "in the clear", tags: { a: "[secret]" }, kmsKeyId: "[secret]" });
    assert.equal(secrets, 2);
  });

  it("is refused where it is something else, or only a part", () => {
    const faults: [string, RegExp][] = [
      ["", /is not JSON/],
      ["[]", /no JSON object/],
      ["{}", /neither "deployment.resources".* only nothing/],
      ['{"name":"x"}', /only name/],
      ['{"sequence":0,"timestamp":1}\n{"sequence":1}', /npm run policies:report reads/],
      [previewed([create(group({}))], { changeSummary: { create: 1, same: 3 } }), /3 resources .* --show-sames/],
      [previewed([], { diagnostics: [{ message: "no" }] }), /failed before/],
      [exported({ type: "a:b:C" }), /resource 0 in it has no urn/],
    ];
    for (const [text, words] of faults) {
      assert.throws(
        () => readRecording(text),
        (error) => error instanceof RecordingError && words.test(error.message),
        text,
      );
    }
  });
});

describe("judging without an engine", () => {
  const judged = async (text: string, config?: object) => {
    const configuration = config ? readConfiguration(JSON.stringify(config), rules) : ownLevels(rules);
    const { findings, remediated } = await judge(prepare(readRecording(text).resources), rules, configuration);
    return { remediated, found: findings.filter(({ rule }) => rule === "log-group-retained") };
  };
  const forever = group({ name: "/a", tags: {} });

  it("gives each rule its level and settings, and no word to one that is off", async () => {
    const { found } = await judged(exported(stack, provider, forever));
    assert.deepEqual(
      found.map(({ check: code, level, severity, urn }) => [code, level, severity, urn]),
      [["retention", "mandatory", "medium", forever.urn]],
    );
    assert.match(found[0]?.text ?? "", /must be 90 to 3653/);
    const soft = await judged(exported(forever), {
      "log-group-retained": { enforcementLevel: "advisory", logDaysLeast: 7 },
    });
    assert.deepEqual(
      soft.found.map(({ level }) => level),
      ["advisory"],
    );
    assert.match(soft.found[0]?.text ?? "", /must be 7 to 3653/);
    assert.deepEqual((await judged(exported(forever), { "log-group-retained": "disabled" })).found, []);
  });

  it("mends where the level says so, as the engine would", async () => {
    const { found, remediated } = await judged(exported(forever), {
      "log-group-retained": { enforcementLevel: "remediate", logDaysLeast: 7 },
    });
    assert.deepEqual(remediated, [{ rule: "log-group-retained", urn: forever.urn }]);
    assert.deepEqual(
      found.filter(({ check: code }) => code === "retention"),
      [],
    );
  });

  it("says of a value that is not known yet that it waits", async () => {
    const { found } = await judged(previewed([create(group({ name: "/a", retentionInDays: UNKNOWN }))]));
    assert.deepEqual(
      found.map(({ check: code, level }) => [code, level]),
      [["waits", "advisory"]],
    );
  });
});

describe("the configuration file", () => {
  const read = (config: unknown) => readConfiguration(JSON.stringify(config), rules);
  const refuses = (config: unknown, words: RegExp) =>
    assert.throws(
      () => read(config),
      (error) => error instanceof ConfigurationError && words.test(error.message),
    );

  it("is the engine's: a level, or a level and settings, or all", () => {
    const found = read({ all: "advisory", "bucket-tls-only": "mandatory", "log-group-retained": { logDaysLeast: 7 } });
    assert.deepEqual(found.get("bucket-tls-only"), { level: "mandatory", settings: {} });
    assert.deepEqual(found.get("log-group-retained"), { level: "advisory", settings: { logDaysLeast: 7 } });
    assert.equal(found.get("iam-no-wildcard")?.level, "advisory");
    assert.equal(read({}).get("iam-no-wildcard")?.level, "mandatory");
  });

  it("is refused where it names what does not exist, all faults at once", () => {
    refuses({ "bucket-tls": "mandatory" }, /bucket-tls: there is no such rule/);
    refuses({ "bucket-tls-only": "strict" }, /"strict" is none of advisory, mandatory, remediate, disabled/);
    refuses(
      { "log-group-retained": { days: 7 } },
      /log-group-retained\.days: the rule has no such setting, only enforcementLevel, tagPrefix, logDaysLeast, logDaysMost, auditKey/,
    );
    refuses(
      { "log-group-retained": { auditKey: "no" } },
      /log-group-retained\.auditKey: "no" is not what it takes, "demand" or "optional"/,
    );
    refuses(
      { "iam-trust-conditioned": { trustedServices: [] } },
      /iam-trust-conditioned\.trustedServices: \[\] is not what it takes, array with at least 1 of string/,
    );
    refuses(
      { "log-group-retained": { logDaysLeast: "7" } },
      /log-group-retained\.logDaysLeast: "7" is not what it takes, integer from 1/,
    );
    refuses({ all: "disabled" }, /pack-settings-valid: it cannot be switched off/);
    refuses({ a: "mandatory", b: "mandatory" }, /a: .*; b: /);
  });

  it("of every stage, and the baseline, is read; and every default is what its own schema takes", () => {
    for (const name of ["dev", "prod", "baseline"])
      readConfiguration(readFileSync(join(configFolder, `${name}.json`), "utf8"), rules);
    for (const { meta } of rules)
      for (const name of meta.settings ?? []) read({ [meta.id]: { [name]: SETTINGS[name].default } });
  });

  it("knows every word of JSON Schema that a setting uses", () => {
    const words = (schema: object): string[] =>
      Object.entries(schema).flatMap(([key, value]) => {
        if (key === "properties") return [key, ...Object.values(value).flatMap((inner) => words(inner as object))];
        return key === "items" || (key === "additionalProperties" && typeof value === "object")
          ? [key, ...words(value)]
          : [key];
      });
    const used = Object.values(SETTINGS).flatMap(({ schema }) => words(schema));
    assert.deepEqual(
      [...new Set(used)].filter((word) => !SCHEMA_KEYS.includes(word)),
      [],
    );
  });
});

describe("policies:check", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "policies-check-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it("exits by the verdict: 1 for what is mandatory, 0 for advice", async () => {
    const recorded = file("export.json", exported(stack, provider, group({ name: "/a" })));
    const prod = await check([recorded]);
    assert.equal(prod.code, 1);
    assert.match(prod.output, /^mandatory \(/);
    assert.match(prod.output, /log-group-retained\/retention: /);
    const soft = await check([recorded, "--config", baseline, "--json"]);
    assert.equal(soft.code, 0);
    const verdict = JSON.parse(soft.output);
    assert.equal(verdict.by, "stack export");
    assert.equal(verdict.resources, 3);
    assert.ok(verdict.findings.length > 0);
  });

  it("says in one sentence what is wrong with a call, a file or a configuration", async () => {
    const recorded = file("export.json", exported(stack));
    const wrong: [string[], RegExp][] = [
      [[], /^usage: /],
      [[recorded, recorded], /^One file is judged, but 2 are named: .*\n\nusage: /],
      [[recorded, "--confg", "x"], /--confg[\s\S]*usage: /],
      [[join(folder, "none.json")], /none\.json cannot be read: ENOENT/],
      [[file("wrong.json", "{}")], /wrong\.json cannot be judged: neither .*\.\n$/],
      [
        [recorded, "--config", file("bad.json", '{"nothing":"mandatory"}')],
        /bad\.json is no configuration of this pack: nothing: /,
      ],
    ];
    for (const [args, words] of wrong) {
      const { code, output } = await check(args);
      assert.equal(code, 2, output);
      assert.match(output, words);
    }
  });
});
