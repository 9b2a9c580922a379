/**
 * A SageMaker stand-in that answers by script: the test says what each call is answered with, and reads what was asked.
 * Permissions are the real ones: each call is put to the emulated IAM, as the real front does. Stub functions ask it, too.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { accessKeyOf, checksFor } from "../../../local/sagemaker/iam/authorize.ts";
import { Rehearsal } from "../../../local/sagemaker/iam/rehearsal.ts";
import { ANSWERS_LAST, type Answer, type Call } from "./script.ts";

const rehearsal = new Rehearsal(process.env.MINISTACK_URL ?? "");
// What exists is the script's business, so the store that resources are looked up in knows nothing.
const scope = {
  settings: { region: process.env.AWS_REGION, accountId: process.env.AWS_ACCOUNT_ID },
  store: { get: () => undefined, byArn: () => undefined },
} as unknown as Parameters<typeof checksFor>[0];

let script: Record<string, Answer[]> = {};
let calls: Call[] = [];
/** Packages by their client tokens, for scripts that do not answer these calls themselves. */
let packages: { token: unknown; arn: string; input: Record<string, unknown> }[] = [];

/** The registry's own answers: a package is made once for a token, and described and listed as it was made. */
function registry(operation: string, input: Record<string, unknown>): unknown {
  if (operation === "CreateModelPackage") {
    let found = packages.find(({ token }) => token === input.ClientToken);
    if (!found) {
      const group = `arn:aws:sagemaker:us-east-1:111122223333:model-package/${input.ModelPackageGroupName}`;
      found = { token: input.ClientToken, arn: `${group}/${packages.length + 4}`, input };
      packages.push(found);
    }
    return { ModelPackageArn: found.arn };
  }
  if (operation === "DescribeModelPackage") {
    const found = packages.find(({ arn }) => arn === input.ModelPackageName);
    return found && { ...found.input, ModelPackageArn: found.arn };
  }
  if (operation !== "ListModelPackages") return undefined;
  const listed = packages.filter((one) => one.input.ModelApprovalStatus === input.ModelApprovalStatus);
  return {
    ModelPackageSummaryList: listed.map(({ arn, input: { ModelPackageDescription, ModelApprovalStatus } }) => ({
      ModelPackageArn: arn,
      ModelPackageDescription,
      ModelApprovalStatus,
      ModelPackageStatus: "Completed",
      CreationTime: 1767225600,
    })),
  };
}

/** The next answer to a call; the last one of a list is given again and again. */
function next(key: string): Answer | undefined {
  const answers = script[key];
  if (!answers || answers.length === 0) return undefined;
  return answers.length > ANSWERS_LAST ? answers.shift() : answers[0];
}

async function body(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(value));
}

async function sagemaker(request: IncomingMessage, response: ServerResponse, operation: string): Promise<void> {
  const bytes = await body(request);
  const input = JSON.parse(bytes.toString("utf8")) as Record<string, unknown>;
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  const key = accessKeyOf({ headers, query: "" }) ?? "";
  try {
    for (const check of await checksFor(scope, operation, input, () => [])) await rehearsal.authorize(key, check);
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    calls.push({ key: operation, input, denied: message });
    return send(response, 400, { __type: code ?? name, message });
  }
  calls.push({ key: operation, input });
  const answer = next(operation);
  const own = answer === undefined ? registry(operation, input) : undefined;
  if (own !== undefined) return send(response, 200, own);
  if (answer === undefined)
    return send(response, 400, { __type: "ValidationException", message: `no answer to ${operation}` });
  if ("error" in answer) return send(response, 400, { __type: answer.error, message: answer.message });
  send(response, 200, answer.result);
}

const server = createServer((request, response) => {
  const operation = /^SageMaker\.(\w+)$/.exec(String(request.headers["x-amz-target"] ?? ""))?.[1];
  const handle = async () => {
    if (operation) return sagemaker(request, response, operation);
    if (request.url === "/_front/health") return send(response, 200, {});
    if (request.url === "/_script") {
      script = JSON.parse((await body(request)).toString("utf8")) as typeof script;
      calls = [];
      packages = [];
      return send(response, 200, {});
    }
    if (request.url === "/_calls") return send(response, 200, calls);
    const stub = /^\/_function\/([a-z-]+)$/.exec(request.url ?? "")?.[1];
    if (stub) {
      calls.push({ key: stub, input: JSON.parse((await body(request)).toString("utf8")) });
      return send(response, 200, next(stub) ?? { error: "Error", message: `no answer to ${stub}` });
    }
    send(response, 404, { message: `no ${request.url}` });
  };
  handle().catch((error) => send(response, 500, { message: String(error) }));
});
server.listen(Number(process.env.FRONT_PORT), "127.0.0.1", () => {
  console.log(JSON.stringify({ port: (server.address() as { port: number }).port }));
});
// The parent is gone: so are we.
process.stdin.on("end", () => process.exit(0)).resume();
process.on("SIGTERM", () => process.exit(0));
