/** Plans of copies, and hashing streams however they are cut. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { copyParts, singleCopyLimit } from "../../../functions/stage-artifact/copy-plan.ts";
import { hashStream } from "../../../functions/stage-artifact/hash.ts";

describe("functions/stage-artifact copy plan", () => {
  it("copies in one request up to S3's limit, and in parts beyond", () => {
    assert.equal(copyParts(1).length, 1);
    assert.equal(copyParts(singleCopyLimit).length, 1);
    assert.equal(copyParts(singleCopyLimit + 1).length, 6);
    // The largest object that S3 takes, 5 TB.
    assert.equal(copyParts(5_000_000_000_000).length, 5_000);
  });

  it("covers every byte once, in order, within S3's limits", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000_000_000_000 }), (bytes) => {
        const parts = copyParts(bytes);
        let next = 0;
        for (const [index, part] of parts.entries()) {
          assert.equal(part.number, index + 1);
          assert.equal(part.first, next);
          assert.ok(part.last >= part.first && part.last - part.first < singleCopyLimit);
          next = part.last + 1;
        }
        assert.equal(next, bytes);
        assert.ok(parts.length <= 10_000);
      }),
      { numRuns: 30 },
    );
  });
});

describe("functions/stage-artifact hash", () => {
  it("gives the digests of the whole and of each part, however the stream is cut and wherever it breaks", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 60 }),
        fc.uniqueArray(fc.nat(200), { maxLength: 3 }),
        async (bytes, chunk, part, breaks) => {
          const pending = new Set(breaks);
          async function* stream(from: number): AsyncGenerator<Uint8Array> {
            for (let at = from; at < bytes.length; at += chunk) {
              if (pending.delete(at)) throw new Error("broken");
              yield bytes.subarray(at, at + chunk);
            }
          }
          const parts = copyParts(bytes.length, part, part);
          const digests = await hashStream(async (from) => stream(from), bytes.length, parts);
          assert.equal(digests.hex, createHash("sha256").update(bytes).digest("hex"));
          assert.equal(digests.bytes, bytes.length);
          const each = parts.map(({ first, last }) =>
            createHash("sha256")
              .update(bytes.subarray(first, last + 1))
              .digest("base64"),
          );
          assert.deepEqual(digests.parts, parts.length > 1 ? each : []);
        },
      ),
    );
  });
});
