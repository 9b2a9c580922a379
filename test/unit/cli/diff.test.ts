/** What changed between two versions, and how it is told. */
import assert from "node:assert/strict";
import { diffManifests } from "../../../cli/dataset/diff.ts";
import { formatDiff, formatManifest, formatVersions } from "../../../cli/dataset/format.ts";
import type { DatasetFile, DatasetManifest } from "../../../contracts/dataset.ts";
import type { Column, Part } from "../../../contracts/statistics.ts";

const numbers = (name: string, counts: Record<string, number>, more: Partial<Column> = {}): Column => ({
  name,
  type: "number",
  count: Object.values(counts).reduce((sum, count) => sum + count, 0),
  missing: 0,
  distinct: Object.keys(counts).length,
  mean: 1,
  std: 1,
  min: 0,
  max: 9,
  values: Object.entries(counts).map(([value, count]) => ({ value: Number(value), count })),
  ...more,
});
const part = (name: string, columns: Column[], rows = 100): Part => ({ name, format: "csv", files: 1, rows, columns });
const file = (path: string, digit: string): DatasetFile => ({
  path,
  sha256: digit.repeat(64),
  bytes: 10,
  versionId: "v1",
});
const manifest = (digit: string, files: DatasetFile[], parts: Part[]): DatasetManifest => ({
  schemaVersion: 1,
  version: `d@sha256:${digit.repeat(64)}`,
  createdAt: "2026-11-01T10:00:00.000Z",
  createdBy: "ada",
  files,
  parts,
});

describe("cli/dataset/diff", () => {
  const before = manifest(
    "a",
    [file("same.csv", "1"), file("train/t.csv", "2"), file("old.csv", "3")],
    [
      part("train", [
        numbers("steady", { 0: 50, 1: 50 }),
        numbers("moved", { 0: 50, 1: 50 }),
        numbers("gone", { 0: 100 }),
        numbers("retyped", { 0: 100 }),
      ]),
      part("old", []),
    ],
  );
  const after = manifest(
    "b",
    [file("same.csv", "1"), file("train/t.csv", "4"), file("new.csv", "5")],
    [
      part(
        "train",
        [
          numbers("steady", { 0: 100, 1: 100 }),
          numbers("moved", { 0: 180, 1: 20 }, { missing: 50, mean: 0.1 }),
          numbers("retyped", { 0: 100 }, { type: "string" }),
          numbers("fresh", { 0: 200 }),
        ],
        200,
      ),
      part("new", []),
    ],
  );

  it("tells files, parts and columns that came, went or changed", () => {
    const diff = diffManifests(before, after);
    assert.deepEqual(diff.files, { added: ["new.csv"], removed: ["old.csv"], changed: ["train/t.csv"], same: 1 });
    assert.deepEqual(
      diff.parts.map(({ name, change, rowsBefore, rowsAfter }) => [name, change, rowsBefore, rowsAfter]),
      [
        ["train", "none", 100, 200],
        ["old", "removed", 100, 0],
        ["new", "added", 0, 100],
      ],
    );
    const columns = new Map(diff.parts[0]?.columns.map((column) => [column.name, column]));
    assert.deepEqual(
      [...columns].map(([name, { change }]) => [name, change]),
      [
        ["steady", "none"],
        ["moved", "none"],
        ["retyped", "retyped"],
        ["fresh", "added"],
        ["gone", "removed"],
      ],
    );
    assert.equal(columns.get("steady")?.shift?.psi, 0);
    assert.equal(columns.get("steady")?.level, "none");
    assert.equal(columns.get("moved")?.level, "large");
    assert.ok(Math.abs((columns.get("moved")?.shift?.ks ?? 0) - 0.4) < 1e-9);
    assert.equal(columns.get("moved")?.shift?.missing, 0.2);
    assert.equal(columns.get("retyped")?.shift, undefined);
  });

  it("tells it in a table, the largest shift on top, what is the same only counted", () => {
    const text = formatDiff(diffManifests(before, after));
    assert.match(
      text,
      /files: 1 changed, 1 added, 1 removed, 1 the same\n {2}~ train\/t\.csv\n {2}\+ new\.csv\n {2}- old\.csv/,
    );
    assert.match(text, /train: 100 → 200 rows/);
    assert.match(text, /moved +0\.\d{3} +large +0\.400 +0% → 20\.0% +1 → 0\.1 +0 … 9 +number/);
    assert.match(text, /retyped +- +- .*number → string/);
    assert.match(text, /old: removed, 100 → 0 rows/);
  });

  it("says of a version and itself that the files are the same", () => {
    const diff = diffManifests(before, before);
    assert.equal(diff.same, true);
    assert.match(formatDiff(diff), /the files are the same/);
  });

  it("shows manifests of before statistics were kept", () => {
    const { parts: _parts, ...bare } = before;
    assert.match(formatManifest(bare, "s3://b/p/"), /tests +none/);
    assert.deepEqual(diffManifests(bare, bare).parts, []);
  });

  it("says how many older versions a page leaves out", () => {
    const one = {
      version: "d@sha256:aa",
      createdAt: "2026-11-01T10:00:00.000Z",
      createdBy: "a",
      files: 1,
      bytes: 1,
      rows: {},
      tests: 0,
    };
    assert.match(formatVersions([one], 3, 1), /\n1 older version: --skip 2$/);
    assert.doesNotMatch(formatVersions([one], 1, 0), /older/);
  });
});
