/** A job's own folder, which holds what a container would have under /opt/ml. */
import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, realpath, rm } from "node:fs/promises";
import { join, posix } from "node:path";
import { JobFault } from "./faults.ts";
import type { Credentials, RunContext } from "./types.ts";

export interface JobFolder {
  readonly dir: string;
  /** Stands for /opt/ml. */
  readonly ml: string;
  readonly logFile: string;
  /** The local path for a container path below /opt/ml; others are refused. */
  local(path: string): string;
  /** A text with every /opt/ml in it replaced: scripts get their paths by argument and environment. */
  mapped(text: string): string;
  log: WriteStream;
  /** Closes the log; without `keep` the data goes, the log stays. */
  close(keep: boolean): Promise<void>;
}

let serial = 0;

/** `kind` is a word such as training; the name may be used again, so the folder's name has a time and a number too. */
export async function makeJobFolder(ctx: Pick<RunContext, "workdir">, kind: string, name: string): Promise<JobFolder> {
  const path = join(ctx.workdir, kind, `${name}-${Date.now().toString(36)}-${++serial}`);
  const ml = join(path, "opt", "ml");
  await mkdir(ml, { recursive: true });
  const [dir, root] = await Promise.all([realpath(path), realpath(ml)]);
  const logFile = join(dir, "log.txt");
  const log = createWriteStream(logFile);
  return {
    dir,
    ml: root,
    logFile,
    log,
    local(containerPath) {
      const clean = posix.normalize(containerPath).replace(/\/+$/, "");
      if (clean !== "/opt/ml" && !clean.startsWith("/opt/ml/")) {
        throw new JobFault(
          `ClientError: the local SageMaker has container paths below /opt/ml only, not ${containerPath}`,
        );
      }
      return join(root, clean.slice("/opt/ml".length));
    },
    mapped: (text) => mapPaths(text, root),
    async close(keep) {
      await new Promise((done) => log.end(done));
      if (!keep) await rm(join(dir, "opt"), { recursive: true, force: true });
    },
  };
}

/** Replaces the container's /opt/ml by the local folder wherever it stands as a path of its own. */
export function mapPaths(text: string, root: string): string {
  return text.replace(/(?<![\w./-])\/opt\/ml(?=\/|$|[^\w.-])/g, () => root);
}

/**
 * The environment of a job's process: little of ours, the role's credentials and the emulated AWS. (In AWS the
 * credentials come from a container credentials URI; SDKs treat both alike.)
 */
export function baseEnvironment(
  folder: Pick<JobFolder, "dir">,
  creds: Credentials,
  ctx: RunContext,
): Record<string, string> {
  const kept = ["PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT"].flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name] as string] as const],
  );
  return {
    ...Object.fromEntries(kept),
    HOME: folder.dir,
    TMPDIR: folder.dir,
    PYTHONUNBUFFERED: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    AWS_ACCESS_KEY_ID: creds.accessKeyId,
    AWS_SECRET_ACCESS_KEY: creds.secretAccessKey,
    AWS_SESSION_TOKEN: creds.sessionToken,
    AWS_REGION: ctx.region,
    AWS_DEFAULT_REGION: ctx.region,
    AWS_ENDPOINT_URL: ctx.ministackUrl,
    AWS_ENDPOINT_URL_SAGEMAKER: ctx.sagemakerUrl,
    AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: ctx.sagemakerUrl,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}
