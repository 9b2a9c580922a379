import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { CreateModelCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { startEmulators } from "../../../local/emulators/start.ts";
import { ensureVenv } from "../../../local/setup/venv.ts";
import { ACCOUNT, type Bench, clientConfig, nodeFunction, startBench, until } from "./support.ts";

const LAUNCHER = join(import.meta.dirname, "..", "..", "..", "local", "emulators", "ministack");

/** Live processes of these groups: "pid command". Emulators lead a group each, and their children stay in it. */
function inGroups(groups: readonly number[]): string[] {
  const table = execFileSync("ps", ["-eo", "pgid=,stat=,pid=,args="], { encoding: "utf8" }).trim().split("\n");
  return table.flatMap((line) => {
    const [pgid = "", stat = "", ...rest] = line.trim().split(/\s+/);
    return groups.includes(Number(pgid)) && !stat.startsWith("Z") ? [rest.join(" ")] : [];
  });
}

const gone = (groups: readonly number[]) => until("all gone", () => inGroups(groups).length === 0);

describe("startEmulators", function () {
  this.timeout(40_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "start-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  describe("once up", () => {
    let bench: Bench;
    const foreign = {
      AWS_PROFILE: "person",
      AWS_ACCESS_KEY_ID: "AKIAPERSON",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_SESSION_TOKEN: "token",
      HTTPS_PROXY: "http://proxy.invalid",
      NODE_OPTIONS: "",
      FOREIGN: "leak",
    };
    before(async () => {
      const own = { ...process.env };
      Object.assign(process.env, foreign);
      try {
        bench = await startBench();
      } finally {
        for (const name of Object.keys(foreign)) {
          if (own[name] === undefined) delete process.env[name];
          else process.env[name] = own[name];
        }
      }
    });
    after(() => bench?.stop());

    it("all three answer, each on a port of its own, for one account and region", async () => {
      const ports = [bench.ministack, bench.moto, bench.sagemaker].map((base) => new URL(base).port);
      assert.equal(new Set(ports).size, 3);
      assert.equal(bench.accountId, ACCOUNT);
      const moto = new SageMakerClient({ ...clientConfig(bench), endpoint: bench.moto });
      const model = await moto.send(
        new CreateModelCommand({ ModelName: "m", ExecutionRoleArn: "arn:aws:iam::1:role/r" }),
      );
      assert.equal(model.ModelArn, `arn:aws:sagemaker:us-east-1:${ACCOUNT}:model/m`);
      const trust = JSON.stringify({ Statement: [] });
      const made = await bench.iam.send(new CreateRoleCommand({ RoleName: "r", AssumeRolePolicyDocument: trust }));
      assert.equal(made.Role?.Arn, `arn:aws:iam::${ACCOUNT}:role/r`);
      assert.equal((await fetch(`${bench.sagemaker}/_front/health`)).status, 200);
      assert.equal(bench.pids.length, 3);
    });

    it("env is what AWS clients read", () => {
      assert.deepEqual(bench.env, {
        AWS_ENDPOINT_URL: bench.ministack,
        AWS_ENDPOINT_URL_SAGEMAKER: bench.sagemaker,
        AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: bench.sagemaker,
        AWS_REGION: "us-east-1",
        AWS_DEFAULT_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        AWS_EC2_METADATA_DISABLED: "true",
      });
    });

    it("a function runs on the project's Node, as its role, finds the front, and sees nothing of ours", async () => {
      const arn = await nodeFunction(bench, "return { version: process.version, env: process.env }");
      const answer = await bench.lambda.send(new InvokeCommand({ FunctionName: arn }));
      const { version, env } = JSON.parse(Buffer.from(answer.Payload ?? []).toString());
      assert.match(version, /^v24\./);
      assert.equal(env.AWS_ENDPOINT_URL, bench.ministack);
      assert.equal(env.AWS_ENDPOINT_URL_SAGEMAKER, bench.sagemaker);
      assert.equal(env.AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME, bench.sagemaker);
      assert.match(env.AWS_ACCESS_KEY_ID, /^ASIA[0-9A-F]{16}$/);
      assert.ok(env.HOME.startsWith(bench.workdir));
      for (const name of ["AWS_PROFILE", "HTTPS_PROXY", "FOREIGN"]) assert.equal(env[name], undefined, name);
    });
  });

  it("stop ends every process, a busy function's too; stopping again is no error", async () => {
    const bench = await startBench();
    const arn = await nodeFunction(bench, "await new Promise((done) => setTimeout(done, 60000))", 60);
    await bench.lambda.send(new InvokeCommand({ FunctionName: arn, InvocationType: "Event" }));
    await until("the worker", () => inGroups(bench.pids).length === 4);
    await bench.stop();
    await gone(bench.pids);
    await bench.stop();
    await assert.rejects(fetch(bench.ministack));
  });

  it("nothing survives the parent's SIGKILL, not even a busy function", async () => {
    const script = join(folder, "parent.mts");
    await writeFile(
      script,
      `import { InvokeCommand } from ${JSON.stringify(import.meta.resolve("@aws-sdk/client-lambda"))};
       import { nodeFunction, startBench } from ${JSON.stringify(join(import.meta.dirname, "support.ts"))};
       const bench = await startBench();
       const arn = await nodeFunction(bench, "while (true);", 60);
       await bench.lambda.send(new InvokeCommand({ FunctionName: arn, InvocationType: "Event" }));
       console.log(JSON.stringify({ pids: bench.pids, workdir: bench.workdir }));`,
    );
    const parent = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(createInterface(parent.stdout), "line")) as [string];
    const { pids, workdir } = JSON.parse(line) as { pids: number[]; workdir: string };
    await until("the worker", () => inGroups(pids).length === 4);
    parent.kill("SIGKILL");
    await gone(pids);
    await rm(workdir, { recursive: true, force: true });
  });

  it("a launcher that is killed takes its functions along", async () => {
    const bench = await startBench();
    try {
      const arn = await nodeFunction(bench, "while (true);", 60);
      await bench.lambda.send(new InvokeCommand({ FunctionName: arn, InvocationType: "Event" }));
      const [ministack = 0] = bench.pids;
      await until("the worker", () => inGroups([ministack]).length === 2);
      process.kill(ministack, "SIGKILL");
      await gone([ministack]);
    } finally {
      await bench.stop();
    }
  });

  it("two at once do not meet", async () => {
    const benches = await Promise.all([startBench(), startBench()]);
    try {
      const bases = benches.flatMap((bench) => [bench.ministack, bench.moto, bench.sagemaker]);
      assert.equal(new Set(bases).size, 6);
    } finally {
      await Promise.all(benches.map((bench) => bench.stop()));
    }
  });

  it("a start that fails names the process, shows its last words and its log, and leaves nothing", async () => {
    const front = join(folder, "broken.ts");
    await writeFile(front, 'console.error("the front has no database"); process.exit(7);\n');
    const workdir = join(folder, "failing");
    const error = await startEmulators({ workdir, sagemakerFront: front }).then(
      async (emulators) => {
        await emulators.stop();
        throw new Error("it started");
      },
      (failure: Error) => failure,
    );
    const log = join(workdir, "logs", "sagemaker-front.log");
    assert.equal(
      error.message,
      `sagemaker-front ended while starting, with code 7.\n  the front has no database\n  whole log: ${log}`,
    );
    assert.equal(await readFile(log, "utf8"), "the front has no database\n");
    const left = execFileSync("ps", ["-eo", "args="], { encoding: "utf8" });
    assert.ok(!left.includes(workdir), "something still runs in its folder");
  });

  it("MiniStack of another version is refused with exit code 3", async () => {
    const { python } = await ensureVenv();
    const code = `import sys; sys.path.insert(0, ${JSON.stringify(LAUNCHER)})
from rehearsal import pinned
pinned.VERSION = "9.9.9"
import launch
launch.main()`;
    const child = spawn(python, ["-c", code], { stdio: ["pipe", "inherit", "pipe"] });
    let text = "";
    child.stderr.on("data", (part) => {
      text += part;
    });
    const [exit] = await once(child, "close");
    assert.equal(exit, 3);
    assert.match(
      text,
      /fit MiniStack 9\.9\.9 only\.\n {2}- ministack is version 1\.5\.33, not 9\.9\.9\nInstall that version/,
    );
  });
});
