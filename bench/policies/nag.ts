/** cdk-nag, where it is installed in bench/peers. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const peers = join(import.meta.dirname, "..", "peers");

/** Seconds to synthesise eighty resources and judge them, start of the process included; undefined where it is not installed. */
export function measureNag(times: number): number | undefined {
  if (!existsSync(join(peers, "node_modules", "cdk-nag"))) return undefined;
  let seconds = Number.POSITIVE_INFINITY;
  for (let run = 0; run < times; run++) {
    const began = performance.now();
    execFileSync(process.execPath, [join(peers, "nag.mjs")], { stdio: "ignore", cwd: peers });
    seconds = Math.min(seconds, (performance.now() - began) / 1000);
  }
  return seconds;
}
