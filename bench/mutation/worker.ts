/**
 * Tests the mutants of one file: `node worker.ts <file> <own test> <first mutant> <tests of metadata…>` writes a line of JSON for
 * each mutant from the first one on. StrykerJS's instrumenter puts all mutants into the file behind switches; one that acts
 * while the module is evaluated gets freshly evaluated modules, the others are switched on between two runs of the tests.
 */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { Instrumenter } from "@stryker-mutator/instrumenter";
import Mocha from "mocha";

const root = join(import.meta.dirname, "..", "..");
const [file = "", ownTest = "", first = "0", ...metadataTests] = process.argv.slice(2);
/** Mutants after which another worker takes over: modules evaluated anew are never freed. */
const SHIFT = 120;
/** A mutant in a loop is stopped after this many times the hits of an unmutated run. */
const PATIENCE = 200;

interface Switches {
  activeMutant?: string;
  currentTestId?: string;
  hitCount?: number;
  hitLimit?: number;
  mutantCoverage?: { static: Record<string, number>; perTest: Record<string, Record<string, number>> };
}
const switches: Switches = {};
(globalThis as { __stryker__?: Switches }).__stryker__ = switches;

const silent = () => {};
const logger = new Proxy({}, { get: () => silent });
const instrumented = await new Instrumenter(logger as never).instrument(
  [{ name: file, content: readFileSync(join(root, file), "utf8"), mutate: true }],
  // Texts of fixed words alone (imports, types) are no behaviour; everything else is mutated.
  { ignorers: [], excludedMutations: [], plugins: null } as never,
);
const source = instrumented.files[0]?.content ?? "";
const target = pathToFileURL(join(root, file)).href;

/**
 * Modules of a generation: the project's own are evaluated anew in each, libraries once. Only the first is evaluated without a
 * mutant; the others keep what a mutant made of them, and are left behind.
 */
const CLEAN = 1;
let generations = 0;
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const own = found.url.startsWith("file:") && !found.url.includes(`${sep}node_modules${sep}`);
    const from = /[?&]generation=(\d+)/.exec(context.parentURL ?? "")?.[1];
    return own && from !== undefined ? { ...found, url: `${found.url.split("?")[0]}?generation=${from}` } : found;
  },
  load(url, context, next) {
    const plain = url.split("?")[0] ?? url;
    if (plain !== target) return next(url, context);
    return { format: "module-typescript", source, shortCircuit: true };
  },
});

/** The first failure of the tests with the mutant that is switched on. */
async function failure(tests: readonly string[], fresh: boolean): Promise<string | undefined> {
  const generation = fresh ? ++generations : CLEAN;
  const mocha = new Mocha({ bail: true, timeout: 20_000, reporter: class {} as never });
  const suite = mocha.suite;
  suite.emit("pre-require", globalThis, "", mocha);
  try {
    for (const test of tests) {
      const url = pathToFileURL(join(root, test));
      // Evaluated anew each time, so that its suites are declared again; what it imports only where asked.
      url.search = `generation=${generation}`;
      if (!fresh) url.searchParams.set("again", String(++runs));
      await import(url.href);
    }
  } catch (error) {
    return String(error);
  }
  suite.beforeEach(function () {
    switches.currentTestId = this.currentTest?.fullTitle();
  });
  let first: string | undefined;
  await new Promise<number>((resolve) =>
    mocha.run(resolve).on("fail", (test, error) => {
      first ??= `${test.fullTitle()}: ${error.message}`;
    }),
  );
  switches.currentTestId = undefined;
  mocha.dispose();
  return first;
}
let runs = 0;

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const all = [ownTest, ...metadataTests];

/** What fails without a mutant makes every judgement worthless. */
async function control(words: string, tests: readonly string[], fresh: boolean): Promise<void> {
  const found = await failure(tests, fresh);
  if (found === undefined) return;
  say({ broken: `${words} without a mutant, ${found}` });
  process.exit(1);
}

await control("at first,", all, true);
const coverage = structuredClone(switches.mutantCoverage ?? { static: {}, perTest: {} });
await control("when run again,", [ownTest], false);
const hits = (id: string): number =>
  (coverage.static[id] ?? 0) + Object.values(coverage.perTest).reduce((sum, test) => sum + (test[id] ?? 0), 0);

const from = Number(first);
for (const mutant of instrumented.mutants.slice(from, from + SHIFT)) {
  const { id, mutatorName, location, replacement } = mutant;
  const about = { id, line: location.start.line + 1, mutatorName, replacement: replacement?.slice(0, 80) };
  say({ begins: id });
  if (hits(id) === 0) {
    say({ ...about, status: "survived", unreached: true });
    continue;
  }
  switches.activeMutant = id;
  switches.hitCount = 0;
  switches.hitLimit = hits(id) * PATIENCE;
  const isStatic = (coverage.static[id] ?? 0) > 0;
  const found = await failure(isStatic ? all : [ownTest], isStatic);
  switches.activeMutant = undefined;
  say({ ...about, status: found === undefined ? "survived" : "killed", by: found?.slice(0, 200) });
}
// What a mutant left behind would fail here too.
await control("after the mutants,", [ownTest], false);
await control("after the mutants, on modules evaluated anew,", all, true);
say({ next: from + SHIFT < instrumented.mutants.length ? from + SHIFT : -1 });
process.exit(0);
