/** S3 addresses, as SageMaker takes them. */
export interface S3Ref {
  readonly bucket: string;
  readonly key: string;
}

/** Bucket and key of `s3://bucket/key`, or undefined when `value` is no such address. */
export function s3Ref(value: unknown): S3Ref | undefined {
  if (typeof value !== "string" || value.length > 2_048) return undefined;
  const found = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(value);
  return found?.[1] ? { bucket: found[1], key: found[2] ?? "" } : undefined;
}

/** A key below the SHA-256 of its content; the first group is the digest. */
export const CONTENT_ADDRESS = /^(?:[^/]+\/)*sha256\/([0-9a-f]{64})\//;
