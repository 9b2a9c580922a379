/** The second half of setup, on Node 24: the Python environment and the engine. What fails is told in one message. */
import { ensureEngine } from "../engine/engine.ts";
import { EngineUnavailable } from "../engine/unavailable.ts";
import { Interrupted } from "./children.mjs";
import { noteReady } from "./facts.mjs";
import { createSteps } from "./steps.mjs";
import { ensureVenv } from "./venv.ts";

/** Exit code when all but the engine is in place: a caller may then bring an engine by FRUGAL_ENGINE. */
const onlyEngineMissing = 3;

// `--watched`: standard input closes when the process that started this one dies, however it dies: then stop as on Ctrl-C.
if (process.argv.includes("--watched")) {
  const stop = () => process.kill(process.pid, "SIGTERM");
  process.stdin.resume().once("end", stop).once("error", stop);
}

const steps = createSteps();
const failures: Error[] = [];
async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Interrupted) process.exit(error.exitCode);
    failures.push(error as Error);
    return undefined;
  }
}

const venv = await attempt(() => ensureVenv(steps.note, steps));
const engine = await attempt(() => ensureEngine(steps.note, steps));
if (venv && engine) noteReady(venv.dir, engine.binary);
for (const failure of failures) console.error(`\n${failure.message}`);
const onlyEngine = failures.length === 1 && failures[0] instanceof EngineUnavailable;
process.exit(failures.length === 0 ? 0 : onlyEngine ? onlyEngineMissing : 1);
