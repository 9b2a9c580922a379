/** StageArtifact: what is copied, and every race. */
import assert from "node:assert/strict";
import { StagedArtifact } from "../../contracts/submission.ts";
import {
  artifactBucket,
  artifactBytes,
  artifactDigest,
  datasetFolder,
  datasetVersion,
  jobArn,
  submission,
} from "./support/samples.ts";
import { stagingSetup as setup, sourcePath, targetPath } from "./support/staging.ts";

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
});
