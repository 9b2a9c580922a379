import assert from "node:assert/strict";
import * as fc from "fast-check";
import { read, readOne } from "../../../policies/support/read.ts";
import { show } from "../../../policies/support/show.ts";
import { join, Opaque, snapshot, Unknown, unknownCheckingProxy } from "../../../policies/support/unknown.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const tree = (value: unknown) => snapshot(unknownCheckingProxy(value as object));

describe("read", () => {
  it("known, absent and unknown leaves, each with its path", () => {
    const props = tree({ a: { b: [{ c: 1 }, {}, { c: UNKNOWN }, UNKNOWN] } });
    assert.deepEqual(read(props, "a.b[].c"), [
      { state: "known", path: "a.b[0].c", value: 1 },
      { state: "absent", path: "a.b[1].c" },
      { state: "unknown", path: "a.b[2].c" },
      { state: "unknown", path: "a.b[3]" },
    ]);
  });

  it("what is absent or unknown on the way is said where it is", () => {
    assert.deepEqual(read(tree({}), "a.b[].c"), [{ state: "absent", path: "a.b[].c" }]);
    assert.deepEqual(read(tree({ a: {} }), "a.b[].c"), [{ state: "absent", path: "a.b" }]);
    assert.deepEqual(read(tree({ a: UNKNOWN }), "a.b[].c"), [{ state: "unknown", path: "a" }]);
    assert.deepEqual(read(tree({ a: { b: [] } }), "a.b[].c"), []);
    assert.deepEqual(read(tree({ a: null }), "a"), [{ state: "absent", path: "a" }]);
  });

  it("a wrong shape is neither absent nor a pass", () => {
    assert.deepEqual(read(tree({ a: "text" }), "a.b"), [
      { state: "malformed", path: "a", value: "text", expected: "an object" },
    ]);
    assert.deepEqual(read(tree({ a: { b: 1 } }), "a.b[].c"), [
      { state: "malformed", path: "a.b", value: 1, expected: "a list" },
    ]);
    assert.deepEqual(read(tree({ a: [1] }), "a[].c"), [
      { state: "malformed", path: "a[0]", value: 1, expected: "an object" },
    ]);
  });

  it("inherited names are no properties", () => {
    for (const name of ["constructor", "toString", "hasOwnProperty", "__proto__"]) {
      assert.equal(readOne(tree({}), name).state, "absent", name);
    }
  });

  it("readOne refuses paths with lists", () => {
    assert.throws(() => readOne(tree({ a: [] }), "a[]"), /needs a path without/);
  });

  it("never throws, whatever the tree", () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom("a", "a.b", "a[].b", "a[]", "a.b[].c.d"), (value, path) => {
        assert.ok(Array.isArray(read(snapshot(value), path)));
      }),
    );
  });
});

describe("snapshot", () => {
  it("keeps plain data and marks what is not", () => {
    class Asset {}
    const copy = snapshot({ list: [1, "two"], asset: new Asset(), call: () => 1 }) as Record<string, unknown>;
    assert.deepEqual(copy.list, [1, "two"]);
    assert.ok(copy.asset instanceof Opaque);
    assert.ok(copy.call instanceof Opaque);
  });

  it("ends on data that goes round in a circle", () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    assert.ok(snapshot(circle));
  });

  it("spells paths as messages do", () => {
    assert.equal(join("", "a"), "a");
    assert.equal(join("a", 0), "a[0]");
    assert.equal(join("a", "x:y"), 'a["x:y"]');
  });
});

describe("show", () => {
  it("shows values briefly", () => {
    assert.equal(show(undefined), "absent");
    assert.equal(show(""), "empty");
    assert.equal(show("a"), '"a"');
    assert.equal(show({ a: new Unknown("a") }), '{"a":"(not known yet)"}');
    assert.equal(show("x".repeat(500)).length, 161);
  });

  it("hides what looks like a credential", () => {
    const secrets = [
      "AKIA" + "ABCDEFGHIJKLMNOP",
      "-----BEGIN RSA PRIVATE KEY-----\nabc",
      "password=hunter2",
      { env: "token: abc" },
    ];
    for (const secret of secrets) assert.equal(show(secret), "hidden (it looks like a credential)");
  });
});
