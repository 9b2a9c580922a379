import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureVenv } from "../setup/venv.ts";
import { ACCOUNT_ID, clientEnvironment, emulatorEnvironments, type Ports, REGION, url } from "./environment.ts";
import { awaitHealth } from "./health.ts";
import { freePorts } from "./ports.ts";
import { type Running, start } from "./process.ts";

/** Milliseconds an emulator may take to answer. It takes well under two seconds; a loaded machine may take longer. */
const START_LIMIT_MS = 30_000;

/** Other processes may take a free port before we bind it; a start is tried again with new ports this many times. */
const ATTEMPTS = 3;

export interface Emulators {
  /** Base URL of MiniStack: every AWS service but SageMaker. HTTP APIs: `http://<api id>.execute-api.localhost:PORT/`. */
  readonly ministack: string;
  /** Base URL of moto: SageMaker's records, behind the front. */
  readonly moto: string;
  /** Base URL of the SageMaker front: control plane and runtime. */
  readonly sagemaker: string;
  readonly region: string;
  readonly accountId: string;
  /** Endpoints, region and test credentials as AWS clients read them. */
  readonly env: Record<string, string>;
  /** Process ids of the emulators; their own children (Lambda workers, jobs) are not listed. */
  readonly pids: number[];
  /** Ends them all, children included. Repeating it does nothing. */
  stop(): Promise<void>;
}

export interface EmulatorOptions {
  /** Folder for logs, temporary files and job directories; made when missing. */
  readonly workdir: string;
  /** Factor for waits and retry pauses of state machines; timeouts stay real. @default 1 */
  readonly sfnWaitScale?: number;
  readonly log?: (line: string) => void;
  /** Entry file of the SageMaker front. @default local/sagemaker/main.ts; tests give a stub */
  readonly sagemakerFront?: string;
}

/**
 * Starts MiniStack, moto and the SageMaker front on free ports of 127.0.0.1 and waits until each answers.
 *
 * They end with us, however we end. A failed start ends what was started and names the process, the end of its log and
 * the log file.
 */
export async function startEmulators(options: EmulatorOptions): Promise<Emulators> {
  const { python } = await ensureVenv(options.log);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options, python);
    } catch (error) {
      if (attempt === ATTEMPTS || !isPortTaken(error)) throw error;
      options.log?.("a port was taken meanwhile; starting the emulators again on others");
    }
  }
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && /already in use|EADDRINUSE/i.test(error.message);
}

async function startOnce(options: EmulatorOptions, python: string): Promise<Emulators> {
  const began = performance.now();
  const folder = (name: string) => join(options.workdir, name);
  const logs = folder("logs");
  await Promise.all(["logs", "home", "tmp", "sagemaker"].map((name) => mkdir(folder(name), { recursive: true })));
  // Function code is unpacked below tmp. On AWS nothing stands above /var/task; here a package.json of the checkout above
  // would decide what kind of module it is.
  await writeFile(join(folder("tmp"), "package.json"), "{}\n");
  const [ministack = 0, moto = 0, sagemaker = 0] = await freePorts(3);
  const ports: Ports = { ministack, moto, sagemaker };
  const envs = emulatorEnvironments({
    ports,
    python,
    home: folder("home"),
    temporary: folder("tmp"),
    frontWorkdir: folder("sagemaker"),
    sfnWaitScale: options.sfnWaitScale ?? 1,
  });
  const running: Running[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((process) => process.stop()));
  };
  const bring = async (
    name: string,
    command: string,
    args: string[],
    env: Record<string, string>,
    health: string,
  ): Promise<void> => {
    const process = await start({ name, command, args, env, cwd: options.workdir, logs });
    running.push(process);
    await awaitHealth(process, health, START_LIMIT_MS);
    options.log?.(`${name} ready after ${((performance.now() - began) / 1000).toFixed(1)} s (pid ${process.pid})`);
  };
  const here = import.meta.dirname;
  const front = options.sagemakerFront ?? join(here, "..", "sagemaker", "main.ts");
  const started = await Promise.allSettled([
    bring(
      "ministack",
      python,
      [join(here, "ministack", "launch.py")],
      envs.ministack,
      `${url(ministack)}/_rehearsal/health`,
    ),
    bring(
      "moto",
      python,
      [join(here, "moto", "launch.py"), "-H", "127.0.0.1", "-p", String(moto)],
      envs.moto,
      `${url(moto)}/moto-api/data.json`,
    ),
    bring("sagemaker-front", process.execPath, [front], envs.sagemaker, `${url(sagemaker)}/_front/health`),
  ]);
  const failures = started.flatMap((result) => (result.status === "rejected" ? [result.reason as Error] : []));
  if (failures.length > 0) {
    await stop();
    throw new Error(failures.map((failure) => failure.message).join("\n"));
  }
  return {
    ministack: url(ministack),
    moto: url(moto),
    sagemaker: url(sagemaker),
    region: REGION,
    accountId: ACCOUNT_ID,
    env: clientEnvironment(ports),
    pids: running.map((process) => process.pid),
    stop,
  };
}
