import assert from "node:assert/strict";
import { createServer } from "node:net";
import { freePorts } from "../../../local/emulators/ports.ts";

describe("freePorts", () => {
  it("gives different ports that can be bound", async () => {
    const ports = await freePorts(5);
    assert.equal(new Set(ports).size, 5);
    for (const port of ports) {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", resolve);
      });
      await new Promise((done) => server.close(done));
    }
  });
});
