/** Folders for data on its way, which are gone when the command is, also when it is interrupted. */
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

const open = new Set<string>();

/** Makes an empty folder below the system's temporary one (TMPDIR). */
export async function makeTemporary(prefix: string): Promise<string> {
  if (open.size === 0) process.once("exit", removeAll);
  const folder = await mkdtemp(path.join(tmpdir(), prefix));
  open.add(folder);
  return folder;
}

export async function removeTemporary(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  open.delete(folder);
  if (open.size === 0) process.off("exit", removeAll);
}

function removeAll(): void {
  for (const folder of open) rmSync(folder, { recursive: true, force: true });
}
