import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { whyNotEngine } from "../../../local/engine/check.ts";
import { ensureEngine } from "../../../local/engine/engine.ts";
import { EngineUnavailable } from "../../../local/engine/unavailable.ts";
import { engineVersion } from "../../../local/setup/facts.mjs";
import { ensureVenv } from "../../../local/setup/venv.ts";

/** Sets an environment variable for one piece of work. */
async function withVariable<T>(name: string, value: string, work: () => Promise<T>): Promise<T> {
  const before = process.env[name];
  process.env[name] = value;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}

describe("the engine", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "engine-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is found, and is of the version @pulumi/pulumi is pinned to", async () => {
    const { command, binary, dir } = await ensureEngine();
    assert.equal(`${command.version}`, engineVersion());
    assert.equal(execFileSync(binary, ["version"], { encoding: "utf8" }).trim(), `v${engineVersion()}`);
    assert.equal(dir, dirname(binary));
    assert.equal(basename(binary), "pulumi");
  });

  it("is the same version as the one its Go module names", () => {
    const module = readFileSync(new URL("../../../local/engine/build/go.mod", import.meta.url), "utf8");
    assert.match(module, new RegExp(`github\\.com/pulumi/pulumi/pkg/v3 v${engineVersion().replaceAll(".", "\\.")}\\s`));
  });

  it("may be named by FRUGAL_ENGINE wherever it lies and whatever it is called", async () => {
    const { binary } = await ensureEngine();
    const elsewhere = join(folder, "my-engine");
    writeFileSync(elsewhere, `#!/bin/sh\nexec '${binary}' "$@"\n`);
    chmodSync(elsewhere, 0o755);
    const engine = await withVariable("FRUGAL_ENGINE", elsewhere, () => ensureEngine());
    assert.equal(basename(engine.binary), "pulumi");
    assert.equal(lstatSync(engine.binary).isSymbolicLink(), true);
    assert.equal(`${engine.command.version}`, engineVersion());
  });

  it("refuses a FRUGAL_ENGINE of another version, and one that is not there", async () => {
    const other = join(folder, "pulumi");
    writeFileSync(other, "#!/bin/sh\necho v3.0.1\n");
    chmodSync(other, 0o755);
    await assert.rejects(
      withVariable("FRUGAL_ENGINE", other, () => ensureEngine()),
      new RegExp(
        `FRUGAL_ENGINE is ${other}, which is no Pulumi engine .*: it says it is version 3\\.0\\.1\\. Correct it`,
      ),
    );
    await assert.rejects(
      withVariable("FRUGAL_ENGINE", join(folder, "none"), () => ensureEngine()),
      /there is no such file/,
    );
  });

  it("does not take a torn executable for an engine", async () => {
    const torn = join(folder, "torn");
    writeFileSync(torn, readFileSync((await ensureEngine()).binary).subarray(0, 100_000));
    chmodSync(torn, 0o755);
    assert.match((await whyNotEngine(torn, engineVersion())) ?? "", /^it does not run/);
  });

  it("names every way tried when there is none", () => {
    const error = new EngineUnavailable("3.1.2", [
      { way: "official download", outcome: "get.pulumi.com cannot be reached: ENOTFOUND" },
      { way: "build from Go modules", outcome: "`go` is not on PATH" },
    ]);
    assert.match(error.message, /no Pulumi engine 3\.1\.2 .*\n- official download: get\.pulumi\.com cannot be reached/);
    assert.match(
      error.message,
      /\n- build from Go modules: `go` is not on PATH\n.*https:\/\/go\.dev\/dl\/.*FRUGAL_ENGINE/,
    );
  });
});

describe("the Python environment", () => {
  it("is found, and holds the emulators and the example model's libraries in their pinned versions", async () => {
    const { python } = await ensureVenv();
    const pinned = readFileSync(new URL("../../../local/setup/requirements.txt", import.meta.url), "utf8");
    const question = "import importlib.metadata as m; print(*(m.version(n) for n in ('ministack', 'moto', 'boto3')))";
    const [ministack, moto, boto3] = execFileSync(python, ["-c", question], { encoding: "utf8" }).trim().split(" ");
    assert.ok(pinned.includes(`\nministack==${ministack}\n`));
    assert.ok(pinned.includes(`\nmoto[server]==${moto}\n`));
    assert.ok(pinned.includes(`\nboto3==${boto3}\n`));
  });

  it("may be named by FRUGAL_VENV, which must hold a Python", async () => {
    await assert.rejects(
      withVariable("FRUGAL_VENV", "/nowhere", () => ensureVenv()),
      /FRUGAL_VENV is \/nowhere, but \/nowhere\/bin\/python does not exist/,
    );
    const { dir } = await ensureVenv();
    assert.equal((await withVariable("FRUGAL_VENV", dir, () => ensureVenv())).dir, dir);
  });
});
