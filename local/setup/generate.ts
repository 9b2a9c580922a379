/** `npm run generate`: makes every generated file anew; with `--check` it only says which are stale, and fails then. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const generators = [
  "../../workflow/generate.ts",
  "../../policies/generate.ts",
  "../../policies/generate-actions.ts",
  "../../policies/generate-deprecated.ts",
];
const failed = generators.filter((generator) => {
  const script = fileURLToPath(new URL(generator, import.meta.url));
  return spawnSync(process.execPath, [script, ...process.argv.slice(2)], { stdio: "inherit" }).status !== 0;
});
process.exitCode = failed.length === 0 ? 0 : 1;
