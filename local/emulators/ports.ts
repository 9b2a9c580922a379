import { createServer, type Server } from "node:net";

/**
 * Finds ports on 127.0.0.1 that nobody listens on.
 *
 * All are held at once before any is let go, so they differ. Between this and the listener's own bind another process
 * may still take one; whoever starts a server on such a port retries with new ones (see `start.ts`).
 *
 * @param count how many, at least 1
 */
export async function freePorts(count: number): Promise<number[]> {
  const held = await Promise.all(Array.from({ length: count }, hold));
  const ports = held.map((server) => {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
    return address.port;
  });
  await Promise.all(held.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

function hold(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.unref();
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: 0, exclusive: true }, () => resolve(server));
  });
}
