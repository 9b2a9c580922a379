/** `npm start`: the whole life of a real model, on the real engine, with no AWS account. `--keep` leaves the estate up. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { ensureEngine } from "./engine/engine.ts";
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
  writeEnvFile,
  writeSession,
} from "./walkthrough/session.ts";
import { openWorkspace } from "./walkthrough/workspace.ts";

const { values: options } = parseArgs({ options: { keep: { type: "boolean", default: false } } });
const startedAt = new Date();
let keeper: Keeper | undefined;
let interrupted = false;

/** Ends the emulators. The logs of a run that failed are left to be read. */
async function endKeeper(failed = false): Promise<void> {
  await keeper?.stop();
  keeper = undefined;
  await clearSession(rehearsalFolder, { keepRun: failed });
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (interrupted) return;
    interrupted = true;
    console.log(`\n${signal}: ending the emulators…`);
    void endKeeper().finally(() => process.exit(signal === "SIGINT" ? 130 : 143));
  });
}

process.exitCode = await rehearse().catch(async (error: Error) => {
  // An interrupted run fails in many ways; the signal's own handler speaks for it.
  if (interrupted) return new Promise<number>(() => {});
  console.error(`\nThe rehearsal could not go on: ${error.message}`);
  await endKeeper(true);
  return 1;
});

async function rehearse(): Promise<number> {
  const running = await runningSession(rehearsalFolder);
  if (running) {
    console.error(`A rehearsal is up already (since ${running.startedAt}). End it with \`npm run stop\`.`);
    return 1;
  }
  await mkdir(rehearsalFolder, { recursive: true });
  const folder = await freshFolder(rehearsalFolder);
  const say = (line: string): void => console.log(line);
  const engine = await ensureEngine(say);
  const venv = await ensureVenv(say);
  const started = performance.now();
  say("starting the emulators and the providers");
  keeper = await startKeeper(folder);
  await writeSession(rehearsalFolder, { keeperPid: keeper.pid, startedAt: startedAt.toISOString() });
  say(`they answer after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  const workspace = await openWorkspace(folder, keeper, engine);
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
  const played = await playScenes(life, options.keep ? scenes : [...scenes, ending], tell);
  const failed = played.some((scene) => scene.fault !== undefined);
  const env = { ...workspace.env, PATH: `${engine.dir}:${process.env.PATH ?? ""}` };
  const report = await writeReport(played, life, options.keep);
  summary(played, report);

  if (options.keep && !failed) {
    const envFile = await writeEnvFile(rehearsalFolder, env);
    keeper.stay();
    keeper = undefined;
    kept(envFile, life);
  } else {
    await endKeeper(failed);
    if (failed) console.log(`logs:   ${path.join(folder, "logs")}`);
  }
  return failed ? 1 : 0;
}

function tell(scene: Played): void {
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
  console.log("\nScene                                                                     seconds");
  for (const scene of played) {
    console.log(
      `${scene.fault === undefined ? "✓" : "✗"} ${scene.title.padEnd(72)} ${scene.seconds.toFixed(1).padStart(6)}`,
    );
  }
  console.log(`\nreport: ${report}`);
}

function kept(envFile: string, life: Life): void {
  const relative = path.relative(process.cwd(), envFile);
  const project = path.relative(process.cwd(), path.join(life.folder, "project"));
  console.log(`
The estate is up.
  AWS (emulated)   ${life.kept.ministack}
  SageMaker        ${life.kept.sagemaker}
In another terminal:
  set -a; . ${relative}; set +a
  pulumi stack ls -C ${project}
  aws s3 ls
  node cli/frugal.mjs trace --stage prod
\`npm run stop\` ends it.`);
}
