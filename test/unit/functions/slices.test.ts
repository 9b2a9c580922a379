/** How rows are grouped by a column's values. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { DatasetManifest } from "../../../contracts/dataset.ts";
import { missingColumn, readWithHeader, readWithoutHeader } from "../../../functions/evaluate/slice-files.ts";
import { SliceColumn, shareOf } from "../../../functions/evaluate/slices.ts";

function slicesOf(cells: readonly string[], share = 60) {
  const column = new SliceColumn("c", cells.length);
  for (const cell of cells) column.take(cell);
  assert.equal(column.fault, undefined);
  const { names, codes } = column.finish(share);
  return { names, codes, rows: names.map((_, code) => codes.filter((one) => one === code).length) };
}

describe("functions/evaluate slices", () => {
  it("takes each value of a column with few", () => {
    const { names, rows } = slicesOf(["b", "a", "", "b", " a ", "b"]);
    assert.deepEqual(
      [names, rows],
      [
        ["a", "b", "(empty)"],
        [2, 3, 1],
      ],
    );
    assert.deepEqual(slicesOf(["10", "9", "1.0", "1"]).names, ["1", "9", "10"]);
  });

  it("puts the rarest together where there are more than the share", () => {
    const cells = ["a", "a", "a", "b", "b", "c", "c", "d", "e"];
    const { names, rows, codes } = slicesOf(cells, 3);
    assert.deepEqual(
      [names, rows],
      [
        ["a", "b", "other"],
        [3, 2, 4],
      ],
    );
    assert.equal(codes[8], 2);
    assert.deepEqual(slicesOf(["other", "other", "other", "a", "a", "b", "c"], 3).names, ["a", "other"]);
    assert.equal(shareOf(1), 60);
    assert.equal(shareOf(10), 6);
  });

  it("cuts a column of many numbers into quartiles", () => {
    const numbers = Array.from({ length: 100 }, (_, at) => String((at * 37) % 100));
    const { names, rows } = slicesOf([...numbers, ""]);
    assert.deepEqual(names, ["0 to 24", "25 to 49", "50 to 74", "75 to 99", "(empty)"]);
    assert.deepEqual(rows, [25, 25, 25, 25, 1]);
    const mostlyZero = [...new Array(80).fill("0"), ...Array.from({ length: 20 }, (_, at) => String(at + 1))];
    assert.deepEqual(slicesOf(mostlyZero).names, ["0", "1 to 20"]);
  });

  it("takes numbers in tens of thousands, but no texts", () => {
    const many = Array.from({ length: 12_000 }, (_, at) => String(at / 7));
    const { names, rows } = slicesOf([...many, "nan"]);
    assert.equal(names.length, 5);
    assert.deepEqual(rows, [3000, 3000, 3000, 3000, 1]);
    const keys = new SliceColumn("customer", 12_000);
    for (let row = 0; row < 12_000; row++) keys.take(`id-${row}`);
    assert.match(keys.fault ?? "", /^customer has more than 10000 different values and not all are numbers/);
    const late = new SliceColumn("mixed", 12_001);
    for (const cell of [...many, "x"]) late.take(cell);
    assert.match(late.fault ?? "", /not all are numbers/);
  });

  it("gives every row one slice, the same in whatever order", () => {
    const cell = fc.oneof(
      fc.constantFrom("a", "b", "", "other", "NaN", "1", "1.0"),
      fc.integer().map(String),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 60 }), fc.integer({ min: 2, max: 8 }), (cells, share) => {
        const { names, codes, rows } = slicesOf(cells, share);
        assert.equal(new Set(names).size, names.length);
        assert.ok(
          names.length <= Math.max(share, 5) && rows.every((count) => count > 0),
          JSON.stringify([names, rows]),
        );
        const back = slicesOf(cells.toReversed(), share);
        assert.deepEqual(back.names, names);
        assert.deepEqual(back.codes.toReversed(), codes);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("functions/evaluate slice files", () => {
  const manifest = {
    parts: [{ name: "test_features", columns: [{ name: "age" }, { name: "town" }] }],
  } as unknown as DatasetManifest;
  const feed = (reader: ReturnType<typeof readWithHeader>, text: string) => {
    for (const line of text.split("\n")) reader.line(line);
    reader.end();
    return reader;
  };
  const column = (name: string, rows: number) => new SliceColumn(name, rows);

  it("reads named columns of a file with a header, quotes respected", () => {
    const [town, missing] = [column("town", 3), column("income", 3)];
    const reader = feed(readWithHeader([town, missing]), 'age,town\n1,"Bath, Avon"\n2,"say ""hi"""\n3,"two\nlines"');
    assert.deepEqual([reader.names, reader.missing, reader.faults], [["age", "town"], ["income"], []]);
    assert.deepEqual(town.finish(60).names, ["Bath, Avon", 'say "hi"', "two\nlines"]);
  });

  it("takes the manifest's names, or numbers, of a file without one", () => {
    const [town, first] = [column("town", 2), column("column 1", 2)];
    const reader = feed(readWithoutHeader([town, first], manifest), "1,x\n2,y");
    assert.deepEqual(reader.missing, []);
    assert.deepEqual(
      [town.finish(9).names, first.finish(9).names],
      [
        ["x", "y"],
        ["1", "2"],
      ],
    );
    const unnamed = feed(
      readWithoutHeader([column("town", 1), column("column 3", 1)], { files: [] } as never),
      "1,x,5",
    );
    assert.deepEqual([unnamed.names, unnamed.missing], [["column 1", "column 2", "column 3"], ["town"]]);
  });

  it("says which row is too short, and which column is in no file", () => {
    const reader = feed(readWithHeader([column("town", 2)]), "age,town\n1,x\n2");
    assert.deepEqual(reader.faults, ["test/slices.csv: row 3 has no column town"]);
    assert.match(
      missingColumn("income", [{ file: "test/features.csv", names: Array.from({ length: 22 }, (_, at) => `c${at}`) }]),
      /^the slice column income is not among the columns of test\/features\.csv \(c0, .*, c19 and 2 more\); /,
    );
  });

  it("survives any text", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('"', '"a', 'a"b', ",", "a,b", ""))), (lines) => {
        const town = column("town", lines.length);
        const readers = [readWithHeader([town]), readWithoutHeader([column("column 2", lines.length)], manifest)];
        for (const reader of readers) feed(reader, lines.join("\n"));
        assert.ok(town.rows <= lines.length);
      }),
      { numRuns: 10_000 },
    );
  }).timeout(60_000);
});
