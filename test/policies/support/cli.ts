/**
 * The plain CLI over a program that declares AWS resources, with a provider that stores what it is given: what somebody
 * types who uses the pack on a program of their own. Nothing of the machine's own Pulumi is read or written.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { ensureEngine } from "../../../local/engine/engine.ts";
import { installLanguageHost } from "../../../local/engine/language-host/install.ts";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  /** Everything printed. */
  readonly output: string;
}

export interface Cli {
  /** A place for files, removed by `close`. */
  readonly folder: string;
  /** Runs `pulumi <args>` in the program's folder, on the stack, with this configuration. */
  pulumi(
    args: readonly string[],
    options?: { config?: Record<string, string>; env?: Record<string, string> },
  ): Promise<Ran>;
  close(): Promise<void>;
}

export async function startCli(source: string, stack: string): Promise<Cli> {
  const engine = await ensureEngine();
  const folder = await mkdtemp(join(tmpdir(), "policies-cli-"));
  // The CLI writes the stack's settings beside the program: beside a copy of it, then.
  const program = join(folder, "program");
  await cp(source, program, { recursive: true });
  await symlink(join(import.meta.dirname, "..", "..", "..", "node_modules"), join(program, "node_modules"));
  const home = join(folder, "home");
  await mkdir(join(folder, "state"));
  installLanguageHost(home);
  const provider = spawn(process.execPath, [join(import.meta.dirname, "echo-provider.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, AWS_ENDPOINT_URL: "" },
  });
  const port = await portOf(provider);
  const base: Record<string, string> = {
    HOME: folder,
    PATH: [dirname(process.execPath), engine.dir, process.env.PATH].join(delimiter),
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "scene",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_DEBUG_PROVIDERS: `aws:${port},aws-native:${port}`,
    AWS_REGION: "us-east-1",
  };
  const run = (args: readonly string[], env: Record<string, string>): Promise<Ran> =>
    new Promise((resolve) => {
      const all = ["--non-interactive", "--color", "never", "-C", program, ...args];
      execFile(engine.binary, all, { env: { ...base, ...env }, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
        const code = error ? Number(error.code ?? 1) : 0;
        resolve({ code, stdout, output: stdout + stderr });
      });
    });
  let files = 0;
  const close = async () => {
    if (provider.exitCode === null) {
      provider.stdin?.end();
      await once(provider, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  };
  const made = await run(["stack", "init", stack], {});
  if (made.code !== 0) {
    await close();
    throw new Error(made.output);
  }
  return {
    folder,
    async pulumi(args, { config, env = {} } = {}) {
      if (!config) return run([...args, "--stack", stack], env);
      const file = join(folder, `Pulumi.${files++}.yaml`);
      await writeFile(file, JSON.stringify({ config }));
      return run([...args, "--stack", stack, "--config-file", file], env);
    },
    close,
  };
}

async function portOf(child: ChildProcess): Promise<number> {
  if (!child.stdout) throw new Error("no output");
  const [text] = (await once(child.stdout, "data")) as [Buffer];
  return Number(String(text).trim());
}
