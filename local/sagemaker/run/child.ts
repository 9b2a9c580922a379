/** A child process that ends with its parent, within its time, with everything it started. */
import { spawn } from "node:child_process";
import type { WriteStream } from "node:fs";
import { fileURLToPath } from "node:url";

/** The Python scripts of the stand-in. */
export const SCRIPTS = fileURLToPath(new URL("../python/", import.meta.url));

/** Milliseconds between SIGTERM and SIGKILL. AWS gives a training job 120 s; a laptop need not. */
export const DEFAULT_GRACE_MS = 10_000;

/** The last lines, at least so many, are kept in memory for metrics and CloudWatch Logs; the log file has all of them. */
const KEPT_LINES = 50_000;

export interface LogLine {
  readonly timestamp: number;
  readonly message: string;
}

export interface ChildOptions {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly log: WriteStream;
  /** Milliseconds it may run. */
  readonly limitMs?: number;
  readonly graceMs?: number;
  readonly signal?: AbortSignal;
}

export interface ChildOutcome {
  /** 128 + n where signal n ended it. */
  readonly code: number;
  /** Why it ended: by itself, at its time limit, or because it was asked to stop. */
  readonly ended: "itself" | "limit" | "stopped";
  readonly lines: LogLine[];
}

/** Signals a whole process group; one that is gone already is fine. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Cuts a stream of text into lines as they come. */
export function lineSplitter(onLine: (line: string) => void): { push(text: string): void; end(): void } {
  let rest = "";
  return {
    push(text) {
      const parts = (rest + text).split(/\r?\n/);
      rest = parts.pop() ?? "";
      for (const part of parts) onLine(part);
    },
    end() {
      if (rest !== "") onLine(rest);
      rest = "";
    },
  };
}

/**
 * Runs a command in its own process group. Its stdin is a lifeline: the scripts in python/ kill their group when it
 * closes, so nothing survives us. At the limit or when stopped the group gets SIGTERM, then SIGKILL after the grace.
 * Rejects only when the command cannot be started.
 */
export async function runChild(options: ChildOptions): Promise<ChildOutcome> {
  const lines: LogLine[] = [];
  const splitter = lineSplitter((message) => {
    options.log.write(`${message}\n`);
    lines.push({ timestamp: Date.now(), message });
    if (lines.length >= 2 * KEPT_LINES) lines.splice(0, KEPT_LINES);
  });
  if (options.signal?.aborted) return { code: 143, ended: "stopped", lines };
  const [file, ...args] = options.command;
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => {});
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", splitter.push);
  let ended: ChildOutcome["ended"] = "itself";
  const timers: NodeJS.Timeout[] = [];
  const stop = (reason: "limit" | "stopped") => {
    if (ended !== "itself" || child.pid === undefined) return;
    ended = reason;
    const pid = child.pid;
    signalGroup(pid, "SIGTERM");
    timers.push(setTimeout(() => signalGroup(pid, "SIGKILL"), options.graceMs ?? DEFAULT_GRACE_MS));
  };
  const onAbort = () => stop("stopped");
  options.signal?.addEventListener("abort", onAbort, { once: true });
  // setTimeout takes at most 2^31 - 1 ms; SageMaker's 28 days are more.
  if (options.limitMs !== undefined)
    timers.push(setTimeout(() => stop("limit"), Math.min(options.limitMs, 2 ** 31 - 1)));
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (exitCode, exitSignal) => {
        // Whatever the script left behind holds the pipes open: end it, then the pipes close.
        if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
        child.once("close", () => resolve(exitCode ?? (exitSignal === "SIGKILL" ? 137 : 143)));
      });
    });
    splitter.end();
    return { code, ended, lines };
  } finally {
    for (const timer of timers) clearTimeout(timer);
    options.signal?.removeEventListener("abort", onAbort);
  }
}
