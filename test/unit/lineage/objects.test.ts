/** Verifying objects: versions, sizes, checksums of all kinds. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { GetObjectCommand, HeadObjectCommand, ListObjectVersionsCommand } from "@aws-sdk/client-s3";
import { objectFaults, versionFaults, versionsUnder } from "../../../cli/trace/verify/objects.ts";
import { formatChecks } from "../../../cli/trace/verify/report.ts";
import { digestBase64, digestOf } from "../../../contracts/digest.ts";
import { awsError, FakeClient } from "../../functions/support/fake-client.ts";

const digest = digestOf("bytes");
const other = digestOf("other");
const expected = { bucket: "b", key: "k", versionId: "v1", digest, bytes: 5 };
const s3 = (head: object, body = "bytes") =>
  new FakeClient()
    .on(HeadObjectCommand, () => head)
    .on(GetObjectCommand, () => ({ Body: Readable.from([Buffer.from(body)]) }));
const found = (head: object, deep = false, more: object = {}, body?: string) =>
  objectFaults(s3(head, body).as(), { ...expected, ...more }, deep);

describe("trace --verify: objects", () => {
  it("holds by size and SHA-256 of the recorded version", async () => {
    const client = s3({ ContentLength: 5, ChecksumSHA256: digestBase64(digest) });
    assert.deepEqual(await objectFaults(client.as(), expected, false), []);
    assert.deepEqual(client.named("HeadObjectCommand"), [
      { Bucket: "b", Key: "k", VersionId: "v1", ChecksumMode: "ENABLED" },
    ]);
    assert.equal(client.named("GetObjectCommand").length, 0);
  });

  it("names another size, other bytes, and an object that is gone", async () => {
    assert.deepEqual(await found({ ContentLength: 6, ChecksumSHA256: digestBase64(other) }), [
      "s3://b/k, version v1 has 6 bytes, recorded are 5",
      `s3://b/k, version v1 holds other bytes: ${other}, recorded is ${digest}`,
    ]);
    assert.deepEqual(await found(awsError("NotFound", "", 404)), ["s3://b/k, version v1 is gone"]);
    await assert.rejects(found(awsError("Forbidden", "", 403)), { name: "Forbidden" });
  });

  it("compares the checksum of an upload in parts with the recorded one, never with the digest", async () => {
    const parts = { ContentLength: 5, ChecksumSHA256: "abc=-2", ChecksumType: "COMPOSITE" };
    assert.deepEqual(await found(parts), []);
    assert.deepEqual(await found(parts, false, { checksum: "abc=-2" }), []);
    assert.match(
      (await found(parts, false, { checksum: "xyz=-2" }))[0] ?? "",
      /holds other bytes: abc=-2, recorded is xyz=-2/,
    );
  });

  it("reads the bytes only when asked, and believes them alone", async () => {
    assert.deepEqual(await found({ ContentLength: 5 }, true), []);
    assert.deepEqual(await found({ ContentLength: 5 }, true, {}, "other"), [
      `s3://b/k, version v1 holds other bytes: ${other}, recorded is ${digest}`,
    ]);
    assert.deepEqual(await found({ ContentLength: 5 }, false, {}, "other"), []);
  });

  const version = (versionId: string, latest: boolean, deleted = false) => ({
    key: "k",
    versionId,
    bytes: 1,
    latest,
    deleted,
  });
  const cases: [string, ReturnType<typeof version>[] | undefined, string | undefined, RegExp | undefined][] = [
    ["the recorded version alone", [version("v1", true)], "v1", undefined],
    ["an older version below it", [version("v1", true), version("v0", false)], "v1", undefined],
    ["nothing", undefined, "v1", /gone, with all its versions/],
    [
      "a version over it",
      [version("v2", true), version("v1", false)],
      "v1",
      /overwritten: version v2 stands over the recorded v1/,
    ],
    ["a delete marker", [version("m", true, true), version("v1", false)], "v1", /a delete marker m/],
    ["another version instead", [version("v2", true)], "v1", /gone under the recorded version id v1; there is v2/],
    ["two versions, none recorded", [version("v2", true), version("v1", false)], undefined, /written 2 times/],
  ];
  for (const [what, versions, recorded, fault] of cases)
    it(`versions: ${what}`, () => {
      const [told, ...more] = versionFaults("w", versions, recorded);
      assert.equal(more.length, 0);
      if (fault) assert.match(told ?? "", fault);
      else assert.equal(told, undefined);
    });

  it("lists versions and delete markers page by page", async () => {
    const client = new FakeClient().on(ListObjectVersionsCommand, (_input, nth) =>
      nth === 0
        ? {
            Versions: [{ Key: "a", VersionId: "1", Size: 3, IsLatest: true }],
            IsTruncated: true,
            NextKeyMarker: "a",
            NextVersionIdMarker: "1",
          }
        : { DeleteMarkers: [{ Key: "b", VersionId: "2", IsLatest: true }] },
    );
    const versions = await versionsUnder(client.as(), "bucket", "p/");
    assert.deepEqual([...versions.keys()], ["a", "b"]);
    assert.equal(versions.get("b")?.[0]?.deleted, true);
    assert.equal(client.named("ListObjectVersionsCommand")[1]?.KeyMarker, "a");
  });

  it("prints at most ten faults of a link, and says when the trace was cut", () => {
    const faults = Array.from({ length: 12 }, (_, n) => `fault ${n}`);
    const text = formatChecks(
      [
        { link: "dataset version x", faults },
        { link: "run y", faults: [] },
      ],
      true,
    );
    assert.match(text, /fault 9\n {8}… and 2 more\n/);
    assert.match(text, /1 of 2 links are broken: dataset version x\n.*not verified/);
    assert.match(formatChecks([{ link: "a", faults: [] }]), /All 1 links hold\.$/);
  });
});
