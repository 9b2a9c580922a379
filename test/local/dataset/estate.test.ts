/** The command as a person runs it, against stage dev as the engine deployed it: words, exit codes, JSON, refusals. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { loadStage } from "../../../cli/stage.ts";
import { datasetPrefix } from "../../../contracts/dataset.ts";
import { ensureEngine } from "../../../local/engine/engine.ts";
import { ensureVenv } from "../../../local/setup/venv.ts";
import { type Keeper, startKeeper } from "../../../local/walkthrough/keeper-client.ts";
import { type Clients, makeClients } from "../../../local/walkthrough/life.ts";
import { openWorkspace } from "../../../local/walkthrough/workspace.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const example = path.join(root, "examples", "breast-cancer");

describe("frugal dataset, on a deployed stage", function () {
  this.timeout(180_000);
  let keeper: Keeper;
  let folder: string;
  let data: string;
  let clients: Clients;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "dataset-estate-"));
    const engine = await ensureEngine();
    const { python } = await ensureVenv();
    keeper = await startKeeper(folder);
    const workspace = await openWorkspace(folder, keeper, engine);
    await workspace.up("dev", () => {});
    clients = makeClients(keeper.env);
    data = path.join(folder, "data");
    await promisify(execFile)(python, [path.join(example, "dataset.py"), data]);
  });
  after(async () => {
    await keeper?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  interface Ran {
    code: number;
    out: string;
    err: string;
  }
  const frugal = (...args: string[]): Promise<Ran> =>
    new Promise((resolve) => {
      const env = { ...process.env, ...keeper.env, FRUGAL_USER: "ada@example.com" };
      const options = { env, maxBuffer: 64 * 1024 * 1024 };
      execFile(process.execPath, [path.join(root, "cli", "main.ts"), ...args], options, (error, out, err) =>
        resolve({ code: error ? Number(error.code) : 0, out, err }),
      );
    });
  const tests = path.join(example, "tests");

  /** A copy of the data with a change to one row of the training part. */
  async function broken(name: string, change: (cells: string[]) => void): Promise<string> {
    const copy = path.join(folder, name);
    for (const file of ["train/train.csv", "test/features.csv", "test/labels.csv"]) {
      const lines = (await readFile(path.join(data, file), "utf8")).split("\n");
      if (file.startsWith("train")) {
        const cells = (lines[9] ?? "").split(",");
        change(cells);
        lines[9] = cells.join(",");
      }
      await mkdir(path.dirname(path.join(copy, file)), { recursive: true });
      await writeFile(path.join(copy, file), lines.join("\n"));
    }
    return copy;
  }

  let version: string;
  it("publishes what passes its tests and the stage's expectations", async () => {
    const { code, out, err } = await frugal("dataset", "publish", "breast-cancer", "--from", data, "--tests", tests);
    assert.equal(code, 0, err);
    version = out.trim();
    assert.match(version, /^breast-cancer@sha256:[0-9a-f]{64}$/, "the version alone is on standard output");
    assert.match(err, /Testing 3 of 3 files/);
    assert.ok(!err.includes("\u001b"), "no terminal, no control sequences");
    const again = await frugal("dataset", "publish", "breast-cancer", "--from", data, "--json");
    assert.equal(again.code, 0);
    const told = JSON.parse(again.out);
    assert.deepEqual([told.version, told.created], [version, false]);
  });

  it("refuses data that breaks a SQL test, shows the rows, and publishes nothing", async () => {
    const from = await broken("other-unit", (cells) => {
      cells[3] = String(Number(cells[3]) / 1000);
    });
    const { code, out, err } = await frugal("dataset", "publish", "breast-cancer", "--from", from, "--tests", tests);
    assert.equal(code, 1);
    assert.equal(out, "");
    assert.match(err, /1 of \d+ tests failed; nothing was published/);
    assert.match(err, /✗ radius_and_area_agree\.sql: 1 offending row\n {4}mean_radius {2}mean_area {2}roundness\n/);
    const listed = JSON.parse((await frugal("dataset", "list", "breast-cancer", "--json")).out);
    assert.equal(listed.total, 1);
  });

  it("refuses data that breaks the stage's expectations, without any tests of its own", async () => {
    const from = await broken("text", (cells) => {
      cells[0] = "large";
      cells[cells.length - 1] = "2";
    });
    const { code, out, err } = await frugal("dataset", "publish", "breast-cancer", "--from", from, "--json");
    assert.equal(code, 1);
    assert.match(
      err,
      /✗ expectation: train\.mean_radius is a number: 1 offending row\n {4}row {2}mean_radius\n {4}9 {4}large/,
    );
    assert.match(err, /✗ expectation: train\.target is one of 0, 1/);
    const { failed } = JSON.parse(out);
    const named = (name: string) => failed.find((one: { name: string }) => one.name === `expectation: ${name}`);
    assert.equal(failed.length, 2);
    assert.deepEqual(named("train.mean_radius is a number").offending, [{ row: "9", mean_radius: "large" }]);
    assert.deepEqual(named("train.target is one of 0, 1").offending, [{ row: "9", target: "2" }]);
  });

  it("lists, shows and compares versions", async () => {
    const from = await broken("another", (cells) => {
      cells[0] = String(Number(cells[0]) + 0.01);
    });
    const made = await frugal("dataset", "publish", "breast-cancer", "--from", from, "--parent", version);
    assert.equal(made.code, 0, made.err);
    assert.equal((await frugal("dataset", "list")).out.trim(), "breast-cancer");
    const list = await frugal("dataset", "list", "breast-cancer");
    assert.match(
      list.out,
      new RegExp(`${version} .* ada@example\\.com +3 +121 kB +train 398, test_features 171, test_labels 171 +192`),
    );
    const short = version.replace("sha256:", "").slice(0, 26);
    const shown = await frugal("dataset", "show", short);
    assert.match(shown.out, /188 expectations and 4 SQL tests, all passed/);
    assert.match(shown.out, /mean_radius +number +0% +\d+ +14\.199/);
    const manifest = JSON.parse((await frugal("dataset", "show", short, "--json")).out);
    assert.equal(manifest.version, version);
    assert.equal(manifest.parts.length, 3);
    const diff = await frugal("dataset", "diff", short, made.out.trim());
    assert.match(diff.out, /files: 1 changed, 0 added, 0 removed, 2 the same/);
    assert.match(
      diff.out,
      /train: 398 rows\n {4}of the columns, 1 moved by less \(PSI below 0\.01\) and 30 are the same/,
    );
    const found = JSON.parse((await frugal("dataset", "diff", short, made.out.trim(), "--json")).out);
    assert.deepEqual(found.files.changed, ["train/train.csv"]);
    assert.equal((await frugal("dataset", "diff", short, short)).code, 0);
  });

  it("keeps versions from overwriting and deleting, also by the account's root", async () => {
    const { dataBucket: Bucket } = await loadStage(clients.ssm, "dev");
    const Key = `${datasetPrefix(version)}train/train.csv`;
    for (const command of [
      new PutObjectCommand({ Bucket, Key, Body: "x" }),
      new DeleteObjectCommand({ Bucket, Key }),
    ]) {
      await assert.rejects(clients.s3.send(command as PutObjectCommand), { name: "AccessDenied" });
    }
  });

  it("tells what was wrong, and how: usage 2, faults 1", async () => {
    const stage = await frugal("dataset", "list", "--stage", "nowhere");
    assert.equal(stage.code, 1);
    assert.match(stage.err, /stage "nowhere" has no parameters under \/frugal\/nowhere in us-east-1/);
    for (const usage of [
      ["dataset", "publish", "x"],
      ["dataset", "list", "x", "--limit", "many"],
      ["dataset", "sow"],
      ["datset"],
    ]) {
      const { code, err } = await frugal(...usage);
      assert.equal(code, 2, `${usage.join(" ")}: ${err}`);
    }
    for (const fault of [
      ["dataset", "show", "none"],
      ["dataset", "publish", "x", "--from", path.join(folder, "no such folder")],
      ["dataset", "diff", version, "breast-cancer@0000000000"],
    ]) {
      const { code, err } = await frugal(...fault);
      assert.equal(code, 1, fault.join(" "));
      assert.match(err, /^frugal: /);
    }
  });

  it("helps with examples", async () => {
    for (const command of [
      ["dataset", "publish"],
      ["dataset", "list"],
      ["dataset", "show"],
      ["dataset", "diff"],
    ]) {
      const { code, out } = await frugal(...command, "--help");
      assert.equal(code, 0);
      assert.match(out, new RegExp(`Examples:\\n {2}frugal ${command.join(" ")}`));
      for (const option of ["--stage", "--json"])
        assert.ok(out.includes(option), `${command.join(" ")} has no ${option}`);
    }
  });
});
