/** The baseline: nothing is refused, nothing that a new program must have is asked for, and no rule is forgotten. */
import assert from "node:assert/strict";
import { BASELINE_SETTINGS, NEED_OUR_ESTATE } from "../../policies/baseline.ts";
import { baselineConfig } from "../../policies/generate.ts";
import { rules } from "../../policies/index.ts";
import { PACK_RULE } from "../../policies/support/run.ts";

describe("the baseline", () => {
  const config = baselineConfig();

  it("names every rule, as advice or off", () => {
    assert.deepEqual(
      Object.keys(config),
      rules.map(({ meta }) => meta.id),
    );
    for (const [id, { enforcementLevel }] of Object.entries(config))
      assert.equal(enforcementLevel, Object.hasOwn(NEED_OUR_ESTATE, id) ? "disabled" : "advisory", id);
  });

  it("switches off only rules that exist, each with what it takes to switch it on", () => {
    for (const [id, words] of Object.entries(NEED_OUR_ESTATE)) {
      assert.ok(
        rules.some(({ meta }) => meta.id === id),
        id,
      );
      assert.match(words, /^[A-Z].*\.$/, id);
    }
    assert.ok(!Object.hasOwn(NEED_OUR_ESTATE, PACK_RULE), "it cannot be switched off");
  });

  it("sets what it says it sets, and suits a stack of any name", () => {
    const given = new Set(Object.values(config).flatMap((values) => Object.keys(values)));
    for (const name of Object.keys(BASELINE_SETTINGS)) assert.ok(given.has(name), `${name} reaches no rule`);
    assert.deepEqual(config[PACK_RULE], {
      enforcementLevel: "advisory",
      stage: "baseline",
      stageOfStack: { "*": "baseline" },
    });
  });
});
