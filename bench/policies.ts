/**
 * The policy pack's speed, as ratios in one run:
 *
 *   npm run bench:policies                  # the rules alone up to 10,000 resources, previews at 80, and its peers
 *   npm run bench:policies -- --engine      # the real engine with 1,000 and 10,000 resources too: minutes
 *
 * cfn-guard is measured where it is on PATH or at CFN_GUARD (cargo install cfn-guard), cdk-nag after npm install in
 * bench/peers. Times are of this machine at this moment; only the ratios mean something elsewhere.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Previewed, startBench } from "./policies/engine.ts";
import { estate, sharedEstate } from "./policies/estate.ts";
import { measureGuard } from "./policies/guard.ts";
import { startNag } from "./policies/nag.ts";
import { measureRules, ruleCount } from "./policies/rules.ts";
import { measureStart } from "./policies/start.ts";

const SIZES = [1_000, 2_000, 5_000, 10_000];
const s = (seconds: number): string => `${seconds.toFixed(2)} s`;
const times = (ratio: number): string => `${ratio.toFixed(2)} times`;
const median = (of: readonly number[]): number => of.toSorted((a, b) => a - b)[of.length >> 1] ?? Number.NaN;
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

const engine = await startBench();
const nag = startNag(80);
const folder = await mkdtemp(join(tmpdir(), "bench-compiled-"));
try {
  // Taken in turn; the first round fills the caches and does not count. All keep compiled code, as npm run preview does.
  const compiled = join(folder, "compiled");
  const plain: Previewed[] = [];
  const kept: Previewed[] = [];
  const synths: number[] = [];
  for (let round = 0; round <= 5; round++) {
    const taken = [await engine.preview(sharedEstate(80)), await engine.preview(sharedEstate(80), compiled)] as const;
    const synth = nag?.synth(compiled);
    if (round === 0) continue;
    plain.push(taken[0]);
    kept.push(taken[1]);
    if (synth !== undefined) synths.push(synth);
  }
  const preview = (of: readonly Previewed[], way: keyof Previewed): number => median(of.map((one) => one[way]));
  for (const [of, how] of [
    [kept, "as npm run preview calls it"],
    [plain, "as plain pulumi is called"],
  ] as const) {
    const [without, withPack, byFolder] = [preview(of, "without"), preview(of, "withPack"), preview(of, "byFolder")];
    say(
      `preview of 80 resources, ${how}: ${s(without)} without the pack; ${s(withPack)} with policies/start.cjs, which adds ${s(withPack - without)}; ${s(byFolder)} with the folder, which adds ${s(byFolder - without)}`,
    );
  }
  if (nag === undefined) say("cdk synth and cdk-nag: not installed (npm install in bench/peers), skipped");
  else
    say(
      `cdk synth and cdk-nag, the same 80 resources: ${s(median(synths))}; npm run preview's takes ${times(preview(kept, "withPack") / median(synths))} that`,
    );

  if (process.argv.includes("--engine")) {
    for (const size of [1_000, 10_000]) {
      const declared = estate(size).map(({ type, name, inputs }) => ({ type, name, inputs }));
      const { without, withPack, byFolder } = await engine.preview(declared, compiled);
      say(
        `preview of ${size} resources: ${s(without)} without the pack, ${s(withPack)} with policies/start.cjs, ${s(byFolder)} with the folder`,
      );
    }
  }
} finally {
  nag?.close();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
}
