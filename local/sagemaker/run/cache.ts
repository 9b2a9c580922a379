/** Downloads kept by the object's ETag, so that a model is fetched once however often it is served. */
import { createHash, randomUUID } from "node:crypto";
import { access, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { S3Client } from "@aws-sdk/client-s3";
import { parseS3Uri, s3Uri } from "./keys.ts";
import { download, etag } from "./s3.ts";
import type { RunContext } from "./types.ts";

/**
 * The local copy of an S3 object. The role is asked for each time, by a read of one byte: a
 * cached copy is no way round IAM. Throws S3Fault.
 */
export async function cached(s3: S3Client, uri: string, ctx: Pick<RunContext, "workdir">): Promise<string> {
  const location = parseS3Uri(uri);
  const tag = await etag(s3, location);
  const name = createHash("sha256")
    .update(`${s3Uri(location)}\n${tag}`)
    .digest("hex");
  const file = join(ctx.workdir, "cache", "objects", `${name.slice(0, 32)}.tar.gz`);
  if (
    await access(file).then(
      () => true,
      () => false,
    )
  ) {
    return file;
  }
  const fresh = `${file}.${randomUUID()}`;
  try {
    await download(s3, location, fresh);
    await rename(fresh, file);
  } finally {
    await rm(fresh, { force: true });
  }
  return file;
}
