/** The idle stopper that idle-shutdown asks for: what it says of itself, and what it does beside a Jupyter that answers. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import rule from "../../policies/cost/idle-shutdown.ts";
import { SETTINGS } from "../../policies/support/settings.ts";
import { broken, compliant } from "./support/fixtures.ts";
import { analyzeStack } from "./support/harness.ts";

const path = join(import.meta.dirname, "..", "..", "policies", "assets", "idle-stop.sh");
const script = readFileSync(path, "utf8");
const run = promisify(execFile);

describe("the idle stopper", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "idle-stop-"));
  let server: Server;
  let python = "";
  let sessions: unknown[] = [];
  let terminals: unknown[] = [];

  before(async () => {
    // The interpreter itself: one behind a version manager would put other programs before the double.
    python = (await run("python3", ["-c", "import sys; print(sys.executable)"])).stdout.trim();
    const [, program = ""] = /<<'PYTHON'\n(.*?)\nPYTHON\n/s.exec(script) ?? [];
    writeFileSync(join(folder, "idle-stop.py"), program);
    writeFileSync(join(folder, "aws"), '#!/bin/sh\necho "called $*"\n', { mode: 0o755 });
    const me = { ResourceArn: "arn:aws:sagemaker:us-east-1:111122223333:notebook-instance/mine", ResourceName: "mine" };
    writeFileSync(join(folder, "me.json"), JSON.stringify(me));
    server = createServer((request, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(request.url === "/api/sessions" ? sessions : terminals));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  const session = (minutes: number, execution_state = "idle") => ({
    kernel: { execution_state, last_activity: ago(minutes) },
  });
  const said = async () => {
    const { port } = server.address() as AddressInfo;
    const { stdout } = await run(
      python,
      [join(folder, "idle-stop.py"), "60", `http://127.0.0.1:${port}`, join(folder, "me.json")],
      { env: { PATH: `${folder}:${process.env.PATH}` } },
    );
    return stdout;
  };
  const STOPPED = "called sagemaker stop-notebook-instance --notebook-instance-name mine --region us-east-1";

  it("is what the rule asks for, and fits a lifecycle configuration", async () => {
    const content = readFileSync(path).toString("base64");
    const lifecycle = broken(compliant("classic", "lifecycle"), "onStart", content);
    assert.deepEqual(await analyzeStack(rule, [compliant("classic", "notebook"), lifecycle]), []);
    assert.ok(script.includes(`\n# ${SETTINGS.idleMarker.default} ${SETTINGS.idleVersion.default}\n`));
    // botocore sagemaker, NotebookInstanceLifecycleConfigContent
    assert.ok(content.length <= 16_384, String(content.length));
    assert.ok(Number(/IDLE_MINUTES=(\d+)/.exec(script)?.[1]) <= SETTINGS.idleMinutes.default);
    await run("bash", ["-n", path]);
  });

  it("stops the notebook when everything has been idle for long enough", async () => {
    sessions = [session(61), session(300)];
    terminals = [{ last_activity: ago(90) }];
    assert.match(await said(), new RegExp(STOPPED));
    sessions = [];
    terminals = [];
    assert.match(await said(), new RegExp(STOPPED));
  });

  it("leaves it alone while somebody works, or a kernel does", async () => {
    terminals = [];
    for (const list of [
      [session(59)],
      [session(300), session(1)],
      [session(300, "busy")],
      [session(300, "starting")],
    ]) {
      sessions = list;
      assert.match(await said(), /^worked on \d+ s ago\n$/);
    }
    sessions = [session(300)];
    terminals = [{ last_activity: ago(5) }];
    assert.match(await said(), /^worked on \d+ s ago\n$/);
  });
});
