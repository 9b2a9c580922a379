/** The official engine, installed by Pulumi's own script through the Automation API. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CommandFailed, run } from "../setup/children.mjs";
import { cache } from "../setup/facts.mjs";
import { whyNoDownload } from "../setup/prerequisites.mjs";
import type { Steps } from "../setup/steps.mjs";

/** What every way to an engine is given. */
export interface Making {
  /** The folder to make; `bin/pulumi` in it is the result. */
  root: string;
  version: string;
  steps: Steps;
  /** To be told of each child process, so that the next run can end it should this one be killed. */
  onStart(pid: number): void;
}

/** Longest time for a download that has begun: about 100 MB. That it begins at all is asked first, within 10 s. */
const limitMs = 5 * 60_000;

/**
 * Downloads the engine. Pulumi's installer has no time limit of its own, so it runs in a child that can be ended.
 * @returns undefined when done, else why not
 */
export async function downloadEngine({ root, version, steps, onStart }: Making): Promise<string | undefined> {
  const unreachable = await whyNoDownload();
  if (unreachable) return unreachable;
  const script = fileURLToPath(new URL("./download-child.ts", import.meta.url));
  const log = join(cache, "logs", "engine-download.log");
  try {
    await steps.step(`Downloading the Pulumi engine ${version}`, "about 100 MB, once", () =>
      // Node's fetch heeds a proxy only when told to.
      run(process.execPath, [script, root], {
        what: "the installer",
        log,
        limitMs,
        onStart,
        env: { ...process.env, NODE_USE_ENV_PROXY: "1" },
      }),
    );
    return undefined;
  } catch (error) {
    if (error instanceof CommandFailed) return `${error.outcome}\n${error.tail}`;
    throw error;
  }
}
