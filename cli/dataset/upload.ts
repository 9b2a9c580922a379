/** Creates objects, and never overwrites one: an object that is there already must be the one that was meant. */
import { createHash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import type { DatasetFile } from "../../contracts/dataset.ts";
import { UserError } from "../stage.ts";
import { compositeChecksum, type FileDigests, PART_BYTES, partBytes } from "./hash.ts";
import { changed, read, type SourceFile } from "./source.ts";

/** Parts on their way at once: with them, an upload holds at most 64 MiB. */
const PARTS_AT_ONCE = 4;

export interface Target {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly key: string;
}

/** What an upload leaves behind. */
export type Created = Pick<DatasetFile, "versionId" | "checksum">;

/** Publishes one file under its key. Nothing is sent where the object stands already. */
export async function createObject(
  target: Target,
  file: SourceFile,
  wanted: FileDigests,
  onBytes: (bytes: number) => void,
): Promise<Created> {
  const there = await standing(target, wanted);
  if (there) {
    onBytes(wanted.bytes);
    return there;
  }
  if (wanted.bytes <= PART_BYTES) return createSmall(target, await bytesOf(target.s3, file, wanted), wanted, onBytes);
  return createInParts(target, file, wanted, onBytes);
}

/** Publishes a text that this program made. */
export async function createText(target: Target, text: string, contentType: string): Promise<string | undefined> {
  const body = Buffer.from(text);
  const made = await target.s3.send(
    new PutObjectCommand({
      Bucket: target.bucket,
      Key: target.key,
      Body: body,
      ContentType: contentType,
      ChecksumSHA256: createHash("sha256").update(body).digest("base64"),
      IfNoneMatch: "*",
    }),
  );
  return made.VersionId;
}

/** Whether an object stands at the key. Throws when it is another than the one wanted. */
async function standing({ s3, bucket, key }: Target, wanted: FileDigests): Promise<Created | undefined> {
  const head = await s3
    .send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: "ENABLED" }))
    .catch((error: Error & { $metadata?: { httpStatusCode?: number } }) => {
      if (error.$metadata?.httpStatusCode === 404) return undefined;
      throw error;
    });
  if (!head) return undefined;
  const checksum = head.ChecksumSHA256;
  if (head.ContentLength !== wanted.bytes || checksum !== wanted.checksum) {
    throw new UserError(
      `s3://${bucket}/${key} exists with other content (${head.ContentLength} bytes, SHA-256 checksum ${checksum ?? "none"}; wanted ${wanted.bytes} bytes, ${wanted.checksum}). This command did not write it; find out who did`,
    );
  }
  return { versionId: head.VersionId, checksum };
}

/** The created object, or the same one that somebody else created at the same time. */
async function orStanding(target: Target, wanted: FileDigests, error: unknown): Promise<Created> {
  const refused = ["PreconditionFailed", "ConditionalRequestConflict"].includes((error as Error).name);
  const there = refused ? await standing(target, wanted) : undefined;
  if (!there) throw error;
  return there;
}

async function bytesOf(s3: S3Client, file: SourceFile, wanted: FileDigests): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await read(s3, file)) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (createHash("sha256").update(body).digest("hex") !== wanted.sha256) throw changed(file);
  return body;
}

async function createSmall(
  target: Target,
  body: Buffer,
  wanted: FileDigests,
  onBytes: (bytes: number) => void,
): Promise<Created> {
  const { s3, bucket, key } = target;
  try {
    const made = await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ChecksumSHA256: wanted.checksum, IfNoneMatch: "*" }),
    );
    onBytes(body.length);
    return { versionId: made.VersionId, checksum: wanted.checksum };
  } catch (error) {
    return orStanding(target, wanted, error);
  }
}

/** A large file goes up in parts; one that lies in S3 is copied there, part by part, and never comes down. */
async function createInParts(
  target: Target,
  file: SourceFile,
  wanted: FileDigests,
  onBytes: (bytes: number) => void,
): Promise<Created> {
  const { s3, bucket, key } = target;
  const common = { Bucket: bucket, Key: key };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...common, ChecksumAlgorithm: "SHA256" }));
  try {
    const size = partBytes(wanted.bytes);
    const numbers = Array.from({ length: Math.ceil(wanted.bytes / size) }, (_, index) => index + 1);
    const parts: CompletedPart[] = [];
    await inParallel(numbers, PARTS_AT_ONCE, async (PartNumber) => {
      const first = (PartNumber - 1) * size;
      const last = Math.min(first + size, wanted.bytes) - 1;
      const part = { ...common, UploadId, PartNumber };
      const sent = file.remote
        ? await copyPart(s3, file, part, { first, last })
        : await sendPart(s3, file, part, { first, last });
      parts[PartNumber - 1] = { PartNumber, ...sent };
      onBytes(last - first + 1);
    });
    // Before anything stands: the parts as S3 has them must be what was hashed in the first place.
    const digests = parts.map((part) => Buffer.from(part.ChecksumSHA256 ?? "", "base64"));
    if (compositeChecksum(digests) !== wanted.checksum) throw changed(file);
    const made = await s3.send(
      new CompleteMultipartUploadCommand({ ...common, UploadId, IfNoneMatch: "*", MultipartUpload: { Parts: parts } }),
    );
    return { versionId: made.VersionId, checksum: wanted.checksum };
  } catch (error) {
    await s3.send(new AbortMultipartUploadCommand({ ...common, UploadId })).catch(() => {
      // What is left of it the bucket's lifecycle removes.
    });
    return orStanding(target, wanted, error);
  }
}

interface PartTarget {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string | undefined;
  readonly PartNumber: number;
}
interface Range {
  readonly first: number;
  readonly last: number;
}

async function sendPart(s3: S3Client, file: SourceFile, part: PartTarget, range: Range): Promise<CompletedPart> {
  const chunks: Buffer[] = [];
  for await (const chunk of await read(s3, file, range)) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (body.length !== range.last - range.first + 1) throw changed(file);
  const ChecksumSHA256 = createHash("sha256").update(body).digest("base64");
  const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body: body, ChecksumSHA256 }));
  return { ETag, ChecksumSHA256 };
}

async function copyPart(s3: S3Client, file: SourceFile, part: PartTarget, range: Range): Promise<CompletedPart> {
  const { bucket, key, etag } = file.remote ?? { bucket: "", key: "", etag: "" };
  try {
    const { CopyPartResult: copied } = await s3.send(
      new UploadPartCopyCommand({
        ...part,
        CopySource: `${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`,
        CopySourceIfMatch: etag,
        CopySourceRange: `bytes=${range.first}-${range.last}`,
      }),
    );
    return { ETag: copied?.ETag, ChecksumSHA256: copied?.ChecksumSHA256 };
  } catch (error) {
    if ((error as Error).name === "PreconditionFailed") throw changed(file);
    throw error;
  }
}

/** Runs the work on every item, at most `limit` at once; the first fault ends it after those under way. */
export async function inParallel<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed: { error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const item = items[next++] as T;
      await work(item).catch((error: unknown) => {
        failed ??= { error };
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failed) throw failed.error;
}
