/** The one question the control half asks of S3: can this session read that object? */
import type { Credentials } from "../run/types.ts";
import { messageOf } from "../server/errors.ts";

/** Splits s3://bucket/key; undefined when it is not such a URI. */
export function splitUri(uri: string): { bucket: string; key: string } | undefined {
  const match = /^s3:\/\/([^/]+)\/(.*)$/s.exec(uri);
  return match ? { bucket: match[1] ?? "", key: match[2] ?? "" } : undefined;
}

/** A checker against the emulated S3. A prefix (key ending in "/") counts as readable; its objects are read later. */
export function objectChecker(ministackUrl: string, region: string, log: (line: string) => void) {
  return async (uri: string, credentials: Credentials): Promise<boolean> => {
    const parts = splitUri(uri);
    if (!parts) return false;
    if (!parts.key || parts.key.endsWith("/")) return true;
    // Loaded when first needed: it is the largest module of the front.
    const { HeadObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
    const client = new S3Client({ endpoint: ministackUrl, region, forcePathStyle: true, credentials });
    try {
      await client.send(new HeadObjectCommand({ Bucket: parts.bucket, Key: parts.key }));
      return true;
    } catch (fault) {
      log(`HEAD ${uri}: ${messageOf(fault)}`);
      return false;
    } finally {
      client.destroy();
    }
  };
}
