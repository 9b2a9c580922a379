/** What is declared, and the checks made of it. The SQL itself runs in test/local/dataset. */
import assert from "node:assert/strict";
import {
  compileExpectations,
  DatasetExpectations,
  quoteName,
  quoteText,
  sqlNumber,
} from "../../../contracts/expectations.ts";

const table = {
  name: "train",
  columns: [
    { name: "x", type: "number" },
    { name: "y", type: "string" },
  ],
} as const;
const compile = (parts: unknown, tables = [table]) => compileExpectations(DatasetExpectations.parse({ parts }), tables);
const names = (parts: unknown): string[] => compile(parts).map(({ name }) => name);

describe("contracts/expectations", () => {
  it("reads nothing as no expectation", () => {
    assert.deepEqual(compileExpectations(DatasetExpectations.parse({}), [table]), []);
  });

  it("says each expectation in words", () => {
    assert.deepEqual(
      names({
        train: {
          minimumRows: 2,
          columns: { x: { type: "integer", minimum: 0, maximum: 9, nulls: 0.1, unique: true }, "*": { values: ["a"] } },
          unique: [["x", "y"]],
        },
      }),
      [
        "train has at least 2 rows",
        "train.x is missing in at most 10% of rows",
        "train.x is a whole number",
        "train.x is at least 0",
        "train.x is at most 9",
        "train.x is unique",
        "train.y is never missing",
        "train.y is one of a",
        "train.x + y is unique",
      ],
    );
  });

  it("tells what the schema alone breaks", () => {
    const faults = compile({
      train: { columns: { z: {} }, otherColumns: false, unique: [["q"]] },
      valid: {},
    }).map((check) => (check.kind === "fault" ? `${check.name}: ${check.fault}` : check.kind));
    assert.deepEqual(faults, [
      "train.z: the column is missing",
      "train has no other columns: not expected: x, y",
      "train.q is unique: there is no column q",
      "valid: there is no such part; the parts are: train",
    ]);
  });

  it("allows missing values only where it is said how many", () => {
    assert.deepEqual(names({ train: { columns: { x: {} } } }), ["train.x is never missing"]);
    assert.deepEqual(names({ train: { columns: { x: { nulls: 1 } } } }), []);
  });

  it("refuses keys and values that mean nothing", () => {
    for (const columns of [
      { x: { typ: "number" } },
      { x: { type: "float" } },
      { x: { nulls: 2 } },
      { x: { values: [] } },
    ]) {
      assert.equal(
        DatasetExpectations.safeParse({ parts: { train: { columns } } }).success,
        false,
        JSON.stringify(columns),
      );
    }
    assert.equal(DatasetExpectations.safeParse({ part: {} }).success, false);
  });

  it("quotes names and texts for SQL", () => {
    assert.equal(quoteName('a"b'), '"a""b"');
    assert.equal(quoteText("it's"), "'it''s'");
    assert.deepEqual([0.1, -3, 1e-9, 1e21].map(sqlNumber), ["0.1e0", "-3e0", "1e-9", "1e+21"]);
  });
});
