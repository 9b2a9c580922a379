import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { awaitHealth } from "../../../local/emulators/health.ts";
import { type ProcessOptions, type Running, start } from "../../../local/emulators/process.ts";
import { until } from "./support.ts";

/** Gone, or a zombie that waits for the system to collect it. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.startsWith("Z");
}

describe("a child process with a lifeline", function () {
  this.timeout(15_000);
  let logs: string;
  before(async () => {
    logs = await mkdtemp(join(tmpdir(), "process-"));
  });
  after(() => rm(logs, { recursive: true, force: true }));

  const run = (name: string, code: string, more: Partial<ProcessOptions> = {}): Promise<Running> =>
    start({ name, command: process.execPath, args: ["-e", code], env: {}, cwd: logs, logs, ...more });

  it("ends by the end of its input", async () => {
    const child = await run("obedient", 'process.stdin.resume().on("end", () => process.exit(4))');
    await child.stop();
    assert.equal(await child.ended, "code 4");
  });

  it("ends by SIGTERM when it does not mind its input", async () => {
    const child = await run("deaf", "setInterval(() => {}, 1000)");
    await child.stop();
    assert.equal(await child.ended, "signal SIGTERM");
  });

  it("is killed when it minds nothing, with its children", async () => {
    const child = await run(
      "stubborn",
      `process.on("SIGTERM", () => {});
       const inner = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
       console.log(inner.pid); setInterval(() => {}, 1000);`,
      { readOutput: true },
    );
    const inner = Number(await new Promise((resolve) => child.child.stdout?.once("data", resolve)));
    await child.stop();
    assert.equal(await child.ended, "signal SIGKILL");
    await until("its child is gone", () => !isAlive(inner));
  });

  it("inherits no environment", async () => {
    const child = await run("bare", "console.log(Object.keys(process.env).join())", { readOutput: true });
    const names = String(await new Promise((resolve) => child.child.stdout?.once("data", resolve))).trim();
    assert.equal(names.replace("__CF_USER_TEXT_ENCODING", ""), "");
    await child.stop();
  });

  it("that ends while starting shows its last lines and its log", async () => {
    const child = await run("broken", 'console.error("no disk"); process.exit(5)');
    const log = join(logs, "broken.log");
    await assert.rejects(awaitHealth(child, "http://127.0.0.1:1/", 5_000), {
      message: `broken ended while starting, with code 5.\n  no disk\n  whole log: ${log}`,
    });
  });

  it("that never answers is told with the time waited", async () => {
    const child = await run("silent", "setInterval(() => {}, 1000)");
    await assert.rejects(awaitHealth(child, "http://127.0.0.1:1/", 200), /silent did not answer .* within 0\.2 s/);
    await child.stop();
  });

  it("that cannot be started names the command", async () => {
    await assert.rejects(
      run("missing", "", { command: "/no/such/program" }),
      /missing cannot be started: .*ENOENT\n {2}command: \/no\/such\/program/,
    );
  });
});
