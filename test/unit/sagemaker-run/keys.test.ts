import assert from "node:assert/strict";
import fc from "fast-check";
import {
  joinUri,
  outputUri,
  parseManifest,
  parseS3Uri,
  relativeKey,
  s3Uri,
} from "../../../local/sagemaker/run/keys.ts";

describe("S3 names of the local jobs", () => {
  it("splits a URI into bucket and key, and refuses what is none", () => {
    assert.deepEqual(parseS3Uri("s3://b/a/b.csv"), { bucket: "b", key: "a/b.csv" });
    assert.deepEqual(parseS3Uri("s3://b"), { bucket: "b", key: "" });
    assert.equal(s3Uri(parseS3Uri("s3://b/a//b")), "s3://b/a//b");
    assert.throws(() => parseS3Uri("https://b/a"), /not an S3 URI: "https:\/\/b\/a"/);
  });

  it("places an object below its prefix, taken as a folder where it is one", () => {
    assert.equal(relativeKey("data/train/", "data/train/a/b.csv"), "a/b.csv");
    assert.equal(relativeKey("data/train", "data/train/b.csv"), "b.csv");
    assert.equal(relativeKey("data/train.csv", "data/train.csv"), "train.csv");
    assert.equal(relativeKey("data/tr", "data/train/b.csv"), "train/b.csv");
    assert.equal(relativeKey("", "b.csv"), "b.csv");
  });

  it("refuses keys that would leave the folder, and AWS's illegal double slash", () => {
    assert.throws(() => relativeKey("data/", "data/../../etc/passwd"), /not a usable path/);
    assert.throws(() => relativeKey("data/", "data//a"), /not a usable path/);
    assert.throws(() => relativeKey("data/", "data/folder/"), /not a usable path/);
    assert.throws(() => relativeKey("data/", "data/a//b"), /illegal char sub-sequence '\/\/'/);
  });

  it("never places anything outside, whatever the key", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "..", ".", "", "b.csv")),
        fc.constantFrom("", "a", "a/", "a/b"),
        (parts, prefix) => {
          let relative: string;
          try {
            relative = relativeKey(prefix, `${prefix}${parts.join("/")}`);
          } catch {
            return;
          }
          assert.ok(!relative.split("/").some((part) => part === ".." || part === "." || part === ""), relative);
        },
      ),
    );
  });

  it("reads a manifest, and says what is wrong with one", () => {
    assert.deepEqual(parseManifest('[{"prefix":"s3://b/p/"},"x/a.csv","c.csv"]', "s3://b/m"), [
      { location: { bucket: "b", key: "p/x/a.csv" }, relative: "x/a.csv" },
      { location: { bucket: "b", key: "p/c.csv" }, relative: "c.csv" },
    ]);
    assert.throws(() => parseManifest("{", "s3://b/m"), /manifest s3:\/\/b\/m is not JSON/);
    assert.throws(() => parseManifest('[{"prefix":"s3://b/p/"}]', "s3://b/m"), /with at least one key/);
    assert.throws(() => parseManifest('[{"prefix":"s3://b/p/"},"../x"]', "s3://b/m"), /not a usable path/);
  });

  it("names outputs after inputs", () => {
    assert.equal(outputUri("s3://b/out/", relativeKey("in/", "in/deep/a.csv")), "s3://b/out/deep/a.csv.out");
    assert.equal(joinUri("s3://b/out", "job", "output"), "s3://b/out/job/output");
  });
});
