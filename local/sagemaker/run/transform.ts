/** A batch transform job, run for real: objects through a model server, answers beside them as `.out`. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { S3Client } from "@aws-sdk/client-s3";
import type { CreateTransformJobRequest } from "@aws-sdk/client-sagemaker";
import type { LogLine } from "./child.ts";
import { downloadFault, JobFault, uploadFault } from "./faults.ts";
import { type InputObject, resolveObjects } from "./inputs.ts";
import { type JobFolder, makeJobFolder } from "./job-folder.ts";
import { outputUri, parseS3Uri, s3Uri } from "./keys.ts";
import { LOG_GROUPS, shipLogs } from "./logs.ts";
import { startModel } from "./pipeline.ts";
import { assemble, batchRecords, filterRecord, joinRecord, splitLines } from "./records.ts";
import { download, each, s3Client, upload } from "./s3.ts";
import { planTransform, type TransformPlan } from "./transform-plan.ts";
import type { Container, Credentials, JobResult, ModelServer, RunContext } from "./types.ts";

/** Milliseconds until the model must answer /ping. (AWS waits half an hour: aws/amazon-sagemaker-examples #815.) */
const STARTUP_MS = 60_000;

type Outcome = Omit<JobResult, "startTime" | "endTime">;

interface Job {
  readonly plan: TransformPlan;
  readonly s3: S3Client;
  readonly server: ModelServer;
  readonly folder: JobFolder;
  readonly signal: AbortSignal;
  /** Resolves when the job is stopped. */
  readonly stopped: Promise<undefined>;
  say(message: string): void;
}

/**
 * Runs a transform job. Every object below the prefix (or in the manifest) is transformed on its own; an object that
 * fails fails the job, and the outputs of the others are stored all the same (botocore, TransformOutput). A stopped
 * job stores nothing (AWS: StopTransformJob). SageMaker itself gives only "See job logs"; what was in them is added.
 */
