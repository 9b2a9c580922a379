/** tar.gz in and out, by python/archive.py, which guards against archives that write outside their folder. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { SCRIPTS } from "./child.ts";
import { JobFault } from "./faults.ts";
import type { RunContext } from "./types.ts";

const run = promisify(execFile);

async function archive(
  ctx: Pick<RunContext, "python">,
  verb: "pack" | "unpack",
  from: string,
  to: string,
): Promise<void> {
  try {
    await run(ctx.python, ["-BESs", join(SCRIPTS, "archive.py"), verb, from, to]);
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new JobFault(`ClientError: ${stderr?.trim() || message}`);
  }
}

/** Packs a folder's content into a tar.gz. */
export const pack = (ctx: Pick<RunContext, "python">, folder: string, file: string) =>
  archive(ctx, "pack", folder, file);

/** Unpacks a tar.gz into a folder; a JobFault says why it cannot be. */
export const unpack = (ctx: Pick<RunContext, "python">, file: string, folder: string) =>
  archive(ctx, "unpack", file, folder);
