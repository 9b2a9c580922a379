/** Digests: whole and in parts, however the bytes arrive. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { compositeChecksum, digest, PART_BYTES, partBytes } from "../../../cli/dataset/hash.ts";

const hash = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

describe("cli/dataset/hash", () => {
  it("of a small file is S3's plain checksum, however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 })), async (chunks) => {
        const whole = Buffer.concat(chunks);
        const found = await digest(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), whole.length);
        assert.equal(found.sha256, hash(whole).toString("hex"));
        assert.equal(found.checksum, hash(whole).toString("base64"));
        assert.equal(found.bytes, whole.length);
      }),
    );
  });

  it("of a large file is the checksum of its parts' checksums", async () => {
    const whole = Buffer.alloc(PART_BYTES * 2 + 5, 7);
    const parts = [
      whole.subarray(0, PART_BYTES),
      whole.subarray(PART_BYTES, 2 * PART_BYTES),
      whole.subarray(2 * PART_BYTES),
    ];
    const chunks = (size: number) =>
      Array.from({ length: Math.ceil(whole.length / size) }, (_, n) => whole.subarray(n * size, (n + 1) * size));
    for (const size of [whole.length, 1_000_003, PART_BYTES]) {
      const found = await digest(Readable.from(chunks(size)), whole.length);
      assert.equal(found.sha256, hash(whole).toString("hex"));
      assert.equal(found.checksum, compositeChecksum(parts.map(hash)));
      assert.match(found.checksum, /-3$/);
    }
  });

  it("keeps a copy of what it read where that is asked for", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "hash-"));
    try {
      const keep = path.join(folder, "deep", "copy.bin");
      const found = await digest(Readable.from([Buffer.from("ab"), Buffer.from("c")]), 3, { keep });
      assert.equal(await readFile(keep, "utf8"), "abc");
      assert.equal(found.sha256, hash(Buffer.from("abc")).toString("hex"));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("cuts no file into more than 10,000 parts, nor into parts below S3's 5 MiB", () => {
    for (const bytes of [0, 1, 5e9, 160e9, 5e12]) {
      assert.ok(partBytes(bytes) >= 5 * 1024 * 1024);
      assert.ok(Math.ceil(bytes / partBytes(bytes)) <= 10_000, String(bytes));
    }
  });
});
