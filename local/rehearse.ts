/** `npm start`: the whole life of a real model, on the real engine, with no AWS account. `--keep` leaves the estate up. */
import { writeFile } from "node:fs/promises";
import { constants } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { ensureEngine } from "./engine/engine.ts";
import { whyNotWritable } from "./setup/facts.mjs";
import { ensureVenv } from "./setup/venv.ts";
import { type Keeper, startKeeper } from "./walkthrough/keeper-client.ts";
import { type Life, makeClients } from "./walkthrough/life.ts";
import { renderReport } from "./walkthrough/report.ts";
import { type Played, playScenes } from "./walkthrough/run.ts";
import { ending, life as scenes } from "./walkthrough/scenes/index.ts";
import {
  clearSession,
  freshFolder,
  rehearsalFolder,
  runningSession,
  shown,
  writeEnvFile,
  writeSession,
} from "./walkthrough/session.ts";
import { terminalEnvironment, terminalText } from "./walkthrough/terminal.ts";
import { openWorkspace, type Workspace } from "./walkthrough/workspace.ts";

const { values: options } = parseArgs({ options: { keep: { type: "boolean", default: false } } });
const startedAt = new Date();
/** Milliseconds the engine gets to finish and record what is under way when it is cancelled. */
const engineGraceMs = 10_000;
/** Aborted when everything is to end: cancels the engine and the start of the emulators, and silences the scenes. */
const stopping = new AbortController();
let interrupted = false;
let keeper: Keeper | undefined;
let starting: Promise<Keeper> | undefined;
let workspace: Workspace | undefined;
/** Whether this process owns what is in `.rehearsal`. */
let owner = false;

/** In order: the engine, which records what it has done; then the emulators; then what they left, but for the logs of a run that failed. */
async function endAll(failed = false): Promise<void> {
  stopping.abort();
  await Promise.race([workspace?.settled(), new Promise((resolve) => setTimeout(resolve, engineGraceMs).unref())]);
  await starting?.catch(() => undefined);
  await keeper?.stop();
  keeper = undefined;
  if (owner) await clearSession(rehearsalFolder, { keepRun: failed });
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (interrupted) return;
    interrupted = true;
    console.log(`\n${signal}: ending the emulators…`);
    endAll()
      .catch((error: Error) => console.error(error.message))
      .finally(() => process.exit(128 + constants.signals[signal]));
  });
}

/** An interrupted run fails in many ways; the signal's own handler speaks for it and ends the process. */
const silence = new Promise<never>(() => {});

process.exitCode = await rehearse().catch(async (error: Error) => {
  if (interrupted) return silence;
  await endAll(true).catch((fault: Error) => console.error(fault.message));
  console.error(`\nThe rehearsal could not go on: ${error.message}`);
  // Whatever a scene still waits for is of no use any more.
  return process.exit(1);
});

async function rehearse(): Promise<number> {
  const running = await runningSession(rehearsalFolder);
  if (running) {
    const what = running.rehearsalPid === undefined ? "is up" : "is being played";
    console.error(`A rehearsal ${what} already (since ${running.startedAt}). End it with \`npm run stop\`.`);
    return 1;
  }
  const closed = whyNotWritable(rehearsalFolder);
  if (closed) {
    console.error(
      `The rehearsal cannot write to ${rehearsalFolder} (${closed}). Let this user write there, or name another folder by FRUGAL_REHEARSAL.`,
    );
    return 1;
  }
  const folder = await freshFolder(rehearsalFolder);
  const session = { startedAt: startedAt.toISOString(), rehearsalPid: process.pid, keeperPid: 0 };
  await writeSession(rehearsalFolder, session);
  owner = true;
  const say = (line: string): void => {
    if (!stopping.signal.aborted) console.log(line);
  };
  const engine = await ensureEngine(say);
  const venv = await ensureVenv(say);
  const started = performance.now();
  say("starting the emulators and the providers");
  starting = startKeeper(folder, stopping.signal);
  keeper = await starting;
  await writeSession(rehearsalFolder, { ...session, keeperPid: keeper.pid });
  say(`they answer after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  workspace = await openWorkspace(folder, keeper, engine, stopping.signal);
  const life: Life = {
    kept: keeper,
    workspace,
    clients: makeClients(keeper.env),
    folder,
    python: venv.python,
    found: {},
    say: (line) => say(line === "" ? "" : `  ${line}`),
    raw: (text) => process.stdout.write(text),
  };
  const played = await Promise.race([
    playScenes(life, options.keep ? scenes : [...scenes, ending], tell),
    gone(keeper),
  ]);
  if (stopping.signal.aborted) return silence;
  const failed = played.some((scene) => scene.fault !== undefined);
  const report = await writeReport(played, life, options.keep);
  summary(played, report);

  if (options.keep && !failed) {
    const env = terminalEnvironment(workspace, engine);
    const file = await writeEnvFile(rehearsalFolder, env);
    await writeSession(rehearsalFolder, { startedAt: session.startedAt, keeperPid: keeper.pid });
    keeper.stay();
    keeper = undefined;
    console.log(terminalText(life.kept, env, { env: shown(file), python: venv.python }));
  } else {
    await endAll(failed);
    if (failed) console.log(`logs:   ${path.join(folder, "logs")}`);
  }
  return failed ? 1 : 0;
}

/** Rejects when the emulators end while scenes are played: every later word about a refused connection would mislead. */
async function gone(running: Keeper): Promise<never> {
  const how = await running.ended;
  if (stopping.signal.aborted) return silence;
  throw new Error(`the process that owns the emulators ended (${how}); its log: ${running.logFile}`);
}

function tell(scene: Played): void {
  if (stopping.signal.aborted) return;
  for (const fact of scene.facts) console.log(`  ${fact.label}: ${fact.value}`);
  if (scene.fault !== undefined) console.log(`  FAILED: ${scene.fault}`);
  else console.log(`  shown true in ${scene.seconds.toFixed(1)} s`);
}

async function writeReport(played: readonly Played[], life: Life, keep: boolean): Promise<string> {
  const file = path.join(rehearsalFolder, "report.html");
  const about = [
    { label: "started", value: startedAt.toISOString() },
    { label: "Node", value: process.version },
    { label: "emulated account", value: `${life.kept.accountId}, ${life.kept.region}` },
    { label: "afterwards", value: keep ? "left up; `npm run stop` ends it" : "torn down" },
  ];
  await writeFile(file, renderReport({ startedAt, scenes: played, about }));
  return pathToFileURL(file).href;
}

function summary(played: readonly Played[], report: string): void {
  const width = Math.max(...played.map((scene) => scene.title.length));
  console.log(`\n  ${"Scene".padEnd(width)}  seconds`);
  for (const scene of played) {
    const mark = scene.fault === undefined ? "✓" : "✗";
    console.log(`${mark} ${scene.title.padEnd(width)}  ${scene.seconds.toFixed(1).padStart(7)}`);
  }
  console.log(`\nreport: ${report}`);
}
