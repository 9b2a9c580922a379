/** The real engine over a throwaway stack: inline program, echo provider, and the pack as a folder, as the plain CLI takes it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { LocalWorkspace, type PulumiFn, type Stack } from "@pulumi/pulumi/automation/index.js";
import { ensureEngine } from "../../../local/engine/engine.ts";
import { inline } from "../../../local/engine/inline.ts";

const require = createRequire(import.meta.url);
const root = join(import.meta.dirname, "..", "..", "..");
export const PACK = join(root, "policies");
/** The pack as the engine starts it without a launcher. */
export const PACK_FILE = join(PACK, "start.cjs");

export interface Options {
  readonly config?: string;
  readonly env?: Record<string, string>;
  /** PACK, or PACK_FILE. */
  readonly pack?: string;
}

export interface Outcome {
  /** Whether the engine let it pass. */
  readonly passed: boolean;
  /** Everything the engine printed, without colours and with runs of blanks as one. */
  readonly output: string;
}

export interface EngineRun {
  preview(program: PulumiFn, options?: Options): Promise<Outcome>;
  up(program: PulumiFn, options?: Options): Promise<Outcome>;
  /** Types of the resources in the stack's state. */
  types(): Promise<string[]>;
  close(): Promise<void>;
}

/** A stack of the given name. `close` ends the provider and removes everything. */
export async function startEngine(stackName: string): Promise<EngineRun> {
  const { command } = await ensureEngine();
  const folder = await mkdtemp(join(tmpdir(), "policies-engine-"));
  const provider = spawn(process.execPath, [join(import.meta.dirname, "echo-provider.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
    // An endpoint of the machine's own must not reach the scenes.
    env: { ...process.env, AWS_ENDPOINT_URL: "" },
  });
  const port = await portOf(provider);
  await writeLauncher(folder);

  let stack: Stack | undefined;
  const run = async (
    verb: "preview" | "up",
    program: PulumiFn,
    { config, env = {}, pack = PACK }: Options = {},
  ): Promise<Outcome> => {
    const workspace = await LocalWorkspace.create({
      workDir: folder,
      program: inline(program),
      pulumiCommand: command,
      projectSettings: { name: "scene", runtime: "nodejs", backend: { url: `file://${folder}` } },
      stackSettings: { [stackName]: { config: { "aws:region": "us-east-1", "aws-native:region": "us-east-1" } } },
      envVars: {
        PULUMI_CONFIG_PASSPHRASE: "scene",
        PULUMI_HOME: join(folder, "home"),
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_DEBUG_PROVIDERS: `aws-native:${port},aws:${port}`,
        PATH: [folder, dirname(process.execPath), process.env.PATH].join(delimiter),
        ...env,
      },
    });
    const { Stack: Stacks } = await import("@pulumi/pulumi/automation/index.js");
    stack = await Stacks.createOrSelect(stackName, workspace);
    let output = "";
    const options = {
      color: "never" as const,
      policyPacks: [pack],
      ...(config ? { policyPackConfigs: [config] } : {}),
      onOutput: (text: string) => {
        output += text;
      },
      onError: (text: string) => {
        output += text;
      },
    };
    const passed = await (verb === "preview" ? stack.preview(options) : stack.up(options)).then(
      () => true,
      (error: Error) => {
        output += error.message;
        return false;
      },
    );
    return { passed, output: output.replace(/\s+/g, " ") };
  };

  return {
    preview: (program, options) => run("preview", program, options),
    up: (program, options) => run("up", program, options),
    async types() {
      const state = await stack?.exportStack();
      const resources = (state?.deployment as { resources?: { type: string }[] } | undefined)?.resources ?? [];
      return resources.map(({ type }) => type);
    },
    async close() {
      if (provider.exitCode === null) {
        provider.stdin?.end();
        await once(provider, "exit");
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function portOf(child: ChildProcess): Promise<number> {
  if (!child.stdout) throw new Error("no output");
  const [text] = (await once(child.stdout, "data")) as [Buffer];
  return Number(String(text).trim());
}

/**
 * What the language host does for a pack of runtime nodejs, under the name by which the engine looks for it where no
 * language host is installed: the same launcher, in the pack's folder, with the engine's address.
 */
async function writeLauncher(folder: string): Promise<void> {
  const launcher = require.resolve("@pulumi/pulumi/cmd/run-policy-pack/index.js");
  const file = join(folder, "pulumi-analyzer-policy-nodejs");
  await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" "${launcher}" "$1" "$2"\n`);
  await chmod(file, 0o755);
}
