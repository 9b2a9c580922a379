import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Milliseconds an emulator gets to end by itself, and again after SIGTERM, before it is killed. */
const GRACE_MS = 2_000;

export interface ProcessOptions {
  /** A word for messages and the log file's name, for example "ministack". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited from ours. */
  readonly env: Record<string, string>;
  readonly cwd: string;
  /** Folder of the log file `<name>.log`, which takes both output streams; must exist. */
  readonly logs: string;
  /** Keep standard output readable by us instead of writing it to the log. */
  readonly readOutput?: boolean;
}

/** A child process that ends with us, however we end, and takes its own children along. */
export interface Running {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  readonly child: ChildProcess;
  /** Settles when the process has ended; "code 3" or "signal SIGKILL". Never rejects. */
  readonly ended: Promise<string>;
  /** Ends it and all it started: closed standard input, then SIGTERM, then SIGKILL. Repeating it waits for the first. */
  stop(): Promise<void>;
  /** What it is, how it ended, the last lines of its log and where the rest is. */
  failure(reason: string): Promise<Error>;
}

/**
 * Starts a process with a lifeline: its standard input stays open until we stop it or die, SIGKILL included. The process
 * must exit when that input ends. It leads a process group of its own, so Ctrl-C in a terminal reaches only us and we
 * can end it in order, and the whole group can be killed when it does not obey.
 *
 * @throws when the command cannot be started at all
 */
export async function start(options: ProcessOptions): Promise<Running> {
  const logFile = join(options.logs, `${options.name}.log`);
  const log = openSync(logFile, "a");
  let child: ChildProcess;
  try {
    child = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ["pipe", options.readOutput ? "pipe" : log, log],
    });
  } finally {
    closeSync(log);
  }
  const ended = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal === null ? `code ${code}` : `signal ${signal}`));
    child.once("error", (error) => resolve(error.message));
  });
  child.stdin?.on("error", () => {}); // it may close its end first
  const { pid } = child;
  if (pid === undefined) {
    throw new Error(`${options.name} cannot be started: ${await ended}\n  command: ${options.command}`);
  }
  // What it started may outlive it: once the leader is gone, whoever is left in its group is of no use to anybody.
  void ended.then(() => killGroup(pid));
  let stopping: Promise<void> | undefined;
  return {
    name: options.name,
    pid,
    logFile,
    child,
    ended,
    stop: () => (stopping ??= end(child, pid, ended)),
    async failure(reason) {
      const text = await readFile(logFile, "utf8").catch(() => "");
      const lines = text.trimEnd().split("\n").slice(-20).join("\n  ");
      return new Error(`${options.name} ${reason}.\n  ${lines || "(it wrote nothing)"}\n  whole log: ${logFile}`);
    },
  };
}

async function end(child: ChildProcess, pid: number, ended: Promise<string>): Promise<void> {
  child.stdin?.end();
  if (!(await within(ended, GRACE_MS))) child.kill("SIGTERM");
  if (!(await within(ended, GRACE_MS))) killGroup(pid);
  await ended;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // nobody is left in the group
  }
}

async function within(ended: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  const done = await Promise.race([ended.then(() => true as const), late]);
  clearTimeout(timer);
  return done;
}
