/**
 * `npm run mutation [-- <group or rule>…]`: changes each comparison, list and text of the policy rules, one at a time, and asks
 * whether a test notices. Prints what survived, and writes `.cache/mutation.json`. Fails when something survives in the rules
 * on lineage, approval and IAM, or when less than 90 % is noticed overall. Minutes to an hour, by the number of rules.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { rules } from "../../policies/index.ts";

const root = join(import.meta.dirname, "..", "..");
const worker = join(import.meta.dirname, "worker.ts");
/** Tests that notice a change of what a rule says of itself. */
const METADATA_TESTS = ["test/policies/roster.test.ts"];
const STRICT = ["lineage", "approval", "iam"];
const LEAST = 0.9;
/** Seconds without a word after which a mutant counts as one that never ends, which a test notices. */
const SILENCE = 60;

interface Mutant {
  readonly id: string;
  readonly line: number;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly status: "killed" | "survived" | "timeout";
  /** The failure that noticed it, for whoever doubts. */
  readonly by?: string;
  /** No test reaches it at all. */
  readonly unreached?: boolean;
}
interface Outcome {
  readonly rule: string;
  readonly mutants: Mutant[];
}

/** Survivors that change nothing anybody could see, each with its reason. */
const equivalent: readonly { rule: string; code: string; replacement: string; why: string }[] = JSON.parse(
  readFileSync(join(import.meta.dirname, "equivalent.json"), "utf8"),
);

const children = new Set<ChildProcess>();

async function testRule(rule: string): Promise<Outcome> {
  const mutants: Mutant[] = [];
  for (let first = 0; first >= 0; ) first = await shift(rule, first, mutants);
  return { rule, mutants };
}

/** One worker's turn; answers the mutant that the next one begins with, -1 when there is none left. */
function shift(rule: string, first: number, mutants: Mutant[]): Promise<number> {
  const args = [worker, `policies/${rule}.ts`, `test/policies/${rule}.test.ts`, String(first), ...METADATA_TESTS];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  children.add(child);
  return new Promise((resolve, reject) => {
    let current: number | undefined;
    let next: number | undefined;
    let timer: NodeJS.Timeout | undefined;
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => child.kill("SIGKILL"), SILENCE * 1000);
    };
    watch();
    createInterface(child.stdout).on("line", (text) => {
      watch();
      const line = JSON.parse(text);
      if (line.broken) reject(new Error(`${rule}: ${line.broken}`));
      if (line.begins !== undefined) current = Number(line.begins);
      if (line.status) mutants.push(line);
      if (line.next !== undefined) next = line.next;
    });
    child.on("close", () => {
      clearTimeout(timer);
      children.delete(child);
      if (next !== undefined) return resolve(next);
      if (current === undefined) return reject(new Error(`${rule}: the worker ended before its first mutant`));
      // Only where it is the first of a worker is it the mutant that hangs, and not what the ones before left behind.
      if (current > first) return resolve(current);
      mutants.push({ id: String(current), line: 0, mutatorName: "", replacement: "", status: "timeout" });
      resolve(current + 1);
    });
  });
}

const wanted = process.argv.slice(2);
const chosen = rules
  .map(({ meta }) => `${meta.group}/${meta.id}`)
  .filter((rule) => wanted.length === 0 || wanted.some((word) => rule.split("/").includes(word)));
if (chosen.length === 0) stop(`no rule or group goes by ${wanted.join(" or ")}`);
const waiting = [...chosen];
const outcomes: Outcome[] = [];
const workers = Array.from({ length: availableParallelism() }, async () => {
  for (let rule = waiting.shift(); rule !== undefined; rule = waiting.shift()) {
    const outcome = await testRule(rule);
    outcomes.push(outcome);
    console.log(`${rule}: ${words(score([outcome]))}`);
    for (const { line, mutatorName, replacement, unreached } of survivors(outcome)) {
      const end = unreached ? " (no test comes here)" : "";
      console.log(`  line ${line}: ${mutatorName} -> ${replacement.replace(/\s+/g, " ")}${end}`);
    }
    const endless = outcome.mutants.filter(({ status }) => status === "timeout").map(({ id }) => id);
    if (endless.length > 0) console.log(`  never ended, or ended the worker: mutants ${endless.join(", ")}`);
    for (const { code, replacement } of idle(outcome)) {
      console.log(`  equivalent.json names what does not survive: ${code} -> ${replacement}`);
      process.exitCode = 1;
    }
  }
});
await Promise.all(workers).catch((error: Error) => stop(error.message));

function stop(message: string): never {
  for (const child of children) child.kill("SIGKILL");
  console.error(message);
  process.exit(1);
}

/** Entries on the rule that name the survivor. */
function excuses(rule: string, { line, replacement }: Mutant): typeof equivalent {
  const text = readFileSync(join(root, `policies/${rule}.ts`), "utf8").split("\n")[line - 1] ?? "";
  return equivalent.filter((one) => one.rule === rule && one.replacement === replacement && text.includes(one.code));
}

function survivors({ rule, mutants }: Outcome): Mutant[] {
  return mutants.filter((mutant) => mutant.status === "survived" && excuses(rule, mutant).length === 0);
}

function idle({ rule, mutants }: Outcome): typeof equivalent {
  const used = mutants.flatMap((mutant) => (mutant.status === "survived" ? excuses(rule, mutant) : []));
  return equivalent.filter((one) => one.rule === rule && !used.includes(one));
}

interface Score {
  readonly killed: number;
  /** Without those that change nothing. */
  readonly all: number;
  readonly same: number;
}

function score(some: readonly Outcome[]): Score {
  const left = some.flatMap(({ mutants }) => mutants.filter(({ status }) => status === "survived")).length;
  const open = some.flatMap(survivors).length;
  const every = some.flatMap(({ mutants }) => mutants).length;
  return { all: every - (left - open), killed: every - left, same: left - open };
}

function words({ killed, all, same }: Score): string {
  const share = `${killed} of ${all} mutants noticed (${((100 * killed) / all).toFixed(1)} %)`;
  return same > 0 ? `${share}, ${same} more change nothing` : share;
}

mkdirSync(join(root, ".cache"), { recursive: true });
writeFileSync(join(root, ".cache", "mutation.json"), JSON.stringify(outcomes, null, 1));
const groups = [...new Set(chosen.map((rule) => rule.split("/")[0] ?? ""))];
for (const group of groups) {
  const result = score(outcomes.filter(({ rule }) => rule.startsWith(`${group}/`)));
  console.log(`${group}: ${words(result)}`);
  if (STRICT.includes(group) && result.killed < result.all) process.exitCode = 1;
}
const result = score(outcomes);
console.log(`all: ${words(result)}`);
if (result.killed / result.all < LEAST) process.exitCode = 1;
