import assert from "node:assert/strict";
import { bucketObjectv2 } from "../../../local/provider/aws/bucket-object.ts";
import { type Props, UNKNOWN } from "../../../local/provider/server/wire.ts";

const asset = (hash: string) => ({
  "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17",
  path: "/x",
  hash,
});
const object: Props = { bucket: "b", key: "k", source: asset("1") };
const diff = (olds: Props, news: Props) =>
  bucketObjectv2.diff(olds, news).map(({ path, kind, replace }) => `${kind} ${path}${replace ? " (replace)" : ""}`);

describe("aws.s3.BucketObjectv2", () => {
  it("takes the logical name for a missing key", () => {
    assert.deepEqual(bucketObjectv2.check({ bucket: "b", content: "x" }, "n"), {
      inputs: { key: "n", bucket: "b", content: "x" },
      failures: [],
    });
  });

  it("refuses unknown properties, a missing bucket and two sources, all at once", () => {
    const { failures } = bucketObjectv2.check(
      { content: "x", source: asset("1"), contenttype: "t", acl: "public" },
      "n",
    );
    assert.deepEqual(failures.map(({ property }) => property).sort(), ["acl", "bucket", "contenttype", "source"]);
    assert.match(
      failures.find(({ property }) => property === "contenttype")?.reason ?? "",
      /Did you mean contentType\?/,
    );
    assert.match(
      failures.find(({ property }) => property === "acl")?.reason ?? "",
      /local\/provider\/aws\/bucket-object\.ts/,
    );
  });

  it("sees another content by the asset's hash, not by its path", () => {
    assert.deepEqual(diff(object, { ...object, source: { ...asset("1"), path: "/y" } }), []);
    assert.deepEqual(diff(object, { ...object, source: asset("2") }), ["update source"]);
    assert.deepEqual(diff({ bucket: "b", key: "k", content: "x" }, { bucket: "b", key: "k", content: "y" }), [
      "update content",
    ]);
  });

  it("is another object elsewhere", () => {
    assert.deepEqual(diff(object, { ...object, key: "k2" }), ["update key (replace)"]);
    assert.deepEqual(diff(object, { ...object, bucket: UNKNOWN }), ["update bucket (replace)"]);
  });

  it("knows its ARN at preview, and not its version", () => {
    const outputs = bucketObjectv2.preview(object, undefined);
    assert.equal(outputs.arn, "arn:aws:s3:::b/k");
    assert.equal(outputs.versionId, UNKNOWN);
  });
});
