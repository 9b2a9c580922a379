/** The verbs behind the npm scripts: set up what is missing, then run the rehearsal, the tests or the stop. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Interrupted, run } from "./children.mjs";
import { ensurePackages, packagedNode, packagesReady, runEnvironment } from "./dependencies.mjs";
import { isReady, readJson, repo } from "./facts.mjs";
import { faultsMessage, findFaults } from "./prerequisites.mjs";
import { createSteps } from "./steps.mjs";
import { planTests, summary } from "./tiers.mjs";

const usage = `Usage:
  npm start [-- options]          the rehearsal: the whole life of a model on this machine
  npm run stop                    ends a rehearsal kept with \`npm start -- --keep\`
  npm test [-- tier|file|option]  the tests
  node local/setup/run.mjs setup [packages]   only sets up (everything, or the npm packages alone)`;

/** Something the user can mend was found before anything was done. */
class Faults extends Error {
  constructor(message, exitCode = 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Exit code when all but the engine is there: a caller may then bring one by FRUGAL_ENGINE. prepare.ts has it too. */
const onlyEngineMissing = 3;

/** Makes ready what the verb needs. With all of it in place this only looks at files. */
async function setUp(steps, tools) {
  const needs = { packages: !packagesReady(), tools: tools && !isReady() };
  const { faults, onlyEngine } = await findFaults(needs);
  if (faults.length > 0) throw new Faults(faultsMessage(faults), onlyEngine ? onlyEngineMissing : 2);
  await ensurePackages(steps);
  if (!needs.tools) return 0;
  const prepare = join(repo, "local", "setup", "prepare.ts");
  return await run(packagedNode(), [prepare, "--watched"], { env: runEnvironment(), polite: true, watched: true });
}

/** Runs one of the project's own programs on Node 24. */
function program(file, args) {
  if (!existsSync(join(repo, file))) throw new Error(`${file} is missing from this checkout.`);
  return run(packagedNode(), [file, ...args], { cwd: repo, env: runEnvironment(), polite: true });
}

async function test(steps, words) {
  let code = 1;
  let counts;
  // In the temporary folder of the system, as the summary is due even where the checkout cannot be written to.
  let folder;
  try {
    const plan = planTests(words, readJson(join(repo, ".mocharc.json")), (path) => existsSync(join(repo, path)));
    if (plan.fault) throw new Faults(plan.fault);
    code = await setUp(steps, plan.needsTools);
    if (code !== 0) return code;
    folder = mkdtempSync(join(tmpdir(), "frugal-test-"));
    const countsFile = join(folder, "counts.json");
    const args = ["node_modules/mocha/bin/mocha.js", "--reporter", "./local/setup/reporter.mjs", ...plan.args];
    const env = { ...runEnvironment(), FRUGAL_TEST_COUNTS: countsFile };
    try {
      code = await run(packagedNode(), args, { cwd: repo, env, polite: true });
    } finally {
      counts = readJson(countsFile);
    }
    if (code === 0 && (!counts || counts.passed + counts.failed === 0)) {
      console.error("No test ran.");
      code = 1;
    }
    if (code !== 0 && counts && !counts.done) console.error("The test run ended before its last test.");
    return code;
  } catch (error) {
    code = report(error);
    return code;
  } finally {
    if (folder) rmSync(folder, { recursive: true, force: true });
    console.log(summary(counts, code));
  }
}

const verbs = {
  start: async (steps, args) => (await setUp(steps, true)) || program("local/rehearse.ts", args),
  stop: async (steps, args) => {
    const kept = existsSync(join(repo, ".rehearsal")) && readdirSync(join(repo, ".rehearsal")).length > 0;
    if (!kept) {
      steps.note("Nothing to stop: no rehearsal is kept in this checkout.");
      return 0;
    }
    return (await setUp(steps, false)) || program("local/stop.ts", args);
  },
  test,
  setup: (steps, args) => setUp(steps, args[0] !== "packages"),
};

/** Prints an error as its reader needs it and says which exit code goes with it. */
function report(error) {
  if (error instanceof Interrupted) {
    console.error(`\n${error.message} What was begun is ended; the next run carries on from what is in place.`);
  } else {
    const ours = [TypeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);
    console.error(ours ? error : error.message);
  }
  return error.exitCode ?? 1;
}

/** Exit codes: 0 done; 1 failed; 2 a prerequisite or an argument; 3 only the engine could not be had; 128 + a signal. */
export async function main([verb, ...args]) {
  const action = Object.keys(verbs).includes(verb) ? verbs[verb] : undefined;
  if (!action) {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  try {
    process.exitCode = await action(createSteps(), args);
  } catch (error) {
    process.exitCode = report(error);
  }
}
