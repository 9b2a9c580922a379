/** An emulated AWS account, the local provider and a stack of the real engine, for one test file. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LocalWorkspace, type PulumiFn, type Stack } from "@pulumi/pulumi/automation/index.js";
import { type Emulators, startEmulators } from "../../../../local/emulators/start.ts";
import { ensureEngine } from "../../../../local/engine/engine.ts";
import { inline } from "../../../../local/engine/inline.ts";
import { Client } from "../../../../local/provider/emulator/client.ts";
import { listAt, textAt } from "../../../../local/provider/emulator/xml.ts";
import { startProviders } from "../../../../local/provider/start.ts";

export interface World {
  readonly emulators: Emulators;
  /** Root of the emulated account, for what a person does by hand. */
  readonly hand: Client;
  readonly pids: readonly number[];
  /** A stack of its own, empty at first. */
  stack(name: string, program: PulumiFn): Promise<Stack>;
  /** Names of the CloudFormation stacks that stand. */
  stacks(): Promise<string[]>;
  end(): Promise<void>;
}

export const quiet = { color: "never" as const, suppressProgress: true };

export async function openWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "local-provider-"));
  const [emulators, { command }] = await Promise.all([
    startEmulators({ workdir: join(folder, "emulators") }),
    ensureEngine(),
  ]);
  const providers = await startProviders({ emulators, workdir: folder });
  const { region, accountId } = emulators;
  const hand = new Client({ url: emulators.ministack, region, accountId });
  const envVars = {
    ...emulators.env,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_BACKEND_URL: pathToFileURL(folder).href,
    PULUMI_DEBUG_PROVIDERS: providers.debugProviders,
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  return {
    emulators,
    hand,
    pids: providers.pids,
    async stack(name, program) {
      const project = { projectName: "provider-test", stackName: name, program: inline(program) };
      const options = { pulumiCommand: command, pulumiHome: join(folder, "home"), workDir: folder, envVars };
      const settings = { name: "provider-test", runtime: "nodejs" as const };
      const stack = await LocalWorkspace.createOrSelectStack(project, { ...options, projectSettings: settings });
      await stack.setAllConfig({ "aws-native:region": { value: region }, "aws:region": { value: region } });
      return stack;
    },
    async stacks() {
      const answer = await hand.query("cloudformation", "DescribeStacks", "2010-05-15", {});
      return listAt(answer, "Stacks", "member").map((member) => textAt(member, "StackName") ?? "");
    },
    async end() {
      await providers.stop();
      await emulators.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Counts of a preview or an operation, without the resources that stay as they are. */
export function changed(counts: Readonly<Record<string, number | undefined>> | undefined): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counts ?? {}).flatMap(([kind, count]) => (kind === "same" || !count ? [] : [[kind, count]])),
  );
}
