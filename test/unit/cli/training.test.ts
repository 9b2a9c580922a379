/** What `frugal train` packs, starts and tells. */
import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { DescribeTrainingJobCommand } from "@aws-sdk/client-sagemaker";
import { DescribeExecutionCommand, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { jobWatcher, packSource, startTraining, uploadSource, waitForTraining } from "../../../cli/train.ts";
import { sourceDigest, TrainingInput, trainingKey } from "../../../contracts/training.ts";
import { trainingJobName } from "../../../contracts/training-job.ts";
import { awsError, FakeClient } from "../../functions/support/fake-client.ts";

const machine = "arn:aws:states:us-east-1:111122223333:stateMachine:frugal-dev-training";
const request = {
  datasetVersion: `breast-cancer@sha256:${"a".repeat(64)}`,
  sourceUri: `s3://artifacts/sources/sha256/${"b".repeat(64)}/source.tar.gz`,
  image: "repo/image:1",
  run: "baseline",
  submittedBy: "ada@example.com",
};
const key = trainingKey(TrainingInput.parse(request));
const hex = key.slice(7, 47);

describe("cli/train: the source archive", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "source-"));
    await mkdir(path.join(folder, "code/lib"), { recursive: true });
    await writeFile(path.join(folder, "code/train.py"), "print(1)\n");
    await writeFile(path.join(folder, "code/lib/größe.py"), "x = 1\n");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("is the same bytes for the same code, wherever and whenever it was written", async () => {
    const first = await packSource(path.join(folder, "code"), "train.py");
    await cp(path.join(folder, "code"), path.join(folder, "copy"), { recursive: true });
    await utimes(path.join(folder, "copy/train.py"), 1, 1);
    await mkdir(path.join(folder, "copy/lib/__pycache__"));
    await writeFile(path.join(folder, "copy/lib/__pycache__/x.pyc"), "1");
    assert.ok(first.equals(await packSource(path.join(folder, "copy"), "train.py")));
    await writeFile(path.join(folder, "copy/train.py"), "print(2)\n");
    assert.ok(!first.equals(await packSource(path.join(folder, "copy"), "train.py")));
  });

  it("needs the entry script, and says what there is", async () => {
    await assert.rejects(packSource(path.join(folder, "code"), "main.py"), {
      name: "UserError",
      message: /has no main\.py; it holds lib\/größe\.py, train\.py/,
    });
    await assert.rejects(packSource(path.join(folder, "none"), "train.py"), /cannot read the source folder/);
  });

  it("goes to the address of its bytes, once", async () => {
    const s3 = new FakeClient().on(PutObjectCommand, {});
    const uri = await uploadSource(s3.as(), "artifacts", path.join(folder, "code"), "train.py");
    const [put] = s3.named("PutObjectCommand");
    assert.equal(put?.IfNoneMatch, "*");
    assert.equal(`sha256:${Buffer.from(String(put?.ChecksumSHA256), "base64").toString("hex")}`, sourceDigest(uri));
    s3.on(PutObjectCommand, () => awsError("PreconditionFailed", "", 412));
    assert.equal(await uploadSource(s3.as(), "artifacts", path.join(folder, "code"), "train.py"), uri);
    s3.on(PutObjectCommand, () => awsError("AccessDenied"));
    await assert.rejects(uploadSource(s3.as(), "artifacts", path.join(folder, "code"), "train.py"), {
      name: "AccessDenied",
    });
  });
});

