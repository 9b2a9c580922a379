/** The real engine over an estate, with the pack and without: what somebody waits for. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { orders } from "../../cli/guarded.ts";
import { type Cli, startCli } from "../../test/policies/support/cli.ts";
import { startRegistry } from "../../test/policies/support/registry-server.ts";
import type { Declared } from "./estate.ts";

const ways = {
  without: [],
  /** As `npm run preview` starts it. */
  withPack: ["--policy-pack", orders("prod").pack],
  /** By its folder: through the engine's launcher. */
  byFolder: ["--policy-pack", join(import.meta.dirname, "..", "..", "policies")],
} as const;

/** Seconds of a preview of a stack that does not exist yet. */
export type Previewed = Readonly<Record<keyof typeof ways, number>>;

export interface Engine {
  /** One preview each way. `compiled` is where Node keeps compiled code, if anywhere. */
  preview(estate: readonly Declared[], compiled?: string): Promise<Previewed>;
  close(): Promise<void>;
}

export async function startBench(): Promise<Engine> {
  const cli = await startCli(join(import.meta.dirname, "program"), "prod");
  // Rules that ask AWS are answered at once: what a network takes is not the pack's.
  const registry = await startRegistry();
  const file = join(cli.folder, "estate.json");
  return {
    async preview(estate, compiled) {
      await writeFile(file, JSON.stringify(estate));
      const cache: Record<string, string> = compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled };
      const env = { ...registry.env, ...cache, BENCH_ESTATE: file };
      const seconds: Record<keyof typeof ways, number> = { without: 0, withPack: 0, byFolder: 0 };
      for (const [way, options] of Object.entries(ways) as [keyof typeof ways, readonly string[]][])
        seconds[way] = await preview(cli, env, options);
      return seconds;
    },
    async close() {
      await cli.close();
      await registry.close();
    },
  };
}

async function preview(cli: Cli, env: Readonly<Record<string, string>>, options: readonly string[]): Promise<number> {
  const began = performance.now();
  const { output } = await cli.pulumi(["preview", "--suppress-progress", ...options], {
    config: { "aws:region": "us-east-1", "aws-native:region": "us-east-1" },
    env,
  });
  if (!/Previewing update/.test(output) || /panic|unhandled/i.test(output)) throw new Error(output.slice(0, 2000));
  return (performance.now() - began) / 1000;
}
