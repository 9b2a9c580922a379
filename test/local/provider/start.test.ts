import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { startProviders } from "../../../local/provider/start.ts";

// No emulator is asked for anything before the engine does.
const emulators = {
  ministack: "http://127.0.0.1:1",
  sagemaker: "http://127.0.0.1:1",
  region: "us-east-1",
  accountId: "111122223333",
  env: {},
};
const start = new URL("../../../local/provider/start.ts", import.meta.url).href;

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<boolean> {
  for (let look = 0; look < 100; look++) {
    if (!alive(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

function open(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

describe("the provider's process", function () {
  this.timeout(30_000);
  let workdir: string;
  before(async () => {
    workdir = await mkdtemp(join(tmpdir(), "provider-start-"));
  });
  after(() => rm(workdir, { recursive: true, force: true }));

  it("serves both providers and ends when told, however often", async () => {
    const providers = await startProviders({ emulators, workdir });
    const [pid = 0] = providers.pids;
    try {
      const ports = /^aws:(\d+),aws-native:(\d+)$/.exec(providers.debugProviders);
      assert.ok(ports, providers.debugProviders);
      assert.ok(await open(Number(ports[1])));
      assert.ok(await open(Number(ports[2])));
    } finally {
      await Promise.all([providers.stop(), providers.stop()]);
      await providers.stop();
    }
    assert.ok(!alive(pid));
  });

  it("ends with its parent, even when that is killed", async () => {
    const script = `
      const { startProviders } = await import(${JSON.stringify(start)});
      const { pids } = await startProviders(${JSON.stringify({ emulators, workdir })});
      console.log(pids[0]);
      setInterval(() => {}, 1000);
    `;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(createInterface({ input: parent.stdout }), "line");
    const pid = Number(line);
    assert.ok(alive(pid));
    parent.kill("SIGKILL");
    assert.ok(await gone(pid), `process ${pid} outlived its parent`);
  });
});