describe("cli/train: the execution", () => {
  /** A machine on which executions of these names exist. */
  function sfn(existing: Readonly<Record<string, string>> = {}) {
    return new FakeClient()
      .on(StartExecutionCommand, ({ name }) =>
        name !== undefined && name in existing ? awsError("ExecutionAlreadyExists") : {},
      )
      .on(DescribeExecutionCommand, ({ executionArn }) => ({
        status: existing[(executionArn ?? "").split(":").at(-1) ?? ""],
      }));
  }

  it("is named after the key and takes the whole request", async () => {
    const client = sfn();
    const started = await startTraining(client.as(), machine, request);
    assert.deepEqual(started, {
      key,
      joined: false,
      executionArn: `${machine.replace("stateMachine", "execution")}:train-${hex}`,
    });
    const [start] = client.named("StartExecutionCommand");
    assert.equal(start?.name, `train-${hex}`);
    assert.deepEqual(JSON.parse(String(start?.input)), TrainingInput.parse(request));
  });

  it("joins one that runs, and starts anew after one that has ended", async () => {
    const joined = await startTraining(sfn({ [`train-${hex}`]: "RUNNING" }).as(), machine, request);
    assert.equal(joined.joined, true);
    for (const status of ["SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT"]) {
      const anew = await startTraining(sfn({ [`train-${hex}`]: status }).as(), machine, request);
      assert.equal(anew.joined, false);
      assert.match(anew.executionArn, new RegExp(`:train-${hex}-[0-9a-z]+$`));
    }
  });

  it("is one of its own by force, whatever runs", async () => {
    const forced = await startTraining(sfn({ [`train-${hex}`]: "RUNNING" }).as(), machine, { ...request, force: true });
    assert.match(forced.executionArn, new RegExp(`:force-${hex}-[0-9a-z]+$`));
    // Step Functions: a name has at most 80 characters.
    assert.ok((forced.executionArn.split(":").at(-1) ?? "").length <= 80);
  });

  it("passes on what is not about names", async () => {
    const client = new FakeClient().on(StartExecutionCommand, () => awsError("StateMachineDoesNotExist"));
    await assert.rejects(startTraining(client.as(), machine, request), { name: "StateMachineDoesNotExist" });
  });

  it("ends in the machine's reason, out of whatever it is wrapped in", async () => {
    const ended = (more: object) =>
      waitForTraining(new FakeClient().on(DescribeExecutionCommand, { status: "FAILED", ...more }).as(), "arn:x", {
        pollMs: 0,
      });
    const cause = JSON.stringify({
      errorType: "InvalidInput",
      errorMessage: "instanceType ml.p5 is not one of",
      trace: [],
    });
    await assert.rejects(ended({ error: "InvalidInput", cause }), {
      name: "UserError",
      message: "the training FAILED: InvalidInput: instanceType ml.p5 is not one of (arn:x)",
    });
    await assert.rejects(ended({ error: "States.Timeout", cause: "not JSON" }), /States\.Timeout: not JSON/);
    await assert.rejects(ended({}), /no reason given/);
  });
});

describe("cli/train: progress", () => {
  it("tells each step of the newest job once, and nothing of one that had ended before", async () => {
    const name = (n: number) => trainingJobName("dev", request.datasetVersion, key, n);
    const jobs = new Map([[name(1), ["Completed", "Completed"]]]);
    const client = new FakeClient().on(DescribeTrainingJobCommand, ({ TrainingJobName }) => {
      const [TrainingJobStatus, SecondaryStatus] = jobs.get(TrainingJobName ?? "") ?? [];
      return TrainingJobStatus
        ? { TrainingJobName, TrainingJobStatus, SecondaryStatus }
        : awsError("ValidationException", "Requested resource not found.");
    });
    const told: string[] = [];
    const watch = jobWatcher(client.as(), { stage: "dev", datasetVersion: request.datasetVersion, key }, (line) =>
      told.push(line),
    );
    await watch();
    jobs.set(name(2), ["InProgress", "Starting"]);
    await watch();
    await watch();
    jobs.set(name(2), ["InProgress", "Training"]);
    await watch();
    jobs.set(name(2), ["Failed", "Failed"]);
    await watch();
    assert.deepEqual(told, [
      `${name(2)}: InProgress (Starting)`,
      `${name(2)}: InProgress (Training)`,
      `${name(2)}: Failed (Failed)`,
    ]);
  });
});
