/** Finds the Pulumi engine of the pinned version, or makes it: cache, official download, build from Go modules. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation/cmd.js";
import { cache, engineRoots, engineVersion, sha256, whyNotWritable } from "../setup/facts.mjs";
import { withLock } from "../setup/lock.mjs";
import { createSteps, type Steps } from "../setup/steps.mjs";
import { buildEngine } from "./build.ts";
import { whyNotEngine } from "./check.ts";
import { downloadEngine } from "./download.ts";
import { type Attempt, EngineUnavailable } from "./unavailable.ts";

export interface Engine {
  /** For the Automation API's `pulumiCommand`. */
  command: PulumiCommand;
  /** The executable. */
  binary: string;
  /** The executable's folder, for PATH. */
  dir: string;
}

/**
 * The engine of the version `@pulumi/pulumi` is pinned to in package.json. Looked for in the folder that Pulumi's own
 * tools share (`~/.pulumi/versions/<version>`; `.cache/pulumi` of this project where the home folder cannot be written
 * to); then downloaded; then built by `go` (about five minutes). Made under another name and put in place in one step,
 * so an interrupted attempt leaves nothing that counts. Two processes at once take turns. The environment variable
 * FRUGAL_ENGINE names a ready executable to use instead.
 *
 * @param log takes the lines a person should see
 * @throws EngineUnavailable with every way tried; Error when FRUGAL_ENGINE does not name this version
 */
export async function ensureEngine(
  log: (line: string) => void = () => {},
  steps: Steps = createSteps({ terminal: false, write: (text) => log(text.trimEnd()) }),
): Promise<Engine> {
  const version = engineVersion();
  const given = process.env.FRUGAL_ENGINE;
  if (given) return await useGiven(resolve(given), version);

  const attempts: Attempt[] = [];
  const present = await firstPresent(version, attempts);
  if (present) return await toEngine(present);

  const root = writableRoot(version, attempts);
  const lock = join(dirname(root), `.lock-${version}`);
  const wait = (pid?: number) =>
    steps.note(`Another run (process ${pid ?? "unknown"}) is making the engine; waiting for it.`);
  return await withLock(lock, wait, async (child) => {
    const meanwhile = await firstPresent(version, []);
    if (meanwhile) return await toEngine(meanwhile);
    removePartial(root, version);
    const partial = join(dirname(root), `.partial-${version}-${process.pid}`);
    const ways = [
      { way: "official download", make: downloadEngine },
      { way: "build from Go modules", make: buildEngine },
    ];
    try {
      for (const { way, make } of ways) {
        const outcome =
          (await make({ root: partial, version, steps, onStart: child })) ??
          (await whyNotEngine(join(partial, "bin", "pulumi"), version));
        if (outcome === undefined) {
          rmSync(root, { recursive: true, force: true });
          renameSync(partial, root);
          return await toEngine(root);
        }
        attempts.push({ way, outcome });
        if (way === "official download")
          steps.note(`The engine's official download: ${firstLine(outcome)}. Trying to build it instead.`);
        rmSync(partial, { recursive: true, force: true });
      }
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
    throw new EngineUnavailable(version, attempts);
  });
}

const firstLine = (text: string) => text.split("\n")[0];

async function toEngine(root: string): Promise<Engine> {
  const binary = join(root, "bin", "pulumi");
  return { command: await PulumiCommand.get({ root }), binary, dir: dirname(binary) };
}

/** The first root that holds the right engine; each other one is noted with its reason. */
async function firstPresent(version: string, attempts: Attempt[]): Promise<string | undefined> {
  for (const root of engineRoots(version)) {
    const binary = join(root, "bin", "pulumi");
    const outcome = existsSync(binary) ? await whyNotEngine(binary, version) : "not there";
    if (outcome === undefined) return root;
    attempts.push({ way: binary, outcome });
  }
  return undefined;
}

/** Where a new engine goes: the first root whose parent can be written to. */
function writableRoot(version: string, attempts: Attempt[]): string {
  for (const root of engineRoots(version)) {
    const why = whyNotWritable(dirname(root));
    if (!why) return root;
    attempts.push({ way: `making ${dirname(root)}`, outcome: why });
  }
  throw new EngineUnavailable(version, attempts);
}

/** What earlier attempts left that were killed. Only called under the lock. */
function removePartial(root: string, version: string): void {
  for (const name of readdirSync(dirname(root))) {
    if (name.startsWith(`.partial-${version}-`)) rmSync(join(dirname(root), name), { recursive: true, force: true });
  }
}

/** The executable FRUGAL_ENGINE names. The Automation API wants it as `<root>/bin/pulumi`: linked there when it is not. */
async function useGiven(given: string, version: string): Promise<Engine> {
  const why = existsSync(given) ? await whyNotEngine(given, version) : "there is no such file";
  if (why)
    throw new Error(`FRUGAL_ENGINE is ${given}, which is no Pulumi engine ${version}: ${why}. Correct it or unset it.`);
  if (basename(given) === "pulumi" && basename(dirname(given)) === "bin")
    return await toEngine(dirname(dirname(given)));
  const root = join(cache, "pulumi", `given-${sha256(given).slice(0, 8)}`);
  const link = join(root, "bin", "pulumi");
  const fresh = `${link}.${process.pid}`;
  mkdirSync(dirname(link), { recursive: true });
  rmSync(fresh, { force: true });
  symlinkSync(given, fresh);
  renameSync(fresh, link);
  return await toEngine(root);
}
