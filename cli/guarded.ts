/**
 * `npm run preview -- --stack prod [--report <folder>]` and `npm run up -- --stack dev`: Pulumi with the policy pack and the
 * stack's own orders, so that neither is forgotten. What a pull request's check runs; `--report` leaves the verdicts as
 * `policies.md` (for the pull request), `policies.sarif` (for code scanning) and `policies.junit.xml`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { report } from "../policies/report/main.ts";

const root = join(import.meta.dirname, "..");
const configs = join(root, "policies", "config");

/** The pack, and what it is ordered to do on a stage: values of `--policy-pack` and `--policy-pack-config`. */
export const orders = (stage: string): { readonly pack: string; readonly config: string } => ({
  // Windows starts no script by itself: there the folder is named, and the engine's launcher starts the pack, more slowly.
  pack: process.platform === "win32" ? join(root, "policies") : join(root, "policies", "start.cjs"),
  config: join(configs, `${stage}.json`),
});

/** Node's processes of a run (the program, the pack) keep their compiled code between runs. */
export const compiled = (): string => process.env.NODE_COMPILE_CACHE ?? join(root, ".cache", "compiled");

const COMMANDS = ["preview", "up"] as const;
const USAGE =
  "usage: npm run preview -- --stack <stage> [--report <folder>] [-- <options of pulumi>], or npm run up -- --stack <stage>";
/** Options that would take the guard away. */
const REFUSED = ["--policy-pack", "--policy-pack-config", "--skip-preview", "-f"];

/** What is to be run, or in words why nothing is; all faults at once. */
export type Plan =
  | { readonly args: readonly string[]; readonly events?: string; readonly folder?: string }
  | { readonly faults: readonly string[] };

/** @param argv after the command's own name: `preview --stack prod …` */
export function plan(argv: readonly string[]): Plan {
  const faults: string[] = [];
  const { values, positionals } = parsed(argv, faults);
  const [command, ...more] = positionals;
  const known = COMMANDS.find((one) => one === command);
  if (known === undefined) faults.push(`the command must be ${COMMANDS.join(" or ")}, got ${command ?? "none"}`);
  const stages = readdirSync(configs)
    .map((file) => basename(file, ".json"))
    .filter((stage) => stage !== "baseline");
  const { stack, report: folder } = values;
  if (stack === undefined) faults.push("--stack must name the stage");
  // The stack's last part: organisation/project/stack is a name of it too.
  const stage = stack?.split("/").at(-1) ?? "";
  if (stack !== undefined && !stages.includes(stage))
    faults.push(`policies/config has no orders for stack ${stage}: it has ${stages.join(", ")}`);
  if (folder !== undefined && known === "up")
    faults.push("--report is of preview: what is refused there is never tried");
  for (const option of more) {
    const name = option.split("=", 1)[0] ?? "";
    if (REFUSED.includes(name)) faults.push(`${name} would take the policies away; use pulumi itself if you must`);
  }
  if (faults.length > 0 || known === undefined || stack === undefined) return { faults };
  const { pack, config } = orders(stage);
  const args = [known, "--stack", stack, "--policy-pack", pack, "--policy-pack-config", config, ...more];
  if (folder === undefined) return { args };
  const events = join(folder, "events.jsonl");
  return { args: [...args, "--event-log", events], events, folder };
}

function parsed(argv: readonly string[], faults: string[]) {
  const options = { stack: { type: "string", short: "s" }, report: { type: "string" } } as const;
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
    return {
      values: {} as { stack?: string; report?: string },
      positionals: argv.filter((one) => !one.startsWith("-")),
    };
  }
}

/** Exit code of Pulumi; 2 when nothing was run. */
export function main(argv: readonly string[], pulumi = "pulumi"): number {
  const planned = plan(argv);
  if ("faults" in planned) {
    console.error(`${planned.faults.join("; ")}\n${USAGE}`);
    return 2;
  }
  const { args, events, folder } = planned;
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  const env = {
    ...process.env,
    NODE_COMPILE_CACHE: compiled(),
    // The option for the events is one that Pulumi shows only on demand (pulumi 3.259.0).
    ...(events === undefined ? {} : { PULUMI_DEBUG_COMMANDS: "true" }),
  };
  const { status, error } = spawnSync(pulumi, args, { stdio: "inherit", env });
  if (error) {
    console.error(`${pulumi} cannot be started: ${error.message}. Install Pulumi, or put it into the PATH.`);
    return 2;
  }
  if (events !== undefined && folder !== undefined && existsSync(events)) {
    const [markdown, sarif, junit] = ["policies.md", "policies.sarif", "policies.junit.xml"].map((name) =>
      join(folder, name),
    );
    const written = report([events, "--markdown", markdown ?? "", "--sarif", sarif ?? "", "--junit", junit ?? ""]);
    if (written.code !== 0) console.error(written.output);
    else console.log(`The verdicts: ${[markdown, sarif, junit].join(", ")}`);
  }
  return status ?? 1;
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2));
