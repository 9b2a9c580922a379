/** Starts the keeper process and stops it again. */
import { fork } from "node:child_process";
import { openSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { KeeperMessage, Kept } from "./keeper.ts";

export interface Keeper extends Kept {
  readonly pid: number;
  /** Ends the emulators and the providers, and waits for it. */
  stop(): Promise<void>;
  /** Lets them outlive this process. */
  stay(): void;
}

/** Starts emulators and providers under a process of their own; its output goes to `<workdir>/keeper.log`. */
export async function startKeeper(workdir: string): Promise<Keeper> {
  await mkdir(workdir, { recursive: true });
  const logFile = path.join(workdir, "keeper.log");
  const log = openSync(logFile, "a");
  const child = fork(fileURLToPath(new URL("keeper.ts", import.meta.url)), [workdir], {
    // A session of its own, so that Ctrl-C reaches only the rehearsal, which then stops things in order.
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
    execArgv: [],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    const hard = setTimeout(() => child.kill("SIGKILL"), 15_000);
    await ended;
    clearTimeout(hard);
  };
  const kept = await new Promise<Kept>((resolve, reject) => {
    child.once("message", (message) => {
      const answer = message as KeeperMessage;
      if ("ready" in answer) resolve(answer.ready);
      else reject(new Error(`the emulators did not start: ${answer.failed} (log: ${logFile})`));
    });
    child.once("exit", (code) =>
      reject(new Error(`the emulators ended with code ${code} while starting; see ${logFile}`)),
    );
  });
  return {
    ...kept,
    pid: child.pid ?? 0,
    stop,
    stay() {
      child.send("stay", () => {
        child.disconnect();
        child.unref();
      });
    },
  };
}
