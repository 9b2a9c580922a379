/**
 * A lock between processes, as a folder: two setups at once take turns, and a setup that was killed does not block the
 * next one. What a killed setup left running (npm, pip, go) is ended before its lock is taken over.
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { endGroup } from "./children.mjs";
import { readJson, writeWhole } from "./facts.mjs";

const heartbeatMs = 5000;
/** A lock of another host (a shared disk, a container) counts as left when it has shown no sign of life this long. */
const silentMs = 60_000;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** When a process started, in whatever words the system has: tells a process from a later one with the same number. */
export function startOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop()?.split(" ")[19];
  } catch {
    if (existsSync("/proc/self/stat")) return undefined;
  }
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
  } catch {
    return undefined;
  }
}

const lives = (entry) => startOf(entry.pid) === entry.start && entry.start !== undefined;
const self = (pid) => ({ pid, start: startOf(pid) });

function stateOf(folder) {
  const holder = readJson(join(folder, "holder.json"));
  let age;
  try {
    age = Date.now() - statSync(folder).mtimeMs;
  } catch {
    return { free: true };
  }
  if (!holder) return { left: age > 10_000 };
  if (holder.host !== hostname()) return { left: age > silentMs, holder };
  return { left: !lives(holder), holder };
}

/** Removes a lock whose holder is gone. A second folder makes sure that only one process does so at a time. */
async function takeOver(folder) {
  const gate = `${folder}.takeover`;
  try {
    mkdirSync(gate);
  } catch {
    try {
      if (Date.now() - statSync(gate).mtimeMs > 20_000) rmSync(gate, { recursive: true, force: true });
    } catch {
      // gone already: the other process has finished
    }
    return;
  }
  try {
    const { left, holder } = stateOf(folder);
    if (!left) return;
    if (holder?.host === hostname()) {
      for (const child of holder.children ?? []) {
        // No start: the leader is gone, and what is left of its group is its own, as a group's number is not reused.
        if ([undefined, child.start].includes(startOf(child.pid))) await endGroup(child.pid);
      }
    }
    rmSync(folder, { recursive: true, force: true });
  } finally {
    rmSync(gate, { recursive: true, force: true });
  }
}

/**
 * Runs `work` while no other process runs anything under the same lock folder.
 * @param folder the lock; its parent is made
 * @param onWait called once, with the process id waited for
 * @param work receives `child(pid)`, to be told of each process group it starts
 */
export async function withLock(folder, onWait, work) {
  mkdirSync(dirname(folder), { recursive: true });
  let told = false;
  for (;;) {
    try {
      mkdirSync(folder);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const { free, left, holder } = stateOf(folder);
    if (free) continue;
    if (left) await takeOver(folder);
    else if (!told) {
      told = true;
      onWait?.(holder?.pid);
    }
    await pause(200);
  }
  const holder = { ...self(process.pid), host: hostname(), children: [] };
  const write = () => writeWhole(join(folder, "holder.json"), JSON.stringify(holder));
  const beat = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(folder, now, now);
    } catch {
      // taken away from us: nothing to keep alive
    }
  }, heartbeatMs);
  beat.unref();
  try {
    write();
    return await work((pid) => {
      holder.children.push(self(pid));
      write();
    });
  } finally {
    clearInterval(beat);
    rmSync(folder, { recursive: true, force: true });
  }
}
