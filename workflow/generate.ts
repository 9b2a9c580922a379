/**
 * Writes the reviewers' copies of the state machines, `workflow/generated/*.asl.json`: what a change does to the machine
 * itself is then part of its diff. `--check` writes nothing and fails when a copy is stale.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { definition as cleanUp } from "./clean-up.ts";
import { definition as rollout } from "./rollout.ts";
import { cleanUpSample, rolloutSample, submissionSample, trainingSample } from "./samples.ts";
import { definition as submission } from "./submission.ts";
import { definition as training } from "./training.ts";

const folder = join(import.meta.dirname, "generated");

/** The copies by file name. */
export function copies(): Record<string, string> {
  return {
    "training.asl.json": `${JSON.stringify(training(trainingSample), null, 2)}\n`,
    "submission.asl.json": `${JSON.stringify(submission(submissionSample), null, 2)}\n`,
    "clean-up.asl.json": `${JSON.stringify(cleanUp(cleanUpSample), null, 2)}\n`,
    "rollout.asl.json": `${JSON.stringify(rollout(rolloutSample), null, 2)}\n`,
  };
}

/** Names of the copies that are not what the program makes. */
export function stale(): string[] {
  return Object.entries(copies())
    .filter(([name, text]) => !existsSync(join(folder, name)) || readFileSync(join(folder, name), "utf8") !== text)
    .map(([name]) => name);
}

if (import.meta.main) {
  const old = stale();
  if (process.argv.includes("--check")) {
    for (const name of old) console.error(`workflow/generated/${name} is stale: run node workflow/generate.ts`);
    process.exitCode = old.length > 0 ? 1 : 0;
  } else {
    mkdirSync(folder, { recursive: true });
    for (const name of old) writeFileSync(join(folder, name), copies()[name] ?? "");
    console.log(old.length > 0 ? `written: ${old.join(", ")}` : "nothing to write");
  }
}