export async function runTransform(
  request: CreateTransformJobRequest,
  _arn: string,
  containers: readonly Container[],
  creds: Credentials,
  ctx: RunContext,
  signal: AbortSignal,
): Promise<JobResult> {
  const startTime = Date.now();
  const name = request.TransformJobName as string;
  const folder = await makeJobFolder(ctx, "transform", name);
  const s3 = s3Client(creds, ctx);
  const lines: LogLine[] = [];
  const say = (message: string) => {
    folder.log.write(`${message}\n`);
    lines.push({ timestamp: Date.now(), message });
  };
  const stopped = new Promise<undefined>((resolve) => {
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  let server: ModelServer | undefined;
  let result: Outcome;
  try {
    const plan = planTransform(request);
    const source = request.TransformInput?.DataSource?.S3DataSource;
    const objects = await resolveObjects(s3, source?.S3Uri ?? "", source?.S3DataType).catch((error: unknown) => {
      throw downloadFault(error);
    });
    const own = containers.map((one) => ({ ...one, environment: { ...one.environment, ...plan.environment } }));
    const limits = { startupMs: STARTUP_MS, invocationMs: plan.timeoutMs, onLine: say };
    server = await startModel(own, creds, ctx, limits);
    result = await transformAll({ plan, s3, server, folder, signal, stopped, say }, objects);
  } catch (error) {
    if (!(error instanceof JobFault)) throw error;
    say(error.message);
    result = { status: "Failed", failureReason: error.message };
  } finally {
    await server?.stop();
    s3.destroy();
  }
  await shipLogs(LOG_GROUPS.transform, `${name}/i-0000000000000000-${Date.now()}`, lines, creds, ctx);
  await folder.close(result.status === "Failed");
  return { ...result, startTime, endTime: Date.now() };
}

async function transformAll(job: Job, objects: readonly InputObject[]): Promise<Outcome> {
  const { plan, s3, folder, signal, say } = job;
  const faults: string[] = [];
  const done: { file: string; uri: string }[] = [];
  for (const [index, object] of objects.entries()) {
    if (signal.aborted) return { status: "Stopped" };
    try {
      const file = join(folder.dir, "opt", `${index}.out`);
      await writeFile(file, await transformObject(job, object, `${file}.in`));
      done.push({ file, uri: outputUri(plan.outputPath, object.relative) });
    } catch (error) {
      if (!(error instanceof JobFault)) throw error;
      say(`${s3Uri(object.location).slice("s3://".length)}: ${error.message}`);
      faults.push(`${s3Uri(object.location)}: ${error.message}`);
    }
  }
  if (signal.aborted) return { status: "Stopped" };
  await each(done, ({ file, uri }) => upload(s3, file, parseS3Uri(uri), plan.outputKey)).catch((error: unknown) => {
    throw uploadFault(error);
  });
  if (faults.length === 0) return { status: "Completed" };
  const kind = faults.some((fault) => fault.includes(": AlgorithmError: ")) ? "AlgorithmError" : "ClientError";
  const rest = faults.length > 1 ? ` and ${faults.length - 1} more objects` : "";
  const first = (faults[0] as string).replace(/: (?:Algorithm|Client)Error: /, ": ");
  throw new JobFault(`${kind}: See job logs for more information: ${first}${rest}`);
}

/** One object's answers put together. Throws a JobFault when any of its records fails. */
async function transformObject(job: Job, object: InputObject, file: string): Promise<Uint8Array> {
  const { plan, s3 } = job;
  await download(s3, object.location, file).catch((error: unknown) => {
    throw downloadFault(error);
  });
  const data = plan.gzip ? await unzip(await readFile(file)) : await readFile(file);
  const records = plan.split === "Line" ? splitLines(data) : [data];
  const payloads = records.map((record) => filterInput(plan, record));
  const batches = batchRecords(payloads, plan.strategy, plan.maxBytes);
  const answers: Uint8Array[] = new Array(batches.length);
  let first = 0;
  const starts = batches.map((batch) => {
    const start = first;
    first += batch.length;
    return start;
  });
  await each(
    [...batches.keys()],
    async (index) => {
      const start = starts[index] as number;
      const batch = batches[index] as Uint8Array[];
      const answer = await invoke(job, Buffer.concat(batch), start);
      answers[index] = joinAnswer(plan, records.slice(start, start + batch.length), answer, start);
    },
    plan.concurrent,
  );
  return assemble(answers, plan.assembleWith);
}

async function unzip(data: Uint8Array): Promise<Uint8Array> {
  return promisify(gunzip)(data).catch((error: Error) => {
    throw new JobFault(`ClientError: CompressionType is Gzip, but the object is not: ${error.message}`);
  });
}

function filterInput(plan: TransformPlan, record: Uint8Array): Uint8Array {
  if (!plan.processing) return record;
  const line = filterRecord(Buffer.from(record).toString("utf8"), plan.processing.input, plan.processing.format);
  return Buffer.from(plan.split === "Line" ? `${line}\n` : line);
}

/** Sends one request; retries what may pass (no answer, 429, 5xx), as ModelClientConfig says. */
async function invoke(job: Job, body: Uint8Array, start: number): Promise<Uint8Array> {
  const { plan, server, signal, stopped, say } = job;
  for (let tried = 0; ; tried++) {
    if (signal.aborted) return new Uint8Array();
    const answer = await Promise.race([
      server.invoke({ body, contentType: plan.contentType, accept: plan.accept }),
      stopped,
    ]);
    if (!answer) return new Uint8Array();
    if (answer.status === 200) return answer.body;
    const words = Buffer.from(answer.body).toString("utf8").slice(0, 600);
    say(`Bad HTTP status received from algorithm: ${answer.status} ${words}`);
    if ((answer.status < 500 && answer.status !== 429) || tried >= plan.retries) {
      const kind = answer.status < 500 ? "ClientError" : "AlgorithmError";
      throw new JobFault(
        `${kind}: the model answered ${answer.status} to the request that starts with record ${start + 1}: ${words}`,
      );
    }
  }
}

/** The answer to a request, joined with its records and filtered, a line each. */
function joinAnswer(
  plan: TransformPlan,
  records: readonly Uint8Array[],
  answer: Uint8Array,
  start: number,
): Uint8Array {
  const { processing } = plan;
  if (!processing) return answer;
  const text = Buffer.from(answer).toString("utf8");
  const lines = plan.split === "Line" ? text.replace(/\r?\n$/, "").split(/\r?\n/) : [text];
  if (processing.join && lines.length !== records.length) {
    throw new JobFault(
      `ClientError: cannot join: ${records.length} records were sent from record ${start + 1} on, ${lines.length} came back`,
    );
  }
  const joined = lines.map((line, index) => {
    const record = Buffer.from(records[index] ?? []).toString("utf8");
    const whole = processing.join ? joinRecord(record, line, processing.format) : line;
    return filterRecord(whole, processing.output, processing.format);
  });
  return Buffer.from(joined.join("\n") + (plan.split === "Line" ? "\n" : ""));
}
