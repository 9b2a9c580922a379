/** A model server: the model's own code in a child process, behind SageMaker's container contract. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { Agent, request as httpRequest } from "node:http";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { cached } from "./cache.ts";
import { lineSplitter, SCRIPTS, signalGroup } from "./child.ts";
import { JobFault, S3Fault } from "./faults.ts";
import { isScikitLearn, unsupportedImage } from "./images.ts";
import { baseEnvironment, type JobFolder, makeJobFolder } from "./job-folder.ts";
import { s3Client } from "./s3.ts";
import type {
  Container,
  Credentials,
  Invocation,
  InvocationResult,
  ModelServer,
  RunContext,
  ServerLimits,
} from "./types.ts";

/** Bytes of a request; the largest that SageMaker sends is batch transform's 100 MB (botocore, MaxPayloadInMB). */
const MAX_BODY = 100 * 1024 * 1024;

/** Milliseconds between SIGTERM and SIGKILL; AWS gives a serving container 30 s. */
const STOP_MS = 2_000;

/** Answers to /ping must come within 2 s (AWS: "How containers should respond to health check requests"). */
const PING_MS = 2_000;

/** Requests that a container works on at once; more wait here, and their waiting counts towards the time limit. */
const MAX_CONNECTIONS = 32;

/** One-line summary of why the container never answered /ping, in AWS's opening words. */
function pingFault(why: string, logFile: string): JobFault {
  return new JobFault(`The primary container did not pass the ping health check. ${why} (log: ${logFile})`);
}

/**
 * Starts a model of the scikit-learn image and waits for its first /ping. Rejects with an Error whose message is fit
 * for FailureReason: the image is not supported, the model cannot be read with these credentials, the code cannot be
 * loaded, the time is over.
 */
export async function startModelServer(
  container: Container,
  creds: Credentials,
  ctx: RunContext,
  limits: ServerLimits,
): Promise<ModelServer> {
  if (!isScikitLearn(container.image)) throw new JobFault(unsupportedImage(container.image, "serving"));
  const began = Date.now();
  const folder = await makeJobFolder(ctx, "servers", "model");
  try {
    const config = await configure(container, creds, ctx, folder);
    const { child, control } = launch(container, creds, ctx, limits, folder, config);
    return await ready(child, control, folder, limits, began);
  } catch (error) {
    await folder.close(false);
    throw error;
  }
}

/** Fetches what the container needs and writes serve.py's configuration; answers its path. */
async function configure(
  container: Container,
  creds: Credentials,
  ctx: RunContext,
  folder: JobFolder,
): Promise<string> {
  const { SAGEMAKER_PROGRAM: program, SAGEMAKER_SUBMIT_DIRECTORY: submitted } = container.environment;
  const model = join(folder.ml, "model");
  const code = join(folder.ml, "code");
  for (const path of [model, code]) await mkdir(path, { recursive: true });
  // AWS's scikit-learn container (sagemaker-containers 2.8.6) looks in /opt/ml/code, which is empty, when this is missing.
  const missing = [
    program ? "" : "SAGEMAKER_PROGRAM (e.g. inference.py)",
    submitted ? "" : "SAGEMAKER_SUBMIT_DIRECTORY (/opt/ml/model/code, or the S3 URI of a tar.gz)",
  ];
  const names = missing.filter((name) => name !== "").join(" and ");
  if (names) throw pingFault(`The container's environment lacks ${names}.`, folder.logFile);
  const s3 = s3Client(creds, ctx);
  try {
    const fetch = (uri: string) =>
      cached(s3, uri, ctx).catch((error: unknown) => {
        throw error instanceof S3Fault ? modelDataFault(error, ctx) : error;
      });
    const config = {
      model_dir: model,
      model_archive: container.modelDataUrl ? await fetch(container.modelDataUrl) : null,
      code_dir: code,
      code_archive: submitted?.startsWith("s3://") ? await fetch(submitted) : null,
      module_dir: submitted?.startsWith("s3://") ? code : folder.local(submitted as string),
      program,
      max_body: MAX_BODY,
    };
    const file = join(folder.dir, "serve.json");
    await writeFile(file, JSON.stringify(config));
    return file;
  } finally {
    s3.destroy();
  }
}

