/** SHA-256 of a stream of any length in flat memory, whole and part by part. */
import { createHash, type Hash } from "node:crypto";
import type { Part } from "./copy-plan.ts";

export interface StreamDigests {
  /** Lower-case hex of all bytes. */
  hex: string;
  /** Base64 per part, in order, as S3 answers for each part that it copies; empty when there is only one part. */
  parts: string[];
  bytes: number;
}

/** How often in a row a broken stream is taken up again without a single new byte. */
const fruitlessLimit = 3;

/**
 * Reads the object once. A connection that breaks is taken up again at the byte where it broke.
 *
 * @param open opens the object at an offset; it must refuse when the object has changed
 */
export async function hashStream(
  open: (from: number) => Promise<AsyncIterable<Uint8Array>>,
  total: number,
  parts: readonly Part[],
): Promise<StreamDigests> {
  const whole = createHash("sha256");
  const partHashes: Hash[] = parts.length > 1 ? parts.map(() => createHash("sha256")) : [];
  let position = 0;
  const take = (chunk: Uint8Array) => {
    whole.update(chunk);
    let rest = chunk;
    while (rest.length > 0) {
      const index = parts.findIndex((part) => position <= part.last);
      const part = parts[index];
      if (!part) throw new Error(`the stream is longer than the ${total} bytes announced`);
      const here = rest.subarray(0, part.last - position + 1);
      partHashes[index]?.update(here);
      position += here.length;
      rest = rest.subarray(here.length);
    }
  };
  for (let fruitless = 0; position < total; ) {
    const before = position;
    const body = await open(position);
    let cause: unknown;
    try {
      for await (const chunk of body) take(chunk);
    } catch (error) {
      cause = error;
    }
    if (position === total) break;
    fruitless = position > before ? 0 : fruitless + 1;
    if (fruitless >= fruitlessLimit) throw new Error(`reading stopped at byte ${position} of ${total}`, { cause });
  }
  return {
    hex: whole.digest("hex"),
    parts: partHashes.map((hash) => hash.digest("base64")),
    bytes: position,
  };
}
