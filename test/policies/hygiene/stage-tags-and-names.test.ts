import assert from "node:assert/strict";
import rule from "../../../policies/hygiene/stage-tags-and-names.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyze, notes, UNKNOWN, violates } from "../support/harness.ts";

const ALL = "frugal:stage, frugal:project, frugal:owner and frugal:component";
const TAGS = "Use the program's tags for every resource.";
const LATER = "It is judged at update, before the resource is touched.";

describe("stage-tags-and-names", () => {
  for (const provider of PROVIDERS) {
    const machine = compliant(provider, "stateMachine");
    const at = (key: string) =>
      provider === "native"
        ? `tags[${["stage", "project", "owner", "component"].indexOf(key)}].value`
        : `tags["frugal:${key}"]`;

    it(`${provider}: tags missing, one or all`, async () => {
      violates(
        await analyze(rule, broken(machine, "tags", undefined)),
        `stage-tags-and-names/missing: tags is without ${ALL}, must be with ${ALL}. ${TAGS}`,
      );
      const one = provider === "native" ? "tags[2]" : 'tags["frugal:owner"]';
      violates(
        await analyze(rule, broken(machine, one, undefined)),
        `stage-tags-and-names/missing: tags is without frugal:owner, must be with ${ALL}. ${TAGS}`,
      );
    });

    it(`${provider}: a tag without a value`, async () => {
      for (const [value, shown] of [
        ["", "empty"],
        [" ", '" "'],
        [7, "7"],
      ] as const) {
        violates(
          await analyze(rule, broken(machine, at("owner"), value)),
          `stage-tags-and-names/empty: ${at("owner")} is ${shown}, must be a value that is not empty. ${TAGS}`,
        );
      }
      notes(
        await analyze(rule, broken(machine, at("owner"), UNKNOWN)),
        `stage-tags-and-names/waits: ${at("owner")} is not known yet, must be a value that is not empty. ${LATER}`,
      );
    });

    it(`${provider}: the stage of another stack`, async () => {
      violates(
        await analyze(rule, broken(machine, at("stage"), "dev")),
        `stage-tags-and-names/stage: ${at("stage")} is "dev", must be "prod", the stack's name. ${TAGS}`,
      );
      violates(
        await analyze(rule, {
          ...broken(machine, provider === "native" ? "stateMachineName" : "name", undefined),
          stack: "dev",
        }),
        `stage-tags-and-names/stage: ${at("stage")} is "prod", must be "dev", the stack's name. ${TAGS}`,
      );
    });

    it(`${provider}: keys not known, or tags of no shape`, async () => {
      violates(
        await analyze(rule, broken(machine, "tags", UNKNOWN)),
        `stage-tags-and-names/unknown: tags is not known at preview, must be literal keys, among them ${ALL}. ${TAGS}`,
      );
      violates(
        await analyze(rule, broken(machine, "tags", 1)),
        `stage-tags-and-names/shape: tags is 1, must be a tag with a key and a value. ${TAGS}`,
      );
    });

    it(`${provider}: a name without its stage`, async () => {
      const property = provider === "native" ? "endpointName" : "name";
      const fix = "Let the program's naming file make the name.";
      for (const name of ["churn", "churn-production", "churnprod"]) {
        violates(
          await analyze(rule, broken(compliant(provider, "endpoint"), property, name)),
          `stage-tags-and-names/name: ${property} is "${name}", must be a name that contains "prod". ${fix}`,
        );
      }
      for (const name of ["prod", "churn_prod_1", "prod-churn"])
        violates(await analyze(rule, broken(compliant(provider, "endpoint"), property, name)));
      notes(
        await analyze(rule, broken(compliant(provider, "endpoint"), property, UNKNOWN)),
        `stage-tags-and-names/waits: ${property} is not known yet, must be a name that contains "prod". ${LATER}`,
      );
      violates(await analyze(rule, broken(compliant(provider, "endpoint"), property, undefined)));
    });
  }

  for (const provider of PROVIDERS) {
    it(`${provider}: every family that takes tags`, async () => {
      const families = [
        ...["model", "endpointConfig", "endpoint", "packageGroup", "job", "notebook", "domain", "userProfile", "space"],
        ...["app", "monitoringSchedule", "dataQualityJobDefinition", "bucket", "role", "function", "logGroup", "alarm"],
        ...["compositeAlarm", "api", "apiStage", "table", "topic", "queue", "key", "eventRule"],
      ];
      for (const family of families) {
        violates(
          await analyze(rule, broken(compliant(provider, family), "tags", undefined)),
          `stage-tags-and-names/missing: tags is without ${ALL}, must be with ${ALL}. ${TAGS}`,
        );
      }
    });

    it(`${provider}: a value that AWS does not take`, async () => {
      const topic = compliant(provider, "topic");
      const path = provider === "native" ? "tags[2].value" : 'tags["frugal:owner"]';
      const limit = "up to 256 letters, digits, spaces and _ . : / = + - @";
      const [most, long] = ["o".repeat(256), "o".repeat(257)];
      for (const value of [most, "Ada Ölzant, +1".replace(",", " "), "a@b.example/c=d_e-f:g"])
        violates(await analyze(rule, broken(topic, path, value)));
      for (const [value, shown] of [
        ["a#b", '"a#b"'],
        ["ada, grace", '"ada, grace"'],
      ] as const) {
        violates(
          await analyze(rule, broken(topic, path, value)),
          `stage-tags-and-names/value: ${path} is ${shown}, must be ${limit}. Say it shorter, or in other characters.`,
        );
      }
      const [finding, ...more] = await analyze(rule, broken(topic, path, long));
      assert.equal(more.length, 0);
      assert.match(finding?.text ?? "", /^stage-tags-and-names\/value: /);
    });

    it(`${provider}: a name longer than its type takes`, async () => {
      const fix = "Let the program's naming file make the name.";
      for (const [family, native, most] of [
        ["role", "roleName", 64],
        ["stateMachine", "stateMachineName", 80],
        ["function", "functionName", 64],
        ["endpoint", "endpointName", 63],
      ] as const) {
        const property = provider === "native" ? native : "name";
        const name = `prod-${"n".repeat(most - 5)}`;
        violates(await analyze(rule, broken(compliant(provider, family), property, name)));
        const [finding, ...more] = await analyze(rule, broken(compliant(provider, family), property, `${name}n`));
        assert.equal(more.length, 0);
        assert.ok(
          finding?.text.endsWith(`, of ${most + 1} characters, must be of ${most} or less. ${fix}`),
          finding?.text,
        );
      }
    });
  }

  it("which tags is a setting", async () => {
    const config = { requiredTags: ["stage", "cost-centre"], tagPrefix: "frugal:" };
    violates(
      await analyze(rule, compliant("classic", "stateMachine"), { config }),
      `stage-tags-and-names/missing: tags is without frugal:cost-centre, must be with frugal:stage and frugal:cost-centre. ${TAGS}`,
    );
  });
});
