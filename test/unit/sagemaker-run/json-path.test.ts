import assert from "node:assert/strict";
import fc from "fast-check";
import { applyFilter, keepsAll, parseFilter, selectPlaces } from "../../../local/sagemaker/run/json-path.ts";

describe("batch transform's filters", () => {
  it("keeps everything by default", () => {
    assert.ok(keepsAll(parseFilter()));
    assert.ok(keepsAll(parseFilter("$")));
    assert.ok(!keepsAll(parseFilter("$[0]")));
  });

  it("takes the forms of AWS's examples", () => {
    const row = [10, 11, 12, 13, 14, 15, 16];
    assert.deepEqual(applyFilter(parseFilter("$[1:]"), row), row.slice(1));
    assert.deepEqual(applyFilter(parseFilter("$[0,5:]"), row), [10, 15, 16]);
    assert.equal(applyFilter(parseFilter("$[2]"), row), 12);
    assert.equal(applyFilter(parseFilter("$[-1]"), row), 16);
    assert.deepEqual(applyFilter(parseFilter("$[:-1]"), row), row.slice(0, -1));
    assert.deepEqual(applyFilter(parseFilter("$.a.b"), { a: { b: [1] } }), [1]);
    assert.deepEqual(applyFilter(parseFilter("$.a[0:1]"), { a: [1, 2] }), [1]);
    assert.deepEqual(applyFilter(parseFilter("$['id','b c']"), { id: 1, "b c": 2, x: 3 }), { id: 1, "b c": 2 });
  });

  it("slices as arrays do, whatever the places", () => {
    const place = fc.option(fc.integer({ min: -9, max: 9 }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 8 }), place, place, (row, from, to) => {
        assert.deepEqual(applyFilter(parseFilter(`$[${from ?? ""}:${to ?? ""}]`), row), row.slice(from, to));
      }),
    );
  });

  it("says what it cannot do, what is missing, and what is too long", () => {
    for (const source of ["$..a", "$[?(@.a)]", "a", "$[]", "$[a]", "$.a.*"]) {
      assert.throws(() => parseFilter(source), /is not supported; the local SageMaker knows/, source);
    }
    assert.throws(() => parseFilter(`$.${"a".repeat(70)}`), /has 72 characters, 63 are allowed/);
    assert.throws(() => applyFilter(parseFilter("$.a"), { b: 1 }), /has no member "a"/);
    assert.throws(() => applyFilter(parseFilter("$.a"), [1]), /has no member "a"/);
    assert.throws(() => applyFilter(parseFilter("$[0]"), { a: 1 }), /needs an array/);
    assert.throws(() => selectPlaces(parseFilter("$[-4]"), 3), /index -4 is outside of a record with 3 values/);
    assert.throws(() => applyFilter(parseFilter("$.constructor"), {}), /has no member "constructor"/);
  });
});
