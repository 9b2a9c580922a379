/**
 * The pack's entry: CommonJS, because the engine's launcher (`@pulumi/pulumi/cmd/run-policy-pack`) registers an old TypeScript
 * for every required `.ts` file; an `import()` passes by it and lets Node strip the types itself.
 * Runs under the launcher (which calls the exported function) and alone: `node policies/start.cjs`.
 */
"use strict";
const { enableCompileCache } = require("node:module");

module.exports = function start() {
  if (!process.features.typescript) {
    console.error(
      `The policy pack needs Node 22.18 or later, which runs TypeScript by itself; this is Node ${process.versions.node} (${process.execPath}). Put a newer node first in PATH.`,
    );
    process.exit(1);
  }
  // Nearly all of the start-up is loading modules; their compiled form is kept between runs.
  enableCompileCache?.();
  // The library reads the version from package.json in the working directory.
  process.chdir(__dirname);
  return import("./pack.ts");
};

if (require.main === module) module.exports();
