import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { CommandFailed, endGroup, groupLives, run } from "../../../local/setup/children.mjs";
import { startOf, withLock } from "../../../local/setup/lock.mjs";

describe("setup processes", () => {
  let folder: string;
  let left: ChildProcess | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "processes-"));
  });
  afterEach(async () => {
    if (left?.pid) await endGroup(left.pid, 0);
    left = undefined;
    rmSync(folder, { recursive: true, force: true });
  });
  const sleeper = () => {
    left = spawn("sh", ["-c", "sleep 60 & sleep 60"], { detached: true, stdio: "ignore" });
    return left.pid as number;
  };

  it("keeps a child's output in its log and shows the end of it when the child fails", async () => {
    const log = join(folder, "logs", "x.log");
    await assert.rejects(run("sh", ["-c", "echo one; echo two >&2; exit 3"], { what: "the thing", log }), (error) => {
      assert.ok(error instanceof CommandFailed);
      assert.equal(error.outcome, "failed with exit code 3");
      assert.equal(
        error.message,
        `the thing failed with exit code 3. Its output (all of it: ${log}):\n    one\n    two`,
      );
      return true;
    });
    assert.equal(await run("true", [], { log }), 0);
  });

  it("names a command that cannot be started", async () => {
    await assert.rejects(run("no-such-command", []), /no-such-command could not be started: .*ENOENT/);
  });

  it("ends a child that takes too long, with all it started", async () => {
    let group = 0;
    const options = { log: join(folder, "x.log"), limitMs: 100, onStart: (pid: number) => (group = pid) };
    await assert.rejects(run("sh", ["-c", "sleep 60 & sleep 60"], options), /took longer than 0\.1 s and was ended/);
    assert.equal(groupLives(group), false);
  });

  it("lets one holder of a lock work at a time", async () => {
    const lock = join(folder, "lock");
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} in`);
      await new Promise((done) => setTimeout(done, 30));
      order.push(`${name} out`);
    };
    let waited = 0;
    const onWait = () => {
      waited++;
    };
    await Promise.all([withLock(lock, onWait, work("a")), withLock(lock, onWait, work("b"))]);
    assert.match(order.join(), /^(a in,a out,b in,b out|b in,b out,a in,a out)$/);
    assert.equal(waited, 1);
    assert.equal(existsSync(lock), false);
  });

  it("frees the lock when the work fails", async () => {
    const lock = join(folder, "lock");
    await assert.rejects(
      withLock(lock, undefined, () => Promise.reject(new Error("broken"))),
      /broken/,
    );
    assert.equal(existsSync(lock), false);
  });

  it("takes a lock over from a process that is gone, and first ends what that one had started", async () => {
    const lock = join(folder, "lock");
    const child = sleeper();
    mkdirSync(lock);
    const dead = { pid: 2 ** 22 + 1, start: "1", host: hostname(), children: [{ pid: child, start: startOf(child) }] };
    writeFileSync(join(lock, "holder.json"), JSON.stringify(dead));
    let alive: boolean | undefined;
    await withLock(lock, undefined, async (started) => {
      alive = groupLives(child);
      started(process.pid);
      const holder = JSON.parse(readFileSync(join(lock, "holder.json"), "utf8"));
      assert.equal(holder.pid, process.pid);
      assert.deepEqual(holder.children, [{ pid: process.pid, start: startOf(process.pid) }]);
    });
    assert.equal(alive, false);
  });

  it("does not end a process that merely has the number of one started by a dead holder", async () => {
    const lock = join(folder, "lock");
    const child = sleeper();
    mkdirSync(lock);
    const dead = { pid: 2 ** 22 + 1, start: "1", host: hostname(), children: [{ pid: child, start: "another time" }] };
    writeFileSync(join(lock, "holder.json"), JSON.stringify(dead));
    await withLock(lock, undefined, async () => {});
    assert.equal(groupLives(child), true);
  });

  it("takes over a lock without a holder, or of a silent other machine, only when it is old", async () => {
    const lock = join(folder, "lock");
    const old = new Date(Date.now() - 120_000);
    mkdirSync(lock);
    utimesSync(lock, old, old);
    await withLock(lock, undefined, async () => {});
    mkdirSync(lock);
    writeFileSync(join(lock, "holder.json"), JSON.stringify({ pid: process.pid, host: "another", children: [] }));
    utimesSync(lock, old, old);
    let ran = false;
    await withLock(lock, undefined, async () => {
      ran = true;
    });
    assert.equal(ran, true);
  });
});
