/** Digests, canonical JSON, addresses, and the packet's digest. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { linkKey, linkTokenPattern, packetDigest } from "../../../contracts/approvals.ts";
import { canonicalJson, digestBase64, digestHex, digestOf } from "../../../contracts/digest.ts";
import { artifactKey, parseS3Uri, s3Uri } from "../../../contracts/paths.ts";
import { packet } from "../../functions/support/samples.ts";

describe("contracts/digest", () => {
  it("knows the digest of nothing", () => {
    const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert.equal(digestOf(""), `sha256:${empty}`);
    assert.equal(digestHex(`sha256:${empty}`), empty);
    assert.equal(digestBase64(`sha256:${empty}`), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    assert.equal(artifactKey(digestOf("")), `models/sha256/${empty}/model.tar.gz`);
  });

  it("writes equal values as equal texts, which read back as the value", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), (value) => {
        fc.pre(!Object.keys(value).includes("__proto__"));
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        assert.equal(canonicalJson(value), canonicalJson(reversed));
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("gives one digest to one packet, in whatever order its fields arrive, and another to a changed one", () => {
    const first = packetDigest(packet());
    const reordered = Object.fromEntries(Object.entries(packet()).reverse());
    assert.equal(packetDigest(reordered as ReturnType<typeof packet>), first);
    assert.notEqual(packetDigest(packet({ submittedBy: "eve@example.com" })), first);
  });

  it("finds a link by the hash of its token alone", () => {
    const token = Buffer.alloc(32, 7).toString("base64url");
    assert.match(token, linkTokenPattern);
    assert.match(linkKey(token), /^link#sha256:[0-9a-f]{64}$/);
    assert.equal(linkKey(token).includes(token), false);
  });

  it("takes S3 URIs apart and puts them together", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9][a-z0-9.-]{1,20}[a-z0-9]$/), fc.string(), (bucket, key) => {
        assert.deepEqual(parseS3Uri(s3Uri(bucket, key)), { bucket, key });
      }),
    );
    for (const text of ["", "s3://", "s3://bucket", "https://bucket/key", "s3:///key"]) {
      assert.throws(() => parseS3Uri(text), /is not an S3 URI/);
    }
  });
});
