/** Copies above one request's limit, at a size that fits a test. */
import assert from "node:assert/strict";
import { copyObject } from "../../functions/stage-artifact/copy.ts";
import { copyParts } from "../../functions/stage-artifact/copy-plan.ts";
import { hashStream } from "../../functions/stage-artifact/hash.ts";
import { FakeS3 } from "./support/fake-s3.ts";

const body = Buffer.from("0123456789abcdefghijklmnopqrstuvwxyz");

async function prepare() {
  const s3 = new FakeS3();
  const { etag, versionId } = s3.put("in/key", body);
  const parts = copyParts(body.length, 20, 10);
  const digests = await hashStream(async (from) => chunks(body.subarray(from)), body.length, parts);
  const request = {
    source: { bucket: "in", key: "key", etag, versionId },
    target: { bucket: "out", key: "copy" },
    digests,
    parts,
  };
  return { s3, request };
}

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
}

describe("functions/stage-artifact, a copy in parts", () => {
  it("copies every byte once, checks each part, and notes the digest of the whole", async () => {
    const { s3, request } = await prepare();
    await copyObject(s3.as(), request);
    assert.deepEqual(s3.objects.get("out/copy")?.body, body);
    assert.deepEqual(s3.objects.get("out/copy")?.metadata, { "frugal-sha256": request.digests.hex });
    assert.deepEqual(
      s3.named("UploadPartCopyCommand").map(({ CopySourceRange }) => CopySourceRange),
      ["bytes=0-9", "bytes=10-19", "bytes=20-29", "bytes=30-35"],
    );
    assert.equal(s3.named("CompleteMultipartUploadCommand")[0]?.IfNoneMatch, "*");
    assert.equal(s3.openUploads, 0);
  });

  it("leaves no upload behind when the source changed meanwhile", async () => {
    const { s3, request } = await prepare();
    s3.put("in/key", "something else").versionId = request.source.versionId;
    await assert.rejects(copyObject(s3.as(), request), { name: "PreconditionFailed" });
    assert.equal(s3.openUploads, 0);
    assert.equal(s3.objects.has("out/copy"), false);
  });

  it("leaves no upload behind when a part's checksum is another", async () => {
    const { s3, request } = await prepare();
    request.digests.parts[2] = "AAAA";
    await assert.rejects(copyObject(s3.as(), request), { name: "ArtifactChanged", message: /part 3/ });
    assert.equal(s3.openUploads, 0);
  });

  it("leaves no upload behind when somebody else was first", async () => {
    const { s3, request } = await prepare();
    s3.put("out/copy", body);
    await assert.rejects(copyObject(s3.as(), request), { name: "PreconditionFailed" });
    assert.equal(s3.openUploads, 0);
  });
});
