import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type ChannelOptions, credentials, Server, ServerCredentials, type ServiceError } from "@grpc/grpc-js";
import service from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/resource_pb.js";
import * as settings from "@pulumi/pulumi/runtime/settings.js";
import { inline } from "../../../local/engine/inline.ts";

/** What a new client is told by an engine at a port where a client of an ended run still tries the one before. */
async function told(settings: ChannelOptions): Promise<string> {
  // Long enough that the one left behind does not happen to try again just when the new engine listens.
  const options = { ...settings, "grpc.initial_reconnect_backoff_ms": 60_000 };
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const address = `127.0.0.1:${(free.address() as AddressInfo).port}`;
  free.close();
  await once(free, "close");
  const client = () => new service.ResourceMonitorClient(address, credentials.createInsecure(), options);
  const ask = (of: ReturnType<typeof client>) =>
    new Promise<string>((answer) => {
      of.supportsFeature(new proto.SupportsFeatureRequest(), (error: ServiceError | null) =>
        answer(error?.details ?? "answered"),
      );
    });
  const left = client();
  assert.match(await ask(left), /ECONNREFUSED/);
  const engine = new Server();
  engine.addService(service.ResourceMonitorService, {
    supportsFeature: (_: unknown, answer: (error: null, found: object) => void) =>
      answer(null, new proto.SupportsFeatureResponse()),
  });
  await new Promise<void>((done, failed) => {
    engine.bindAsync(address, ServerCredentials.createInsecure(), (error) => (error ? failed(error) : done()));
  });
  const fresh = client();
  try {
    return await ask(fresh);
  } finally {
    for (const one of [left, fresh]) one.close();
    engine.forceShutdown();
  }
}

describe("programs inside this process", () => {
  it("reach an engine at a port where an ended run left a client behind", async () => {
    const program = async () => {};
    assert.equal(inline(program), program);
    const { grpcClientOptions } = settings as { grpcClientOptions?: ChannelOptions };
    assert.equal(await told(grpcClientOptions ?? {}), "answered");
  });

  it("would not, were connections shared", async () => {
    assert.match(await told({}), /^No connection established\. Last error: null/);
  });
});
