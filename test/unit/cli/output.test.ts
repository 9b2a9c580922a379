/** Progress and tables: a bar on a terminal, plain lines elsewhere. */
import assert from "node:assert/strict";
import { formatBytes, formatTable, makeProgress } from "../../../cli/output.ts";

function record(isTTY: boolean) {
  const written: string[] = [];
  let now = 0;
  const progress = makeProgress({ isTTY, columns: 80, write: (text: string) => written.push(text) }, () => now);
  return { progress, written, wait: (ms: number) => (now += ms) };
}

describe("cli/output", () => {
  const { CI } = process.env;
  before(() => {
    delete process.env.CI;
  });
  after(() => {
    if (CI !== undefined) process.env.CI = CI;
  });

  it("writes plain lines without a terminal: one at the end, one each ten seconds", () => {
    const { progress, written, wait } = record(false);
    progress.begin("Reading", 1000);
    for (let n = 0; n < 10; n++) {
      wait(3000);
      progress.advance(100);
    }
    progress.end();
    assert.deepEqual(written, ["Reading: 40% of 1.0 kB\n", "Reading: 80% of 1.0 kB\n", "Reading: 1.0 kB in 30.0 s\n"]);
    assert.ok(!written.join("").includes("\u001b"), "no control sequences");
  });

  it("draws one line over and over on a terminal, no wider than it", () => {
    const { progress, written, wait } = record(true);
    progress.begin("Publishing a dataset with a rather long title that goes on and on and on", 2_000_000);
    wait(200);
    progress.advance(1_000_000);
    progress.line("a note");
    progress.end();
    assert.ok(
      written
        .slice(0, -1)
        .filter((text) => text.includes("\n"))
        .every((text) => text === "a note\n"),
    );
    for (const text of written.filter((line) => !line.endsWith("\n")))
      assert.ok(text.replaceAll("\u001b[K", "").replace("\r", "").length <= 81, text);
    assert.match(written.at(-1) ?? "", /2\.0 MB in 0\.2 s\n$/);
  });

  it("is plain in CI also where that pretends to be a terminal", () => {
    process.env.CI = "true";
    const { progress, written } = record(true);
    progress.begin("Reading", 10);
    progress.end();
    delete process.env.CI;
    assert.deepEqual(written, ["Reading: 10 B in 0.0 s\n"]);
  });

  it("spells sizes", () => {
    const sizes = [0, 999, 1000, 999_499, 999_600, 5_000_000_000, 1e15].map(formatBytes);
    assert.deepEqual(sizes, ["0 B", "999 B", "1.0 kB", "999 kB", "1.0 MB", "5.0 GB", "1000 TB"]);
  });

  it("pads tables, and keeps each row one line", () => {
    assert.equal(
      formatTable(
        ["a", "long"],
        [
          ["1", "x\ny"],
          ["22", "z".repeat(60)],
        ],
        10,
      ),
      `a   long\n1   x y\n22  ${"z".repeat(9)}…`,
    );
  });
});
