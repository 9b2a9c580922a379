/** The engine from its source, through the Go module proxy: for where Pulumi's own download is out of reach. */
import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CommandFailed, run } from "../setup/children.mjs";
import { cache, whyNotWritable } from "../setup/facts.mjs";
import { onPath } from "../setup/prerequisites.mjs";
import type { Making } from "./download.ts";

/** go.mod and go.sum: every module the engine is made from, with its checksum. */
const source = fileURLToPath(new URL("./build/", import.meta.url));
const main = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const versionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

/**
 * Builds the engine: about five minutes on two cores when nothing is cached, and 3 GB of Go's caches.
 * Built as Pulumi builds its releases (no cgo, no paths of this machine), so that the result depends on go.sum alone.
 * @returns undefined when done, else why not
 */
export async function buildEngine({ root, version, steps, onStart }: Making): Promise<string | undefined> {
  if (!onPath("go")) return "`go` is not on PATH";
  const log = join(cache, "logs", "engine-build.log");
  const binary = join(root, "bin", "pulumi");
  try {
    const env = await goEnvironment();
    mkdirSync(join(root, "bin"), { recursive: true });
    const link = `-s -w -X ${versionVariable}=v${version}`;
    await steps.step(`Building the Pulumi engine ${version} from source`, "go, about five minutes", () =>
      run("go", ["build", "-trimpath", "-ldflags", link, "-o", binary, main], {
        what: "go build",
        cwd: source,
        env,
        log,
        onStart,
      }),
    );
    return undefined;
  } catch (error) {
    if (error instanceof CommandFailed) return `${error.outcome}\n${error.tail}`;
    if (error instanceof Error && "stderr" in error) return `\`go env\` fails: ${String(error.stderr).trim()}`;
    throw error;
  }
}

/** The user's environment, without what would change the build, and with caches that can be written to. */
async function goEnvironment(): Promise<NodeJS.ProcessEnv> {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    GOFLAGS: "-mod=readonly -buildvcs=false",
    GOWORK: "off",
    CGO_ENABLED: "0",
  };
  for (const name of ["GOOS", "GOARCH", "GOEXPERIMENT"]) delete env[name];
  const { stdout } = await promisify(execFile)("go", ["env", "-json", "GOMODCACHE", "GOCACHE"], { env, cwd: source });
  const folders = JSON.parse(stdout) as Record<string, string>;
  for (const [name, fallback] of [
    ["GOMODCACHE", "go-modules"],
    ["GOCACHE", "go-build"],
  ] as const) {
    const folder = folders[name];
    if (!folder || folder === "off" || whyNotWritable(folder)) env[name] = join(cache, fallback);
  }
  return env;
}
