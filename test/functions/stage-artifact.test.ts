/** StageArtifact: what is copied, and every race. */
import assert from "node:assert/strict";
import { datasetDigest, datasetPrefix } from "../../contracts/dataset.ts";
import { digestOf, pipelineDigest } from "../../contracts/digest.ts";
import { defaultEnvironment, StagedArtifact, submissionId } from "../../contracts/submission.ts";
import {
  artifactBucket,
  artifactBytes,
  artifactDigest,
  dataBucket,
  datasetFolder,
  datasetVersion,
  jobArn,
  jobName,
  manifest,
  submissionInput,
} from "./support/samples.ts";
import {
  autoMlContainers,
  refusalPath,
  stagingSetup as setup,
  sourcePath,
  targetPath,
  trainingImage,
} from "./support/staging.ts";

describe("functions/stage-artifact", () => {
  it("copies the artefact to the address of its bytes and reports the facts", async () => {
    const { s3, handler } = setup();
    const staged = await handler(submissionInput);
    assert.deepEqual(StagedArtifact.parse(staged), staged);
    assert.deepEqual(staged, {
      submissionId: submissionId(submissionInput),
      submittedBy: submissionInput.submittedBy,
      note: "",
      lineage: { datasetVersion, run: "baseline", trainingJob: jobName, artifactDigest },
      autoMlJob: "-",
      trainingJobArn: jobArn,
      containers: [
        {
          image: trainingImage,
          artifactUri: `s3://${targetPath}`,
          artifactVersionId: s3.objects.get(targetPath)?.versionId,
          artifactBytes: artifactBytes.length,
          artifactDigest,
          environment: defaultEnvironment,
        },
      ],
      testDatasetVersion: datasetVersion,
      featuresUri: `s3://${datasetFolder}/test/features.csv`,
      labelsUri: `s3://${datasetFolder}/test/labels.csv`,
      gate: {},
    });
    assert.deepEqual(s3.objects.get(targetPath)?.body, artifactBytes);
    const [copy] = s3.named("CopyObjectCommand");
    assert.equal(copy?.IfNoneMatch, "*");
    assert.equal(copy?.ChecksumAlgorithm, "SHA256");
    assert.equal(
      copy?.CopySource,
      `${artifactBucket}/runs/base%20line%2B1/output/model.tar.gz?versionId=${s3.objects.get(sourcePath)?.versionId}`,
    );
    assert.equal(copy?.CopySourceIfMatch, s3.objects.get(sourcePath)?.etag);
  });

  it("takes a training job's output by its address, with another image, environment, note and demands", async () => {
    const { handler, s3 } = setup({
      job: { ModelArtifacts: { S3ModelArtifacts: `s3://${artifactBucket}/runs/job-9/output/model.tar.gz` } },
    });
    s3.put(`${artifactBucket}/runs/job-9/output/model.tar.gz`, artifactBytes);
    const input = {
      modelName: "breast-cancer",
      artifactUri: `s3://${artifactBucket}/runs/job-9/output/model.tar.gz`,
      image: "serving:2",
      environment: { A: "b" },
      note: "why",
      gate: { bound: 0.99 },
      submittedBy: "grace@example.com",
    };
    const staged = await handler(input);
    assert.equal(staged.lineage.trainingJob, "job-9");
    assert.deepEqual([staged.note, staged.gate], ["why", { bound: 0.99 }]);
    const [container] = staged.containers;
    assert.deepEqual([container?.image, container?.environment], ["serving:2", { A: "b" }]);
    assert.equal(staged.submissionId, submissionId(input));
  });

  it("tests on another dataset version where one is named", async () => {
    const { handler, s3 } = setup();
    const files = [
      { path: "test/features.csv", text: "9,9\n" },
      { path: "test/labels.csv", text: "1\n" },
    ].map(({ path, text }) => ({ path, text, sha256: digestOf(text).slice(7), bytes: text.length }));
    const version = `newer@sha256:${datasetDigest(files)}`;
    const folder = `${dataBucket}/${datasetPrefix(version)}`;
    s3.put(`${folder}manifest.json`, manifest({ version, files: files.map(({ text, ...file }) => file) }));
    for (const { path, text } of files) s3.put(folder + path, text);
    const staged = await handler({ ...submissionInput, testDatasetVersion: version });
    assert.equal(staged.testDatasetVersion, version);
    assert.equal(staged.lineage.datasetVersion, datasetVersion);
    assert.equal(staged.featuresUri, `s3://${folder}test/features.csv`);
  });

  it("stages every container of an AutoML job's best candidate, in their order, where the stage takes pipelines", async () => {
    const { handler, s3 } = setup({ pipelines: true });
    const staged = await handler({
      autoMlJobName: "search-1",
      submittedBy: "grace@example.com",
      environment: { MORE: "1" },
    });
    assert.deepEqual(StagedArtifact.parse(staged), staged);
    const digests = autoMlContainers.map(({ ModelDataUrl }) => digestOf(ModelDataUrl));
    assert.deepEqual(
      staged.containers.map(({ artifactDigest: digest }) => digest),
      digests,
    );
    assert.deepEqual(
      staged.containers.map(({ environment }) => environment),
      [
        { STEP: "prepare", MORE: "1" },
        { STEP: "predict", MORE: "1" },
      ],
    );
    // What made the model is the candidate's last training job; what says where it comes from are the AutoML job's tags.
    assert.equal(staged.lineage.trainingJob, "search-1-trial-7");
    assert.equal(staged.autoMlJob, "search-1");
    assert.equal(staged.lineage.artifactDigest, pipelineDigest(digests));
    for (const digest of digests)
      assert.ok(s3.objects.has(`${artifactBucket}/models/sha256/${digest.slice(7)}/model.tar.gz`));
  });

  it("takes a candidate of one container wherever it is served, image and text classification's too", async () => {
    for (const candidate of [
      { InferenceContainers: autoMlContainers.slice(1) },
      { InferenceContainers: [], InferenceContainerDefinitions: { CPU: autoMlContainers.slice(1), GPU: [] } },
    ]) {
      const BestCandidate = { CandidateStatus: "Completed", ...candidate };
      const staged = await setup({ autoMl: { BestCandidate } }).handler({
        autoMlJobName: "search-1",
        submittedBy: "g",
      });
      assert.equal(staged.containers.length, 1);
      assert.equal(staged.lineage.trainingJob, "search-1");
    }
  });

  it("notices that the artefact was written again after its job had ended", async () => {
    const TrainingEndTime = new Date("2026-03-01T12:00:00Z");
    const { s3, handler } = setup({ job: { TrainingEndTime } });
    const source = s3.put(sourcePath, artifactBytes);
    source.lastModified = new Date("2026-03-01T11:59:58Z");
    assert.equal((await handler(submissionInput)).lineage.artifactDigest, artifactDigest);
    source.lastModified = new Date("2026-03-01T13:00:00Z");
    await assert.rejects(handler(submissionInput), {
      name: "ArtifactChanged",
      message: /was written at 2026-03-01T13:00:00.000Z, after training job .* had ended at 2026-03-01T12:00:00.000Z/,
    });
    assert.match(s3.objects.get(refusalPath)?.body.toString() ?? "", /"error": "ArtifactChanged"/);
  });

  it("finds what was staged before and copies nothing", async () => {
    const { s3, handler } = setup();
    const first = await handler(submissionInput);
    assert.deepEqual(await handler(submissionInput), first);
    assert.equal(s3.named("CopyObjectCommand").length, 1);
  });

  it("takes the other's copy when two stage the same bytes at once", async () => {
    const { s3, handler } = setup();
    let other: string | undefined;
    s3.before = (name) => {
      if (name === "CopyObjectCommand") other = s3.put(targetPath, artifactBytes).versionId;
    };
    const staged = await handler(submissionInput);
    assert.notEqual(other, undefined);
    assert.equal(staged.containers[0]?.artifactVersionId, other);
  });

  it("takes up a broken connection at the byte where it broke", async () => {
    const { s3, handler } = setup();
    const breaks = new Set([7, 14]);
    s3.onRead = (path, offset) => {
      if (path === sourcePath && breaks.delete(offset)) throw new Error("socket hang up");
    };
    assert.equal((await handler(submissionInput)).lineage.artifactDigest, artifactDigest);
    const ranges = s3
      .named("GetObjectCommand")
      .filter(({ Key }) => String(Key).endsWith("model.tar.gz"))
      .map(({ Range }) => Range);
    assert.deepEqual(ranges, [undefined, "bytes=7-", "bytes=14-"]);
  });

  it("gives up on a connection that breaks again and again at the same byte", async () => {
    const { s3, handler } = setup();
    s3.onRead = (path) => {
      if (path === sourcePath) throw new Error("socket hang up");
    };
    await assert.rejects(handler(submissionInput), /reading stopped at byte 0 of 50/);
  });

  it("notices that the artefact changed while it was read", async () => {
    const { s3, handler } = setup();
    s3.onRead = (path, offset) => {
      if (path !== sourcePath || offset !== 7) return;
      s3.put(sourcePath, "other bytes of a later upload, put there by somebody");
      s3.onRead = () => undefined;
      throw new Error("socket hang up");
    };
    await assert.rejects(handler(submissionInput), { name: "ArtifactChanged", message: /changed or went away while/ });
    assert.equal(s3.objects.has(targetPath), false);
  });

  it("notices that the artefact changed between reading and copying", async () => {
    const { s3, handler } = setup();
    s3.before = (name) => {
      if (name !== "CopyObjectCommand") return;
      const version = s3.objects.get(sourcePath)?.versionId ?? "";
      s3.put(sourcePath, "other bytes").versionId = version;
    };
    await assert.rejects(handler(submissionInput), { name: "ArtifactChanged" });
    assert.equal(s3.objects.has(targetPath), false);
  });

  it("does not trust an object at the content address whose checksum is another", async () => {
    const { s3, handler } = setup();
    s3.put(targetPath, "planted");
    await assert.rejects(handler(submissionInput), {
      name: "ArtifactChanged",
      message: /holds other bytes than its address/,
    });
  });

  it("refuses a copy that S3 reports no checksum for", async () => {
    const { s3, handler } = setup();
    const send = s3.send.bind(s3);
    s3.send = async (command) => {
      const answer = await send(command);
      return command.constructor.name === "CopyObjectCommand" ? { CopyObjectResult: { ETag: '"x"' } } : answer;
    };
    await assert.rejects(handler(submissionInput), { name: "ArtifactChanged", message: /\(none reported\)/ });
  });
});
