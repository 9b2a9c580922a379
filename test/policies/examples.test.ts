/** The examples of RULES.md are what the rules say, and there is one of each. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { rules } from "../../policies/index.ts";
import { FILE, type Shown, shownExamples } from "./support/examples.ts";

describe("the examples of RULES.md", () => {
  it("are what the rules say", async () => {
    const kept = JSON.parse(readFileSync(FILE, "utf8")) as Record<string, Shown>;
    assert.deepEqual(
      Object.keys(kept),
      rules.map(({ meta }) => meta.id),
    );
    assert.deepEqual(
      kept,
      await shownExamples(),
      "stale: node test/policies/support/examples.ts, then npm run generate",
    );
  }).timeout(30_000);
});
