/** Starts the local provider beside the engine and tells the engine where it is. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Settings } from "./main.ts";

export interface Providers {
  /** Value of PULUMI_DEBUG_PROVIDERS: `aws:PORT,aws-native:PORT`. */
  readonly debugProviders: string;
  readonly pids: number[];
  stop(): Promise<void>;
}

/** Milliseconds: it takes about 700. */
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 3_000;

/**
 * Starts one process that serves both providers. It ends with `stop()`, and with this process however that ends: its standard
 * input is a pipe from here. What it complains of goes to `provider.log` in `workdir`.
 */
export async function startProviders(options: {
  readonly emulators: Settings & { readonly env: Record<string, string> };
  readonly workdir: string;
}): Promise<Providers> {
  const { ministack, sagemaker, region, accountId, env } = options.emulators;
  const settings: Settings = { ministack, sagemaker, region, accountId };
  await mkdir(options.workdir, { recursive: true });
  const logFile = join(options.workdir, "provider.log");
  const log = createWriteStream(logFile, { flags: "a" });
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  const child = spawn(process.execPath, [main], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env, LOCAL_PROVIDER: JSON.stringify(settings) },
  });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000);
    log.write(chunk);
  });
  child.once("close", () => log.end());
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.stdin.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    await gone;
    clearTimeout(timer);
  };
  const ports = await new Promise<Record<string, number>>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the local provider did not start in ${START_LIMIT_MS / 1000} s; see ${logFile}`)),
      START_LIMIT_MS,
    );
    child.once("error", reject);
    child.once("exit", (code) =>
      reject(new Error(`the local provider ended with ${code} at its start; see ${logFile}\n${complaint}`)),
    );
    const lines = createInterface({ input: child.stdout });
    lines.once("line", (line) => {
      clearTimeout(timer);
      try {
        resolve(JSON.parse(line));
      } catch {
        reject(new Error(`the local provider said ${line} at its start; see ${logFile}`));
      }
    });
    lines.on("line", (line) => log.write(`${line}\n`));
  }).catch(async (error) => {
    await stop();
    throw error;
  });
  const debugProviders = Object.entries(ports)
    .map(([name, port]) => `${name}:${port}`)
    .join(",");
  return { debugProviders, pids: child.pid === undefined ? [] : [child.pid], stop };
}
