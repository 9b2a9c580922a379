/** The npm packages: whether node_modules is exactly what package-lock.json says, and `npm ci` where it is not. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { CommandFailed, run, tailOf } from "./children.mjs";
import * as facts from "./facts.mjs";
import { withLock } from "./lock.mjs";

const stampFile = (root) => join(root, "node_modules", ".frugal-install");

/** What an install is made from; a stamp of another platform does not count (a folder shared with a container). */
function identity(root) {
  return `${facts.sha256(readFileSync(join(root, "package-lock.json"), "utf8"))} ${process.platform}-${process.arch}`;
}

/** The Node 24 that npm has put into node_modules; everything but this set-up runs on it. */
export const packagedNode = (root = facts.repo) => join(root, "node_modules", "node", "bin", "node");

/** Whether a setup has finished here for this very lock file. Reads two small files. */
export function packagesReady(root = facts.repo) {
  try {
    return readFileSync(stampFile(root), "utf8") === identity(root) && existsSync(packagedNode(root));
  } catch {
    return false;
  }
}

/**
 * Whether node_modules, made by somebody's own `npm install`, is whole and the one the lock file describes. npm writes
 * node_modules/.package-lock.json last; each package it lists must also be there, in its version.
 */
export function installedByHand(root) {
  const locked = facts.readJson(join(root, "package-lock.json"))?.packages;
  const installed = facts.readJson(join(root, "node_modules", ".package-lock.json"))?.packages;
  if (!locked || !installed) return false;
  for (const [path, entry] of Object.entries(locked)) {
    if (path === "" || entry.link) continue;
    const here = installed[path];
    if (here === undefined ? !entry.optional && !entry.peer : here.version !== entry.version) return false;
  }
  return Object.entries(installed).every(([path, entry]) => {
    // npm tidies versions in its lock files; a package may say "v1.21.0" of itself.
    const version = facts.readJson(join(root, path, "package.json"))?.version?.replace(/^v/, "");
    return entry.link || version === entry.version;
  });
}

/** What is wrong with the Node in node_modules, or undefined when it runs and is the pinned one. */
function packagedNodeFault(root) {
  const pinned = facts.readJson(join(root, "package.json")).devDependencies.node;
  const answer = spawnSync(packagedNode(root), ["--version"], { encoding: "utf8", timeout: 15_000 });
  if (answer.stdout?.trim() === `v${pinned}`) return undefined;
  const why = answer.error?.message ?? `it answers ${JSON.stringify(`${answer.stdout}${answer.stderr}`.trim())}`;
  return (
    `npm has installed the packages, but Node ${pinned} from the npm package \`node\` does not run (${why}). Its binary ` +
    "comes by an install script: if npm's `ignore-scripts` is on, run `npm rebuild node --ignore-scripts=false`."
  );
}

/** npm as this run was started by, else the one on PATH. */
function npm() {
  const own = process.env.npm_execpath ?? "";
  return basename(own) === "npm-cli.js" ? [process.execPath, [own]] : ["npm", []];
}

/** A cache folder for npm: its own, unless the home folder cannot be written to. */
function npmEnvironment(root) {
  const home = facts.safeHome();
  const env = { ...process.env };
  // npm hands its own settings down to scripts; `omit` would leave out what the rehearsal needs.
  delete env.npm_config_omit;
  delete env.NODE_ENV;
  const own = process.env.npm_config_cache ?? (home ? join(home, ".npm") : undefined);
  if (!own || facts.whyNotWritable(own)) env.npm_config_cache = join(root, ".cache", "npm");
  return env;
}

/** npm's own error lines, without the usage that it prints after them. */
export function npmErrors(output) {
  const lines = output.split("\n").filter((line) => /^npm (error|ERR!) ./.test(line));
  const usage = lines.findIndex((line) => /Clean install a project|Usage:/.test(line));
  const errors = usage > 0 ? lines.slice(0, usage) : lines;
  return errors.length > 0 ? tailOf(errors.slice(0, 20).join("\n")) : tailOf(output);
}

/** What most likely helps, from npm's own words. */
function npmHint(words) {
  if (/EUSAGE|in sync/.test(words))
    return "package-lock.json does not match package.json: `npm install --package-lock-only` renews it.";
  if (/ENOSPC/.test(words)) return "The disk is full.";
  if (/EACCES|EROFS|EPERM/.test(words)) return "npm may not write where it must: see the path it names.";
  return "Is the npm registry reachable (`npm ping`), and is there space on the disk?";
}

/** Installs the npm packages when they are missing or stale. */
export async function ensurePackages(steps, root = facts.repo) {
  if (packagesReady(root)) return;
  const wait = (pid) =>
    steps.note(`Another run (process ${pid ?? "unknown"}) is installing the npm packages; waiting for it.`);
  await withLock(join(root, ".cache", "locks", "npm"), wait, async (child) => {
    if (packagesReady(root)) return;
    if (!installedByHand(root) || packagedNodeFault(root)) {
      rmSync(stampFile(root), { force: true });
      const log = join(root, ".cache", "logs", "npm-ci.log");
      const [command, first] = npm();
      const args = [...first, "ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--no-progress"];
      await steps.step("Installing the npm packages", "npm ci, about a minute", async () => {
        try {
          await run(command, args, {
            what: "npm ci",
            cwd: root,
            log,
            env: npmEnvironment(root),
            onStart: child,
            excerpt: npmErrors,
          });
        } catch (error) {
          if (error instanceof CommandFailed) {
            error.message += `\n${npmHint(error.message)}`;
          }
          throw error;
        }
      });
    }
    const fault = packagedNodeFault(root);
    if (fault) throw new Error(fault);
    facts.writeWhole(stampFile(root), identity(root));
  });
}

/** The environment in which everything after setup runs: Node 24 first on PATH, compiled code kept between runs. */
export function runEnvironment(root = facts.repo) {
  const bin = join(root, "node_modules", ".bin");
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== bin);
  return {
    ...process.env,
    PATH: [bin, ...path].join(delimiter),
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, ".cache", "compiled"),
  };
}
