/** Reading each resource once: the same for every rule, and changed by none. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readOnce, treeOf } from "../../policies/support/once.ts";
import { Unknown, unknownCheckingProxy } from "../../policies/support/unknown.ts";
import { UNKNOWN } from "./support/harness.ts";

const require = createRequire(import.meta.url);
const { Struct } =
  require("google-protobuf/google/protobuf/struct_pb.js") as typeof import("google-protobuf/google/protobuf/struct_pb.js");
/** Internal in the library's declarations, exported at run time. */
const deserialize: { deserializeProperties(message: object, proxySecrets: boolean): object } =
  require("@pulumi/policy/deserialize.js");
const proxy: { unknownCheckingProxy(properties: object): object } = require("@pulumi/policy/proxy.js");

describe("reading each resource once", () => {
  const before_ = { ...deserialize, ...proxy };
  before(readOnce);
  after(() => {
    deserialize.deserializeProperties = before_.deserializeProperties;
    proxy.unknownCheckingProxy = before_.unknownCheckingProxy;
  });

  it("takes one message apart once, and another message anew", () => {
    const message = Struct.fromJavaScript({ a: { b: 1 } });
    const same = Struct.fromJavaScript({ a: { b: 1 } });
    assert.equal(deserialize.deserializeProperties(message, false), deserialize.deserializeProperties(message, false));
    assert.notEqual(deserialize.deserializeProperties(message, false), deserialize.deserializeProperties(same, false));
    assert.deepEqual(deserialize.deserializeProperties(message, false), { a: { b: 1 } });
  });

  it("gives remediation, which changes what it is given, its own each time", () => {
    const message = Struct.fromJavaScript({ a: 1 });
    const kept = deserialize.deserializeProperties(message, false);
    const own = deserialize.deserializeProperties(message, true);
    assert.notEqual(own, kept);
    assert.notEqual(own, deserialize.deserializeProperties(message, true));
  });

  it("still says what is not known, in a copy that no rule can change", () => {
    const props = unknownCheckingProxy({ known: { list: [1] }, later: UNKNOWN });
    const tree = treeOf(props) as { known: { list: number[] }; later: unknown };
    assert.equal(treeOf(props), tree);
    assert.ok(tree.later instanceof Unknown);
    assert.throws(() => tree.known.list.push(2), TypeError);
    assert.throws(() => {
      tree.later = "known";
    }, TypeError);
  });
});
