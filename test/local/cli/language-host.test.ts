import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as grpc from "@grpc/grpc-js";
import service from "@pulumi/pulumi/proto/language_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/language_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { findLanguageHost, installLanguageHost } from "../../../local/engine/language-host/install.ts";
import { checkOptions } from "../../../local/engine/language-host/options.ts";
import { dependencies, requiredPlugins } from "../../../local/engine/language-host/packages.ts";
import { configForProgram, runArguments } from "../../../local/engine/language-host/program.ts";
import { engineVersion } from "../../../local/setup/facts.mjs";
import { root, run } from "./support/terminal.ts";

describe("the stand-in language host", function () {
  this.timeout(20_000);
  let folder: string;
  let file: string;
  const children: ChildProcess[] = [];

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "host-"));
    file = installLanguageHost(path.join(folder, "home"));
  });
  after(async () => {
    for (const child of children) child.kill("SIGKILL");
    await rm(folder, { recursive: true });
  });

  async function start(): Promise<{ child: ChildProcess; port: number }> {
    const child = spawn(file, ["127.0.0.1:1"], { stdio: ["pipe", "pipe", "inherit"] });
    children.push(child);
    const [line] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
    return { child, port: Number(String(line)) };
  }

  it("lies in the plugin cache under the engine's version, and says it", async () => {
    assert.equal(path.basename(path.dirname(file)), `language-nodejs-v${engineVersion()}`);
    assert.ok((await stat(file)).mode & 0o100);
    const { output } = await run(file, ["-version"], { PATH: "/usr/bin:/bin" });
    assert.equal(output.trim(), engineVersion());
  });

  it("is left out where an official one is on PATH or beside the engine", async () => {
    const engine = path.join(folder, "engine");
    await mkdir(engine);
    assert.equal(findLanguageHost(engine, "/nonexistent:"), undefined);
    const official = path.join(engine, "pulumi-language-nodejs");
    await writeFile(official, "");
    assert.equal(findLanguageHost(engine, ""), undefined, "a file that cannot be executed is none");
    await chmod(official, 0o755);
    assert.equal(findLanguageHost(engine, ""), official);
    assert.equal(findLanguageHost("/nonexistent", `/usr/bin:${engine}`), official);
  });

  it("ends when the engine's end of its standard input closes, and on SIGINT", async () => {
    const first = await start();
    first.child.stdin?.end();
    assert.deepEqual(await once(first.child, "exit"), [0, null]);
    const second = await start();
    second.child.kill("SIGINT");
    assert.deepEqual(await once(second.child, "exit"), [0, null]);
  });

  it("tells faults of a call in words, for single answers and for streams", async () => {
    const { child, port } = await start();
    const client = new service.LanguageRuntimeClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    const info = new proto.ProgramInfo();
    info.setProgramDirectory(folder);
    info.setEntryPoint(".");
    const request = new proto.RunPluginRequest();
    request.setInfo(info);
    request.setKind("analyzer");
    const [fault] = (await once(
      client.runPlugin(request).on("data", () => {}),
      "error",
    )) as [grpc.ServiceError];
    assert.match(fault.details, /run-policy-pack is not installed for .*npm ci/);

    const runRequest = new proto.RunRequest();
    info.setOptions(struct.Struct.fromJavaScript({ typescript: true }));
    runRequest.setInfo(info);
    const answer = await new Promise<InstanceType<typeof proto.RunResponse>>((resolve, reject) =>
      client.run(runRequest, (error, response) => (error ? reject(error) : resolve(response))),
    );
    assert.match(answer.getError(), /typescript is true.*Pulumi\.yaml/);
    client.close();
    child.stdin?.end();
    await once(child, "exit");
  });

  it("names every option that it cannot honour", () => {
    checkOptions({ typescript: false, packagemanager: "npm" });
    assert.throws(() => checkOptions({ nodeargs: "--inspect" }), /nodeargs is set; typescript is not set/);
  });

  it("hands configuration and flags to the program as the official host does", () => {
    assert.deepEqual(configForProgram({ "aws:region": "r", "a:config:b": "1", "p:x:y": "2" }), {
      "aws:config:region": "r",
      "a:config:b": "1",
      "p:config:x:y": "2",
    });
    const settings = {
      info: { rootDirectory: "/r", programDirectory: "/p", entryPoint: "index.ts", options: {} },
      engineAddress: "e:1",
      monitorAddress: "m:1",
      organization: "",
      project: "pr",
      stack: "dev",
      dryRun: true,
      parallel: 16,
      args: ["own"],
      config: {},
      configSecretKeys: [],
    };
    assert.equal(
      runArguments("launch.js", settings).join(" "),
      "launch.js --monitor m:1 --engine e:1 --project pr --root-directory /r --stack dev --pwd /p --dry-run --parallel 16 index.ts own",
    );
  });

  it("knows the plugins and the dependencies of this project", () => {
    assert.deepEqual(
      requiredPlugins(root).map(({ name }) => name),
      ["aws", "aws-native"],
    );
    const own = dependencies(root, false);
    assert.ok(own.some(({ name, version }) => name === "@pulumi/pulumi" && version === engineVersion()));
    assert.ok(dependencies(root, true).length > own.length);
  });
});
