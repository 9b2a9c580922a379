/** Programs that run inside this process, next to others that ran in it before. */
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import * as settings from "@pulumi/pulumi/runtime/settings.js";

/** grpc-js: the connection is not shared with another client of the same address. */
const OWN_CONNECTIONS = "grpc.use_local_subchannel_pool";

/**
 * The program as the Automation API takes it, with connections of its own.
 *
 * The SDK never closes its connections to an engine. Where a program failed they go on trying an engine that is gone, and by
 * default grpc-js shares them with every client of the same address: the next engine that is given that port would be told to
 * be unavailable ("14 UNAVAILABLE: No connection established. Last error: null").
 *
 * @throws Error where the SDK no longer keeps its channel options in `runtime/settings`, which it does not document
 */
export function inline(program: PulumiFn): PulumiFn {
  const { grpcClientOptions } = settings as { grpcClientOptions?: Record<string, unknown> };
  if (!grpcClientOptions)
    throw new Error(
      "@pulumi/pulumi/runtime/settings has no grpcClientOptions any more: look in local/engine/inline.ts for what it was needed for.",
    );
  grpcClientOptions[OWN_CONNECTIONS] = 1;
  return program;
}
