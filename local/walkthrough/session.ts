/** One rehearsal on this machine: its folder, its lock, and the file that other terminals read. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Where a rehearsal lives: `.rehearsal/` in the checkout. */
export const rehearsalFolder = fileURLToPath(new URL("../../.rehearsal", import.meta.url));

export interface Session {
  readonly keeperPid: number;
  readonly startedAt: string;
}

const sessionFile = (folder: string): string => path.join(folder, "session.json");

/** The rehearsal that is up, if there is one whose process lives. */
export async function runningSession(folder: string): Promise<Session | undefined> {
  const text = await readFile(sessionFile(folder), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const session = JSON.parse(text) as Session;
  return isAlive(session.keeperPid) ? session : undefined;
}

/** Clears what an earlier rehearsal left and makes the folder anew; a report of the last run is kept until the next one is written. */
export async function freshFolder(folder: string): Promise<string> {
  for (const part of ["run", "env", "session.json"])
    await rm(path.join(folder, part), { recursive: true, force: true });
  const run = path.join(folder, "run", randomBytes(4).toString("hex"));
  await mkdir(run, { recursive: true });
  return run;
}

export async function writeSession(folder: string, session: Session): Promise<void> {
  await writeFile(sessionFile(folder), JSON.stringify(session));
}

/** Writes `env` in dotenv form, each value in single quotes, which a shell and dotenv readers both take literally. */
export async function writeEnvFile(folder: string, env: Readonly<Record<string, string>>): Promise<string> {
  const file = path.join(folder, "env");
  const lines = Object.entries(env).map(([name, value]) => `${name}='${value.replaceAll("'", `'\\''`)}'`);
  const how = `# Settings of the rehearsal that is up. Read them with: set -a; . ${path.basename(folder)}/env; set +a`;
  await writeFile(file, `${[how, ...lines].join("\n")}\n`);
  return file;
}

/** Takes back what a rehearsal that has ended leaves for other terminals, and its files unless they are to be read. */
export async function clearSession(folder: string, options: { keepRun?: boolean } = {}): Promise<void> {
  const parts = ["env", "session.json", ...(options.keepRun ? [] : ["run"])];
  for (const part of parts) await rm(path.join(folder, part), { recursive: true, force: true });
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
