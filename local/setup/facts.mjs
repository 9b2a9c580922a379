/** Pure facts about versions and places that setup needs before anything is installed. No dependency, Node 16+. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of package.json. */
export const repo = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
/** Everything setup makes that is not node_modules or the engine; deleting it is always safe while nothing runs. */
export const cache = join(repo, ".cache");
export const requirementsFile = join(repo, "local", "setup", "requirements.txt");

/** The first dotted number in a text, e.g. "v24.21.0" or "Python 3.11.7" or "go1.26.8"; undefined when there is none. */
export function parseVersion(text) {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(String(text));
  return match ? [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] : undefined;
}

/** Whether `version` is `minimum` or newer; both are lists of numbers, a missing place counts as 0. */
export function atLeast(version, minimum) {
  for (let i = 0; i < Math.max(version.length, minimum.length); i++) {
    const difference = (version[i] ?? 0) - (minimum[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

export const sha256 = (...parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\n");
  return hash.digest("hex");
};

/** The JSON in a file, or undefined when the file is missing or not whole. */
export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** Writes a file in one step: a reader sees the old one or the new one, never a part. */
export function writeWhole(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}.partial`;
  writeFileSync(partial, text);
  renameSync(partial, file);
}

/** `mkdir -p`. Node's own never returns where a file system answers ENOENT under an existing folder (/proc does). */
function makeFolder(folder) {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (error.code === "EEXIST" && statSync(folder).isDirectory()) return;
    if (error.code !== "ENOENT" || existsSync(dirname(folder))) throw error;
    makeFolder(dirname(folder));
    mkdirSync(folder);
  }
}

/** Why `folder` cannot be written to, or undefined when it can; makes the folder. A real write, as root ignores modes. */
export function whyNotWritable(folder) {
  const probe = join(folder, `.write-probe-${process.pid}`);
  try {
    makeFolder(folder);
    writeFileSync(probe, "");
    rmSync(probe);
    return undefined;
  } catch (error) {
    const words = {
      EROFS: "read-only file system",
      EACCES: "no permission",
      EPERM: "not permitted",
      ENOSPC: "disk full",
    };
    return words[error.code] ? `${words[error.code]}, ${error.code}` : error.message;
  }
}

/** The version of the Pulumi engine: the one `@pulumi/pulumi` is pinned to in package.json. */
export function engineVersion(root = repo) {
  const pinned = readJson(join(root, "package.json"))?.dependencies?.["@pulumi/pulumi"];
  if (!/^\d+\.\d+\.\d+$/.test(pinned ?? "")) {
    throw new Error(`package.json: dependencies["@pulumi/pulumi"] must be one exact version, got ${pinned}`);
  }
  return pinned;
}

/** Where an engine may be, in the order looked at: the folder Pulumi's own tools share, then this project's cache. */
export function engineRoots(version, home = safeHome()) {
  const inCache = join(cache, "pulumi", "versions", version);
  return home ? [join(home, ".pulumi", "versions", version), inCache] : [inCache];
}

/** The home folder, or undefined where there is none (a container's odd user). */
export function safeHome() {
  try {
    return homedir() || undefined;
  } catch {
    return undefined;
  }
}

/** A ready Python environment made from these requirements, found by its stamp alone (no process is started). */
export function venvIsReady(folder, requirements) {
  const stamp = readJson(join(folder, "ok"));
  // An environment holds absolute paths: one that was moved or copied with its checkout does not count.
  return stamp?.requirements === requirements && stamp.folder === folder && existsSync(join(folder, "bin", "python"));
}

const readyFile = join(cache, "ready.json");
const given = () => ({
  home: safeHome() ?? null,
  venv: process.env.FRUGAL_VENV || null,
  engine: process.env.FRUGAL_ENGINE || null,
});

/** Notes that the Python environment and the engine are in place, so that the next run only looks at files. */
export function noteReady(venvFolder, engineBinary) {
  const { size, mtimeMs } = statSync(engineBinary);
  const note = {
    given: given(),
    venv: venvFolder,
    engine: { binary: engineBinary, version: engineVersion(), size, mtimeMs },
  };
  writeWhole(readyFile, `${JSON.stringify(note)}\n`);
}

/** Whether the Python environment and the engine are as the last successful setup left them. */
export function isReady() {
  const note = readJson(readyFile);
  if (!note || JSON.stringify(note.given) !== JSON.stringify(given())) return false;
  try {
    const { size, mtimeMs } = statSync(note.engine.binary);
    const engineSame =
      size === note.engine.size && mtimeMs === note.engine.mtimeMs && note.engine.version === engineVersion();
    const venvSame = note.given.venv
      ? existsSync(join(note.venv, "bin", "python"))
      : venvIsReady(note.venv, sha256(readFileSync(requirementsFile, "utf8")));
    return engineSame && venvSame;
  } catch {
    return false;
  }
}
