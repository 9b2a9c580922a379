import assert from "node:assert/strict";
import structProto from "google-protobuf/google/protobuf/struct_pb.js";
import { decode, encode, hasUnknown, isAsset, type Props, UNKNOWN } from "../../../local/provider/server/wire.ts";

const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const struct = (value: object) => structProto.Struct.fromJavaScript(value as never);

describe("property values on the wire", () => {
  it("turn the sentinels of values not yet known into one mark, and back", () => {
    const number = "3eeb2bf0-c639-47a8-9e75-3b44932eb421";
    const read = decode(struct({ a: UNKNOWN_TEXT, b: [number, 1], c: { d: UNKNOWN_TEXT } }));
    assert.deepEqual(read, { a: UNKNOWN, b: [UNKNOWN, 1], c: { d: UNKNOWN } });
    assert.deepEqual(encode(read).toJavaScript(), { a: UNKNOWN_TEXT, b: [UNKNOWN_TEXT, 1], c: { d: UNKNOWN_TEXT } });
  });

  it("lose nulls on the way in and undefined on the way out", () => {
    assert.deepEqual(decode(struct({ a: null, b: [null, 1], c: { d: null } })), { b: [1], c: {} });
    assert.deepEqual(encode({ a: undefined, b: false, c: 0, d: "" } as unknown as Props).toJavaScript(), {
      b: false,
      c: 0,
      d: "",
    });
  });

  it("find what is unknown at any depth", () => {
    assert.equal(hasUnknown({ a: [{ b: UNKNOWN }] }), true);
    assert.equal(hasUnknown({ a: [{ b: "x" }] }), false);
  });

  it("recognise assets", () => {
    assert.equal(isAsset({ "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", path: "/x" }), true);
    assert.equal(isAsset({ path: "/x" }), false);
  });

  it("are an empty bag where there is none", () => assert.deepEqual(decode(undefined), {}));
});
