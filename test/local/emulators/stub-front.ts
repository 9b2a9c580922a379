/**
 * A SageMaker front that knows nothing: it answers each operation with what the test scripted, and remembers every call
 * as it arrived. Started by `startEmulators` in the place of the real one.
 *
 * `POST /_stub/script {"CreateModel": [{status?, body, raw?}, …]}`: answers in turn, the last one again and again.
 * `GET /_stub/calls`, `POST /_stub/reset`.
 */
import { createServer } from "node:http";

interface Answer {
  readonly status?: number;
  readonly body: unknown;
  /** Milliseconds before the answer. */
  readonly delay?: number;
}

export interface Call {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

let script: Record<string, Answer[]> = {};
let calls: Call[] = [];

const server = createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = Buffer.concat(parts).toString();
  const path = request.url ?? "/";
  const send = (status: number, value: unknown): void => {
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": "stub-request" });
    response.end(typeof value === "string" ? value : JSON.stringify(value));
  };
  if (path === "/_front/health") return send(200, {});
  if (path === "/_stub/calls") return send(200, calls);
  if (path === "/_stub/script") {
    script = { ...script, ...JSON.parse(body) };
    return send(200, {});
  }
  if (path === "/_stub/reset") {
    script = {};
    calls = [];
    return send(200, {});
  }
  const invoked = /^\/endpoints\/[^/]+\/invocations$/.test(path);
  const operation = invoked ? "InvokeEndpoint" : String(request.headers["x-amz-target"] ?? "?").replace(/^.*\./, "");
  calls.push({
    operation,
    method: request.method ?? "",
    path,
    headers: request.headers as Record<string, string>,
    body,
  });
  const answers = script[operation];
  const answer = answers && answers.length > 1 ? answers.shift() : answers?.[0];
  if (answer === undefined) {
    return send(400, { __type: "ValidationException", message: `no script for ${operation}` });
  }
  if (answer.delay) await new Promise((done) => setTimeout(done, answer.delay));
  send(answer.status ?? 200, answer.body);
});

server.listen(Number(process.env.FRONT_PORT), "127.0.0.1");
process.stdin.resume();
process.stdin.once("end", () => process.exit(0));
