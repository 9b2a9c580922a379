/** The source's requirements.txt, as the toolkit installs it, but into a folder of its own and once per content. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { unpack } from "./archive.ts";
import { JobFault } from "./faults.ts";
import type { JobFolder } from "./job-folder.ts";
import type { RunContext } from "./types.ts";

const run = promisify(execFile);

/** Milliseconds that pip may take. */
const PIP_LIMIT_MS = 300_000;

/** A folder for PYTHONPATH with the packages that a source archive asks for; undefined when it asks for none. */
export async function requirementsPath(
  ctx: RunContext,
  archive: string,
  folder: JobFolder,
): Promise<string | undefined> {
  const look = join(folder.dir, "source");
  await unpack(ctx, archive, look);
  const file = join(look, "requirements.txt");
  const text = await readFile(file, "utf8").catch(() => "");
  if (text.split("\n").every((line) => line.trim() === "" || line.trim().startsWith("#"))) return undefined;
  const target = join(ctx.workdir, "cache", "packages", createHash("sha256").update(text).digest("hex").slice(0, 24));
  if (
    await access(target).then(
      () => true,
      () => false,
    )
  )
    return target;
  const fresh = `${target}.${process.pid}.${Date.now()}`;
  await mkdir(fresh, { recursive: true });
  try {
    await run(ctx.python, ["-m", "pip", "install", "--quiet", "--target", fresh, "-r", file], {
      timeout: PIP_LIMIT_MS,
    });
    await rename(fresh, target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new JobFault(
      `AlgorithmError: InstallRequirementsError:\nErrorMessage "${stderr?.trim().slice(-700) || message}"`,
    );
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return target;
}
