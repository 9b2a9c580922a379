/**
 * The policy pack's speed, as ratios in one run:
 *
 *   npm run bench:policies                  # the rules alone up to 10,000 resources, previews at 80, and its peers
 *   npm run bench:policies -- --engine      # the real engine with 1,000 and 10,000 resources too: minutes
 *
 * cfn-guard is measured where it is on PATH or at CFN_GUARD (cargo install cfn-guard), cdk-nag after npm install in
 * bench/peers. Times are of this machine at this moment; only the ratios mean something elsewhere.
 */
import { measureEngine } from "./policies/engine.ts";
import { measureGuard } from "./policies/guard.ts";
import { measureNag } from "./policies/nag.ts";
import { measureRules, ruleCount } from "./policies/rules.ts";
import { measureStart } from "./policies/start.ts";

const SIZES = [1_000, 2_000, 5_000, 10_000];
const s = (seconds: number): string => `${seconds.toFixed(2)} s`;
const times = (ratio: number): string => `${ratio.toFixed(2)} times`;
const say = (...lines: readonly string[]): void => console.log(lines.join("\n"));

const measured = await measureRules(SIZES);
const [first] = measured;
const last = measured.at(-1);
if (!first || !last) throw new Error("nothing was measured");
say(`${ruleCount} rules, evaluation alone:`);
for (const { resources, seconds, megabytes, findings } of measured)
  say(
    `  ${String(resources).padStart(6)} resources  ${s(seconds)}  ${((seconds / resources) * 1e6).toFixed(0)} µs each  ${megabytes.toFixed(0)} MB at most  ${findings} findings`,
  );
say(
  `  per resource, ${last.resources} cost ${times(last.seconds / last.resources / (first.seconds / first.resources))} what ${first.resources} do (1 is linear)`,
);

const guard = measureGuard(last.resources);
if (guard)
  say(
    `cfn-guard (${guard.version}), 50 rules of one property each, ${last.resources} resources: ${s(guard.seconds)}; the pack takes ${times(last.seconds / guard.seconds)} that`,
  );
else say("cfn-guard: not installed, skipped");

const start = await measureStart(4);
say(
  `start of the pack: ${s(start.sources)} from its sources, ${s(start.bundle)} from its bundle; ${s(start.launched)} with the language host's launcher`,
);

const [small] = await measureEngine([80], 3);
if (!small) throw new Error("no preview was measured");
const { without, withPack } = small;
say(
  `preview of 80 resources by the real engine: ${s(without)} without the pack, ${s(withPack)} with it: it adds ${s(withPack - without)}`,
);
const nag = measureNag(3);
if (nag === undefined) say("cdk synth and cdk-nag: not installed (npm install in bench/peers), skipped");
else
  say(`cdk synth and cdk-nag, 80 resources: ${s(nag)}; the preview with the pack takes ${times(withPack / nag)} that`);

if (process.argv.includes("--engine")) {
  for (const one of await measureEngine([1_000, 10_000], 1))
    say(
      `preview of ${one.resources} resources by the real engine: ${s(one.without)} without the pack, ${s(one.withPack)} with it`,
    );
}
