/** StageArtifact against doubles of S3 and SageMaker: what is copied, what is refused, and every race. */
import assert from "node:assert/strict";
import { DescribeTrainingJobCommand, ListTagsCommand } from "@aws-sdk/client-sagemaker";
import { StagedArtifact } from "../../contracts/submission.ts";
import { awsPorts } from "../../functions/stage-artifact/ports.ts";
import { makeHandler } from "../../functions/stage-artifact/stage.ts";
import { awsError, FakeClient } from "./support/fake-client.ts";
import { fakeLog } from "./support/fake-log.ts";
import { FakeS3 } from "./support/fake-s3.ts";
import {
  artifactBucket,
  artifactBytes,
  artifactDigest,
  artifactHex,
  dataBucket,
  datasetFolder,
  datasetVersion,
  jobArn,
  manifest,
  submission,
} from "./support/samples.ts";

const sourcePath = `${artifactBucket}/runs/base line+1/output/model.tar.gz`;
const targetPath = `${artifactBucket}/models/sha256/${artifactHex}/model.tar.gz`;

interface Overrides {
  job?: object;
  tags?: Record<string, string>;
}

function setup({ job = {}, tags }: Overrides = {}) {
  const s3 = new FakeS3();
  s3.put(`${datasetFolder}/manifest.json`, manifest());
  s3.put(sourcePath, artifactBytes);
  const given = tags ?? { "frugal:dataset-version": datasetVersion, "frugal:run": "baseline", "frugal:stage": "dev" };
  const pages = Object.entries(given).map(([Key, Value]) => ({ Key, Value }));
  const sagemaker = new FakeClient()
    .on(DescribeTrainingJobCommand, {
      TrainingJobName: submission.trainingJobName,
      TrainingJobArn: jobArn,
      TrainingJobStatus: "Completed",
      SecondaryStatus: "Completed",
      ModelArtifacts: { S3ModelArtifacts: `s3://${sourcePath}` },
      AlgorithmSpecification: { TrainingImage: "111122223333.dkr.ecr.us-east-1.amazonaws.com/sklearn:1" },
      InputDataConfig: [
        { ChannelName: "train", DataSource: { S3DataSource: { S3Uri: `s3://${datasetFolder}/train/` } } },
      ],
      ...job,
    })
    // One tag a page, so that reading on is tested as well.
    .on(ListTagsCommand, ({ NextToken }) => {
      const at = Number(NextToken ?? 0);
      return { Tags: pages.slice(at, at + 1), NextToken: at + 1 < pages.length ? String(at + 1) : undefined };
    });
  const log = fakeLog();
  const handler = makeHandler(
    awsPorts({ s3: s3.as(), sagemaker: sagemaker.as() }),
    { DATA_BUCKET: dataBucket, ARTIFACT_BUCKET: artifactBucket },
    log,
  );
  return { s3, sagemaker, handler, log };
}

