import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Why an executable is not the engine of this version, or undefined when it is. Runs `pulumi version` (about 0.2 s). */
export async function whyNotEngine(binary: string, version: string): Promise<string | undefined> {
  try {
    const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
    const { stdout } = await promisify(execFile)(binary, ["version"], { env, timeout: 20_000 });
    const answer = stdout.trim().replace(/^v/, "");
    return answer === version ? undefined : `it says it is version ${answer || "(nothing)"}`;
  } catch (error) {
    const { code, signal, stderr, message } = error as Error & { code?: unknown; signal?: string; stderr?: string };
    return `it does not run (${stderr?.trim() || signal || (typeof code === "string" ? code : message)})`;
  }
}
