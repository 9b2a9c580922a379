/** The engine's side of the rehearsal: the real program and policy pack, run by the Automation API over a file backend. */
import { execFile } from "node:child_process";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify, stripVTControlCharacters } from "node:util";
import {
  type EngineEvent,
  LocalWorkspace,
  type PulumiCommand,
  type PulumiFn,
  Stack,
} from "@pulumi/pulumi/automation/index.js";
import { orders } from "../../cli/guarded.ts";
import { inline } from "../engine/inline.ts";
import type { Kept } from "./keeper.ts";

export type Stage = "dev" | "prod";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Workspace {
  readonly folder: string;
  /** Where the copies of the project files are: the folder that the CLI works in. */
  readonly projectFolder: string;
  /** Environment of the engine; with it the official CLI works against the rehearsal as well. */
  readonly env: Readonly<Record<string, string>>;
  up(
    stage: Stage,
    onOutput?: (text: string) => void,
  ): Promise<{ changes: Record<string, number>; outputs: Record<string, unknown> }>;
  preview(stage: Stage, onOutput?: (text: string) => void): Promise<Record<string, number>>;
  /**
   * The mandatory violations of a preview of another program in a stack of that stage's name: what somebody would be told who
   * wrote it. The preview must fail; nothing is made.
   */
  refusals(stage: Stage, projectName: string, program: PulumiFn): Promise<Refusal[]>;
  /** Drift found by reading every resource back: changes by kind; `{ same: n }` means none. */
  refresh(stage: Stage): Promise<{ changes: Record<string, number>; output: string }>;
  /** Takes the protection of prod's records away first, as a person who means it has to. */
  destroy(stage: Stage, onOutput?: (text: string) => void): Promise<void>;
  /** Resolves when no engine operation is under way. */
  settled(): Promise<void>;
  /** Pins the model package that stage prod serves, as a pull request would change Pulumi.prod.yaml. */
  pin(modelPackageArn: string): Promise<void>;
}

/** A mandatory violation, with the logical name of the resource that it is about. */
export interface Refusal {
  readonly resource: string;
  readonly message: string;
}

/**
 * Lays a workspace into `folder`: copies of the project files (so that the checkout stays as it is), state and settings.
 * @param signal cancels the engine's operation, as Ctrl-C at the CLI does: what is under way is finished and recorded
 */
