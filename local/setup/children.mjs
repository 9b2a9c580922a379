/** Child processes that never outlive their reason: each in a group of its own, ended with all it started. */
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname } from "node:path";

/** Longest time a polite child may tidy up after a signal. */
const politeMs = 90_000;
const endings = ["SIGINT", "SIGTERM", "SIGHUP"];

/** The run was stopped by a signal; nothing is wrong with the machine. */
export class Interrupted extends Error {
  constructor(signal) {
    super(`Stopped by ${signal}.`);
    this.name = "Interrupted";
    this.signal = signal;
    /** What a shell expects of a process that ended by this signal. */
    this.exitCode = 128 + (constants.signals[signal] ?? 2);
  }
}

/** A child that failed, or took longer than its limit: what it was, and the end of what it said. */
export class CommandFailed extends Error {
  constructor(what, outcome, tail, log) {
    super(`${what} ${outcome}${tail ? `. Its output${log ? ` (all of it: ${log})` : ""}:\n${tail}` : ""}`);
    this.name = "CommandFailed";
    this.outcome = outcome;
    this.tail = tail;
  }
}

/** Signals a whole process group; says whether any of it was there. Signal 0 only asks. */
export function signalGroup(group, signal) {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Whether any process of a group still runs. A dead one that nobody has fetched yet (a container's init is slow) is none. */
export function groupLives(group) {
  if (!signalGroup(group, 0)) return false;
  if (!existsSync("/proc/self/stat")) return true;
  return readdirSync("/proc").some((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const [state, , itsGroup] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop().split(" ");
      return Number(itsGroup) === group && state !== "Z" && state !== "X";
    } catch {
      return false; // ended meanwhile
    }
  });
}

/** Ends a process group: asks, and insists after `graceMs`. Resolves when none of it is left. */
export async function endGroup(group, graceMs = 3000) {
  signalGroup(group, "SIGTERM");
  const until = Date.now() + graceMs;
  while (groupLives(group)) {
    if (Date.now() > until) signalGroup(group, "SIGKILL");
    if (Date.now() > until + 5000) return;
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** The last lines of a text, for an error message. */
export function tailOf(text, lines = 25) {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim())
    .slice(-lines)
    .map((line) => `    ${line.slice(0, 400)}`)
    .join("\n");
}

/**
 * Runs a command to its end and resolves to its exit code.
 *
 * With `log`, the output goes to that file and a failure rejects with CommandFailed; without it the child shares our
 * output and its exit code is simply returned. A signal to us goes on: to the child alone when `polite` (it tidies up by
 * itself; after 90 s, or a second signal more than a second later, it is ended at once), else to its whole group; then the promise rejects
 * with Interrupted once the group is gone.
 *
 * @param options.what the name of the command for messages
 * @param options.excerpt picks from the output what an error message shows (default: its last lines)
 * @param options.limitMs time after which the group is ended and the run rejects
 * @param options.onStart called with the process id, which is the group's id too
 * @param options.watched gives the child a standard input that closes when this process dies
 */
export async function run(command, args, options = {}) {
  const what = options.what ?? command;
  const { log } = options;
  let out = "inherit";
  if (log) {
    mkdirSync(dirname(log), { recursive: true });
    out = openSync(log, "w");
  }
  const tail = () => (log ? (options.excerpt ?? tailOf)(readFileSync(log, "utf8")) : "");
  // Detached: a terminal's Ctrl-C would else reach the child as well, and it would be told twice.
  const stdio = [options.watched ? "pipe" : "ignore", out, out];
  const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env, stdio, detached: true });
  if (log) closeSync(out);
  const ended = new Promise((done) => {
    child.once("error", (error) => done({ error }));
    child.once("close", (code, signal) => done({ code, signal }));
  });
  if (child.pid === undefined) {
    const { error } = await ended;
    throw new CommandFailed(what, `could not be started: ${error?.message}`, "", undefined);
  }
  const group = child.pid;
  options.onStart?.(group);

  let stopped;
  let stoppedAt = 0;
  let late = false;
  let insist;
  const onSignal = (signal) => {
    if (!stopped) {
      stopped = signal;
      stoppedAt = Date.now();
      if (options.polite) {
        // A closed terminal is a wish to end like any other; programs rarely know its own signal.
        child.kill(signal === "SIGHUP" ? "SIGTERM" : signal);
        insist = setTimeout(() => signalGroup(group, "SIGKILL"), politeMs);
      } else void endGroup(group);
    } else if (Date.now() - stoppedAt > 1000) {
      signalGroup(group, "SIGKILL");
    }
  };
  const onExit = () => signalGroup(group, "SIGKILL");
  for (const signal of endings) process.on(signal, onSignal);
  process.on("exit", onExit);
  const onLimit = () => {
    late = true;
    void endGroup(group);
  };
  const limit = options.limitMs ? setTimeout(onLimit, options.limitMs) : undefined;
  try {
    const { code, signal } = await ended;
    if (stopped || late) await endGroup(group);
    if (stopped) throw new Interrupted(stopped);
    if (late) throw new CommandFailed(what, `took longer than ${options.limitMs / 1000} s and was ended`, tail(), log);
    if (log && code !== 0) {
      throw new CommandFailed(what, signal ? `was ended by ${signal}` : `failed with exit code ${code}`, tail(), log);
    }
    return code ?? 128 + (constants.signals[signal] ?? 0);
  } finally {
    clearTimeout(limit);
    clearTimeout(insist);
    for (const signal of endings) process.off(signal, onSignal);
    process.off("exit", onExit);
  }
}
