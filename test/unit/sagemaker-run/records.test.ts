import assert from "node:assert/strict";
import fc from "fast-check";
import { parseFilter } from "../../../local/sagemaker/run/json-path.ts";
import {
  assemble,
  batchRecords,
  csvCells,
  filterRecord,
  formatOf,
  joinRecord,
  splitLines,
} from "../../../local/sagemaker/run/records.ts";

const bytes = (text: string) => Buffer.from(text);
const texts = (parts: readonly Uint8Array[]) => parts.map((part) => Buffer.from(part).toString());

describe("batch transform's records", () => {
  it("cuts lines so that together they are the object again", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "\n", "\r", ",", "é") }), (text) => {
        const lines = splitLines(bytes(text));
        assert.equal(Buffer.concat(lines).toString(), text);
        for (const line of texts(lines)) assert.ok(!line.slice(0, -1).includes("\n") && line !== "");
      }),
    );
  });

  it("fills requests up to the limit, in order, and loses nothing", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 20, unit: "binary-ascii" })),
        fc.integer({ min: 20, max: 60 }),
        (records, limit) => {
          const batches = batchRecords(records.map(bytes), "MultiRecord", limit);
          assert.deepEqual(texts(batches.flat()), records);
          const sizes = batches.map((batch) => Buffer.concat(batch).length);
          for (const [index, size] of sizes.entries()) {
            assert.ok(size <= limit && (batches[index]?.length ?? 0) > 0);
            const next = batches[index + 1]?.[0];
            if (next) assert.ok(size + next.length > limit, "the next record would have fitted");
          }
        },
      ),
    );
  });

  it("sends one record a request when asked, and refuses one that is too large", () => {
    assert.equal(batchRecords([bytes("a\n"), bytes("b\n")], "SingleRecord", 100).length, 2);
    assert.throws(
      () => batchRecords([bytes("ab"), bytes("abcd")], "MultiRecord", 3),
      /record 2 has 4 bytes, more than MaxPayloadInMB/,
    );
    assert.deepEqual(batchRecords([], "MultiRecord", 3), []);
  });

  it("assembles by line without doubling newlines", () => {
    assert.equal(assemble([bytes("1"), bytes("2\n")], "Line").toString(), "1\n2\n");
    assert.equal(assemble([bytes("1"), bytes("2")], "None").toString(), "12");
  });

  it("knows CSV cells, quoted ones too, and puts them back as they were", () => {
    assert.deepEqual(csvCells('a,"b, ""c""",,d'), ["a", '"b, ""c"""', "", "d"]);
    assert.deepEqual(csvCells("a,"), ["a", ""]);
    assert.deepEqual(csvCells(""), [""]);
    const cell = fc.oneof(
      fc.string({ unit: fc.constantFrom("a", "1", " ", ".") }),
      fc.constantFrom('"x,y"', '"a ""q"" b"', '""'),
    );
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1 }), (cells) => {
        assert.deepEqual(csvCells(cells.join(",")), cells);
      }),
    );
  });

  it("filters and joins CSV", () => {
    assert.equal(filterRecord("id,1,2,3\r\n", parseFilter("$[1:]"), "csv"), "1,2,3");
    assert.equal(filterRecord("a,b,c,d\n", parseFilter("$[0,-1]"), "csv"), "a,d");
    assert.equal(joinRecord("id,1\n", "0.5\n", "csv"), "id,1,0.5");
    assert.throws(
      () => filterRecord("a\n", parseFilter("$.id"), "csv"),
      /names a member, CSV records have places only/,
    );
    assert.throws(
      () => filterRecord("a,b\n", parseFilter("$[2]"), "csv"),
      /index 2 is outside of a record with 2 values/,
    );
  });

  it("filters and joins JSON as SageMaker does", () => {
    assert.equal(filterRecord('{"id":1,"features":[1,2]}\n', parseFilter("$.features"), "json"), "[1,2]");
    assert.equal(joinRecord('{"id":1}', '{"p":0.5}', "json"), '{"id":1,"SageMakerOutput":{"p":0.5}}');
    assert.equal(joinRecord("[1,2]", "0.5", "json"), '{"SageMakerInput":[1,2],"SageMakerOutput":0.5}');
    const whole = '{"id":1,"x":2,"SageMakerOutput":0.5}';
    assert.equal(
      filterRecord(whole, parseFilter("$['id','SageMakerOutput']"), "json"),
      '{"id":1,"SageMakerOutput":0.5}',
    );
    assert.throws(() => filterRecord("{", parseFilter("$.a"), "json"), /a record is not JSON/);
  });

  it("knows which content types it can filter", () => {
    assert.equal(formatOf("text/csv; charset=utf-8"), "csv");
    assert.equal(formatOf("application/jsonlines"), "json");
    assert.equal(formatOf("image/png"), undefined);
    assert.equal(formatOf(undefined), undefined);
  });
});