export async function openWorkspace(
  folder: string,
  kept: Kept,
  engine: { command: PulumiCommand; binary: string },
  signal?: AbortSignal,
): Promise<Workspace> {
  const projectFolder = path.join(folder, "project");
  const stateFolder = path.join(folder, "state");
  await mkdir(projectFolder, { recursive: true });
  await mkdir(stateFolder, { recursive: true });
  for (const file of ["Pulumi.dev.yaml", "Pulumi.prod.yaml"])
    await cp(path.join(root, file), path.join(projectFolder, file));
  const project = await readFile(path.join(root, "Pulumi.yaml"), "utf8");
  const main = path.relative(projectFolder, root) || ".";
  if (!/^main:/m.test(project))
    throw new Error("Pulumi.yaml must have a `main:` line, so that the rehearsal can run a copy of it");
  await writeFile(
    path.join(projectFolder, "Pulumi.yaml"),
    project.replace(/^main:.*$/m, `main: ${path.join(main, "index.ts")}`),
  );
  // So that `--policy-pack policies` means there what it means in the checkout.
  await symlink(path.join(root, "policies"), path.join(projectFolder, "policies"));

  const env: Record<string, string> = {
    ...kept.env,
    PULUMI_DEBUG_PROVIDERS: kept.debugProviders,
    PULUMI_BACKEND_URL: pathToFileURL(stateFolder).href,
    PULUMI_HOME: path.join(folder, "home"),
    PULUMI_CONFIG_PASSPHRASE: "rehearsal",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // The providers are attached by port; without this each run would first look for their plugins on the net.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
  const stacks = new Map<Stage, Promise<Stack>>();
  const open = async (stage: Stage): Promise<Stack> => {
    const workspace = await LocalWorkspace.create({
      workDir: projectFolder,
      program: inline(program),
      envVars: env,
      pulumiCommand: engine.command,
      pulumiHome: path.join(folder, "home"),
    });
    return Stack.createOrSelect(stage, workspace);
  };
  const stackOf = (stage: Stage): Promise<Stack> => {
    const stack = stacks.get(stage) ?? open(stage);
    stacks.set(stage, stack);
    return stack;
  };
  const guarded = (stage: Stage) => {
    const { pack, config } = orders(stage);
    return { policyPacks: [pack], policyPackConfigs: [config] };
  };
  const color = process.stdout.isTTY ? "always" : "never";
  const running = new Set<Promise<unknown>>();
  const operate = async <T>(start: () => Promise<T>): Promise<T> => {
    signal?.throwIfAborted();
    const operation = start();
    running.add(operation);
    try {
      return await operation;
    } finally {
      running.delete(operation);
    }
  };

  return {
    folder,
    projectFolder,
    env,
    async up(stage, onOutput) {
      const options = { ...guarded(stage), onOutput, color, suppressProgress: true, signal } as const;
      const stack = await stackOf(stage);
      const result = await operate(() => stack.up(options));
      const outputs = Object.fromEntries(
        Object.entries(result.outputs).map(([name, output]) => [name, output.value as unknown]),
      );
      return { changes: { ...result.summary.resourceChanges }, outputs };
    },
    async preview(stage, onOutput) {
      const options = { ...guarded(stage), onOutput, color, suppressProgress: true, signal } as const;
      const stack = await stackOf(stage);
      const result = await operate(() => stack.preview(options));
      return { ...result.changeSummary } as Record<string, number>;
    },
    async refusals(stage, projectName, other) {
      const stack = await LocalWorkspace.createOrSelectStack(
        { stackName: stage, projectName, program: inline(other) },
        { envVars: env, pulumiCommand: engine.command, pulumiHome: path.join(folder, "home") },
      );
      const region = { value: kept.env.AWS_REGION ?? "" };
      await stack.setAllConfig({ "aws:region": region, "aws-native:region": region });
      const found: Refusal[] = [];
      const onEvent = ({ policyEvent }: EngineEvent) => {
        if (policyEvent?.enforcementLevel !== "mandatory") return;
        const resource = policyEvent.resourceUrn?.split("::").at(-1) ?? "";
        found.push({ resource, message: stripVTControlCharacters(policyEvent.message) });
      };
      const passed = await operate(() =>
        stack.preview({ ...guarded(stage), onEvent, color: "never", suppressProgress: true, signal }).then(
          () => true,
          (error: unknown) => {
            if (found.length === 0) throw error;
            return false;
          },
        ),
      );
      if (passed) throw new Error(`a preview of project ${projectName} passed that had to be refused`);
      return found;
    },
    async refresh(stage) {
      const stack = await stackOf(stage);
      const result = await operate(() => stack.refresh({ color: "never", suppressProgress: true, signal }));
      return { changes: { ...result.summary.resourceChanges }, output: result.stdout };
    },
    async destroy(stage, onOutput) {
      const stack = await stackOf(stage);
      const unprotect = ["state", "unprotect", "--all", "--yes", "--non-interactive", "--stack", stage];
      await run(engine.binary, unprotect, { cwd: projectFolder, env: { ...process.env, ...env } });
      await operate(() => stack.destroy({ onOutput, color, suppressProgress: true, signal }));
    },
    async settled() {
      await Promise.allSettled(running);
    },
    async pin(modelPackageArn) {
      const stack = await stackOf("prod");
      await stack.setConfig("deployment.modelPackageArn", { value: modelPackageArn }, true);
    },
  };
}

let runs = 0;
/** The program itself. A new query makes Node evaluate index.ts again; the modules below it hold no state. */
const program: PulumiFn = async () => {
  runs += 1;
  const evaluated: Record<string, unknown> = await import(
    `${pathToFileURL(path.join(root, "index.ts")).href}?run=${runs}`
  );
  return { ...evaluated };
};
