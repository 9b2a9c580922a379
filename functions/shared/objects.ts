/** Reading and writing S3 objects; each function takes the client, so that a bundle holds only the commands it uses. */
import { createHash } from "node:crypto";
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { digestBase64, digestOf } from "../../contracts/digest.ts";
import { errorNames, FlowError } from "../../contracts/errors.ts";
import { s3Uri } from "../../contracts/paths.ts";
import { httpStatus, isNotFound } from "./aws-errors.ts";

export interface ObjectFacts {
  bytes: number;
  etag: string;
  /** "null" (S3's own word) where the bucket keeps no versions. */
  versionId: string;
  /** Base64; of the whole object only where `checksumType` says so. */
  checksumSha256?: string;
  checksumType?: "FULL_OBJECT" | "COMPOSITE";
  metadata: Record<string, string>;
  lastModified?: Date;
}

/**
 * Facts of the object's current version with its stored checksum, or undefined when there is none. Needs `s3:ListBucket`
 * on the bucket, or S3 answers 403 in place of 404.
 */
export async function headObject(client: S3Client, bucket: string, key: string): Promise<ObjectFacts | undefined> {
  try {
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: "ENABLED" }));
    return {
      bytes: head.ContentLength ?? 0,
      etag: head.ETag ?? "",
      versionId: head.VersionId ?? "null",
      checksumSha256: head.ChecksumSHA256,
      checksumType: head.ChecksumType,
      metadata: head.Metadata ?? {},
      lastModified: head.LastModified,
    };
  } catch (error) {
    if (isNotFound(error) || httpStatus(error) === 404) return undefined;
    throw error;
  }
}

/** Which bytes to read: one version of the object, from an offset on. */
export interface ReadRange {
  versionId: string;
  etag: string;
  from: number;
}

/** The object's bytes as they arrive. Throws `PreconditionFailed` when the object is not the one of `range.etag` any more. */
export async function readObject(
  client: S3Client,
  bucket: string,
  key: string,
  range?: ReadRange,
): Promise<AsyncIterable<Uint8Array>> {
  const answer = await client.send(
    new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ...(range
        ? {
            IfMatch: range.etag,
            ...(range.versionId === "null" ? {} : { VersionId: range.versionId }),
            ...(range.from > 0 ? { Range: `bytes=${range.from}-` } : {}),
          }
        : {}),
    }),
  );
  if (!answer.Body) throw new Error(`S3 answered without a body for ${s3Uri(bucket, key)}`);
  if (range && range.from > 0 && !answer.ContentRange?.startsWith(`bytes ${range.from}-`)) {
    throw new Error(`S3 did not answer from byte ${range.from} on for ${s3Uri(bucket, key)}: ${answer.ContentRange}`);
  }
  return answer.Body as unknown as AsyncIterable<Uint8Array>;
}

/**
 * A small object as text, with its digest; undefined when it does not exist.
 * Throws `InvalidInput` when it is longer than `limit` bytes.
 */
export async function readText(
  client: S3Client,
  bucket: string,
  key: string,
  limit: number,
): Promise<{ text: string; digest: string } | undefined> {
  let body: AsyncIterable<Uint8Array>;
  try {
    body = await readObject(client, bucket, key);
  } catch (error) {
    if (isNotFound(error) || httpStatus(error) === 404) return undefined;
    throw error;
  }
  const chunks: Uint8Array[] = [];
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limit) {
      const where = s3Uri(bucket, key);
      throw new FlowError(
        errorNames.invalidInput,
        `${where} is longer than ${limit} bytes; this part of it is read whole`,
      );
    }
    hash.update(chunk);
    chunks.push(chunk);
  }
  return { text: Buffer.concat(chunks).toString("utf8"), digest: `sha256:${hash.digest("hex")}` };
}

/** Keys under a prefix, at most `limit`. */
export async function listKeys(client: S3Client, bucket: string, prefix: string, limit: number): Promise<string[]> {
  const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: limit }));
  return (page.Contents ?? []).flatMap((object) => (object.Key === undefined ? [] : [object.Key]));
}

/** Writes a small JSON object; S3 checks the bytes against the SHA-256 that travels with them. Answers its digest. */
export async function putJson(client: S3Client, bucket: string, key: string, body: string): Promise<string> {
  const digest = digestOf(body);
  await client.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: body,
      ContentType: "application/json",
      ChecksumSHA256: digestBase64(digest),
    }),
  );
  return digest;
}