/** AWS's words for a model archive out of reach. */
function modelDataFault(fault: S3Fault, ctx: RunContext): JobFault {
  return new JobFault(
    `Could not access model data at ${fault.uri}. Please ensure that the role exists and that its trust relationship policy allows the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions and that the object is located in ${ctx.region}. (${fault.code}: ${fault.words})`,
  );
}

function launch(
  container: Container,
  creds: Credentials,
  ctx: RunContext,
  limits: ServerLimits,
  folder: JobFolder,
  config: string,
): { child: ChildProcess; control: Promise<string> } {
  const own = Object.entries(container.environment).map(([name, value]) => [name, folder.mapped(value)] as const);
  const child = spawn(ctx.python, [join(SCRIPTS, "serve.py"), config], {
    cwd: folder.ml,
    env: { ...baseEnvironment(folder, creds, ctx), ...Object.fromEntries(own) },
    detached: true,
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  child.stdin?.on("error", () => {});
  const splitter = lineSplitter((line) => {
    folder.log.write(`${line}\n`);
    limits.onLine?.(line);
  });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", splitter.push);
  const pipe = child.stdio[3] as Readable;
  const control = new Promise<string>((resolve, reject) => {
    let text = "";
    child.once("error", reject);
    pipe.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    pipe.once("end", () => resolve(text));
  });
  return { child, control };
}

/** Waits for serve.py's report and a good /ping, then hands out the server. */
async function ready(
  child: ChildProcess,
  control: Promise<string>,
  folder: JobFolder,
  limits: ServerLimits,
  began: number,
): Promise<ModelServer> {
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    const pid = child.pid as number;
    if (child.exitCode === null && child.signalCode === null) signalGroup(pid, "SIGTERM");
    const timer = setTimeout(() => signalGroup(pid, "SIGKILL"), STOP_MS);
    await gone;
    clearTimeout(timer);
    await folder.close(false);
    await rm(join(folder.dir, "serve.json"), { force: true });
  };
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      const left = Math.max(0, limits.startupMs - (Date.now() - began));
      timer = setTimeout(() => reject(pingFault(`No answer within ${limits.startupMs} ms.`, folder.logFile)), left);
    });
    const report = JSON.parse((await Promise.race([control, late])) || "{}") as { port?: number; error?: string };
    if (report.port === undefined) throw pingFault(report.error ?? "The container ended by itself.", folder.logFile);
    const send = sender(report.port, child);
    const ping = await send("GET", "/ping", {}, new Uint8Array(), PING_MS);
    if (ping.status !== 200) throw pingFault(`/ping answered ${ping.status}.`, folder.logFile);
    return {
      pid: child.pid as number,
      stop,
      invoke: (input) => send("POST", "/invocations", invocationHeaders(input), input.body, limits.invocationMs),
    };
  } catch (error) {
    if (child.pid !== undefined) {
      signalGroup(child.pid, "SIGKILL");
      await gone;
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The headers that SageMaker hands on to a container; it strips all others. */
function invocationHeaders(input: Invocation): Record<string, string> {
  const named = {
    "content-type": input.contentType,
    accept: input.accept,
    "x-amzn-sagemaker-custom-attributes": input.customAttributes,
    "x-amzn-sagemaker-inference-id": input.inferenceId,
  };
  return Object.fromEntries(Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

const text = (status: number, message: string): InvocationResult => ({
  status,
  contentType: "text/plain",
  body: Buffer.from(message),
});

/** HTTP to the child, over kept connections; answers 504 past the limit and 503 when the child is gone. */
function sender(port: number, child: ChildProcess) {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
  child.once("close", () => agent.destroy());
  return (method: string, path: string, headers: Record<string, string>, body: Uint8Array, limitMs: number) =>
    new Promise<InvocationResult>((resolve) => {
      const signal = AbortSignal.timeout(limitMs);
      const failed = (error: Error) =>
        resolve(
          signal.aborted
            ? text(
                504,
                `Your invocation timed out while waiting for a response from container primary (${limitMs} ms).`,
              )
            : text(503, `The model's container is gone: ${error.message}`),
        );
      const call = httpRequest(
        {
          host: "127.0.0.1",
          port,
          method,
          path,
          agent,
          signal,
          headers: { ...headers, "content-length": body.byteLength },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.once("error", failed);
          answer.once("end", () =>
            resolve({
              status: answer.statusCode ?? 500,
              contentType: answer.headers["content-type"],
              body: Buffer.concat(chunks),
            }),
          );
        },
      );
      call.once("error", failed);
      call.end(body);
    });
}
