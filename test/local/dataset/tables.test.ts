/** Tables, tests and statistics on real files, with DuckDB itself. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { failed, formatFailures, readTests, runChecks, type TestResult } from "../../../cli/dataset/checks.ts";
import { type Engine, openEngine } from "../../../cli/dataset/engine.ts";
import { describeTable } from "../../../cli/dataset/statistics.ts";
import { createTables, type DatasetTable } from "../../../cli/dataset/tables.ts";
import { DatasetExpectations } from "../../../contracts/expectations.ts";
import type { Column } from "../../../contracts/statistics.ts";

describe("dataset tables", () => {
  let folder: string;
  const engines: Engine[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "tables-"));
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.close()));
    await rm(folder, { recursive: true, force: true });
  });

  async function open(
    files: Record<string, string>,
    label?: string,
  ): Promise<{ engine: Engine; tables: DatasetTable[] }> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.join(folder, path.dirname(name)), { recursive: true });
      await writeFile(path.join(folder, name), text);
    }
    const engine = await openEngine(folder);
    engines.push(engine);
    return { engine, tables: await createTables(engine, await localFiles(), label) };
  }
  async function localFiles() {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith(".sql"));
    return Promise.all(
      files.map(async (entry) => {
        const local = path.join(entry.parentPath, entry.name);
        return { path: path.relative(folder, local), local, bytes: (await stat(local)).size };
      }),
    );
  }
  const schema = (table: DatasetTable | undefined): string =>
    table?.columns.map(({ name, type }) => `${name} ${type}`).join(", ") ?? "";
  async function statistics(files: Record<string, string>): Promise<Record<string, Column>> {
    const { engine, tables } = await open(files);
    const part = await describeTable(engine, tables[0] as DatasetTable);
    return Object.fromEntries(part.columns.map((column) => [column.name, column]));
  }
  async function check(
    files: Record<string, string>,
    expectations: object,
    sql: Record<string, string> = {},
  ): Promise<TestResult[]> {
    const { engine, tables } = await open(files);
    const tests = Object.entries(sql).map(([name, text]) => ({ name, sql: text, sha256: "0".repeat(64) }));
    return runChecks(engine, tables, { tests, expectations: DatasetExpectations.parse(expectations) });
  }
  const failures = (results: TestResult[]): string[] =>
    results.filter(failed).map(({ name, rows }) => `${name}: ${rows}`);

  it("read types that hold for every row, however far down", async () => {
    const rows = Array.from({ length: 60_000 }, (_, n) => `${n},${n},${n},2026-01-02`);
    rows[50_000] = "1.5,seven,,2026-13-01";
    const { tables } = await open({ "train/a.csv": `i,s,m,d\n${rows.join("\n")}\n` });
    assert.equal(schema(tables[0]), "i number, s string, m integer, d string");
  });

  it("give the test files the training part's names", async () => {
    const { engine, tables } = await open({
      "train/train.csv": "target,a,b\n1,2,3\n0,5,6\n",
      "test/features.csv": "1,2\n3,4\n",
      "test/labels.csv": "0\n1\n",
    });
    assert.deepEqual(
      tables.map((table) => [table.name, schema(table), table.label]),
      [
        ["train", "target integer, a integer, b integer", "target"],
        ["test_features", "a integer, b integer", undefined],
        ["test_labels", "target integer", undefined],
      ],
    );
    assert.deepEqual(await engine.rows("SELECT a, b FROM test_features ORDER BY a"), [
      { a: "1", b: "2" },
      { a: "3", b: "4" },
    ]);
  });

  it("read quotes, other separators and Windows lines", async () => {
    const { tables, engine } = await open({ "train/a.csv": 'name;n\r\n"a;b";1\r\n"say ""hi""";2\r\n' });
    assert.equal(schema(tables[0]), "name string, n integer");
    assert.deepEqual(await engine.rows("SELECT name FROM train WHERE n = 2"), [{ name: 'say "hi"' }]);
  });

  it("read Parquet, shards and empty files", async () => {
    const first = await open({ "seed.csv": "a,b\n1,x\n2,y\n" });
    await first.engine.close().then(() => engines.splice(0));
    const { DuckDBInstance } = await import("@duckdb/node-api");
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await mkdir(path.join(folder, "train"));
    for (const n of [1, 2]) {
      await connection.run(`COPY (SELECT ${n} AS a, 'x' AS b, [1] AS c) TO '${folder}/train/part-${n}.parquet'`);
    }
    connection.closeSync();
    instance.closeSync();
    const { engine, tables } = await open({ "empty/none.csv": "" });
    const train = tables.find((table) => table.name === "train");
    assert.equal(schema(train), "a integer, b string, c other");
    const part = await describeTable(engine, train as DatasetTable);
    assert.equal(part.rows, 2);
    assert.equal(part.files, 2);
    const none = await describeTable(engine, tables.find((table) => table.name === "empty_none") as DatasetTable);
    assert.deepEqual([none.rows, none.columns], [0, []]);
  });

  it("leave codes, dates of other countries and mixed columns as texts", async () => {
    const { tables } = await open({
      "train/a.csv":
        "zip,day,mixed,void,at,flag\n01234,1.2.2026,1,,2026-01-02T03:04:05Z,true\n99999,3.4.2026,x,,2026-01-02 03:04:05,FALSE\n",
    });
    assert.equal(schema(tables[0]), "zip string, day string, mixed string, void string, at timestamp, flag boolean");
  });

  it("refuse a first line that does not name each column once", async () => {
    await assert.rejects(open({ "train/a.csv": "a,,c\n1,2,3\n" }), /train\/a\.csv: column 2 of 3 has no name/);
    await assert.rejects(open({ "train/a.csv": "a,b,A\n1,2,3\n" }), /names two columns A/);
  });

  it("refuse rows that are not one, naming the file and the line", async () => {
    await assert.rejects(open({ "train/a.csv": `a,b\n${"1,2\n".repeat(100)}1,2,3\n` }), (error: Error) => {
      assert.match(error.message, /table train cannot be read \(train\/a\.csv\)/);
      assert.match(error.message, /Line: 102/);
      assert.doesNotMatch(error.message, /Possible|sample_size/);
      return true;
    });
  });

  it("refuse files of one table with other columns, and a label that is not there", async () => {
    await assert.rejects(
      open({ "train/1.csv": "a,b\n1,2\n" }, "z"),
      /the label is to be z, but train has only the columns a, b/,
    );
    await assert.rejects(
      open({ "train/2.csv": "a,c\n1,2\n" }),
      /train\/2\.csv has other columns than train\/1\.csv: a, c instead/,
    );
  });

  it("let a test read the dataset and nothing else", async () => {
    const secret = path.join(tmpdir(), `secret-${process.pid}.csv`);
    await writeFile(secret, "a\n1\n");
    try {
      const results = await check(
        { "train/a.csv": "a\n1\n" },
        {},
        {
          "outside.sql": `SELECT * FROM read_csv('${secret}')`,
          "network.sql": "SELECT * FROM read_csv('https://example.com/x.csv')",
          "settings.sql": "SET enable_external_access = true",
          "write.sql": "COPY train TO 'stolen.csv'",
        },
      );
      assert.equal(results.filter(failed).length, 4);
      for (const { fault } of results) assert.match(fault ?? "", /cannot run/);
    } finally {
      await rm(secret);
    }
  });

  it("run SQL tests: no rows pass, rows are counted and shown, ten at most", async () => {
    const rows = Array.from({ length: 5000 }, (_, n) => n).join("\n");
    const results = await check(
      { "train/a.csv": `a\n${rows}\n` },
      {},
      {
        "passes.sql": "-- a comment; with a semicolon\nSELECT * FROM train WHERE a < 0;\n-- the end",
        "fails.sql": "SELECT a, a * 2 AS twice FROM train WHERE a >= 100 ORDER BY a",
        "two.sql": "SELECT 1 WHERE false; SELECT 2 WHERE false",
        "wrong.sql": "SELECT nothing FROM train",
      },
    );
    assert.deepEqual(failures(results), ["fails.sql: 4900", "two.sql: 1", "wrong.sql: 1"]);
    const text = formatFailures(results);
    assert.match(text, /fails\.sql: 4900 offending rows\n {4}a {4}twice\n {4}100 {2}200\n/);
    assert.match(text, /… and 4890 more rows/);
    assert.match(text, /holds 2 statements/);
    assert.match(text, /the tables are: train/);
  });

  it("check every kind of expectation, and show the offending rows with their number", async () => {
    const results = await check(
      { "train/a.csv": "id,x,s,d\n1,5,a,2026-01-01\n2,,b,2026-01-02\n2,-1,c,soon\n3,seven,a,2026-01-04\n" },
      {
        parts: {
          train: {
            minimumRows: 5,
            maximumRows: 9,
            columns: {
              id: { type: "integer", unique: true },
              x: { type: "number", minimum: 0, maximum: 4, nulls: 0.2 },
              s: { values: ["a", "b"] },
              d: { type: "date" },
            },
          },
        },
      },
    );
    assert.deepEqual(failures(results), [
      "expectation: train has at least 5 rows: 1",
      "expectation: train.id is unique: 1",
      "expectation: train.x is missing in at most 20% of rows: 1",
      "expectation: train.x is a number: 1",
      "expectation: train.x is at least 0: 1",
      "expectation: train.x is at most 4: 1",
      "expectation: train.s is one of a, b: 1",
      "expectation: train.d is a date: 1",
    ]);
    assert.deepEqual(results.find(({ name }) => name.endsWith("is a number"))?.offending, [{ row: "4", x: "seven" }]);
    assert.deepEqual(results.find(({ name }) => name.endsWith("is unique"))?.offending, [{ id: "2", times: "2" }]);
  });

  it("take whole numbers and NaN for what they are", async () => {
    const file = { "train/a.csv": "x,y\n1.0,1\n2.5,nan\n3.0,2\n" };
    const results = await check(file, {
      parts: { train: { columns: { x: { type: "integer" }, y: { type: "number", maximum: 2, values: [1, 2] } } } },
    });
    assert.deepEqual(failures(results), [
      "expectation: train.x is a whole number: 1",
      "expectation: train.y is never missing: 1",
      "expectation: train.y is one of 1, 2: 1",
    ]);
  });

  it("hold test features and labels to each other and to the training part", async () => {
    const results = await check(
      { "train/train.csv": "a,b,target\n1,2,0\n", "test/features.csv": "1\n2\n", "test/labels.csv": "0\n" },
      {},
    );
    const faults = results.map(({ fault }) => fault);
    assert.match(faults[0] ?? "", /test\/features\.csv has 2 rows, test\/labels\.csv 1/);
    assert.match(faults[1] ?? "", /test\/features\.csv has 1 columns, the training part 2 besides target/);
  });

  it("describe numbers: moments, missing, infinite, buckets that add up", async () => {
    const numbers = Array.from({ length: 1000 }, (_, n) => (n * n) / 100);
    const { x, few } = await statistics({
      "train/a.csv": `x,few\n${numbers.map((n, at) => `${n},${at % 3}`).join("\n")}\n,\nnan,0\ninf,1\n`,
    });
    assert.equal(x?.count, 1001);
    assert.equal(x?.missing, 2);
    assert.equal(x?.infinite, 1);
    const mean = numbers.reduce((sum, n) => sum + n, 0) / 1000;
    const std = Math.sqrt(numbers.reduce((sum, n) => sum + (n - mean) ** 2, 0) / 1000);
    assert.ok(Math.abs((x?.mean ?? 0) - mean) < 1e-6 && Math.abs((x?.std ?? 0) - std) < 1e-6);
    assert.deepEqual([x?.min, x?.max], [0, numbers.at(-1)]);
    const counts = x?.histogram?.counts ?? [];
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      1000,
    );
    assert.ok(counts.length >= 45 && counts.every((count) => count > 5 && count < 45), counts.join());
    assert.deepEqual(few?.values, [
      { value: 0, count: 335 },
      { value: 1, count: 334 },
      { value: 2, count: 333 },
    ]);
    assert.equal(few?.missing, 1);
    assert.equal(few?.histogram, undefined);
  });

  it("describe texts: the frequent ones with exact counts, keys not at all", async () => {
    const rows = Array.from(
      { length: 3000 },
      (_, n) => `key-${n},${n % 10 === 0 ? `rare-${n % 700}` : `often-${n % 3}`},${n % 2 === 0}`,
    );
    const { key, kind, flag } = await statistics({ "train/a.csv": `key,kind,flag\n${rows.join("\n")}\n` });
    assert.equal(key?.values, undefined, "names and keys stay out of the manifest");
    assert.deepEqual(
      kind?.values?.slice(0, 3),
      ["often-0", "often-1", "often-2"].map((value) => ({ value, count: 900 })),
    );
    assert.equal((kind?.values ?? []).reduce((sum, { count }) => sum + count, 0) + (kind?.others ?? 0), 3000);
    assert.deepEqual(flag?.values, [
      { value: false, count: 1500 },
      { value: true, count: 1500 },
    ]);
  });

  it("describe dates by their range, and a table wider than one pass", async () => {
    const names = Array.from({ length: 150 }, (_, n) => `c${n}`);
    const found = await statistics({
      "train/a.csv": `day,${names.join(",")}\n2026-01-03,${names.map((_, n) => n).join(",")}\n2026-01-01,${names.map((_, n) => n + 1).join(",")}\n`,
    });
    assert.deepEqual([found.day?.type, found.day?.min, found.day?.max], ["date", "2026-01-01", "2026-01-03"]);
    assert.equal(Object.keys(found).length, 151);
    assert.deepEqual([found.c149?.min, found.c149?.max, found.c149?.mean], [149, 150, 149.5]);
  });

  it("refuse a tests folder without tests", async () => {
    await assert.rejects(readTests(folder), /holds no \.sql files/);
    await assert.rejects(readTests(path.join(folder, "none")), /cannot read the tests folder/);
  });
});
