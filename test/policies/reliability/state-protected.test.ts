import rule from "../../../policies/reliability/state-protected.ts";
import { broken, compliant, PROVIDERS, type Provider } from "../support/fixtures.ts";
import { analyze, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const DEV = { protection: "refuse", recovery: "listed" };
const PROTECT =
  "state-protected/protect: opts.protect is false, must be true. Set it in the resource's options; letting go is then a step of its own.";
const REFUSED =
  "state-protected/refused: opts.protect is true, must be false or absent. Leave it out: this stage is taken down whole.";
const deletion = (path: string, shown: string) =>
  `state-protected/deletion: ${path} is ${shown}, must be true. Let AWS itself refuse to delete it.`;
const refused = (path: string, shown = "true") =>
  `state-protected/refused: ${path} is ${shown}, must be false or absent. Leave it out: this stage is taken down whole.`;
const recovery = (path: string, shown: string) =>
  `state-protected/recovery: ${path} is ${shown}, must be true. Turn point-in-time recovery on; a mistaken write is then no loss.`;

const HELD: Record<Provider, readonly string[]> = {
  native: ["bucket", "table", "globalTable", "key", "packageGroup", "auditLogGroup", "domain"],
  classic: ["bucket", "bucketV2", "table", "key", "packageGroup", "auditLogGroup", "domain"],
};
const free = (resource: Resource): Resource => ({ ...resource, opts: { protect: false } });
/** As a stage that is taken down whole has it. */
function loose(resource: Resource): Resource {
  const text = JSON.stringify(resource.props).replaceAll(/"deletionProtectionEnabled":true,?/g, "");
  return { ...free(resource), props: JSON.parse(text.replaceAll(",}", "}")) };
}

describe("state-protected", () => {
  for (const provider of PROVIDERS) {
    const isNative = provider === "native";
    const table = compliant(provider, "table");
    const audit = compliant(provider, "auditLogGroup");
    const nameOf = isNative ? "tableName" : "name";
    const at = isNative ? "pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled" : "pointInTimeRecovery.enabled";

    it(`${provider}: what holds the record is protected, or where the stage must go is not`, async () => {
      for (const family of HELD[provider]) {
        const held = compliant(provider, family);
        violates(await analyze(rule, held));
        violates(await analyze(rule, free(held)), PROTECT);
        violates(await analyze(rule, { ...held, opts: {} }), PROTECT);
        violates(await analyze(rule, loose(held), { config: DEV }));
        violates(await analyze(rule, { ...loose(held), opts: { protect: true } }, { config: DEV }), REFUSED);
      }
    });

    it(`${provider}: other log groups and buckets' settings are not held`, async () => {
      for (const protect of [true, false]) {
        violates(await analyze(rule, { ...compliant(provider, "logGroup"), opts: { protect } }));
        violates(await analyze(rule, { ...compliant(provider, "bucketPolicy"), opts: { protect } }));
      }
      const tag = isNative ? "tags[4].value" : 'tags["frugal:audit"]';
      violates(await analyze(rule, free(broken(audit, tag, "false"))));
      const words = "must be known, as audit groups are protected";
      notes(
        await analyze(rule, free(broken(audit, tag, UNKNOWN))),
        `state-protected/waits: ${tag} is not known yet, ${words}. ${LATER}`,
      );
      notes(
        await analyze(rule, free(broken(audit, "tags", UNKNOWN))),
        `state-protected/waits: tags is not known yet, ${words}. ${LATER}`,
      );
    });

    it(`${provider}: AWS refuses to delete tables and audit log groups`, async () => {
      const path = "deletionProtectionEnabled";
      for (const one of [table, audit]) {
        for (const [value, shown] of [
          [undefined, "absent"],
          [false, "false"],
          ["true", '"true"'],
        ] as const)
          violates(await analyze(rule, broken(one, path, value)), deletion(path, shown));
        notes(
          await analyze(rule, broken(one, path, UNKNOWN)),
          `state-protected/waits: ${path} is not known yet, must be true. ${LATER}`,
        );
        const going = loose(one);
        violates(await analyze(rule, broken(going, path, false), { config: DEV }));
        violates(await analyze(rule, broken(going, path, true), { config: DEV }), refused(path));
        notes(
          await analyze(rule, broken(going, path, UNKNOWN), { config: DEV }),
          `state-protected/waits: ${path} is not known yet, must be false or absent. ${LATER}`,
        );
      }
    });

    it(`${provider}: a table can be set back`, async () => {
      for (const [value, shown] of [
        [undefined, "absent"],
        [false, "false"],
      ] as const)
        violates(await analyze(rule, broken(table, at, value)), recovery(at, shown));
      violates(await analyze(rule, broken(table, at.split(".")[0] ?? "", undefined)), recovery(at, "absent"));
      notes(
        await analyze(rule, broken(table, at, UNKNOWN)),
        `state-protected/waits: ${at} is not known yet, must be true. ${LATER}`,
      );
    });

    it(`${provider}: where only listed tables can be set back`, async () => {
      const lost = broken(loose(table), at, false);
      const judge = (resource: Resource, more: Record<string, unknown> = {}) =>
        analyze(rule, resource, { config: { ...DEV, ...more } });
      violates(await judge(lost), recovery(at, "false"));
      violates(await judge(broken(lost, nameOf, "approvals")), recovery(at, "false"));
      for (const other of ["frugal-prod-approvals-old", "frugal-prod-cache", "myapprovals", undefined])
        violates(await judge(broken(lost, nameOf, other)));
      violates(await judge(lost, { recoveryTables: [] }));
      const tag = isNative ? { key: "frugal:role", value: "approvals" } : "approvals";
      const tagged = broken(lost, isNative ? "tags[4]" : 'tags["frugal:role"]', tag);
      violates(await judge(broken(tagged, nameOf, "t-1")), recovery(at, "false"));
      const words = "must be known, as listed tables can be set back";
      notes(
        await judge(broken(lost, nameOf, UNKNOWN)),
        `state-protected/waits: ${nameOf} is not known yet, ${words}. ${LATER}`,
      );
      notes(
        await judge(broken(broken(lost, nameOf, "t-1"), "tags", UNKNOWN)),
        `state-protected/waits: tags is not known yet, ${words}. ${LATER}`,
      );
    });

    it(`${provider}: a replica is a table of its own`, async () => {
      if (isNative) {
        const path = "replicas[0].pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled";
        const lost = broken(loose(compliant("native", "globalTable")), path, false);
        violates(await analyze(rule, lost, { config: DEV }));
        const listed = { config: { ...DEV, recoveryTables: ["decisions"] } };
        violates(await analyze(rule, lost, listed), recovery(path, "false"));
      }
      const one = isNative ? compliant("native", "globalTable") : table;
      const back = isNative ? "pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled" : "pointInTimeRecovery";
      for (const [path, words] of [
        [`replicas[0].${back}`, recovery],
        ["replicas[0].deletionProtectionEnabled", deletion],
      ] as const) {
        violates(await analyze(rule, broken(one, path, false)), words(path, "false"));
        violates(await analyze(rule, broken(one, path, undefined)), words(path, "absent"));
      }
      violates(
        await analyze(rule, broken(loose(one), "replicas[0].deletionProtectionEnabled", true), { config: DEV }),
        refused("replicas[0].deletionProtectionEnabled"),
      );
      violates(
        await analyze(rule, broken(one, "replicas", [7])),
        "state-protected/recovery: replicas[0] is 7, must be a list of replicas. Write the replicas out.",
      );
      notes(
        await analyze(rule, broken(one, "replicas", UNKNOWN)),
        `state-protected/waits: replicas is not known yet, must be a list of replicas. ${LATER}`,
      );
    });
  }
});
