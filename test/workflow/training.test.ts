import assert from "node:assert/strict";
import { trainingSample } from "../../workflow/samples.ts";
import { definition, grants } from "../../workflow/training.ts";
import { type Answer, notFound, ok, refuse, throttled } from "./support/script.ts";
import { edges, given, type Machine, type Run, TestStage, times } from "./support/stage.ts";

const name = "frugal-dev-breast-cancer-0123456789abcdef";
const key = `sha256:${"a".repeat(64)}`;
const request = { datasetVersion: `breast-cancer@${key}`, run: "baseline", hyperparameters: { c: 1 } };
const record = {
  key,
  trainingJobName: name,
  datasetVersion: request.datasetVersion,
  submittedBy: "ada@example.com",
  forced: false,
  artifactUri: `s3://artifacts/runs/${name}/output/model.tar.gz`,
  artifactVersionId: "v1",
};
const plan = (action: string, more: object = {}): Answer => ok({ action, key, trainingJobName: name, ...more });
const train = (trainingJobName = name, more: object = {}): Answer =>
  plan("train", {
    trainingJobName,
    image: "repo/image:1",
    hyperparameters: { c: "1", sagemaker_program: '"train.py"' },
    channelUri: "s3://data/datasets/breast-cancer/x/train/",
    instanceType: "ml.m5.large",
    spot: true,
    stoppingCondition: { MaxRuntimeInSeconds: 600, MaxWaitTimeInSeconds: 4200 },
    checkpointUri: "s3://artifacts/checkpoints/x/",
    tags: [{ Key: "frugal:run", Value: "baseline" }],
    ...more,
  });
const job = (TrainingJobStatus: string, more: object = {}) => ok({ TrainingJobName: name, TrainingJobStatus, ...more });
const taken = refuse(
  "ResourceInUse",
  "Training job names must be unique within an AWS account and region, and a training job with this name already exists (arn)",
);

const happy: Record<string, Answer[]> = {
  "plan-training": [train()],
  CreateTrainingJob: [ok({ TrainingJobArn: `arn:aws:sagemaker:us-east-1:111122223333:training-job/${name}` })],
  DescribeTrainingJob: [job("InProgress"), job("Completed")],
  "record-training": [ok(record)],
  StopTrainingJob: [notFound("training job")],
};

