/** `frugal submit` and starts by hand against the whole stage on the real engine and the emulators. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { CopyObjectCommand, GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import {
  DescribeModelPackageCommand,
  type DescribeModelPackageCommandOutput,
  DescribeTrainingJobCommand,
  ListModelPackagesCommand,
  ListModelsCommand,
  ListTransformJobsCommand,
} from "@aws-sdk/client-sagemaker";
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { loadStage } from "../../../cli/stage.ts";
import { outcomeOf, stateOf } from "../../../cli/submit.ts";
import { packageKeys } from "../../../contracts/lineage.ts";
import { parseS3Uri, refusalKey } from "../../../contracts/paths.ts";
import { TrainingResult } from "../../../contracts/training-record.ts";
import { ensureEngine } from "../../../local/engine/engine.ts";
import { ensureVenv } from "../../../local/setup/venv.ts";
import { open } from "../../../local/walkthrough/browser.ts";
import { approvalLink, readInbox } from "../../../local/walkthrough/inbox.ts";
import { type Keeper, startKeeper } from "../../../local/walkthrough/keeper-client.ts";
import { type Clients, eventually, makeClients } from "../../../local/walkthrough/life.ts";
import { openWorkspace } from "../../../local/walkthrough/workspace.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const example = path.join(root, "examples/breast-cancer");
const image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3";
const group = "frugal-dev-breast-cancer";

describe("submissions against a stage", function () {
  this.timeout(240_000);
  let keeper: Keeper;
  let folder: string;
  let clients: Clients;
  let machine: string;
  let artifactBucket: string;
  let job: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "submission-"));
    const engine = await ensureEngine();
    const { python } = await ensureVenv();
    keeper = await startKeeper(folder);
    clients = makeClients(keeper.env);
    const workspace = await openWorkspace(folder, keeper, engine);
    await workspace.up("dev", () => undefined);
    const stage = await loadStage(clients.ssm, "dev");
    machine = stage.submissionStateMachine ?? "";
    artifactBucket = stage.artifactBucket ?? "";
    await ended(python, [path.join(example, "dataset.py"), path.join(folder, "data")]);
    const published = await frugal("dataset", "publish", "breast-cancer", "--from", path.join(folder, "data"));
    assert.equal(published.code, 0, published.stderr);
    job = await train("C=1.0");
  });
  after(async () => {
    await keeper?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function ended(command: string, args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const env = { ...process.env, ...keeper.env, FRUGAL_USER: "ada@example.com", FRUGAL_POLL_MS: "200" };
    return new Promise((resolve) => {
      execFile(command, args, { cwd: root, env, encoding: "utf8" }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
      );
    });
  }
  const frugal = (...args: string[]) => ended(process.execPath, [path.join(root, "cli/main.ts"), ...args]);
  const submit = (...args: string[]) => frugal("submit", ...args);

  async function train(...hyperparameters: string[]): Promise<string> {
    const source = path.join(example, "source");
    const settings = ["model=logistic", ...hyperparameters].flatMap((one) => ["--hyperparameter", one]);
    const run = ["--dataset", "breast-cancer", "--source", source, "--image", image, "--run", "baseline", "--json"];
    const trained = await frugal("train", ...run, ...settings);
    assert.equal(trained.code, 0, trained.stderr);
    return TrainingResult.parse(JSON.parse(trained.stdout)).trainingJobName;
  }

  /** A start as a notebook makes it, under a name of its own. */
  async function start(name: string, input: object): Promise<string> {
    const request = { submittedBy: "ada@example.com", ...input };
    const { executionArn } = await clients.sfn.send(
      new StartExecutionCommand({ stateMachineArn: machine, name, input: JSON.stringify(request) }),
    );
    return executionArn ?? "";
  }
  const look = (executionArn: string) => clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
  const over = (executionArn: string) =>
    eventually(`the end of ${executionArn}`, async () => {
      const execution = await look(executionArn);
      return execution.status === "RUNNING" ? undefined : execution;
    });
  const asked = (executionArn: string) =>
    eventually(
      `${executionArn} asking for approval`,
      async () => (await stateOf(clients.sfn, executionArn)) === "RequestApproval" || undefined,
    );

  async function packages(): Promise<DescribeModelPackageCommandOutput[]> {
    const { ModelPackageSummaryList: list } = await clients.sagemaker.send(
      new ListModelPackagesCommand({ ModelPackageGroupName: group, SortBy: "CreationTime", SortOrder: "Ascending" }),
    );
    return Promise.all(
      (list ?? []).map(({ ModelPackageArn }) =>
        clients.sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: ModelPackageArn })),
      ),
    );
  }

  async function refusal(execution: string): Promise<{ error: string; reason: string; submittedBy: string }> {
    const found = await clients.s3.send(new GetObjectCommand({ Bucket: artifactBucket, Key: refusalKey(execution) }));
    return JSON.parse((await found.Body?.transformToString()) ?? "{}");
  }

  /** Nothing that was made for a test is there any more. */
  async function assertNothingLeft(): Promise<void> {
    const { Models: models } = await clients.sagemaker.send(new ListModelsCommand({ NameContains: "-test-" }));
    assert.deepEqual(models, []);
    const { TransformJobSummaries: jobs } = await clients.sagemaker.send(
      new ListTransformJobsCommand({ StatusEquals: "InProgress" }),
    );
    assert.deepEqual(jobs, []);
  }

  it("tells all that is wrong with the command at once, and starts nothing", async () => {
    const refused = await submit("--artifact", "nope", "--auto-ml", "a_b", "--image", "x y", "--test-dataset", "none");
    assert.equal(refused.code, 1);
    for (const part of [
      "got --artifact and --auto-ml",
      "--artifact must be s3://",
      "--auto-ml must",
      "--image must",
      "--test-dataset: ",
    ])
      assert.ok(refused.stderr.includes(part), `${part} in ${refused.stderr}`);
    assert.equal((await submit("a-job", "--bound", "high")).code, 2);
    const { executions } = await clients.sfn.send(new ListExecutionsCommand({ stateMachineArn: machine }));
    assert.deepEqual(executions, []);
  });

  it("refuses before anything is tested, with a record and what to do", async () => {
    const loose = await submit(job, "--bound", "0.1", "--env", "TOKEN=hunter2", "--wait");
    assert.equal(loose.code, 1);
    assert.match(loose.stderr, /may only ask for more than the stage's gate: gate\.bound must be at least 0\.9/);
    assert.match(loose.stderr, /Mend what the message names and submit again/);
    const arn = await start("strange", { trainingJobName: "no_job", colour: "blue" });
    assert.equal((await over(arn)).error, "InvalidInput");
    const record = await refusal("strange");
    assert.match(record.reason, /trainingJobName.*colour/);
    assert.equal(record.submittedBy, "ada@example.com");
    const { Contents: kept } = await clients.s3.send(
      new ListObjectsV2Command({ Bucket: artifactBucket, Prefix: "submissions/" }),
    );
    assert.equal(kept?.length, 2);
    for (const { Key } of kept ?? []) {
      assert.match(Key ?? "", /^submissions\/refused\//);
      const body = await clients.s3.send(new GetObjectCommand({ Bucket: artifactBucket, Key }));
      assert.ok(!(await body.Body?.transformToString())?.includes("hunter2"));
    }
    assert.deepEqual(await packages(), []);
    await assertNothingLeft();
  });

  it("is one package for two notebooks at once, and asks for it once", async () => {
    const arns = await Promise.all(["nb-1", "nb-2"].map((name) => start(name, { trainingJobName: job, note: name })));
    const states = async () => Promise.all(arns.map((arn) => stateOf(clients.sfn, arn)));
    await eventually("one asking, the other at its end", async () => {
      const found = (await states()).map(String).sort();
      return found.join() === "RequestApproval,SubmittedBefore" || undefined;
    });
    const other = arns[(await states()).indexOf("SubmittedBefore")] ?? "";
    const [made, ...more] = await packages();
    assert.deepEqual(more, []);
    const outcome = outcomeOf((await over(other)).output);
    assert.equal(outcome.modelPackageArn, made?.ModelPackageArn);
    assert.equal(outcome.submittedBefore, true);
    await assertNothingLeft();
  });

  it("withdraws the package of a submission that somebody stops, by the estate's own rule", async () => {
    const [made] = await packages();
    const name = made?.CustomerMetadataProperties?.[packageKeys.execution];
    await clients.sfn.send(
      new StopExecutionCommand({ executionArn: `${machine.replace(":stateMachine:", ":execution:")}:${name}` }),
    );
    const rejected = await eventually("the withdrawal", async () => {
      const [now] = await packages();
      return now?.ModelApprovalStatus === "Rejected" ? now : undefined;
    });
    assert.equal(rejected.CustomerMetadataProperties?.[packageKeys.approvedBy], "failure");
    assert.match(rejected.ApprovalDescription ?? "", /ended without an answer: ABORTED/);
  });

  it("stops the batch test of a submission that somebody stops", async () => {
    const arn = await start("cut", { trainingJobName: job, gate: { minimumSamples: 101 } });
    await eventually("the batch test", async () => (await stateOf(clients.sfn, arn)) === "BatchTest" || undefined);
    await clients.sfn.send(new StopExecutionCommand({ executionArn: arn }));
    await eventually("the clean-up", async () => {
      try {
        await assertNothingLeft();
        return true;
      } catch {
        return undefined;
      }
    });
  });

  it("may be submitted again, and is followed to a person's decision", async () => {
    const following = submit(job, "--note", "once more", "--wait");
    const pending = await eventually("the new package", async () =>
      (await packages()).find(({ ModelApprovalStatus: status }) => status === "PendingManualApproval"),
    );
    const id = pending.CustomerMetadataProperties?.[packageKeys.submission] ?? "";
    assert.equal(pending.CustomerMetadataProperties?.[packageKeys.note], "once more");
    await asked(`${machine.replace(":stateMachine:", ":execution:")}:${id}`);
    const mail = await eventually("the mail", async () =>
      (await readInbox(keeper.ministack, keeper.accountId)).findLast(({ text }) =>
        text.includes(pending.ModelPackageArn ?? "-"),
      ),
    );
    const answer = await open(approvalLink(mail), { decision: "Approved", comment: "good" });
    assert.equal(answer.status, 200);
    const followed = await following;
    assert.equal(followed.code, 0, followed.stderr);
    assert.match(followed.stderr, /the batch test runs\n(.*\n)*the gate let it pass; the approvers have mail/);
    assert.match(followed.stdout, /model-package\/frugal-dev-breast-cancer\/\d+: Approved by approver@example\.com/);
    const again = await submit(job);
    assert.match(again.stdout, /was submitted before/);
  });

  it("is stopped by a demand of its own that is stricter than the stage's", async () => {
    const strict = await submit(job, "--bound", "1", "--json", "--wait");
    assert.equal(strict.code, 0, strict.stderr);
    const outcome = JSON.parse(strict.stdout);
    assert.deepEqual([outcome.decision, outcome.decidedBy], ["Rejected", "gate"]);
    assert.match(outcome.reasons.join(" "), /rocAuc/);
    await assertNothingLeft();
  });

  it("refuses an artefact that was written after its job had ended", async () => {
    const other = await train("C=0.3");
    const found = await clients.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: other }));
    const { bucket, key } = parseS3Uri(found.ModelArtifacts?.S3ModelArtifacts ?? "");
    const { ModelArtifacts: model } = await clients.sagemaker.send(
      new DescribeTrainingJobCommand({ TrainingJobName: job }),
    );
    // Longer than two clocks may differ.
    await new Promise((resolve) => setTimeout(resolve, 6_500));
    const { bucket: from, key: source } = parseS3Uri(model?.S3ModelArtifacts ?? "");
    await clients.s3.send(new CopyObjectCommand({ Bucket: bucket, Key: key, CopySource: `${from}/${source}` }));
    const refused = await submit(other, "--wait");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /ArtifactChanged: .* was written at .*, after training job .* had ended at/);
    assert.match(refused.stderr, /Find out who writes there/);
  });
});
