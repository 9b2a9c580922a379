/**
 * Lets the engine start the policy pack without a language host: a pack path that is an executable file is started
 * directly, with the engine's address (pulumi 3.259.0, NewPolicyAnalyzer). It starts the same program that the host would.
 */
import { chmod, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const lifeline = new URL("../engine/language-host/lifeline.mjs", import.meta.url).href;
const packFolder = fileURLToPath(new URL("../../policies", import.meta.url));

/**
 * Writes the executable of an operation into `folder` and returns its path. The engine tells a pack that a language host
 * starts whether it judges a preview; a pack started directly is told here (rules look more closely at an update).
 */
export async function writePolicyPackShim(folder: string, operation: "preview" | "update"): Promise<string> {
  const runner = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/run-policy-pack/index.js");
  const file = path.join(folder, `policy-pack-${operation}`);
  // The language host starts a pack in its own folder; elsewhere the runner would read that folder's tsconfig.json.
  const dryRun = `export PULUMI_DRY_RUN=${operation === "preview"} PULUMI_NODEJS_DRY_RUN=${operation === "preview"}`;
  const script = `#!/bin/sh\n${dryRun}\ncd ${quote(packFolder)} && exec ${quote(process.execPath)} --import ${quote(lifeline)} ${quote(runner)} "$1" ${quote(packFolder)}\n`;
  await writeFile(file, script);
  await chmod(file, 0o755);
  return file;
}

/** Pack settings of a stage, as `--policy-pack-config` takes them. */
export function policyPackConfig(stage: string): string {
  return path.join(packFolder, "config", `${stage}.json`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