describe("functions/stage-artifact", () => {
  it("copies the artefact to the address of its bytes and reports the facts", async () => {
    const { s3, handler } = setup();
    const staged = await handler(submission);
    assert.deepEqual(StagedArtifact.parse(staged), staged);
    assert.deepEqual(staged, {
      lineage: { datasetVersion, run: "baseline", trainingJob: submission.trainingJobName, artifactDigest },
      trainingJobArn: jobArn,
      artifactUri: `s3://${targetPath}`,
      artifactVersionId: s3.objects.get(targetPath)?.versionId,
      artifactBytes: artifactBytes.length,
      image: "111122223333.dkr.ecr.us-east-1.amazonaws.com/sklearn:1",
      featuresUri: `s3://${datasetFolder}/test/features.csv`,
      labelsUri: `s3://${datasetFolder}/test/labels.csv`,
    });
    assert.deepEqual(s3.objects.get(targetPath)?.body, artifactBytes);
    const [copy] = s3.named("CopyObjectCommand");
    assert.equal(copy?.IfNoneMatch, "*");
    assert.equal(copy?.ChecksumAlgorithm, "SHA256");
    assert.equal(copy?.CopySource, `${artifactBucket}/runs/base%20line%2B1/output/model.tar.gz?versionId=v2`);
    assert.equal(copy?.CopySourceIfMatch, s3.objects.get(sourcePath)?.etag);
  });

  it("finds what was staged before and copies nothing", async () => {
    const { s3, handler } = setup();
    const first = await handler(submission);
    assert.deepEqual(await handler(submission), first);
    assert.equal(s3.named("CopyObjectCommand").length, 1);
  });

  it("takes the other's copy when two stage the same bytes at once", async () => {
    const { s3, handler } = setup();
    let other: string | undefined;
    s3.before = (name) => {
      if (name === "CopyObjectCommand") other = s3.put(targetPath, artifactBytes).versionId;
    };
    const staged = await handler(submission);
    assert.notEqual(other, undefined);
    assert.equal(staged.artifactVersionId, other);
  });

  it("takes up a broken connection at the byte where it broke", async () => {
    const { s3, handler } = setup();
    const breaks = new Set([7, 14]);
    s3.onRead = (path, offset) => {
      if (path === sourcePath && breaks.delete(offset)) throw new Error("socket hang up");
    };
    assert.equal((await handler(submission)).lineage.artifactDigest, artifactDigest);
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
    await assert.rejects(handler(submission), /reading stopped at byte 0 of 50/);
  });

  it("notices that the artefact changed while it was read", async () => {
    const { s3, handler } = setup();
    s3.onRead = (path, offset) => {
      if (path !== sourcePath || offset !== 7) return;
      s3.put(sourcePath, "other bytes of a later upload, put there by somebody");
      s3.onRead = () => undefined;
      throw new Error("socket hang up");
    };
    await assert.rejects(handler(submission), { name: "ArtifactChanged", message: /changed or went away while/ });
    assert.equal(s3.objects.has(targetPath), false);
  });

  it("notices that the artefact changed between reading and copying", async () => {
    const { s3, handler } = setup();
    s3.before = (name) => {
      if (name !== "CopyObjectCommand") return;
      const version = s3.objects.get(sourcePath)?.versionId ?? "";
      s3.put(sourcePath, "other bytes").versionId = version;
    };
    await assert.rejects(handler(submission), { name: "ArtifactChanged" });
    assert.equal(s3.objects.has(targetPath), false);
  });

  it("does not trust an object at the content address whose checksum is another", async () => {
    const { s3, handler } = setup();
    s3.put(targetPath, "planted");
    await assert.rejects(handler(submission), {
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
    await assert.rejects(handler(submission), { name: "ArtifactChanged", message: /\(none reported\)/ });
  });

  const refusals: [string, Overrides & { event?: object }, string, RegExp][] = [
    [
      "input with every fault named",
      { event: { submissionId: "x", extra: 1 } },
      "InvalidInput",
      /submissionId.*trainingJobName.*extra/s,
    ],
    [
      "a submission id that does not follow from its job",
      { event: { ...submission, submissionId: `sub-${"0".repeat(20)}` } },
      "InvalidInput",
      /does not follow/,
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
  for (const [what, { event = submission, ...overrides }, name, message] of refusals) {
    it(`refuses ${what}`, async () => {
      const { s3, handler } = setup(overrides);
      await assert.rejects(handler(event), { name, message });
      assert.equal(s3.named("CopyObjectCommand").length, 0);
    });
  }

  it("refuses a training job that does not exist, in either of SageMaker's words", async () => {
    for (const error of [
      awsError("ValidationException", "Requested resource not found."),
      awsError("ResourceNotFound"),
    ]) {
      const { sagemaker, handler } = setup();
      sagemaker.on(DescribeTrainingJobCommand, () => error);
      await assert.rejects(handler(submission), { name: "InvalidInput", message: /There is no training job/ });
    }
  });

  it("lets a throttle through under its own name, so that the state tries again", async () => {
    const { sagemaker, handler, log } = setup();
    sagemaker.on(DescribeTrainingJobCommand, () => awsError("ThrottlingException", "Rate exceeded"));
    await assert.rejects(handler(submission), { name: "ThrottlingException" });
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
      await assert.rejects(handler(submission), { name, message });
    });
  }

  it("refuses an artefact that is gone or empty", async () => {
    const gone = setup();
    gone.s3.objects.delete(sourcePath);
    await assert.rejects(gone.handler(submission), { name: "InvalidInput", message: /does not exist/ });
    const empty = setup();
    empty.s3.put(sourcePath, "");
    await assert.rejects(empty.handler(submission), { name: "InvalidInput", message: /is empty/ });
  });
});
