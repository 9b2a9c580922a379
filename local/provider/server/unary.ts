/** Async functions as gRPC methods. */
import * as grpc from "@grpc/grpc-js";

// biome-ignore lint/suspicious/noExplicitAny: each method has its own request and response message.
type Unary = grpc.handleUnaryCall<any, any>;

/** Longer calls than this (milliseconds) are written to the log, and all refused ones. */
const SLOW_MS = 1000;

/** Turns an async function into a gRPC handler; a thrown Error's message is what the user reads. */
// biome-ignore lint/suspicious/noExplicitAny: see Unary.
export function unary(work: (request: any, peer: string) => unknown): Unary {
  return (call, callback) => {
    const start = performance.now();
    const log = (outcome: string) => {
      const method = call.getPath().split("/").at(-1);
      const about = call.request.getUrn?.() ?? call.request.getTok?.() ?? "";
      console.error(
        `${new Date().toISOString()} ${method} ${about}: ${outcome} after ${Math.round(performance.now() - start)} ms`,
      );
    };
    Promise.resolve()
      .then(() => work(call.request, call.getPeer()))
      .then(
        (response) => {
          if (performance.now() - start > SLOW_MS || process.env.LOCAL_PROVIDER_TRACE) log("done");
          callback(null, response);
        },
        (error: unknown) => {
          const details = error instanceof Error ? error.message : String(error);
          log(details);
          callback({ code: grpc.status.UNKNOWN, details });
        },
      );
  };
}

export const unimplemented: Unary = (_call, callback) =>
  callback({ code: grpc.status.UNIMPLEMENTED, details: "not part of the local provider" });
