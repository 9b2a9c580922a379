import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { approvalLink } from "../../../local/walkthrough/inbox.ts";
import {
  clearSession,
  freshFolder,
  isAlive,
  runningSession,
  writeEnvFile,
  writeSession,
} from "../../../local/walkthrough/session.ts";

describe("a rehearsal's folder", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "session-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("knows a session whose process lives, and forgets one whose process has ended", async () => {
    assert.equal(await runningSession(folder), undefined);
    await writeSession(folder, { keeperPid: process.pid, startedAt: "now" });
    assert.deepEqual(await runningSession(folder), { keeperPid: process.pid, startedAt: "now" });
    const child = spawn("true");
    await new Promise((resolve) => child.once("exit", resolve));
    await writeSession(folder, { keeperPid: child.pid ?? 0, startedAt: "before" });
    assert.equal(await runningSession(folder), undefined);
    assert.equal(isAlive(child.pid ?? 0), false);
  });

  it("clears what an earlier run left, but keeps its report", async () => {
    const run = await freshFolder(folder);
    await writeFile(path.join(run, "x"), "x");
    await writeFile(path.join(folder, "report.html"), "report");
    const next = await freshFolder(folder);
    assert.notEqual(next, run);
    assert.ok(!existsSync(run) && existsSync(next) && existsSync(path.join(folder, "report.html")));
    await clearSession(folder);
    assert.ok(!existsSync(next) && existsSync(path.join(folder, "report.html")));
  });

  it("writes an env file that a shell reads back to the same values", async () => {
    const values = {
      A: "http://127.0.0.1:1/x",
      B: 'with "quotes", `ticks`, $dollars and spaces',
      C: "back\\slash",
      D: "it's",
    };
    const file = await writeEnvFile(folder, values);
    const script = `set -a; . '${file}'; printf '%s\\n' "$A" "$B" "$C" "$D"`;
    assert.deepEqual(
      execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\n").slice(0, 4),
      Object.values(values),
    );
    assert.match(await readFile(file, "utf8"), /^#/);
  });
});

describe("the inbox", () => {
  const mail = { to: ["a@example.com"], from: "b@example.com", subject: "Approve?", html: "" };

  it("finds the approval link in a mail's text", () => {
    const link = "http://x1.execute-api.localhost:4566/approvals/AbC-_9";
    assert.equal(approvalLink({ ...mail, text: `Open ${link} to decide.` }), link);
  });

  it("does not print the mail when there is no link", () => {
    assert.throws(() => approvalLink({ ...mail, text: "secret words" }), {
      message: 'the mail "Approve?" holds no approval link',
    });
  });
});
