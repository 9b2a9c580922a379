/** The front's process: says its port, tells what is wrong with its environment, and ends with its parent. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ensureVenv } from "../../../local/setup/venv.ts";

const MAIN = join(import.meta.dirname, "../../../local/sagemaker/main.ts");

describe("the SageMaker front's process", function () {
  this.timeout(20_000);
  let workdir: string;
  let python: string;
  const children: ChildProcess[] = [];

  before(async () => {
    workdir = await mkdtemp(join(tmpdir(), "front-"));
    python = (await ensureVenv()).python;
  });
  after(async () => {
    for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await rm(workdir, { recursive: true, force: true });
  });

  function launch(overrides: Record<string, string> = {}): ChildProcess {
    const env = {
      PATH: process.env.PATH,
      MINISTACK_URL: "http://127.0.0.1:9",
      MOTO_URL: "http://127.0.0.1:9",
      FRONT_WORKDIR: workdir,
      FRONT_PYTHON: python,
      AWS_ACCOUNT_ID: "111122223333",
      AWS_REGION: "us-east-1",
      ...overrides,
    };
    const child = spawn(process.execPath, [MAIN], { env, stdio: ["pipe", "pipe", "pipe"] });
    children.push(child);
    return child;
  }

  async function listening(child: ChildProcess): Promise<string> {
    assert.ok(child.stdout);
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    const { port } = JSON.parse(line) as { port: number };
    return `http://127.0.0.1:${port}`;
  }

  for (const [how, end] of [
    ["standard input closes", (child: ChildProcess) => void child.stdin?.end()],
    ["SIGTERM comes", (child: ChildProcess) => void child.kill("SIGTERM")],
  ] as const)
    it(`answers its health, and ends with code 0 when ${how}`, async () => {
      const child = launch();
      const url = await listening(child);
      assert.deepEqual(await (await fetch(`${url}/_front/health`)).json(), { status: "ok" });
      end(child);
      const [code] = await once(child, "exit");
      assert.equal(code, 0);
    });

  it("answers 503 while the emulated AWS is not up, and names it", async () => {
    const child = launch();
    const url = await listening(child);
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "x-amz-target": "SageMaker.ListModels",
        authorization:
          "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sagemaker/aws4_request, SignedHeaders=host, Signature=0",
      },
      body: "{}",
    });
    assert.equal(response.status, 503);
    assert.match(
      ((await response.json()) as { message: string }).message,
      /http:\/\/127\.0\.0\.1:9 does not answer \/_rehearsal\/authorize/,
    );
    child.stdin?.end();
    await once(child, "exit");
  });

  it("names every fault of its environment and ends with code 1", async () => {
    const child = launch({ MOTO_URL: "", AWS_ACCOUNT_ID: "1" });
    let text = "";
    child.stderr?.on("data", (chunk) => {
      text += String(chunk);
    });
    const [code] = await once(child, "exit");
    assert.equal(code, 1);
    assert.match(text, /cannot start: MOTO_URL is not set; AWS_ACCOUNT_ID must be 12 digits, got "1"\./);
  });
});
