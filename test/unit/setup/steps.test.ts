import assert from "node:assert/strict";
import { createSteps, duration } from "../../../local/setup/steps.mjs";

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

describe("setup steps", () => {
  it("writes durations for people", () => {
    assert.equal(duration(420), "0.4 s");
    assert.equal(duration(12_400), "12 s");
    assert.equal(duration(59_700), "60 s");
    assert.equal(duration(185_000), "3 min 05 s");
    assert.equal(duration(299_800), "5 min 00 s");
  });

  it("shows what is done, signs of life and the time taken as plain lines where there is no terminal", async () => {
    let text = "";
    const write = (part: string) => {
      text += part;
    };
    const steps = createSteps({ terminal: false, every: 20, write });
    assert.equal(await steps.step("Making tea", "a while", () => pause(70).then(() => 7)), 7);
    assert.match(text, /^Making tea \.\.\. \(a while\)\n( {2}still at it after 0\.\d s\n)+ {2}done in 0\.\d s\n$/);
  });

  it("rewrites one line on a terminal", async () => {
    let text = "";
    const write = (part: string) => {
      text += part;
    };
    await createSteps({ terminal: true, write }).step("Making tea", "", async () => {});
    assert.equal(text.split("\n").length, 2);
    assert.ok(text.endsWith("\r\u001b[2KMaking tea: done in 0.0 s\n"), JSON.stringify(text));
  });

  it("passes a failure on and says when it stopped", async () => {
    let text = "";
    const write = (part: string) => {
      text += part;
    };
    const steps = createSteps({ terminal: false, write });
    const failing = steps.step("Making tea", "", async () => {
      throw new Error("no water");
    });
    await assert.rejects(failing, /no water/);
    assert.match(text, / {2}stopped after 0\.\d s\n$/);
  });
});
