/** Manifests: what a version's files may be called, and that its identity is its content and nothing else. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { DatasetManifest, datasetDigest, pathFault, samePaths } from "../../../contracts/dataset.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const empty = sha256("");

describe("contracts/dataset: manifests", () => {
  const version = `d@sha256:${"a".repeat(64)}`;
  const manifest = (files: object[], more: object = {}): object => ({
    schemaVersion: 1,
    version,
    createdAt: "2026-11-01T00:00:00.000Z",
    createdBy: "ada",
    files,
    ...more,
  });

  it("take every well-formed relative name, whatever its script", () => {
    for (const path of [
      "a",
      "train/train.csv",
      "日本/データ.parquet",
      "été/ñandú 1.csv",
      "a b/c+d=e&f.csv",
      "..a/b..",
      "🙂",
    ]) {
      assert.equal(pathFault(path), undefined, path);
      assert.equal(DatasetManifest.parse(manifest([{ path, sha256: empty, bytes: 0 }])).files[0]?.path, path);
    }
  });

  it("refuse names that leave the version, break a line, hide its manifest or do not fit a key", () => {
    const bad = [
      "",
      "/etc/passwd",
      "../x",
      "a/../b",
      "a/./b",
      ".",
      "a//b",
      "a/",
      "a\nb",
      "a\u0000",
      "a\u2028b",
      "\ud800",
    ];
    for (const path of [...bad, "manifest.json", "é".repeat(401)]) {
      assert.ok(pathFault(path), JSON.stringify(path));
      assert.throws(() => DatasetManifest.parse(manifest([{ path, sha256: empty, bytes: 0 }])), JSON.stringify(path));
    }
    assert.equal(pathFault("é".repeat(400)), undefined, "800 bytes fit");
    assert.equal(pathFault("train/manifest.json"), undefined);
  });

  it("never let a relative path's key leave the version's folder", () => {
    const segment = fc.oneof(fc.constantFrom(".", "..", "", "a"), fc.string({ unit: "grapheme", maxLength: 8 }));
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
        const path = segments.join("/");
        if (pathFault(path) !== undefined) return;
        const resolved = new URL(path.split("/").map(encodeURIComponent).join("/"), "s3://bucket/datasets/d/hex/");
        assert.ok(resolved.pathname.startsWith("/datasets/d/hex/"), path);
      }),
    );
  });

  it("know the same name in two spellings, and have no digest for it", () => {
    const [composed, decomposed] = ["é.csv".normalize("NFC"), "é.csv".normalize("NFD")];
    assert.notEqual(composed, decomposed);
    assert.deepEqual(samePaths([composed, "b", decomposed]), [composed]);
    const files = [composed, decomposed].map((path) => ({ path, sha256: empty, bytes: 0 }));
    assert.throws(() => datasetDigest(files), /two files have the same name: é\.csv/);
    assert.deepEqual(samePaths(["a", "A", "b/a"]), []);
  });

  it("tell empty files and duplicate content apart by name", () => {
    const one = { sha256: empty, bytes: 0 };
    const [a, b, c] = ["a.csv", "b.csv", "c.csv"].map((path) => ({ path, ...one }));
    assert.ok(a && b && c);
    const digests = [[a], [b], [a, b], [a, c], [a, b, c], []].map((files) => datasetDigest(files));
    assert.equal(new Set(digests).size, digests.length);
    assert.equal(datasetDigest([]), empty);
  });

  it("do not confuse a name with a neighbouring line", () => {
    // Without the rule on line breaks these two sets would have the same lines.
    const trick = { path: `a\n${empty} 0 b`, sha256: empty, bytes: 0 };
    const honest = ["a", "b"].map((path) => ({ path, sha256: empty, bytes: 0 }));
    assert.equal(datasetDigest([trick]), datasetDigest(honest));
    assert.ok(pathFault(trick.path));
  });

  it("hold 10,000 objects, whose digest does not depend on their order", () => {
    const files = Array.from({ length: 10_000 }, (_, n) => ({
      path: `part-${n}.csv`,
      sha256: sha256(String(n % 97)),
      bytes: n,
    }));
    const began = performance.now();
    const digest = datasetDigest(files);
    assert.ok(performance.now() - began < 1000, "10,000 files take less than a second");
    assert.equal(datasetDigest([...files].reverse()), digest);
    const mixed = files.map((file, n) => ({ file, key: sha256(`${n}`) })).sort((a, b) => (a.key < b.key ? -1 : 1));
    assert.equal(datasetDigest(mixed.map(({ file }) => file)), digest);
    const read = DatasetManifest.parse(JSON.parse(JSON.stringify(manifest(files))));
    assert.equal(datasetDigest(read.files), digest);
    const changed = files.map((file) => (file.path === "part-5000.csv" ? { ...file, bytes: 1 } : file));
    assert.notEqual(datasetDigest(changed), digest);
  });

  it("survive being written and read, with everything that a version says", () => {
    const column = {
      name: "x",
      type: "number",
      count: 2,
      missing: 1,
      distinct: 2,
      mean: 0.5,
      std: 0.5,
      min: 0,
      max: 1,
    };
    const full = manifest([{ path: "t.csv", sha256: empty, bytes: 0, versionId: "v", checksum: "c" }], {
      parents: [`e@sha256:${"b".repeat(64)}`],
      source: { from: "data", commit: "0".repeat(40), dirty: true },
      parts: [
        {
          name: "t",
          format: "csv",
          files: 1,
          rows: 3,
          label: "x",
          columns: [{ ...column, histogram: { edges: [-1, 0, 1], counts: [1, 1] } }],
        },
      ],
      tests: [{ name: "a.sql", kind: "sql", sha256: empty, rows: 0 }],
    });
    assert.deepEqual(DatasetManifest.parse(JSON.parse(JSON.stringify(full))), full);
  });

  it("of before statistics were kept are still read", () => {
    assert.equal(DatasetManifest.parse(manifest([{ path: "a", sha256: empty, bytes: 0 }])).parts, undefined);
  });
});
