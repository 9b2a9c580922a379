/** What a trace costs goes by what it shows, not by the size of the graph. */
import assert from "node:assert/strict";
import { measure } from "../../../bench/trace.ts";

describe("trace of a graph with 10,000 artefacts", function () {
  this.timeout(120_000);

  it("answers in under 2 s, with hardly more calls than for 100", async () => {
    const small = await measure(100);
    const large = await measure(10_000);
    for (const [index, { subject, seconds, calls }] of large.entries()) {
      assert.ok(seconds < 2, `${subject}: ${seconds} s`);
      const base = small[index]?.calls ?? 0;
      assert.ok(calls <= base * 1.5, `${subject}: ${calls} calls, ${base} in a graph of 100`);
    }
  });
});
