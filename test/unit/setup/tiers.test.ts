import assert from "node:assert/strict";
import { planTests, settingsAsArguments, summary } from "../../../local/setup/tiers.mjs";

const settings = { spec: ["test/**/*.test.ts"], timeout: 10000, forbidOnly: true, checkLeaks: false };
const plan = (...words: string[]) => planTests(words, settings, (path) => path.startsWith("test/unit/setup"));

describe("npm test arguments", () => {
  it("runs every test when nothing is asked for", () => {
    assert.deepEqual(plan(), {
      args: ["--no-config", "--timeout", "10000", "--forbid-only", "test/**/*.test.ts"],
      needsTools: true,
    });
  });

  it("runs the tiers named, and sets up no engine for those that need none", () => {
    const { args, needsTools } = plan("unit", "policies");
    assert.deepEqual(args?.slice(4), ["test/unit/**/*.test.ts", "test/policies/**/*.test.ts"]);
    assert.equal(needsTools, false);
    assert.equal(plan("unit", "local").needsTools, true);
  });

  it("takes files, folders and mocha's options", () => {
    const { args, needsTools } = plan("test/unit/setup/", "test/unit/setup/a.test.ts", "-g", "unit", "--bail");
    assert.deepEqual(args?.slice(4), [
      "-g",
      "unit",
      "--bail",
      "test/unit/setup/**/*.test.ts",
      "test/unit/setup/a.test.ts",
    ]);
    assert.equal(needsTools, false);
    assert.equal(plan("test/**/engine.test.ts").needsTools, true);
  });

  it("runs every test when only options are given", () => {
    assert.deepEqual(plan("--grep", "engine").args?.slice(4), ["--grep", "engine", "test/**/*.test.ts"]);
  });

  it("refuses a word that is no tier and no file, and lists the tiers", () => {
    const { fault, args } = plan("unti", "test/none.test.ts");
    assert.equal(args, undefined);
    assert.match(
      fault ?? "",
      /^No tier, test file or folder is called "unti", "test\/none\.test\.ts"\. The tiers are unit, /,
    );
  });

  it("leaves mocha's `spec` out of the settings it passes on, as mocha would add it to the files asked for", () => {
    assert.deepEqual(settingsAsArguments(settings), ["--timeout", "10000", "--forbid-only"]);
    assert.deepEqual(settingsAsArguments({ require: ["a", "b"] }), ["--require", "a", "--require", "b"]);
  });

  it("ends with one line of counts in which a crash is a failure", () => {
    assert.equal(summary({ passed: 12, failed: 0 }, 0), "12 passed, 0 failed");
    assert.equal(summary({ passed: 12, failed: 3 }, 3), "12 passed, 3 failed");
    assert.equal(summary({ passed: 12, failed: 0 }, 137), "12 passed, 1 failed");
    assert.equal(summary(undefined, 1), "0 passed, 1 failed");
  });
});
