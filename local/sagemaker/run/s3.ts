/** S3 as a job sees it: path style, with the credentials of the job's role, errors with S3's own words. */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { S3Fault } from "./faults.ts";
import { type S3Location, s3Uri } from "./keys.ts";
import type { Credentials, RunContext } from "./types.ts";

/** Bytes of a file that is uploaded from memory. */
const IN_MEMORY = 32 * 1024 * 1024;

/** Objects copied at the same time. */
const PARALLEL = 8;

/** What SDK clients need of the credentials; a caller's object may have more in it than they can read. */
export function identity({ accessKeyId, secretAccessKey, sessionToken }: Credentials) {
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

export function s3Client(creds: Credentials, ctx: Pick<RunContext, "ministackUrl" | "region">): S3Client {
  return new S3Client({
    endpoint: ctx.ministackUrl,
    region: ctx.region,
    credentials: identity(creds),
    forcePathStyle: true,
    maxAttempts: 2,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
}

async function call<T>(operation: string, uri: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: object };
    if (!$metadata) throw error;
    throw new S3Fault(operation, uri, name, message);
  }
}

/** Every object below a prefix, folder markers left out. */
export async function list(client: S3Client, location: S3Location): Promise<S3Location[]> {
  const found: S3Location[] = [];
  let token: string | undefined;
  do {
    const page = await call("ListObjectsV2", s3Uri(location), () =>
      client.send(
        new ListObjectsV2Command({ Bucket: location.bucket, Prefix: location.key, ContinuationToken: token }),
      ),
    );
    for (const object of page.Contents ?? []) {
      if (object.Key && !object.Key.endsWith("/")) found.push({ bucket: location.bucket, key: object.Key });
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token);
  return found;
}

export async function download(client: S3Client, location: S3Location, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await call("GetObject", s3Uri(location), async () => {
    const answer = await client.send(new GetObjectCommand({ Bucket: location.bucket, Key: location.key }));
    await pipeline(answer.Body as Readable, createWriteStream(file));
  }).catch(async (error: unknown) => {
    await rm(file, { force: true });
    throw error;
  });
}

export async function readText(client: S3Client, location: S3Location): Promise<string> {
  return call("GetObject", s3Uri(location), async () => {
    const answer = await client.send(new GetObjectCommand({ Bucket: location.bucket, Key: location.key }));
    return (await answer.Body?.transformToString()) ?? "";
  });
}

/** The object's ETag, by reading its first byte: a HEAD would be refused without S3's words. */
export async function etag(client: S3Client, location: S3Location): Promise<string> {
  return call("GetObject", s3Uri(location), async () => {
    const range = { Bucket: location.bucket, Key: location.key, Range: "bytes=0-0" };
    const answer = await client.send(new GetObjectCommand(range));
    await answer.Body?.transformToByteArray();
    return answer.ETag ?? "";
  });
}

/** @param kmsKey the key under which the job's request wants its output; the bucket's default where it names none */
export async function upload(client: S3Client, file: string, location: S3Location, kmsKey?: string): Promise<void> {
  const { size } = await stat(file);
  // A stream cannot be sent again when a try fails; what fits into memory is sent from there.
  const body = size > IN_MEMORY ? createReadStream(file) : await readFile(file);
  await call("PutObject", s3Uri(location), () =>
    client.send(
      new PutObjectCommand({
        Bucket: location.bucket,
        Key: location.key,
        Body: body,
        ContentLength: size,
        ...(kmsKey ? { ServerSideEncryption: "aws:kms" as const, SSEKMSKeyId: kmsKey } : {}),
      }),
    ),
  );
}

/** Files below a folder as paths relative to it, with forward slashes, sorted; links are followed by nobody. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Uploads a folder's files below a location; answers how many. */
export async function uploadFolder(
  client: S3Client,
  folder: string,
  target: S3Location,
  kmsKey?: string,
): Promise<number> {
  const files = await filesBelow(folder);
  const prefix = target.key === "" || target.key.endsWith("/") ? target.key : `${target.key}/`;
  await each(files, (file) =>
    upload(client, join(folder, file), { bucket: target.bucket, key: prefix + file }, kmsKey),
  );
  return files.length;
}

/** Runs work over items, a few at a time. The first fault starts nothing more, waits for what runs, and is thrown. */
export async function each<T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
  parallel = PARALLEL,
): Promise<void> {
  let next = 0;
  const faults: unknown[] = [];
  const lanes = Array.from({ length: Math.min(parallel, items.length) }, async () => {
    while (next < items.length && faults.length === 0) {
      const item = items[next++] as T;
      await work(item).catch((fault: unknown) => faults.push(fault));
    }
  });
  await Promise.all(lanes);
  if (faults.length > 0) throw faults[0];
}
