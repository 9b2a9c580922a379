/** One rehearsal on this machine: its folder, its lock, and the file that other terminals read. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startOf } from "../setup/lock.mjs";

/** Where a rehearsal lives: `.rehearsal/` in the checkout, or the folder that FRUGAL_REHEARSAL names. */
export const rehearsalFolder = process.env.FRUGAL_REHEARSAL
  ? path.resolve(process.env.FRUGAL_REHEARSAL)
  : fileURLToPath(new URL("../../.rehearsal", import.meta.url));

export interface Session {
  /** The process that owns the emulators; 0 while it is not there yet. */
  readonly keeperPid: number;
  /** The rehearsal that still plays its scenes; absent once the estate is only kept up. */
  readonly rehearsalPid?: number;
  readonly startedAt: string;
}

/** As it is written: with each process's start, which tells it from a later process of the same number. */
interface Written extends Session {
  readonly starts?: Readonly<Record<number, string | undefined>>;
}

const sessionFile = (folder: string): string => path.join(folder, "session.json");

/** The rehearsal that is up, if there is one whose process lives. */
export async function runningSession(folder: string): Promise<Session | undefined> {
  const text = await readFile(sessionFile(folder), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  let written: Written;
  try {
    written = JSON.parse(text) as Written;
  } catch {
    return undefined; // written by halves: its process was killed
  }
  const { starts = {}, ...session } = written;
  const lives = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 0 && isAlive(pid) && (starts[pid] === undefined || starts[pid] === startOf(pid));
  if (lives(session.rehearsalPid)) return session;
  const { rehearsalPid: _gone, ...kept } = session;
  return lives(kept.keeperPid) ? kept : undefined;
}

/** Clears what an earlier rehearsal left and makes the folder anew; a report of the last run is kept until the next one is written. */
export async function freshFolder(folder: string): Promise<string> {
  await clearSession(folder);
  const run = path.join(folder, "run", randomBytes(4).toString("hex"));
  await mkdir(run, { recursive: true });
  return run;
}

export async function writeSession(folder: string, session: Session): Promise<void> {
  const pids = [session.keeperPid, session.rehearsalPid ?? 0].filter((pid) => pid > 0);
  const starts = Object.fromEntries(pids.map((pid) => [pid, startOf(pid)]));
  await writeFile(sessionFile(folder), JSON.stringify({ ...session, starts } satisfies Written));
}

/** Writes `env` in dotenv form, each value in single quotes, which a shell and dotenv readers both take literally. */
export async function writeEnvFile(folder: string, env: Readonly<Record<string, string>>): Promise<string> {
  const file = path.join(folder, "env");
  const lines = Object.entries(env).map(([name, value]) => `${name}='${value.replaceAll("'", `'\\''`)}'`);
  const how = `# Settings of the rehearsal that is up. Read them with: set -a; . ${shown(file)}; set +a`;
  await writeFile(file, `${[how, ...lines].join("\n")}\n`);
  return file;
}

/** A path as a person in the checkout would type it. */
export function shown(file: string): string {
  const relative = path.relative(fileURLToPath(new URL("../..", import.meta.url)), file);
  return relative.startsWith("..") ? file : relative;
}

/** Takes back what a rehearsal that has ended leaves for other terminals, and its files unless they are to be read. */
export async function clearSession(folder: string, options: { keepRun?: boolean } = {}): Promise<void> {
  const parts = ["env", "session.json", ...(options.keepRun ? [] : ["run"])];
  // A process that is just ending may still write into the run's folder.
  const removal = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 };
  for (const part of parts) await rm(path.join(folder, part), removal);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  // A process that has ended but was not waited for still answers to signal 0 on Linux.
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