describe("the training on the emulated Step Functions", function () {
  this.timeout(120_000);
  let stage: TestStage;
  let machine: Machine;
  /** The same, whose job may take two seconds. */
  let hasty: Machine;
  /** The same, whose notices go nowhere. */
  let unheard: Machine;

  before(async () => {
    stage = await TestStage.open();
    await stage.functions(["plan-training", "record-training"]);
    const refs = { ...trainingSample, topicArn: await stage.topic("frugal-dev-notices") };
    const mute = { ...refs, topicArn: `${refs.topicArn}-gone` };
    const short = { ...refs, maxRuntimeMinutes: 10, spotWaitMinutes: 2 / 60 - 70 };
    machine = await stage.machine("frugal-dev-training", definition(refs), grants(refs));
    hasty = await stage.machine("frugal-dev-hasty", definition(short), grants(short));
    unheard = await stage.machine("frugal-dev-unheard", definition(mute), grants(mute));
  });
  after(() => stage?.close());

  const run = (script: Record<string, Answer[]> = {}, on = machine) => stage.run(on, request, { ...happy, ...script });

  function assertFailed(found: Run, error: string, cause: RegExp): void {
    assert.equal(found.status, "FAILED", JSON.stringify(found.output));
    assert.equal(found.error, error);
    assert.match(found.cause ?? "", cause);
    assert.deepEqual(found.path.slice(-2), ["NotifyFailure", "Failed"]);
  }

  it("trains as planned, on spare capacity, and records what came of it", async () => {
    const found = await run();
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.deepEqual(found.output, { ...record, reused: false });
    assert.deepEqual(found.path, [
      "Begin",
      "PlanTraining",
      "WhatToDo",
      "Train",
      "RecordTraining",
      "WhoTrained",
      "NotifyTrained",
      "Trained",
    ]);
    assert.deepEqual(given(found, "plan-training"), { request, following: "" });
    assert.deepEqual(given(found, "record-training"), { key, trainingJobName: name });
    const made = given(found, "CreateTrainingJob");
    assert.equal(made.TrainingJobName, name);
    assert.equal(made.RoleArn, trainingSample.trainingRoleArn);
    assert.deepEqual(made.AlgorithmSpecification, { TrainingImage: "repo/image:1", TrainingInputMode: "File" });
    assert.deepEqual(made.HyperParameters, { c: "1", sagemaker_program: '"train.py"' });
    assert.equal(made.InputDataConfig[0].DataSource.S3DataSource.S3Uri, "s3://data/datasets/breast-cancer/x/train/");
    assert.deepEqual(made.OutputDataConfig, { S3OutputPath: `s3://${trainingSample.artifactBucket}/runs` });
    assert.equal(made.EnableManagedSpotTraining, true);
    assert.deepEqual(made.StoppingCondition, { MaxRuntimeInSeconds: 600, MaxWaitTimeInSeconds: 4200 });
    assert.deepEqual(made.CheckpointConfig, { S3Uri: "s3://artifacts/checkpoints/x/" });
    assert.deepEqual(
      made.Tags.map(({ Key }: { Key: string }) => Key),
      ["frugal:component", "frugal:owner", "frugal:project", "frugal:stage", "frugal:run", "MANAGED_BY_AWS"],
    );
  });

  it("lets no job run longer than the stage's limit, whatever was planned", async () => {
    const stoppingCondition = { MaxRuntimeInSeconds: 999_999, MaxWaitTimeInSeconds: 1_000_000 };
    const made = given(await run({ "plan-training": [train(name, { stoppingCondition })] }), "CreateTrainingJob");
    const MaxRuntimeInSeconds = trainingSample.maxRuntimeMinutes * 60;
    assert.deepEqual(made.StoppingCondition, { ...stoppingCondition, MaxRuntimeInSeconds });
  });

  it("gives back what is there, and starts nothing", async () => {
    const found = await run({ "plan-training": [plan("reuse", { record })] });
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.deepEqual(found.output, { ...record, reused: true });
    assert.deepEqual(found.path, ["Begin", "PlanTraining", "WhatToDo", "Reused"]);
    assert.equal(times(found, "CreateTrainingJob") + times(found, "record-training"), 0);
  });

  it("records what is done but not on record", async () => {
    const found = await run({ "plan-training": [plan("record")] });
    assert.deepEqual(found.output, { ...record, reused: true }, found.cause);
    assert.equal(times(found, "CreateTrainingJob"), 0);
    assert.deepEqual(found.path.slice(-3), ["RecordTraining", "WhoTrained", "Reused"]);
  });

  it("waits while somebody else trains the same, and says for whom it waits", async () => {
    const found = await run({ "plan-training": [plan("wait"), plan("wait"), plan("reuse", { record })] });
    assert.deepEqual(found.output, { ...record, reused: true }, found.cause);
    assert.equal(times(found, "CreateTrainingJob"), 0);
    assert.deepEqual(
      found.calls.filter((call) => call.key === "plan-training").map((call) => call.input.following),
      ["", name, name],
    );
  });

  it("looks again when somebody else was quicker by a moment", async () => {
    const found = await run({
      "plan-training": [train(), plan("wait"), plan("reuse", { record })],
      CreateTrainingJob: [taken],
    });
    assert.deepEqual(found.output, { ...record, reused: true }, found.cause);
    // A name that is taken stays taken: the call is not repeated, and the other's job is not stopped.
    assert.equal(times(found, "CreateTrainingJob"), 1);
    assert.equal(times(found, "StopTrainingJob"), 0);
  });

  it("gives up when the name is taken again and again, and stops nobody's job", async () => {
    const found = await run({ CreateTrainingJob: [taken] });
    assertFailed(found, "SageMaker.ResourceInUseException", /already exists/);
    assert.equal(times(found, "CreateTrainingJob"), 4);
    assert.equal(times(found, "StopTrainingJob"), 0);
  });

  it("tries a throttled call again", async () => {
    const found = await run({ CreateTrainingJob: [throttled, throttled, ok({ TrainingJobArn: "a" })] });
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.equal(times(found, "CreateTrainingJob"), 3);
  });

  it("tells a job's own failure by the job's reason, once", async () => {
    const found = await run({
      DescribeTrainingJob: [job("Failed", { FailureReason: "AlgorithmError: no column" })],
      "record-training": [refuse("TrainingFailed", "Training job x ended Failed (Failed): AlgorithmError: no column")],
    });
    assertFailed(found, "TrainingFailed", /AlgorithmError: no column/);
    assert.equal(times(found, "record-training"), 1);
    assert.equal(times(found, "CreateTrainingJob"), 1);
  });

  it("does not take a job that was stopped for one that is done", async () => {
    for (const status of ["Stopped", "Completed"]) {
      const found = await run({
        // Whether Step Functions fails the task for a stopped job or not, the record tells.
        DescribeTrainingJob: [job(status, { SecondaryStatus: "MaxRuntimeExceeded" })],
        "record-training": [refuse("TrainingStopped", "was stopped after 600 seconds, its time limit")],
      });
      assertFailed(found, "TrainingStopped", /its time limit/);
    }
  });

  it("asks again, as another job, when AWS had no machine", async () => {
    const found = await run({
      "plan-training": [train(), train(`${name}-a2`)],
      DescribeTrainingJob: [job("Failed"), job("Completed")],
      "record-training": [refuse("CapacityUnavailable", "CapacityError: Unable to provision"), ok(record)],
    });
    assert.equal(found.status, "SUCCEEDED", found.cause);
    assert.ok(found.path.includes("WaitForCapacity"));
    assert.equal(given(found, "CreateTrainingJob").TrainingJobName, `${name}-a2`);
  });

  it("gives up when AWS has no machine again and again", async () => {
    const found = await run({
      DescribeTrainingJob: [job("Failed")],
      "record-training": [refuse("CapacityUnavailable", "CapacityError: Unable to provision")],
    });
    assertFailed(found, "CapacityUnavailable", /Unable to provision/);
    assert.ok(times(found, "CreateTrainingJob") <= 4);
  });

  it("does nothing for a request that cannot be, and says why", async () => {
    const found = await run({ "plan-training": [refuse("InvalidInput", "instanceType ml.p5 is not one of …")] });
    assertFailed(found, "InvalidInput", /ml\.p5/);
    assert.equal(times(found, "plan-training"), 1);
    assert.equal(times(found, "CreateTrainingJob") + times(found, "StopTrainingJob"), 0);
  });

  it("stops the job when its creation went wrong otherwise, or takes too long", async () => {
    const refused = await run({ CreateTrainingJob: [refuse("ValidationException", "Could not assume role")] });
    assertFailed(refused, "SageMaker.AmazonSageMakerException", /Could not assume role/);
    assert.equal(given(refused, "StopTrainingJob").TrainingJobName, name);

    const late = await run({ DescribeTrainingJob: [job("InProgress")], StopTrainingJob: [ok()] }, hasty);
    assertFailed(late, "States.Timeout", /did not end within 2 seconds/);
    assert.equal(given(late, "StopTrainingJob").TrainingJobName, name);
  });

  it("decides the same where nobody can be told", async () => {
    const trained = await run({}, unheard);
    assert.deepEqual(trained.output, { ...record, reused: false }, trained.cause);
    const failed = await run({ "plan-training": [refuse("InvalidInput", "no")] }, unheard);
    assert.equal(failed.error, "InvalidInput");
  });

  it("was taken along every way that it knows", () => {
    const taken = new Set([machine, hasty, unheard].flatMap((one) => [...one.taken]));
    const never = edges(machine.definition).filter((edge) => !taken.has(edge));
    assert.deepEqual(never, []);
  });
});
