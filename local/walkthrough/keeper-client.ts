/** Starts the keeper process and stops it again. */
import { fork } from "node:child_process";
import { openSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { KeeperMessage, Kept } from "./keeper.ts";

export interface Keeper extends Kept {
  readonly pid: number;
  /** Settles when it has ended, whoever ended it: "code 0", "signal SIGKILL". */
  readonly ended: Promise<string>;
  /** Where its output goes. */
  readonly logFile: string;
  /** Ends the emulators and the providers, and waits for it. */
  stop(): Promise<void>;
  /** Lets them outlive this process. */
  stay(): void;
}

/**
 * Starts emulators and providers under a process of their own; its output goes to `<workdir>/keeper.log`.
 * @param signal ends a start that is under way; the promise rejects once nothing of it is left
 */
export async function startKeeper(workdir: string, signal?: AbortSignal): Promise<Keeper> {
  await mkdir(workdir, { recursive: true });
  const logFile = path.join(workdir, "keeper.log");
  const log = openSync(logFile, "a");
  const child = fork(fileURLToPath(new URL("keeper.ts", import.meta.url)), [workdir], {
    // A session of its own, so that Ctrl-C reaches only the rehearsal, which then stops things in order.
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
    execArgv: [],
  });
  const ended = new Promise<string>((resolve) =>
    child.once("exit", (code, killedBy) => resolve(killedBy ? `signal ${killedBy}` : `code ${code}`)),
  );
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    const hard = setTimeout(() => child.kill("SIGKILL"), 15_000);
    await ended;
    clearTimeout(hard);
  };
  const onAbort = (): void => void stop();
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  const kept = await new Promise<Kept>((resolve, reject) => {
    child.once("message", (message) => {
      const answer = message as KeeperMessage;
      if ("ready" in answer) resolve(answer.ready);
      else reject(new Error(`the emulators did not start: ${answer.failed} (log: ${logFile})`));
    });
    void ended.then((how) => reject(new Error(`the emulators ended with ${how} while starting; see ${logFile}`)));
  }).finally(() => signal?.removeEventListener("abort", onAbort));
  return {
    ...kept,
    pid: child.pid ?? 0,
    ended,
    logFile,
    stop,
    stay() {
      child.send("stay", () => {
        child.disconnect();
        child.unref();
      });
    },
  };
}
