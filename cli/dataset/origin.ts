/** Which commit is checked out where the command runs. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The commit, and whether there are changes that are in none; nothing outside a Git checkout. */
export async function commitOf(folder: string): Promise<{ commit?: string; dirty?: boolean }> {
  try {
    const git = (...args: string[]) => run("git", ["-C", folder, ...args], { maxBuffer: 64 * 1024 * 1024 });
    const { stdout: commit } = await git("rev-parse", "--verify", "HEAD");
    const { stdout: changes } = await git("status", "--porcelain");
    return { commit: commit.trim(), dirty: changes.trim() !== "" };
  } catch {
    return {};
  }
}
