/** PlanTraining: the same is trained once, and what is given back is what was trained. */
import assert from "node:assert/strict";
import { first, second, third, world } from "./support/training-world.ts";
import { artifactBucket, dataBucket, type Job, key, request } from "./support/trainings.ts";

describe("functions/plan-training", () => {
  it("plans a job with everything that it differs in, by the stage's defaults", async () => {
    const { plan } = world();
    assert.deepEqual(await plan(), {
      action: "train",
      key,
      trainingJobName: first,
      image: "repo/image:1",
      hyperparameters: {
        c: "0.5",
        penalty: '"l2"',
        sagemaker_program: '"train.py"',
        sagemaker_submit_directory: JSON.stringify(request.sourceUri),
      },
      channelUri: `s3://${dataBucket}/datasets/breast-cancer/${"a".repeat(64)}/train/`,
      instanceType: "ml.m5.large",
      spot: true,
      stoppingCondition: { MaxRuntimeInSeconds: 3600, MaxWaitTimeInSeconds: 4500 },
      checkpointUri: `s3://${artifactBucket}/checkpoints/${key.slice(7, 39)}/`,
      tags: [
        { Key: "frugal:dataset-version", Value: request.datasetVersion },
        { Key: "frugal:run", Value: "baseline" },
        { Key: "frugal:training-key", Value: key },
        { Key: "frugal:submitted-by", Value: "ada@example.com" },
      ],
    });
  });

  it("asks for no longest wait without spare capacity", async () => {
    const plan = await world().plan({ spot: false, maxRuntimeSeconds: 60 });
    assert.ok(plan.action === "train");
    assert.equal(plan.spot, false);
    assert.deepEqual(plan.stoppingCondition, { MaxRuntimeInSeconds: 60 });
  });

  it("refuses what the stage does not allow or have, all faults at once", async () => {
    const { plan, trainings } = world();
    trainings.s3.put(trainings.sourcePath, "other code");
    await assert.rejects(
      plan({
        datasetVersion: `iris@sha256:${"b".repeat(64)}`,
        instanceType: "ml.p5.48xlarge",
        maxRuntimeSeconds: 3601,
      }),
      (error: Error) => {
        assert.equal(error.name, "InvalidInput");
        assert.match(
          error.message,
          /ml\.p5\.48xlarge is not one of ml\.m5\.large, ml\.m5\.xlarge .*training\.instanceTypes/,
        );
        assert.match(error.message, /3601 is more than 3600 .*training\.maxRuntimeMinutes/);
        assert.match(error.message, /iris@sha256:b+ is not published in frugal-data/);
        assert.match(error.message, /is not what its address says/);
        return true;
      },
    );
    trainings.s3.objects.delete(trainings.sourcePath);
    await assert.rejects(plan(), /there is no source archive at/);
    const elsewhere = request.sourceUri.replace(artifactBucket, "somebody-elses");
    await assert.rejects(plan({ sourceUri: elsewhere }), /does not lie in the stage's artefact bucket/);
    await assert.rejects(plan({ image: "" }), { name: "InvalidInput", message: /request is not valid: image/ });
  });

  it("holds to the limits even where the training is there already", async () => {
    const { plan, record, trainings } = world();
    trainings.job(first, "Completed");
    await record();
    await assert.rejects(plan({ instanceType: "ml.p5.48xlarge" }), { name: "InvalidInput" });
  });

  it("gives back a recorded training, whatever machine, time and line of work are asked for", async () => {
    const { plan, record, trainings } = world();
    trainings.job(first, "Completed");
    const kept = await record();
    const found = await plan({ run: "other", submittedBy: "eve", instanceType: "ml.m5.xlarge", spot: false });
    assert.deepEqual(found, { action: "reuse", key, trainingJobName: first, record: kept });
    assert.equal(trainings.sagemaker.named("DescribeTrainingJobCommand").length, 1, "no job is looked for");
  });

  it("trains again when the artefact is gone or is another version", async () => {
    for (const harm of ["gone", "changed"]) {
      const { plan, record, trainings } = world();
      trainings.job(first, "Completed");
      await record();
      const path = `${artifactBucket}/runs/${first}/output/model.tar.gz`;
      if (harm === "gone") trainings.s3.objects.delete(path);
      else trainings.s3.put(path, `model of ${first}`);
      const found = await plan();
      assert.equal(found.action, "train", harm);
      assert.equal(found.trainingJobName, second);
    }
  });

  it("prefers the newest of several, and an older one to none", async () => {
    const { plan, record, trainings } = world();
    trainings.job(first, "Completed");
    await record(first);
    trainings.job(second, "Completed", { TrainingEndTime: new Date("2026-03-02T10:00:00Z") });
    await record(second);
    assert.equal((await plan()).trainingJobName, second);
    trainings.s3.objects.delete(`${artifactBucket}/runs/${second}/output/model.tar.gz`);
    assert.equal((await plan()).trainingJobName, first);
  });

  it("trains again by force under the next name, from the start, and says so", async () => {
    const { plan, record, trainings } = world();
    trainings.job(first, "Completed");
    await record();
    trainings.job(second, "InProgress");
    const found = await plan({ force: true });
    assert.ok(found.action === "train");
    assert.equal(found.trainingJobName, third);
    assert.equal(found.checkpointUri, `s3://${artifactBucket}/checkpoints/${third}/`);
    assert.deepEqual(found.tags.at(-1), { Key: "frugal:forced", Value: "true" });
  });

  it("waits for the same training of somebody else, and records one that nobody recorded", async () => {
    const { plan, trainings } = world();
    trainings.job(first, "InProgress");
    assert.deepEqual(await plan(), { action: "wait", key, trainingJobName: first });
    trainings.job(first, "Stopping");
    assert.equal((await plan()).action, "wait");
    trainings.job(first, "Completed");
    assert.deepEqual(await plan({}, first), { action: "record", key, trainingJobName: first });
  });

  it("takes the next name after jobs that failed or were stopped, with their checkpoints", async () => {
    const { plan, trainings } = world();
    trainings.job(first, "Failed");
    trainings.job(second, "Stopped");
    const found = await plan();
    assert.ok(found.action === "train");
    assert.equal(found.trainingJobName, third);
    assert.match(found.checkpointUri, new RegExp(`${key.slice(7, 39)}/$`));
  });

  it("fails with whoever it waited for, instead of paying for the same failure", async () => {
    const { plan, trainings } = world();
    trainings.job(first, "Failed", { FailureReason: "AlgorithmError: no column" });
    await assert.rejects(plan({}, first), { name: "TrainingFailed", message: /AlgorithmError: no column/ });
    trainings.job(first, "Stopped");
    await assert.rejects(plan({}, first), { name: "TrainingStopped" });
  });

  const foreign: [string, Job][] = [
    [
      "of other code",
      { HyperParameters: { sagemaker_program: '"train.py"', sagemaker_submit_directory: '"s3://x/y"' } },
    ],
    ["of another stage", { OutputDataConfig: { S3OutputPath: "s3://frugal-prod-artifacts/runs" } }],
    ["with an environment of its own", { Environment: { SEED: "7" } }],
    ["with other arguments", { AlgorithmSpecification: { TrainingImage: "repo/image:1", ContainerArguments: ["x"] } }],
    ["on other data as well", { InputDataConfig: [{ ChannelName: "train" }, { ChannelName: "more" }] }],
  ];
  for (const [what, more] of foreign) {
    it(`does not take a job ${what} for the same, whatever its name and tags say`, async () => {
      const { plan, trainings } = world();
      trainings.job(first, "Completed", more);
      const found = await plan();
      assert.equal(found.action, "train");
      assert.equal(found.trainingJobName, second);
    });
  }

  it("passes on what is not an answer", async () => {
    const { plan, trainings } = world();
    trainings.s3.before = (name) => {
      if (name === "ListObjectsV2Command") throw Object.assign(new Error("Access Denied"), { name: "AccessDenied" });
    };
    await assert.rejects(plan(), { name: "AccessDenied" });
  });
});
