/** The real engine over an estate, with the pack and without: what somebody waits for. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Cli, startCli } from "../../test/policies/support/cli.ts";
import { startRegistry } from "../../test/policies/support/registry-server.ts";
import { estate } from "./estate.ts";

const PACK = join(import.meta.dirname, "..", "..", "policies");

export interface Previewed {
  readonly resources: number;
  readonly without: number;
  readonly withPack: number;
}

/** Seconds of a preview of a stack that does not exist yet; the shortest of `times` runs of each kind, taken in turn. */
export async function measureEngine(sizes: readonly number[], times: number): Promise<Previewed[]> {
  const cli = await startCli(join(import.meta.dirname, "program"), "prod");
  // Rules that ask AWS are answered at once: what a network takes is not the pack's.
  const registry = await startRegistry();
  try {
    const measured: Previewed[] = [];
    for (const size of sizes) {
      const file = join(cli.folder, `estate-${size}.json`);
      await writeFile(file, JSON.stringify(estate(size).map(({ type, name, inputs }) => ({ type, name, inputs }))));
      const seconds = { without: Number.POSITIVE_INFINITY, withPack: Number.POSITIVE_INFINITY };
      for (let run = 0; run < times; run++) {
        seconds.without = Math.min(seconds.without, await preview(cli, file, registry.env, []));
        seconds.withPack = Math.min(seconds.withPack, await preview(cli, file, registry.env, ["--policy-pack", PACK]));
      }
      measured.push({ resources: size, ...seconds });
    }
    return measured;
  } finally {
    await cli.close();
    await registry.close();
  }
}

async function preview(
  cli: Cli,
  file: string,
  env: Readonly<Record<string, string>>,
  options: readonly string[],
): Promise<number> {
  const began = performance.now();
  const { output } = await cli.pulumi(["preview", "--suppress-progress", ...options], {
    config: { "aws:region": "us-east-1", "aws-native:region": "us-east-1" },
    env: { ...env, BENCH_ESTATE: file },
  });
  if (!/Previewing update/.test(output) || /panic|unhandled/i.test(output)) throw new Error(output.slice(0, 2000));
  return (performance.now() - began) / 1000;
}
