/** An inference pipeline: model servers in a row, each given what the one before it answered. */
import { startModelServer } from "./server.ts";
import type {
  Container,
  Credentials,
  Invocation,
  InvocationResult,
  ModelServer,
  RunContext,
  ServerLimits,
} from "./types.ts";

/**
 * Starts a model of one container or of several. An answer goes on with its own content type; only the last container is
 * told what the caller accepts, the others answer by their default (AWS: inference pipelines, the response of each
 * container is the request of the next). The first status that is not 2xx ends it.
 */
export async function startModel(
  containers: readonly Container[],
  creds: Credentials,
  ctx: RunContext,
  limits: ServerLimits,
): Promise<ModelServer> {
  const results = await Promise.allSettled(
    containers.map((container) => startModelServer(container, creds, ctx, limits)),
  );
  const servers = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const stop = async () => void (await Promise.all(servers.map((server) => server.stop())));
  const failed = results.find((result) => result.status === "rejected");
  const last = servers.at(-1);
  if (failed || !last) {
    await stop();
    throw failed?.reason ?? new Error("The model has no container.");
  }
  if (servers.length === 1) return last;
  return { pid: last.pid, stop, invoke: (input) => inTurn(servers, input) };
}

async function inTurn(servers: readonly ModelServer[], input: Invocation): Promise<InvocationResult> {
  let { body, contentType } = input;
  let answer: InvocationResult | undefined;
  for (const [at, server] of servers.entries()) {
    const accept = at === servers.length - 1 ? input.accept : undefined;
    answer = await server.invoke({ ...input, body, contentType, accept });
    if (answer.status < 200 || answer.status > 299) return answer;
    ({ body, contentType } = answer);
  }
  return answer as InvocationResult;
}
