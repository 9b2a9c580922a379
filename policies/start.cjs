/**
 * The pack's entry: CommonJS, because the engine's launcher (`@pulumi/pulumi/cmd/run-policy-pack`) registers an old TypeScript
 * for every required `.ts` file. The pack is loaded from its bundle, or else from its sources by an `import()`, which passes
 * by that TypeScript and lets Node strip the types itself.
 * Runs under the launcher (which calls the exported function) and alone: `node policies/start.cjs`.
 */
"use strict";
const { existsSync } = require("node:fs");
const { enableCompileCache } = require("node:module");
const { join } = require("node:path");

module.exports = async function start() {
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
    const { node } = process.versions;
    console.error(
      `The policy pack could not be bundled (${error.message}). Node 22.18 or later runs its TypeScript as it is, but this is Node ${node} (${process.execPath}): run npm install in ${__dirname}, or put a newer node first in PATH.`,
    );
    process.exit(1);
  }
  return require(file);
};

if (require.main === module) module.exports();
