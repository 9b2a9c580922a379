/** Start of the pack: from the process to the port that the engine waits for. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const PACK = join(import.meta.dirname, "..", "..", "policies");

export interface Started {
  /** From its sources, with compiled forms kept between runs. */
  readonly sources: number;
  /** As it starts: from its bundle. */
  readonly bundle: number;
  /** As the engine's language host starts it, the host's own launcher included. */
  readonly launched: number;
}

/** Seconds, the shortest of `times` starts of each kind, taken in turn; the first of each, which fills the caches, not counted. */
export async function measureStart(times: number): Promise<Started> {
  const pack = JSON.stringify(join(PACK, "pack.ts"));
  const fromSources = `require("node:module").enableCompileCache();process.chdir(${JSON.stringify(PACK)});import(${pack})`;
  const launcher = join(PACK, "..", "node_modules", "@pulumi", "pulumi", "cmd", "run-policy-pack", "index.js");
  const seconds = {
    sources: Number.POSITIVE_INFINITY,
    bundle: Number.POSITIVE_INFINITY,
    launched: Number.POSITIVE_INFINITY,
  };
  for (let run = 0; run <= times; run++) {
    const taken = {
      sources: await secondsToPort(["-e", fromSources]),
      bundle: await secondsToPort([join(PACK, "start.cjs")]),
      launched: await secondsToPort([launcher, "127.0.0.1:1", PACK]),
    };
    if (run === 0) continue;
    for (const [kind, one] of Object.entries(taken) as [keyof Started, number][])
      seconds[kind] = Math.min(seconds[kind], one);
  }
  return seconds;
}

async function secondsToPort(args: readonly string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, [...args], { stdio: ["ignore", "pipe", "inherit"], cwd: PACK });
  if (!child.stdout) throw new Error("no output");
  await once(child.stdout, "data");
  const seconds = (performance.now() - began) / 1000;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
  return seconds;
}
