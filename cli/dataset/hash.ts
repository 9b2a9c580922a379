/** Digests of a file, read once and streamed. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";

const MIB = 1024 * 1024;
/** Files up to this size are uploaded in one piece; larger ones in parts of at least this size. */
export const PART_BYTES = 16 * MIB;
/** Most parts that an upload may have (botocore s3, PartNumber: 1 to 10,000). */
const MOST_PARTS = 10_000;

/** Size of an upload's parts. It follows from the file's size, so that two uploads of it have the same checksum. */
export function partBytes(bytes: number): number {
  let size = PART_BYTES;
  while (bytes > size * MOST_PARTS) size *= 2;
  return size;
}

export interface FileDigests {
  /** Lower-case hex of the SHA-256. */
  readonly sha256: string;
  readonly bytes: number;
  /** What S3 answers as ChecksumSHA256 when the file was uploaded as this tool does it. */
  readonly checksum: string;
}

/**
 * Reads a stream to its end.
 *
 * @param expected bytes that the file is said to have, which decides the parts
 * @param options.keep also writes the bytes to this file
 */
export async function digest(
  stream: Readable,
  expected: number,
  options: { readonly keep?: string; readonly onBytes?: (bytes: number) => void } = {},
): Promise<FileDigests> {
  const whole = createHash("sha256");
  const size = partBytes(expected);
  const parts: Buffer[] = [];
  let part = createHash("sha256");
  let [inPart, bytes] = [0, 0];
  const copy = options.keep === undefined ? undefined : await openCopy(options.keep);
  for await (const data of stream) {
    const chunk = data as Buffer;
    whole.update(chunk);
    for (let at = 0; at < chunk.length; ) {
      const piece = chunk.subarray(at, at + size - inPart);
      part.update(piece);
      at += piece.length;
      inPart += piece.length;
      if (inPart === size) {
        parts.push(part.digest());
        part = createHash("sha256");
        inPart = 0;
      }
    }
    bytes += chunk.length;
    if (copy && !copy.write(chunk)) await once(copy, "drain");
    options.onBytes?.(chunk.length);
  }
  if (copy) {
    copy.end();
    await finished(copy);
  }
  if (inPart > 0) parts.push(part.digest());
  const sha256 = whole.digest();
  const checksum = expected <= PART_BYTES ? sha256.toString("base64") : compositeChecksum(parts);
  return { sha256: sha256.toString("hex"), bytes, checksum };
}

/** S3's checksum of an object uploaded in parts: the SHA-256 of the parts' SHA-256s, and their number. */
export function compositeChecksum(parts: readonly Buffer[]): string {
  return `${createHash("sha256").update(Buffer.concat(parts)).digest("base64")}-${parts.length}`;
}

async function openCopy(file: string): Promise<ReturnType<typeof createWriteStream>> {
  await mkdir(path.dirname(file), { recursive: true });
  const copy = createWriteStream(file, { flags: "wx" });
  await once(copy, "open");
  return copy;
}
