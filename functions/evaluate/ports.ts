/** What evaluating needs of the world, and how AWS provides it. */
import type { S3Client } from "@aws-sdk/client-s3";
import { listKeys, putJson, readObject, readText } from "../shared/objects.ts";

export interface Ports {
  listKeys(bucket: string, prefix: string, limit: number): Promise<string[]>;
  read(bucket: string, key: string): Promise<AsyncIterable<Uint8Array>>;
  text(bucket: string, key: string, limit: number): Promise<string | undefined>;
  /** Answers the digest of what was written. */
  putJson(bucket: string, key: string, body: string): Promise<string>;
}

export function awsPorts({ s3 }: { s3: S3Client }): Ports {
  return {
    listKeys: (bucket, prefix, limit) => listKeys(s3, bucket, prefix, limit),
    read: (bucket, key) => readObject(s3, bucket, key),
    text: async (bucket, key, limit) => (await readText(s3, bucket, key, limit))?.text,
    putJson: (bucket, key, body) => putJson(s3, bucket, key, body),
  };
}
