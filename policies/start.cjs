#!/usr/bin/env node
/**
 * The pack's entry. Two ways lead here. `--policy-pack policies`: the engine's launcher (`@pulumi/pulumi/cmd/run-policy-pack`)
 * calls the exported function. `--policy-pack policies/start.cjs`: the engine starts this file itself, as it starts a
 * provider (pulumi 3.259.0, NewPolicyAnalyzer), which spares it the launcher and the TypeScript that the launcher loads.
 *
 * CommonJS, because the launcher registers an old TypeScript for every required `.ts` file. The pack is loaded from its
 * bundle, or else from its sources by an `import()`, which passes by that TypeScript and lets Node strip the types itself.
 */
"use strict";
const { existsSync, fstatSync } = require("node:fs");
const { enableCompileCache } = require("node:module");
const { join } = require("node:path");

/**
 * What is wrong with this Node, in words; undefined where nothing is.
 * @param {string} version such as `24.21.0`
 */
function nodeFault(version) {
  const { node } = require("./package.json").engines;
  const [least, found] = [node.replace(">=", ""), version].map((one) => one.split(".").map(Number));
  const [major, minor] = [found[0] - least[0], found[1] - least[1]];
  if (major > 0 || (major === 0 && minor >= 0)) return undefined;
  return `The policy pack needs Node ${node}, but this is Node ${version} (${process.execPath}): put a newer node first in PATH.`;
}

module.exports = async function start() {
  const fault = nodeFault(process.versions.node);
  if (fault) {
    console.error(fault);
    process.exit(1);
  }
  // The compiled form of what is loaded is kept between runs.
  enableCompileCache?.();
  // The library reads the version from package.json in the working directory.
  process.chdir(__dirname);
  // A copy of the pack (see copy.ts) is one file and has no sources.
  let file = join(__dirname, "pack.cjs");
  if (existsSync(file)) return require(file);
  try {
    file = await require("./bundle.cjs").bundled(__dirname);
  } catch (error) {
    if (process.features.typescript) return import("./pack.ts");
    console.error(
      `The policy pack could not be bundled (${error.message}), and this Node is told not to run TypeScript: run npm install in ${__dirname}.`,
    );
    process.exit(1);
  }
  return require(file);
};

module.exports.nodeFault = nodeFault;

/** A server knows no end: it ends when whoever started it is gone, of which its standard input tells, SIGKILL included. */
function endWithTheEngine() {
  const input = fstatSync(0);
  if (!input.isFIFO() && !input.isSocket()) return;
  const end = () => process.exit(0);
  process.stdin.resume().on("end", end).on("error", end);
  process.stdin.unref?.();
}

if (require.main === module) {
  endWithTheEngine();
  module.exports();
}
