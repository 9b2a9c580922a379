/** What must be on the machine before anything can be set up. Every fault is found first, then all are named at once. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import * as facts from "./facts.mjs";

/** What Python must be able to import to make an environment; Debian ships `ensurepip` in a package of its own. */
const modules = ["venv", "ensurepip", "ssl", "sqlite3", "ctypes"];
const pythonMinimum = [3, 10];
const pythonNames = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"];
const howToPython =
  "Install it: Debian and Ubuntu `apt install python3 python3-venv`, Fedora `dnf install python3`, macOS `brew install " +
  "python`, else https://www.python.org/downloads/. Or name another one: FRUGAL_PYTHON=/path/to/python3.";
/** Written for any Python, 2.7 included: prints one line of JSON. */
const question = `
import sys, json
lacks = []
for name in ${JSON.stringify(modules)}:
    try: __import__(name)
    except Exception: lacks.append(name)
print(json.dumps({"python": sys.executable, "version": list(sys.version_info[:3]), "lacks": lacks}))
`;

/** Whether a command of this name is on PATH. */
export function onPath(name, path = process.env.PATH ?? "") {
  return path.split(delimiter).some((folder) => {
    try {
      fs.accessSync(join(folder, name), fs.constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Asks one Python what it is; undefined when there is none of this name or it does not run. */
function ask(name) {
  if (!name.includes("/") && !onPath(name)) return undefined;
  const answer = spawnSync(name, ["-c", question], {
    encoding: "utf8",
    timeout: 15_000,
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    return { name, ...JSON.parse(answer.stdout) };
  } catch {
    return undefined;
  }
}

/** The first Python that will do, and all that were asked. FRUGAL_PYTHON, when set, is the only one asked. */
export function findPython(names = process.env.FRUGAL_PYTHON ? [process.env.FRUGAL_PYTHON] : pythonNames) {
  const asked = [];
  for (const name of names) {
    const answer = ask(name);
    if (!answer) continue;
    asked.push(answer);
    if (facts.atLeast(answer.version, pythonMinimum) && answer.lacks.length === 0)
      return { python: answer, asked, names };
  }
  return { python: undefined, asked, names };
}

/** What is wrong with the Pythons found, or undefined when one will do. */
export function pythonFault({ python, asked, names }) {
  if (python) return undefined;
  const wanted = `Python ${pythonMinimum.join(".")} or newer`;
  if (asked.length === 0) return `${wanted} is missing: none of ${names.join(", ")} runs. ${howToPython}`;
  const found = asked.map(({ name, version, lacks }) => {
    const old = !facts.atLeast(version, pythonMinimum);
    return `${name} is ${version.join(".")}${old ? ", too old" : `, without its module${lacks.length > 1 ? "s" : ""} ${lacks.join(", ")}`}`;
  });
  return `${wanted}, complete with its standard modules, is missing: ${found.join("; ")}. ${howToPython}`;
}

export function nodeFault(version = process.versions.node) {
  if (facts.atLeast(facts.parseVersion(version), [20])) return undefined;
  return `Node ${version} is too old: Node 20 or newer is needed (https://nodejs.org/en/download).`;
}

export function platformFault(platform = process.platform) {
  if (platform !== "win32") return undefined;
  return "Windows is not supported directly: run this in WSL (https://learn.microsoft.com/windows/wsl/install).";
}

/** Folders setup and the rehearsal write to. */
export function writingFaults(root = facts.repo, temporary = tmpdir()) {
  const inUse = [
    root,
    ...[".cache", "node_modules"].map((name) => join(root, name)).filter((folder) => fs.existsSync(folder)),
  ];
  const closed = inUse.flatMap((folder) => {
    const why = facts.whyNotWritable(folder);
    return why ? [`${folder} (${why})`] : [];
  });
  const faults = [];
  if (closed.length > 0) {
    const folders = closed.join(", ");
    faults.push(
      `No writing to ${folders}. Let this user write there, or clone the project to a disk that can be written.`,
    );
  }
  const why = facts.whyNotWritable(temporary);
  if (why)
    faults.push(
      `No writing to the temporary folder ${temporary} (${why}). Set TMPDIR to a folder that can be written.`,
    );
  return faults;
}

/** Megabytes that node_modules and the Python environment take with what is unpacked on the way. */
const neededMb = 2000;

export function spaceFault(root = facts.repo, free = freeMb(root)) {
  if (free === undefined || free >= neededMb) return undefined;
  return `The disk of ${root} has ${free} MB left; the packages need about ${neededMb} MB. Free some space.`;
}

function freeMb(root) {
  try {
    const { bavail, bsize } = fs.statfsSync(root);
    return Math.floor((bavail * bsize) / 1e6);
  } catch {
    return undefined; // an old Node or an odd file system: the install itself will tell
  }
}

/** Seconds after which Pulumi's download site counts as out of reach. */
const reachSeconds = 10;

/** Why Pulumi's download site cannot be reached, or undefined when it answers (or when that cannot be told from here). */
export async function whyNoDownload() {
  const proxy = process.env.HTTPS_PROXY || process.env.https_proxy;
  if (proxy || typeof fetch !== "function") return undefined; // Node 20's fetch knows no proxy: let the download try
  try {
    await fetch("https://get.pulumi.com/install.sh", {
      method: "HEAD",
      signal: AbortSignal.timeout(reachSeconds * 1000),
    });
    return undefined;
  } catch (error) {
    if (error.name === "TimeoutError") return `get.pulumi.com did not answer within ${reachSeconds} s`;
    return `get.pulumi.com cannot be reached: ${error.cause?.message ?? error.message}`;
  }
}

/** What to do when there is no engine. The Go version is the one of local/engine/build/go.mod. */
export const howToEngine = (version) =>
  `Any one of these mends it: let this machine reach https://get.pulumi.com and https://github.com; or install Go 1.25.11 ` +
  `or newer (https://go.dev/dl/), from which the engine is then built; or set FRUGAL_ENGINE to a pulumi ${version} you have.`;

/** Whether there is any way to an engine at all, asked before minutes go into the other packages. */
async function engineFault() {
  const version = facts.engineVersion();
  if (process.env.FRUGAL_ENGINE || onPath("go")) return undefined;
  if (facts.engineRoots(version).some((root) => fs.existsSync(join(root, "bin", "pulumi")))) return undefined;
  const unreachable = await whyNoDownload();
  if (!unreachable) return undefined;
  return `The Pulumi engine ${version} is not here, ${unreachable}, and \`go\` is not on PATH. ${howToEngine(version)}`;
}

/**
 * All that stands in the way, each a sentence or two with what to do about it; empty when nothing does. `onlyEngine` says
 * that all but an engine is there.
 * @param needs.packages npm packages are still to be installed
 * @param needs.tools the Python environment or the engine is still to be made
 */
export async function findFaults(needs) {
  const others = [
    platformFault(),
    nodeFault(),
    ...(needs.tools && !process.env.FRUGAL_VENV ? [pythonFault(findPython())] : []),
    ...writingFaults(),
    ...(needs.packages ? [spaceFault()] : []),
  ].filter((fault) => fault !== undefined);
  const engine = needs.tools ? await engineFault() : undefined;
  return { faults: engine ? [...others, engine] : others, onlyEngine: engine !== undefined && others.length === 0 };
}

/** All faults as one message. */
export function faultsMessage(faults) {
  const head = faults.length === 1 ? "One thing to mend first:" : `${faults.length} things to mend first:`;
  return [head, ...faults.map((fault, index) => `${index + 1}. ${fault}`)].join("\n");
}
