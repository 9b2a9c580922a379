/** What is loaded before it is asked for. */
import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { rules } from "../../../policies/index.ts";
import { loadClientsAhead } from "../../../policies/support/ahead.ts";
import { type Configured, startRun } from "../../../policies/support/run.ts";

const live = rules.filter(({ meta }) => meta.live).map(({ meta }) => meta.id);

async function loadedWith(level: (rule: string) => Configured["level"]): Promise<boolean> {
  startRun({ configuration: new Map(rules.map(({ meta: { id } }) => [id, { level: level(id), settings: {} }])) });
  let loaded = false;
  loadClientsAhead(() => {
    loaded = true;
  });
  assert.ok(!loaded, "the engine's question is answered first");
  await wait(60);
  return loaded;
}

describe("the AWS clients", () => {
  afterEach(() => void startRun());

  it("are loaded ahead where a rule is in force that may ask AWS, and not where none is", async () => {
    assert.ok(live.length > 3);
    assert.equal(await loadedWith(() => "mandatory"), true);
    assert.equal(await loadedWith((rule) => (rule === live[0] ? "advisory" : "disabled")), true);
    assert.equal(await loadedWith((rule) => (live.includes(rule) ? "disabled" : "mandatory")), false);
  });
});
