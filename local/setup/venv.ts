/** The project's own Python environment: the emulators, the example model's libraries and the AWS SDK for Python. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "./children.mjs";
import { cache, requirementsFile, safeHome, sha256, venvIsReady, whyNotWritable, writeWhole } from "./facts.mjs";
import { withLock } from "./lock.mjs";
import { findPython, pythonFault } from "./prerequisites.mjs";
import { createSteps, type Steps } from "./steps.mjs";

export interface Venv {
  /** The environment's interpreter. */
  python: string;
  /** The environment's folder. */
  dir: string;
}

const toVenv = (dir: string): Venv => ({ python: join(dir, "bin", "python"), dir });

/** Packages that would take tens of minutes and a compiler from source: a missing wheel is told at once instead. */
const wheelsOnly = "numpy,scipy,pandas,scikit-learn";

/** Imported once after the install: a wheel that does not load on this system is found here, not in a scene. */
const proof = "import ministack, moto.server, boto3, pandas, sklearn.linear_model";

/**
 * Finds the Python environment, or makes it (about a minute). It lies in `.cache/venv-<hash of the requirements and the
 * Python version>` and counts only with its stamp `ok`, written last: an interrupted one is made anew. Two processes at
 * once take turns. The environment variable FRUGAL_VENV names a ready environment to use instead.
 *
 * @param log takes the lines a person should see
 * @throws Error naming what is missing and how to get it
 */
export async function ensureVenv(
  log: (line: string) => void = () => {},
  steps: Steps = createSteps({ terminal: false, write: (text) => log(text.trimEnd()) }),
): Promise<Venv> {
  const given = process.env.FRUGAL_VENV;
  if (given) {
    if (existsSync(toVenv(given).python)) return toVenv(given);
    throw new Error(`FRUGAL_VENV is ${given}, but ${toVenv(given).python} does not exist. Correct it or unset it.`);
  }
  const requirements = readFileSync(requirementsFile, "utf8");
  const ready = findReady(sha256(requirements));
  if (ready) return toVenv(ready);

  const wait = (pid?: number) =>
    steps.note(`Another run (process ${pid ?? "unknown"}) is making the Python environment; waiting for it.`);
  return await withLock(join(cache, "locks", "venv"), wait, async (child) => {
    const meanwhile = findReady(sha256(requirements));
    if (meanwhile) return toVenv(meanwhile);
    const found = findPython();
    if (!found.python) throw new Error(pythonFault(found));
    const { python, version } = found.python;
    const dir = join(cache, `venv-${sha256(requirements, version.join(".")).slice(0, 12)}`);
    const title = `Making the environment of Python ${version.join(".")}`;
    await steps.step(title, "pip, about a minute", () =>
      make(python, dir, child).catch((error: Error) => {
        throw error.name === "CommandFailed" ? new Error(`${error.message}\n${hint(error.message)}`) : error;
      }),
    );
    writeWhole(
      join(dir, "ok"),
      `${JSON.stringify({ requirements: sha256(requirements), folder: dir, python: version.join(".") })}\n`,
    );
    return toVenv(dir);
  });
}

/** A finished environment for these requirements, of any Python version. */
function findReady(requirements: string): string | undefined {
  if (!existsSync(cache)) return undefined;
  const folders = readdirSync(cache).filter((name) => name.startsWith("venv-"));
  return folders.map((name) => join(cache, name)).find((folder) => venvIsReady(folder, requirements));
}

async function make(python: string, dir: string, onStart: (pid: number) => void): Promise<void> {
  rmSync(dir, { recursive: true, force: true });
  const env: NodeJS.ProcessEnv = { ...process.env, PIP_NO_INPUT: "1", PIP_DISABLE_PIP_VERSION_CHECK: "1" };
  // Settings of the user's shell that would send packages elsewhere or take them from elsewhere.
  for (const name of ["PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_USER", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV"])
    delete env[name];
  const home = safeHome();
  if (!env.PIP_CACHE_DIR && (!home || whyNotWritable(join(home, ".cache")))) env.PIP_CACHE_DIR = join(cache, "pip");
  const logs = join(cache, "logs");
  const inside = toVenv(dir).python;
  await run(python, ["-m", "venv", dir], { what: "python -m venv", log: join(logs, "venv.log"), env, onStart });
  await run(inside, ["-m", "pip", "install", "--only-binary", wheelsOnly, "-r", requirementsFile], {
    what: "pip install",
    log: join(logs, "pip.log"),
    env,
    onStart,
  });
  await run(inside, ["-c", proof], {
    what: "the first import of the packages",
    log: join(logs, "import.log"),
    env,
    onStart,
  });
}

/** What most likely helps, from pip's own words. */
function hint(words: string): string {
  if (/No space left/i.test(words))
    return "The disk is full: the environment needs about 1 GB, and as much again while installing.";
  if (/No matching distribution|Could not find a version/i.test(words)) {
    return "A pinned package is not to be had for this Python version: FRUGAL_PYTHON can name another (3.10 to 3.14).";
  }
  return "Is the Python package index reachable (`python3 -m pip download six`), and is there space on the disk?";
}
