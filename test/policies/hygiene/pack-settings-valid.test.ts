import assert from "node:assert/strict";
import { rules } from "../../../policies/index.ts";
import { REVIEWED } from "../../../policies/support/reviewed.ts";
import { rule as defineRule, type Rule } from "../../../policies/support/rule.ts";
import { type Configured, type RunOptions, startRun } from "../../../policies/support/run.ts";
import { priceTable } from "../../../pricing/table.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import {
  analyze,
  analyzeStack,
  type Finding,
  notes,
  type Resource,
  UNKNOWN,
  urnOf,
  violates,
} from "../support/harness.ts";

const ruleOf = (id: string): Rule => rules.find(({ meta }) => meta.id === id) ?? assert.fail(id);
const rule = ruleOf("pack-settings-valid");
const TODAY = "2026-11-23";
const later = (days: number, from = TODAY) =>
  new Date(Date.parse(`${from}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** A run in which every rule is configured as told, the others at prod's levels. */
function configure(changed: Record<string, Partial<Configured>> = {}, options: RunOptions = {}): void {
  const configuration = new Map(
    rules.map(({ meta }) => [meta.id, { level: meta.levels.prod, settings: {}, ...changed[meta.id] }]),
  );
  startRun({ configuration, today: TODAY, exemptions: "[]", ...options });
}

describe("pack-settings-valid", () => {
  afterEach(() => void startRun());
  const bucket = compliant("native", "bucket");
  const inDev = { ...bucket, stack: "dev" };

  for (const provider of PROVIDERS) {
    it(`${provider}: the stage is the stack's`, async () => {
      const resource = compliant(provider, "bucket");
      const wrong = (value: string, stage: string, stack: string) =>
        `pack-settings-valid/stage: stage is "${value}", must be "${stage}", the stage of stack "${stack}". Give the run the configuration of ${stage} (--policy-pack-config), or map the stack in stageOfStack.`;
      violates(await analyzeStack(rule, [resource]));
      violates(await analyzeStack(rule, [resource], { config: { stage: "dev" } }), wrong("dev", "prod", "prod"));
      // No configuration at all is production's.
      violates(await analyzeStack(rule, [{ ...resource, stack: "dev" }]), wrong("prod", "dev", "dev"));
      violates(await analyzeStack(rule, [{ ...resource, stack: "dev" }], { config: { stage: "dev" } }));
      const config = { stage: "prod", stageOfStack: { live: "prod", "*": "dev" } };
      violates(await analyzeStack(rule, [{ ...resource, stack: "live" }], { config }));
      violates(await analyzeStack(rule, [{ ...resource, stack: "other" }], { config }), wrong("prod", "dev", "other"));
      violates(
        await analyzeStack(rule, [resource], { config: { stage: "baseline", stageOfStack: { "*": "baseline" } } }),
      );
    });
  }

  it("a stack without resources has no stage to compare, but the rest is judged", async () => {
    violates(await analyzeStack(rule, []));
    startRun({ exemptions: "" });
    assert.equal((await analyzeStack(rule, [])).length, 1);
  });

  it("tables in date", async () => {
    for (const [check, name, day, setting, fix] of [
      ["pack-date", "REVIEWED", REVIEWED, "packDays", "Take a newer version of the pack, or review its dated lists."],
      ["price-date", "asOf", priceTable().asOf, "priceTableDays", "Compare the prices with AWS's, and set the day."],
    ] as const) {
      const other = setting === "packDays" ? { priceTableDays: 9999 } : { packDays: 9999 };
      startRun({ today: later(365, day), relaxations: {} });
      violates(await analyzeStack(rule, [bucket], { config: other }));
      startRun({ today: later(366, day), relaxations: {} });
      violates(
        await analyzeStack(rule, [bucket], { config: other }),
        `pack-settings-valid/${check}: ${name} is ${day}, 366 days ago, must be at most 365 days ago. ${fix}`,
      );
      violates(await analyzeStack(rule, [bucket], { config: { ...other, [setting]: 366 } }));
    }
  });

  describe("levels, as the engine configured them", () => {
    const below = (id: string, level: string) =>
      `pack-settings-valid/level: ${id}.enforcementLevel is "${level}", must be "mandatory" in prod. Set it back; a relaxation is declared in stages.ts, with a reason and an end.`;

    it("in prod none is below its own", async () => {
      configure();
      violates(await analyzeStack(rule, [bucket]));
      for (const level of ["advisory", "disabled", "remediate"] as const) {
        configure({ "bucket-not-public": { level } });
        violates(await analyzeStack(rule, [bucket]), below("bucket-not-public", level));
      }
      configure({ "bucket-not-public": { level: "advisory" } });
      violates(await analyzeStack(rule, [inDev], { config: { stage: "dev" } }));
      // Claiming another stage on the stack prod evades nothing.
      const found = await analyzeStack(rule, [bucket], { config: { stage: "dev" } });
      assert.deepEqual(
        found.map(({ text }) => text.split(":")[0]),
        ["pack-settings-valid/stage", "pack-settings-valid/level"],
      );
    });

    it("its own level does not silence it in prod, and does elsewhere", async () => {
      configure({ "pack-settings-valid": { level: "advisory" } });
      violates(await analyzeStack(rule, [bucket], { level: "advisory" }), below("pack-settings-valid", "advisory"));
      const [found] = await analyzeStack(rule, [inDev], { level: "advisory", config: { stage: "baseline" } });
      assert.equal(found?.level, "advisory");
    });

    it("served, but never configured: the levels are not known", async () => {
      startRun({ served: true });
      violates(
        await analyzeStack(rule, [bucket]),
        "pack-settings-valid/level: levels is not seen, must be configured by the engine. Report this as a fault of the policy pack: the library or the engine has changed.",
      );
    });

    it("a declared relaxation is accepted until its day", async () => {
      const relaxed = (until: string, level: "advisory" | "remediate" = "advisory") => {
        const relaxations = { prod: [{ rule: "alarm-acts", level, reason: "Later.", until }] };
        configure({ "alarm-acts": { level: "advisory" } }, { relaxations });
        return analyzeStack(rule, [bucket]);
      };
      violates(await relaxed(TODAY));
      violates(await relaxed(later(180)));
      violates(await relaxed(later(180), "remediate"), below("alarm-acts", "advisory"));
      const ended = (value: string) =>
        `pack-settings-valid/relaxation: relaxation of alarm-acts in prod, until is ${value}, must be at most 180 days ahead. Run the rule at its level, or have the relaxation reviewed again.`;
      violates(await relaxed(later(-1)), ended(`${later(-1)}, which has passed`));
      violates(await relaxed(later(181)), ended(`"${later(181)}"`));
      violates(await relaxed("soon"), ended('"soon"'));
      // One among several.
      const of = (id: string) => ({ rule: id, level: "advisory" as const, reason: "Later.", until: TODAY });
      configure(
        { "alarm-acts": { level: "advisory" } },
        { relaxations: { prod: [of("bucket-retained"), of("alarm-acts")] } },
      );
      violates(await analyzeStack(rule, [bucket]));
    });

    it("in prod whatever asks AWS refuses when it cannot", async () => {
      configure({ "package-approved": { settings: { offline: "warn" } } });
      violates(
        await analyzeStack(rule, [bucket]),
        'pack-settings-valid/offline: package-approved.offline is "warn", must be "refuse" in prod. Set it back: what cannot be verified is not deployed to prod.',
      );
      violates(await analyzeStack(rule, [inDev], { config: { stage: "dev" } }));
    });
  });

  describe("exemptions", () => {
    const open = broken(bucket, "versioningConfiguration.status", "Suspended");
    const FAULT =
      'bucket-versioned/status: versioningConfiguration.status is "Suspended", must be Enabled. Set it to Enabled.';
    const entry = {
      rule: "bucket-versioned",
      check: "status",
      urn: urnOf(bucket),
      stages: ["prod"],
      reason: "Moved to another bucket by the end of the year.",
      owner: "ml-team",
      ticket: "ML-12",
      expires: later(180),
    };
    const exempting = (entries: unknown, options: RunOptions = {}) =>
      startRun({ exemptions: JSON.stringify(entries), today: TODAY, ...options });
    const versioned = ruleOf("bucket-versioned");
    /** As in a run: the resource first, the stack last. */
    const judged = async (resource: Resource = open): Promise<[Finding[], Finding[]]> => [
      await analyze(versioned, resource),
      await analyzeStack(rule, [resource]),
    ];
    const words = "Moved to another bucket by the end of the year.";

    it("an exempted finding is still said, as advisory, with who, until when and why", async () => {
      exempting([entry]);
      const [found, pack] = await judged();
      notes(found, `${FAULT} Exempted until ${later(180)} by ml-team (ML-12): ${words}`);
      violates(pack);
      exempting([{ ...entry, check: undefined, ticket: undefined }]);
      notes((await judged())[0], `${FAULT} Exempted until ${later(180)} by ml-team: ${words}`);
    });

    it("stack rules' findings too", async () => {
      const classic = compliant("classic", "bucket");
      exempting([{ ...entry, check: "none", urn: urnOf(classic) }]);
      const [found, ...more] = await analyzeStack(versioned, [classic]);
      assert.equal(more.length, 0);
      assert.equal(found?.level, "advisory");
      assert.equal(found?.on, "bucket");
      assert.match(found?.text ?? "", /^bucket-versioned\/none: .* Exempted until /);
      violates(await analyzeStack(rule, [classic]));
    });

    it("another resource, rule, check or stage is not exempted, and the entry is unused", async () => {
      const unused = (value: string) =>
        `pack-settings-valid/exemption-unused: exemptions[0] is ${value}, must be one that matches a finding. Remove it, or correct its check, URN or stages.`;
      const other = urnOf({ ...bucket, name: "other" });
      for (const [change, value] of [
        [{ urn: other }, `bucket-versioned/status on ${other}`],
        [{ rule: "bucket-retained", check: undefined }, `bucket-retained on ${entry.urn}`],
        [{ check: "none" }, `bucket-versioned/none on ${entry.urn}`],
        [{ stages: ["dev"] }, `bucket-versioned/status on ${entry.urn}`],
      ] as const) {
        exempting([{ ...entry, ...change }]);
        const [found, pack] = await judged();
        violates(found, FAULT);
        violates(pack, unused(value));
      }
      // The same finding twice exempted: the second is used by nothing.
      exempting([entry, entry]);
      violates((await judged())[1], unused(`bucket-versioned/status on ${entry.urn}`).replace("[0]", "[1]"));
      // A mended resource needs none.
      exempting([entry]);
      violates((await judged(bucket))[1], unused(`bucket-versioned/status on ${entry.urn}`));
      // An entry for another stack is judged when that stack is.
      exempting([{ ...entry, urn: urnOf({ ...bucket, stack: "dev" }), stages: ["dev"] }]);
      violates((await judged(bucket))[1]);
    });

    it("a crash is never exempted, and what is said of the stack as one is, by the stack's own URN", async () => {
      const own = defineRule({
        id: "exempt-test",
        group: "hygiene",
        severity: "high",
        what: "What.",
        why: "Why.",
        fix: "Fix.",
        levels: { dev: "mandatory", prod: "mandatory" },
        checks: { some: "Some." },
        stack: {
          types: [bucket.type],
          reads: {},
          judge() {
            throw new Error("broken");
          },
          whole(_graph, { at }) {
            at().fault({ check: "some", path: "stack", value: "x", limit: "y", fix: "Do it." });
            at(urnOf(bucket)).fault({ check: "some", path: "bucket", value: "x", limit: "y", fix: "Do it." });
          },
        },
      });
      const stack = "urn:pulumi:prod::frugal::pulumi:pulumi:Stack::frugal-prod";
      exempting([stack, urnOf(bucket)].map((urn) => ({ ...entry, rule: "exempt-test", check: undefined, urn })));
      const found = await analyzeStack(own, [bucket]);
      assert.deepEqual(
        found.map(({ on, level, text }) => [on, level, text.split(":")[0]]),
        [
          ["bucket", "mandatory", "exempt-test/crash"],
          ["frugal-prod", "advisory", "exempt-test/some"],
          ["bucket", "advisory", "exempt-test/some"],
        ],
      );
      violates(await analyzeStack(rule, [bucket]));
    });

    it("stages are those of the mapping, where the engine has configured one", async () => {
      const configuration = new Map<string, Configured>([
        ["pack-settings-valid", { level: "mandatory", settings: { stageOfStack: { prod: "live" } } }],
      ]);
      exempting([{ ...entry, stages: ["live"] }], { configuration });
      assert.equal((await judged())[0][0]?.level, "advisory");
      exempting([entry], { configuration });
      violates((await judged())[0], FAULT);
    });

    it("where the rule could not judge to the end, an unused entry is only noted", async () => {
      exempting([entry]);
      const [waits, pack] = await judged(broken(bucket, "versioningConfiguration.status", UNKNOWN));
      assert.match(waits[0]?.text ?? "", /^bucket-versioned\/waits/);
      const open = `pack-settings-valid/exemption-unused: exemptions[0] is bucket-versioned/status on ${entry.urn}, must be one that matches a finding. It cannot be told yet: the rule has not judged the resource to the end.`;
      notes(pack, open);
      const configuration = new Map<string, Configured>([["bucket-versioned", { level: "disabled", settings: {} }]]);
      exempting([entry], { configuration });
      const found = await analyzeStack(rule, [{ ...bucket, stack: "prod" }]);
      assert.ok(found.some(({ text, level }) => text === open && level === "advisory"));
    });

    it("an entry that is wrong exempts nothing and is refused, even for another stage", async () => {
      const MEND = "Mend the file; until then nothing is exempted by it.";
      const expired = (value: string, fix: string) =>
        `exemption-expired: exemptions[0].expires is ${value}, must be at most 180 days ahead. ${fix}`;
      const cases: readonly (readonly [unknown, string])[] = [
        [
          { ...entry, owner: undefined },
          `exemption-form: exemptions[0].owner is absent, must be who answers for it. ${MEND}`,
        ],
        [{ ...entry, owner: "  " }, `exemption-form: exemptions[0].owner is "  ", must be who answers for it. ${MEND}`],
        [
          { ...entry, reason: "" },
          `exemption-form: exemptions[0].reason is empty, must be the reason, in words. ${MEND}`,
        ],
        [{ ...entry, stages: [] }, `exemption-form: exemptions[0].stages is [], must be a list of stages. ${MEND}`],
        [
          { ...entry, stages: "prod" },
          `exemption-form: exemptions[0].stages is "prod", must be a list of stages. ${MEND}`,
        ],
        [
          { ...entry, check: 7 },
          `exemption-form: exemptions[0].check is 7, must be the code of a check, or left out. ${MEND}`,
        ],
        [
          { ...entry, urn: `${entry.urn.slice(0, -3)}*` },
          `exemption-form: exemptions[0].urn is "${entry.urn.slice(0, -3)}*", must be the whole URN of one resource, without a wildcard. ${MEND}`,
        ],
        [
          { ...entry, until: "2027-01-01" },
          `exemption-form: exemptions[0]["until"] is "2027-01-01", must be absent: there is no such key. ${MEND}`,
        ],
        [
          { ...entry, expires: "2027-02-30" },
          `exemption-form: exemptions[0].expires is "2027-02-30", must be a day such as 2027-01-31. ${MEND}`,
        ],
        ["all", `exemption-form: exemptions[0] is "all", must be an object. ${MEND}`],
        [
          { ...entry, expires: later(-1) },
          expired(`${later(-1)}, which has passed`, "Make the resource comply, or have the exemption reviewed again."),
        ],
        [{ ...entry, expires: later(181) }, expired(`${later(181)}, in 181 days`, "Set an earlier day.")],
        [
          { ...entry, rule: "bucket-version" },
          'exemption-unknown: exemptions[0].rule is "bucket-version", must be the id of a rule of this pack. Correct it; see RULES.md.',
        ],
        [
          { ...entry, check: "toString" },
          'exemption-unknown: exemptions[0].check is "toString", must be a check of bucket-versioned. Correct it; see RULES.md.',
        ],
        ...(
          [
            [{ ...entry, rule: "bucket-not-public", check: undefined }, "rule", "bucket-not-public"],
            [{ ...entry, rule: "iam-no-wildcard", check: "admin" }, "check", "iam-no-wildcard/admin"],
            [{ ...entry, rule: "iam-no-wildcard", check: undefined }, "rule", "iam-no-wildcard"],
            [{ ...entry, rule: "model-from-package", check: undefined }, "rule", "model-from-package"],
          ] as const
        ).map(
          ([wrong, key, value]) =>
            [
              wrong,
              `exemption-refused: exemptions[0].${key} is "${value}", must be a rule and check that may be exempted there. Remove the entry and make the resource comply.`,
            ] as const,
        ),
      ];
      for (const [wrong, text] of cases) {
        exempting([wrong]);
        const [found, pack] = await judged();
        violates(found, FAULT);
        violates(pack, `pack-settings-valid/${text}`);
        violates(await analyzeStack(rule, [inDev], { config: { stage: "dev" } }), `pack-settings-valid/${text}`);
      }
    });

    it("what may be exempted of a rule with unexemptable parts", async () => {
      exempting([{ ...entry, rule: "iam-no-wildcard", check: "resource", urn: urnOf(inDev), stages: ["dev"] }]);
      violates(await analyzeStack(rule, [bucket]));
      exempting([{ ...entry, rule: "model-from-package", check: undefined, urn: urnOf(inDev), stages: ["dev"] }]);
      violates(await analyzeStack(rule, [bucket]));
    });

    it("a file that is not there, or is no list: nothing is exempted, and it is said", async () => {
      const said = (value: string) =>
        `pack-settings-valid/exemption-file: exemptions is ${value}, must be the text of a JSON list of {rule, check?, urn, stages, reason, owner, ticket?, expires}. Mend the file; until then nothing is exempted by it. Without exemptions it holds [].`;
      for (const text of ["", "{", JSON.stringify(entry), "null"]) {
        startRun({ exemptions: text });
        const [found, pack] = await judged();
        violates(found, FAULT);
        violates(pack, said("no JSON list"));
      }
      for (const file of ["/does/not/exist.json", "nowhere.json", "support"]) {
        const configuration = new Map<string, Configured>([
          ["pack-settings-valid", { level: "mandatory", settings: { exemptionsFile: file } }],
        ]);
        startRun({ configuration });
        const [found, pack] = await judged();
        violates(found, FAULT);
        violates(pack, said("no file that can be read"));
      }
      // The file of this project.
      startRun();
      violates((await judged())[1]);
    });
  });
});
