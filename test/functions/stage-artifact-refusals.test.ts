/** StageArtifact: what it refuses, and in which words. */
import assert from "node:assert/strict";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { DescribeTrainingJobCommand } from "@aws-sdk/client-sagemaker";
import { awsError } from "./support/fake-client.ts";
import { artifactBucket, datasetFolder, jobName, manifest, submissionInput } from "./support/samples.ts";
import { call, execution, type Overrides, refusalPath, stagingSetup as setup, sourcePath } from "./support/staging.ts";

describe("functions/stage-artifact refusals", () => {
  const refusals: [string, Overrides & { event?: object }, string, RegExp][] = [
    [
      "input with every fault named",
      {
        event: {
          trainingJobName: "no_name",
          autoMlJobName: "a",
          testDatasetVersion: "v1",
          gate: { bound: "x" },
          extra: 1,
        },
      },
      "InvalidInput",
      /trainingJobName.*testDatasetVersion.*gate\.bound.*submittedBy.*extra/s,
    ],
    [
      "nothing, and two things at once",
      { event: { submittedBy: "g", trainingJobName: "a", autoMlJobName: "b" } },
      "InvalidInput",
      /exactly one of .* got trainingJobName and autoMlJobName/,
    ],
    [
      "what the stage does not take, all of it named",
      {
        event: {
          modelName: "churn",
          autoMlJobName: "search-1",
          image: "mine:1",
          environment: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`N${n}`, "1"])),
          submittedBy: "g",
        },
      },
      "InvalidInput",
      /modelName is churn, and this stage's model is breast-cancer; image is not for an AutoML job.*more than 100 entries/,
    ],
    [
      "an artefact that no job of this account wrote",
      { event: { artifactUri: `s3://${artifactBucket}/somewhere/model.tar.gz`, submittedBy: "g" } },
      "InvalidInput",
      /is not a training job's output/,
    ],
    [
      "an artefact beside the one that its job wrote",
      { event: { artifactUri: `s3://elsewhere/${jobName}/output/model.tar.gz`, submittedBy: "g" } },
      "InvalidInput",
      /artifactUri is not the output of training job .*, which wrote s3:\/\/frugal/,
    ],
    [
      "a pipeline where a serverless endpoint would serve it",
      { event: { autoMlJobName: "search-1", submittedBy: "g" } },
      "InvalidInput",
      /inference pipeline of 2 containers, and this stage would serve it on a serverless endpoint, which SageMaker refuses/,
    ],
    [
      "an AutoML job that runs",
      {
        event: { autoMlJobName: "search-1", submittedBy: "g" },
        autoMl: { AutoMLJobStatus: "InProgress", AutoMLJobSecondaryStatus: "ModelTuning" },
      },
      "InvalidInput",
      /InProgress \(ModelTuning\)/,
    ],
    [
      "an AutoML job without a candidate",
      { event: { autoMlJobName: "search-1", submittedBy: "g" }, autoMl: { BestCandidate: undefined } },
      "InvalidInput",
      /has no completed best candidate/,
    ],
    [
      "a candidate whose containers cannot be had",
      {
        event: { autoMlJobName: "search-1", submittedBy: "g" },
        autoMl: {
          BestCandidate: {
            CandidateStatus: "Completed",
            InferenceContainers: [{ Image: "i", ModelDataUrl: "https://x/y" }, {}],
          },
        },
      },
      "InvalidInput",
      /container 1 of .*container 2 of/,
    ],
    [
      "demands that are looser than the stage's, before anything is tested",
      { event: { ...submissionInput, gate: { bound: 0.5, minimumSamples: 10 } } },
      "InvalidInput",
      /may only ask for more than the stage's gate: .*bound must be at least 0\.9.*minimumSamples/,
    ],
    [
      "a job that runs, missing tags and an unpublished test version, at once",
      {
        event: { ...submissionInput, testDatasetVersion: `other@sha256:${"0".repeat(64)}` },
        job: { TrainingJobStatus: "InProgress", SecondaryStatus: "Training" },
      },
      "InvalidInput",
      /InProgress \(Training\).*; Dataset version other@sha256:0+ was never published/,
    ],
    [
      "a job that runs",
      { job: { TrainingJobStatus: "InProgress", SecondaryStatus: "Training" } },
      "InvalidInput",
      /InProgress \(Training\)/,
    ],
    [
      "a job stopped at its time limit",
      { job: { TrainingJobStatus: "Stopped", SecondaryStatus: "MaxRuntimeExceeded" } },
      "InvalidInput",
      /MaxRuntimeExceeded/,
    ],
    [
      "a job without an artefact or image",
      { job: { ModelArtifacts: undefined, AlgorithmSpecification: {} } },
      "InvalidInput",
      /no model artefact.*image/,
    ],
    [
      "missing lineage tags, both named",
      { tags: {} },
      "LineageMismatch",
      /frugal:dataset-version is missing.*frugal:run is missing/,
    ],
    [
      "a malformed dataset version",
      { tags: { "frugal:dataset-version": "v1", "frugal:run": "r" } },
      "LineageMismatch",
      /is "v1"/,
    ],
    [
      "a job that learned from other data than its tag says",
      { job: { InputDataConfig: [{ DataSource: { S3DataSource: { S3Uri: "s3://elsewhere/train/" } } }] } },
      "LineageMismatch",
      /none of its channels reads from/,
    ],
  ];
  for (const [what, { event = submissionInput, ...overrides }, name, message] of refusals) {
    it(`refuses ${what}`, async () => {
      const { s3, handler } = setup(overrides);
      await assert.rejects(handler(event), { name, message });
      assert.equal(s3.named("CopyObjectCommand").length, 0);
      const record = JSON.parse(s3.objects.get(refusalPath)?.body.toString() ?? "{}");
      assert.equal(record.error, name);
      assert.match(record.reason, message);
      assert.equal(record.execution, execution);
    });
  }

  it("keeps who wanted what, and nothing that may be a secret", async () => {
    const { s3, handler, log } = setup();
    const secret = "hunter2-hunter2";
    await assert.rejects(
      handler({
        ...submissionInput,
        environment: { DATABASE_PASSWORD: secret },
        note: "n".repeat(5000),
        password: secret,
      }),
      { name: "InvalidInput" },
    );
    const text = s3.objects.get(refusalPath)?.body.toString() ?? "";
    const record = JSON.parse(text);
    assert.equal(record.submittedBy, submissionInput.submittedBy);
    assert.deepEqual(record.input.environment, ["DATABASE_PASSWORD"]);
    assert.deepEqual(record.otherKeys, ["password"]);
    assert.ok(record.input.note.length < 2100);
    assert.ok(!text.includes(secret) && !log.text().includes(secret));
  });

  it("fails with its reason also where the record cannot be kept", async () => {
    const { s3, handler, log } = setup();
    s3.on(PutObjectCommand, () => awsError("AccessDenied", "no", 403));
    await assert.rejects(handler({}), { name: "InvalidInput" });
    assert.match(log.text(), /refusal not kept/);
  });

  it("keeps no record of what is passing, and refuses a call that is none", async () => {
    const { s3, sagemaker, handler, handle } = setup();
    sagemaker.on(DescribeTrainingJobCommand, () => awsError("ThrottlingException", "Rate exceeded"));
    await assert.rejects(handler(submissionInput), { name: "ThrottlingException" });
    for (const event of [undefined, 5, {}, { ...call({}), execution: "../other" }]) {
      await assert.rejects(handle(event), { name: "InvalidInput" });
    }
    assert.equal(s3.named("PutObjectCommand").length, 0);
  });

  it("refuses a dataset version whose test part is not whole any more", async () => {
    const gone = setup();
    gone.s3.objects.delete(`${datasetFolder}/test/labels.csv`);
    gone.s3.put(`${datasetFolder}/test/features.csv`, "shorter");
    await assert.rejects(gone.handler(submissionInput), {
      name: "InvalidInput",
      message: /is not whole: .*features\.csv has 7 bytes, .* were published; .*labels\.csv is gone/,
    });
    const changed = setup();
    const files = JSON.parse(manifest()).files.map((file: object) => ({
      ...file,
      checksum: "x".repeat(43).concat("="),
    }));
    changed.s3.put(`${datasetFolder}/manifest.json`, manifest({ files }));
    await assert.rejects(changed.handler(submissionInput), {
      message: /features\.csv holds other bytes than were published/,
    });
  });

  it("says where a stage does not read", async () => {
    const { s3, handler } = setup();
    const send = s3.send.bind(s3);
    s3.send = async (command) => {
      const { Key } = (command as { input: { Key?: string } }).input;
      if (command.constructor.name === "HeadObjectCommand" && sourcePath.endsWith(Key ?? "-"))
        throw awsError("Forbidden", "", 403);
      return send(command);
    };
    await assert.rejects(handler(submissionInput), {
      name: "InvalidInput",
      message: /lies where this stage does not read/,
    });
  });

  it("refuses a training job that does not exist, in either of SageMaker's words", async () => {
    for (const error of [
      awsError("ValidationException", "Requested resource not found."),
      awsError("ResourceNotFound"),
    ]) {
      const { sagemaker, handler } = setup();
      sagemaker.on(DescribeTrainingJobCommand, () => error);
      await assert.rejects(handler(submissionInput), { name: "InvalidInput", message: /There is no training job/ });
    }
  });

  it("lets a throttle through under its own name, so that the state tries again", async () => {
    const { sagemaker, handler, log } = setup();
    sagemaker.on(DescribeTrainingJobCommand, () => awsError("ThrottlingException", "Rate exceeded"));
    await assert.rejects(handler(submissionInput), { name: "ThrottlingException" });
    assert.match(log.text(), /ThrottlingException/);
  });

  const manifests: [string, string | undefined, string, RegExp][] = [
    ["that was never published", undefined, "LineageMismatch", /was never published/],
    ["whose manifest is no JSON", "{", "LineageMismatch", /is not JSON/],
    ["whose manifest has another shape", "{}", "LineageMismatch", /is not a manifest: schemaVersion/],
    [
      "whose manifest names another version",
      manifest({ version: `other@sha256:${"0".repeat(64)}` }),
      "LineageMismatch",
      /another digest/,
    ],
    [
      "whose manifest lists other content",
      manifest({ files: [{ path: "test/labels.csv", sha256: "0".repeat(64), bytes: 1 }] }),
      "LineageMismatch",
      /another digest/,
    ],
  ];
  for (const [what, text, name, message] of manifests) {
    it(`refuses a dataset version ${what}`, async () => {
      const { s3, handler } = setup();
      s3.objects.delete(`${datasetFolder}/manifest.json`);
      if (text !== undefined) s3.put(`${datasetFolder}/manifest.json`, text);
      await assert.rejects(handler(submissionInput), { name, message });
    });
  }

  it("refuses an artefact that is gone or empty", async () => {
    const gone = setup();
    gone.s3.objects.delete(sourcePath);
    await assert.rejects(gone.handler(submissionInput), { name: "InvalidInput", message: /does not exist/ });
    const empty = setup();
    empty.s3.put(sourcePath, "");
    await assert.rejects(empty.handler(submissionInput), { name: "InvalidInput", message: /is empty/ });
  });
});
