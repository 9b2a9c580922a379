/** Which files are one table. */
import assert from "node:assert/strict";
import { isTabular, partsOf } from "../../../cli/dataset/parts.ts";

const names = (...paths: string[]): Record<string, string[]> =>
  Object.fromEntries(partsOf(paths).map((part) => [part.name, [...part.paths]]));

describe("cli/dataset/parts", () => {
  it("knows the three parts of the flow", () => {
    const parts = partsOf(["train/train.csv", "test/features.csv", "test/labels.csv", "README.md"]);
    assert.deepEqual(
      parts.map(({ name, header }) => [name, header]),
      [
        ["test_features", false],
        ["test_labels", false],
        ["train", true],
      ],
    );
  });

  it("takes all below train/ for one table", () => {
    assert.deepEqual(names("train/b.parquet", "train/2024/a.parquet"), {
      train: ["train/2024/a.parquet", "train/b.parquet"],
    });
  });

  it("joins numbered files, and names them after their folder or their stem", () => {
    assert.deepEqual(names("raw/part-00001.parquet", "raw/part-00002.parquet"), {
      raw: ["raw/part-00001.parquet", "raw/part-00002.parquet"],
    });
    assert.deepEqual(names("clicks-1-of-2.csv", "clicks-2-of-2.csv"), {
      clicks: ["clicks-1-of-2.csv", "clicks-2-of-2.csv"],
    });
    assert.deepEqual(names("logs/year=2026/month=1/0.csv", "logs/year=2026/month=2/0.csv"), {
      logs: ["logs/year=2026/month=1/0.csv", "logs/year=2026/month=2/0.csv"],
    });
    assert.deepEqual(names("1.csv", "2.csv"), { data: ["1.csv", "2.csv"] });
  });

  it("makes a name that SQL takes unquoted", () => {
    assert.deepEqual(Object.keys(names("Big Data/Übung-A.csv")), ["big_data_übung_a"]);
    assert.deepEqual(Object.keys(names("2x/alpha.csv")), ["data_2x_alpha"]);
  });

  it("refuses what it cannot tell apart, all in one message", () => {
    assert.throws(
      () => partsOf(["a-b.csv", "a_b.csv", "train/x.csv", "train/y.parquet", "c[1].csv"]),
      (error: Error) => {
        assert.match(error.message, /"a-b\.csv" and "a_b\.csv" would both be the table a_b/);
        assert.match(error.message, /table train mixes CSV and Parquet/);
        assert.match(error.message, /"c\[1\]\.csv" is a table whose name holds/);
        return true;
      },
    );
  });

  it("knows tables by their ending", () => {
    for (const path of ["a.csv", "a.CSV", "a.csv.gz", "a.tsv", "a.parquet"]) assert.ok(isTabular(path), path);
    for (const path of ["a.txt", "csv", "a.csv.bak", "a.json", "a.parquet.gz"]) assert.ok(!isTabular(path), path);
  });
});
