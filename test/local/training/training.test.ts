/** `frugal train` and the example notebook against the whole stage on the real engine and the emulators. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { ListTagsCommand, ListTrainingJobsCommand, type TrainingJobSummary } from "@aws-sdk/client-sagemaker";
import { parseS3Uri } from "../../../contracts/paths.ts";
import { TrainingResult } from "../../../contracts/training-record.ts";
import { ensureEngine } from "../../../local/engine/engine.ts";
import { ensureVenv } from "../../../local/setup/venv.ts";
import { type Keeper, startKeeper } from "../../../local/walkthrough/keeper-client.ts";
import { type Clients, makeClients } from "../../../local/walkthrough/life.ts";
import { openWorkspace } from "../../../local/walkthrough/workspace.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const example = path.join(root, "examples/breast-cancer");
const image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3";

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe("training against a stage", function () {
  this.timeout(240_000);
  let keeper: Keeper;
  let folder: string;
  let python: string;
  let clients: Clients;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "training-"));
    const engine = await ensureEngine();
    ({ python } = await ensureVenv());
    keeper = await startKeeper(folder);
    clients = makeClients(keeper.env);
    const workspace = await openWorkspace(folder, keeper, engine);
    await workspace.up("dev", () => undefined);
    await ended(python, [path.join(example, "dataset.py"), path.join(folder, "data")]);
    const published = await frugal("dataset", "publish", "breast-cancer", "--from", path.join(folder, "data"));
    assert.equal(published.code, 0, published.stderr);
  });
  after(async () => {
    await keeper?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function ended(command: string, args: readonly string[], cwd = root): Promise<Ended> {
    const env = { ...process.env, ...keeper.env, FRUGAL_USER: "ada@example.com", FRUGAL_POLL_MS: "200" };
    return new Promise((resolve) => {
      execFile(command, args, { cwd, env, encoding: "utf8" }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
      );
    });
  }
  const frugal = (...args: string[]) => ended(process.execPath, [path.join(root, "cli/main.ts"), ...args]);
  const train = (...more: string[]) =>
    frugal(
      "train",
      "--dataset",
      "breast-cancer",
      "--source",
      path.join(example, "source"),
      "--image",
      image,
      "--run",
      "baseline",
      ...more,
    );
  const result = (of: Ended): TrainingResult => {
    assert.equal(of.code, 0, of.stderr);
    return TrainingResult.parse(JSON.parse(of.stdout));
  };
  const jobs = async (): Promise<TrainingJobSummary[]> =>
    (await clients.sagemaker.send(new ListTrainingJobsCommand({ MaxResults: 100 }))).TrainingJobSummaries ?? [];

  it("trains once for two who ask for the same at once", async () => {
    const [a, b] = (await Promise.all([train("--json"), train("--json")])).map(result);
    assert.ok(a && b);
    assert.equal(a.trainingJobName, b.trainingJobName);
    assert.equal((await jobs()).length, 1);
    const { Tags: tags } = await clients.sagemaker.send(new ListTagsCommand({ ResourceArn: a.trainingJobArn }));
    const tag = Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value]));
    assert.equal(tag["frugal:training-key"], a.key);
    assert.equal(tag["frugal:run"], "baseline");
    assert.equal(tag["frugal:stage"], "dev");
    assert.equal(tag["frugal:forced"], undefined);
  });

  it("gives the same back afterwards, and says so", async () => {
    const again = await train("--instance-type", "ml.m5.xlarge", "--no-spot");
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /^reused frugal-dev-breast-cancer-[0-9a-f]{16}: trained before, at no cost now\n/);
    assert.match(again.stdout, /\nnext: frugal submit frugal-dev-breast-cancer-[0-9a-f]{16}\n$/);
    assert.equal((await jobs()).length, 1);
    assert.equal(result(await train("--json")).reused, true);
  });

  it("trains again with --force, on record", async () => {
    const forced = result(await train("--force", "--json"));
    assert.deepEqual([forced.reused, forced.forced], [false, true]);
    assert.match(forced.trainingJobName, /-a2$/);
    const found = await train();
    assert.match(found.stdout, /^reused frugal-dev-breast-cancer-[0-9a-f]{16}-a2:/, "the newest one is given back");
  });

  it("trains again when the artefacts are gone", async () => {
    const before = result(await train("--json"));
    for (const job of await jobs()) {
      const { bucket, key } = parseS3Uri(before.artifactUri.replace(before.trainingJobName, job.TrainingJobName ?? ""));
      await clients.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    }
    const anew = result(await train("--json"));
    assert.equal(anew.reused, false);
    assert.match(anew.trainingJobName, /-a3$/);
  });

  it("trains something else for another hyper-parameter, and tells how it goes", async () => {
    const other = await train("--hyperparameter", "n-estimators=3", "--no-spot");
    assert.equal(other.code, 0, other.stderr);
    assert.match(other.stdout, /^trained frugal-dev-breast-cancer-[0-9a-f]{16}\n/);
    assert.match(other.stderr, /frugal-dev-breast-cancer-[0-9a-f]{16}: InProgress \(\w+\)/);
    assert.match(other.stdout, /billed \d+ s of ml\.m5\.large\n/);
  });

  it("refuses what the stage does not allow, in one line", async () => {
    const found = await train("--instance-type", "ml.p5.48xlarge", "--max-runtime", "999999");
    assert.equal(found.code, 1);
    assert.match(
      found.stderr,
      /frugal: the training FAILED: InvalidInput: .*ml\.p5\.48xlarge is not one of ml\.m5\.large/,
    );
    assert.match(found.stderr, /999999 is more than 3600/);
    const wrong = await train("--hyperparameter", "sagemaker_program=x.py", "--run", "a{b}");
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /--run must be letters/);
    assert.match(wrong.stderr, /--hyperparameter sagemaker_program starts with sagemaker_/);
    assert.equal((await train("--max-runtime", "soon")).code, 2);
  });

  it("tells why a job failed, and that one was stopped by its limit", async () => {
    const source = path.join(folder, "broken");
    await cp(path.join(example, "source"), source, { recursive: true });
    await writeFile(path.join(source, "train.py"), 'raise ValueError("no such column: radius")\n');
    const broken = await train("--source", source);
    assert.equal(broken.code, 1);
    assert.match(broken.stderr, /TrainingFailed: .*no such column: radius/s);
    await writeFile(path.join(source, "train.py"), "import time\ntime.sleep(60)\n");
    const slow = await train("--source", source, "--max-runtime", "2");
    assert.equal(slow.code, 1);
    assert.match(slow.stderr, /TrainingStopped: .*was stopped after 2 seconds, its time limit/);
  });

  it("takes up a failed attempt where it stopped, by its checkpoints", async () => {
    const source = path.join(folder, "resuming");
    await cp(path.join(example, "source"), source, { recursive: true });
    const script = [
      "import os, sys",
      'folder = os.path.join(os.path.dirname(os.environ["SM_MODEL_DIR"]), "checkpoints")',
      'step = os.path.join(folder, "step")',
      'seen = open(step).read() if os.path.exists(step) else ""',
      'open(step, "w").write("1")',
      'if not seen: raise RuntimeError("interrupted after the first step")',
      'open(os.path.join(os.environ["SM_MODEL_DIR"], "model"), "w").write("done")',
    ];
    await writeFile(path.join(source, "train.py"), `${script.join("\n")}\n`);
    const first = await train("--source", source);
    assert.match(first.stderr, /interrupted after the first step/);
    const second = result(await train("--source", source, "--json"));
    assert.match(second.trainingJobName, /-a2$/);
    assert.equal(second.reused, false);
  });

  it("runs the example notebook from top to bottom", async () => {
    const runner = path.join(root, "test/local/training/run_notebook.py");
    const found = await ended(python, [runner, path.join(example, "walk.ipynb")], example);
    assert.equal(found.code, 0, `${found.stdout}\n${found.stderr}`);
    assert.match(found.stdout, /without tags: AccessDeniedException/);
    assert.match(found.stdout, /notebook-\d+ Completed/);
    assert.match(found.stdout, /reused frugal-dev-breast-cancer-[0-9a-f]{16} at no cost/);
    assert.match(found.stdout, /model-package\/frugal-dev-breast-cancer\/1 PendingManualApproval/);
    assert.match(found.stdout, /\d+ cells ran/);
  });
});
