/**
 * Runs a policy pack, in its own folder, by the launcher that the official host uses.
 *
 * The official host also puts the stack's name and configuration into the pack's environment, by way of a proxy before
 * its server; this one does not, so `pulumi.getStack()` and `pulumi.Config` are not for packs that run here.
 */
import { spawn } from "node:child_process";
import { locateModule } from "./locate.ts";
import type { ProgramInfo } from "./options.ts";

export interface PluginSettings {
  readonly info: ProgramInfo;
  /** What kind of plugin: only "analyzer", which is a policy pack, is run here. */
  readonly kind: string;
  readonly args: readonly string[];
  /** The whole environment, each entry `NAME=value`; a later one wins. */
  readonly env: readonly string[];
}

export interface PluginOutput {
  stdout(chunk: Buffer): void;
  stderr(chunk: Buffer): void;
}

const lifeline = new URL("lifeline.mjs", import.meta.url).href;
/** Milliseconds a pack that is not wanted any longer gets to end by itself. */
const graceMs = 2_000;

/** Runs until it ends, which `signal` may bring about. Resolves to its exit code. */
export async function runPlugin(settings: PluginSettings, output: PluginOutput, signal: AbortSignal): Promise<number> {
  const { info } = settings;
  if (settings.kind !== "analyzer") {
    throw new Error(
      `This stand-in for pulumi-language-nodejs runs policy packs, no plugins of kind "${settings.kind}" (${info.programDirectory}). Install the official Pulumi for those.`,
    );
  }
  const launcher = locateModule("@pulumi/pulumi/cmd/run-policy-pack", info.programDirectory);
  const child = spawn(process.execPath, ["--import", lifeline, launcher, ...settings.args, info.programDirectory], {
    cwd: info.programDirectory,
    stdio: ["pipe", "pipe", "pipe"],
    env: Object.fromEntries(settings.env.map((entry) => splitOnce(entry, "="))),
  });
  child.stdin.on("error", () => {}); // it may close its end first
  child.stdout.on("data", (chunk: Buffer) => output.stdout(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.stderr(chunk));
  const cancel = (): void => {
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), graceMs).unref();
  };
  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}
