/** `cdk synth` of an application that is judged by cdk-nag, where both are installed in bench/peers. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Declared, sharedEstate } from "./estate.ts";

const peers = join(import.meta.dirname, "..", "peers");

/** Synthesises the resources that a preview declares, and has them judged; undefined where it is not installed. */
export function startNag(resources: number): { synth(compiled: string): number; close(): void } | undefined {
  if (!existsSync(join(peers, "node_modules", "aws-cdk"))) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "bench-nag-"));
  const file = join(folder, "estate.json");
  writeFileSync(file, JSON.stringify(sharedEstate(resources) satisfies readonly Declared[]));
  return {
    /** Seconds of one run, start of the processes included. `compiled` is where Node keeps compiled code. */
    synth(compiled) {
      const cli = join(peers, "node_modules", "aws-cdk", "bin", "cdk");
      const app = `${process.execPath} nag.mjs ${file}`;
      const quiet = ["--quiet", "--no-notices", "--no-version-reporting"];
      const args = [cli, "synth", ...quiet, "--output", join(folder, "out"), "--app", app];
      const began = performance.now();
      const env = { ...process.env, NODE_COMPILE_CACHE: compiled };
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: peers, encoding: "utf8", env });
      const seconds = (performance.now() - began) / 1000;
      const said = stdout + stderr;
      // 1 is its code for findings; without any, it was something else that ended it.
      if (status !== 0 && !said.includes("AwsSolutions-")) throw new Error(said.slice(0, 2000));
      return seconds;
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
