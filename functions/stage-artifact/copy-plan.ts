/** How an object is copied inside S3, from its size alone. No I/O. */

/** Largest object that one CopyObject takes: 5 GB (source: S3's API reference, CopyObject). */
export const singleCopyLimit = 5_000_000_000;
/** Size of a part: 10,000 parts of it (S3's limit) hold more than S3's largest object, 5 TB. */
const partSize = 1_000_000_000;

export interface Part {
  number: number;
  /** Offset of the first byte. */
  first: number;
  /** Offset of the last byte. */
  last: number;
}

/** The parts of a copy; a single one when one request can do it. */
export function copyParts(bytes: number, limit = singleCopyLimit, size = partSize): Part[] {
  if (bytes <= limit) return [{ number: 1, first: 0, last: bytes - 1 }];
  return Array.from({ length: Math.ceil(bytes / size) }, (_, index) => ({
    number: index + 1,
    first: index * size,
    last: Math.min(bytes, (index + 1) * size) - 1,
  }));
}
