/** Runs a Pulumi program: the same launcher, arguments and environment as the official host's. */
import { spawn } from "node:child_process";
import { locateModule } from "./locate.ts";
import { checkOptions, type ProgramInfo } from "./options.ts";

export interface RunSettings {
  readonly info: ProgramInfo;
  readonly engineAddress: string;
  readonly monitorAddress: string;
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  readonly dryRun: boolean;
  readonly parallel: number;
  /** Arguments of the program itself. */
  readonly args: readonly string[];
  /** Configuration by `namespace:name`. */
  readonly config: Readonly<Record<string, string>>;
  readonly configSecretKeys: readonly string[];
}

/** `bail`: the program has told the user what is wrong already. Otherwise an empty error means success. */
export interface Outcome {
  readonly error: string;
  readonly bail: boolean;
}

/** The launcher ends with it when the user has already read what is wrong (`@pulumi/pulumi/cmd/run`). */
const userWasTold = 32;
/** Milliseconds a cancelled program gets to end by itself. */
const graceMs = 5_000;

/** Configuration as `@pulumi/pulumi` reads it from the environment: `namespace:config:name`. */
export function configForProgram(config: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => {
      const [namespace = "", ...rest] = key.split(":");
      const name = rest[0] === "config" && rest.length > 1 ? rest.slice(1) : rest;
      return [`${namespace}:config:${name.join(":")}`, value];
    }),
  );
}

/** Arguments of `node`: the launcher with its flags, then the program with its own. */
export function runArguments(launcher: string, settings: RunSettings): string[] {
  const { info } = settings;
  const flags: Record<string, string> = {
    monitor: settings.monitorAddress,
    engine: settings.engineAddress,
    organization: settings.organization,
    project: settings.project,
    "root-directory": info.rootDirectory,
    stack: settings.stack,
    pwd: info.programDirectory,
  };
  return [
    launcher,
    ...Object.entries(flags).flatMap(([name, value]) => (value === "" ? [] : [`--${name}`, value])),
    ...(settings.dryRun ? ["--dry-run"] : []),
    "--parallel",
    String(settings.parallel),
    info.entryPoint,
    ...settings.args,
  ];
}

/** Runs the program to its end. Its output goes where ours goes: the engine shows it. `signal` cancels it. */
export async function runProgram(settings: RunSettings, signal: AbortSignal): Promise<Outcome> {
  checkOptions(settings.info.options);
  const launcher = locateModule("@pulumi/pulumi/cmd/run", settings.info.programDirectory);
  const child = spawn(process.execPath, runArguments(launcher, settings), {
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PULUMI_CONFIG: JSON.stringify(configForProgram(settings.config)),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(settings.configSecretKeys),
    },
  });
  const cancel = (): void => {
    child.kill("SIGINT");
    setTimeout(() => child.kill("SIGKILL"), graceMs).unref();
  };
  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });
  return new Promise((resolve) => {
    const settle = (outcome: Outcome): void => {
      signal.removeEventListener("abort", cancel);
      resolve(outcome);
    };
    child.once("error", (error) =>
      settle({ error: `node (${process.execPath}) cannot be started: ${error.message}`, bail: false }),
    );
    child.once("close", (code, killedBy) => {
      if (code === 0) settle({ error: "", bail: false });
      else if (code === userWasTold) settle({ error: "", bail: true });
      else if (killedBy) settle({ error: `Program was ended by ${killedBy}`, bail: false });
      else settle({ error: `Program exited with non-zero exit code: ${code}`, bail: false });
    });
  });
}
