/** The HTTP server: AWS JSON 1.1 for SageMaker, REST for sagemaker-runtime, and the front's own paths. */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { control } from "./control.ts";
import { AwsError, internal } from "./errors.ts";
import type { Front, RawRequest } from "./front.ts";
import { targetOf } from "./moto.ts";
import { isRuntimePath, runtime } from "./runtime.ts";

/** Bytes of any request body that is read: above InvokeEndpoint's limit, so that its own refusal is given. */
const MOST_BYTES = 16 * 1024 * 1024;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

async function read(request: IncomingMessage): Promise<RawRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    // The rest is read and thrown away: an answer sent before the end of the request would reach many clients as a broken pipe.
    if (size <= MOST_BYTES) chunks.push(chunk as Buffer);
  }
  if (size > MOST_BYTES)
    throw new AwsError("RequestEntityTooLargeException", `Request of ${size} bytes exceeds ${MOST_BYTES}.`, 413);
  const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(",") : value;
  return { method: request.method ?? "GET", path, query, headers, body: Buffer.concat(chunks) };
}

const json = (body: unknown, status = 200): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

async function route(front: Front, raw: RawRequest): Promise<Answer> {
  if (raw.path === "/_front/health") return json({ status: "ok" });
  if (raw.path === "/_front/state") return json({ ...front.store.counts(), associations: front.graph.edges().length });
  if (isRuntimePath(raw.path)) return runtime(front, raw);
  const operation = targetOf(raw);
  if (raw.method === "POST" && raw.path === "/" && operation !== undefined) return control(front, operation, raw);
  throw new AwsError(
    "UnknownOperationException",
    `${raw.method} ${raw.path}: the SageMaker front answers POST / with "X-Amz-Target: SageMaker.<Operation>" and POST /endpoints/<name>/invocations.`,
    404,
  );
}

function errorAnswer(front: Front, fault: unknown): Answer {
  const error = fault instanceof AwsError ? fault : internal("We encountered an internal error. Please try again.");
  if (!(fault instanceof AwsError)) front.log(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
  return {
    status: error.status,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": error.code },
    body: JSON.stringify(error.body()),
  };
}

async function serve(front: Front, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let answer: Answer;
  try {
    answer = await route(front, await read(request));
  } catch (fault) {
    answer = errorAnswer(front, fault);
  }
  const body = typeof answer.body === "string" ? Buffer.from(answer.body) : answer.body;
  response.writeHead(answer.status, {
    ...answer.headers,
    "x-amzn-requestid": randomUUID(),
    "content-length": String(body.length),
  });
  response.end(body);
}

/** Not yet listening. */
export function frontServer(front: Front): Server {
  const server = createServer((request, response) => {
    serve(front, request, response).catch((fault) => {
      front.log(`request failed: ${String(fault)}`);
      response.destroy();
    });
  });
  // Clients keep connections; the default of 5 s makes them meet a closing one now and then.
  server.keepAliveTimeout = 60_000;
  return server;
}
