/** Publishes a folder as an immutable dataset version. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { HeadObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import {
  type DatasetFile,
  DatasetManifest,
  datasetDigest,
  datasetPrefix,
  manifestKey,
  testFiles,
} from "../contracts/dataset.ts";
import { UserError } from "./stage.ts";

export interface PublishedDataset {
  /** `<name>@sha256:<64 hex>` */
  readonly version: string;
  readonly uri: string;
  readonly files: readonly DatasetFile[];
  /** False when the same bytes were published before; nothing was written then. */
  readonly created: boolean;
}

/**
 * Publishes every file below `folder`. The same bytes are the same version. Objects are only ever created, never
 * overwritten (`If-None-Match: *`), and the manifest comes last, so an interrupted publication is finished by running it again.
 */
export async function publishDataset(
  s3: S3Client,
  options: { bucket: string; name: string; folder: string; createdBy: string; log?: (line: string) => void },
): Promise<PublishedDataset> {
  const found = await describeFolder(options.folder);
  const lacking = Object.values(testFiles).filter((wanted) => !found.some((file) => file.path === wanted));
  if (lacking.length > 0) {
    throw new UserError(
      `${options.folder} lacks ${lacking.join(" and ")}: a model cannot be tested on a dataset without them`,
    );
  }
  const version = `${options.name}@sha256:${datasetDigest(found)}`;
  const prefix = datasetPrefix(version);
  const uri = `s3://${options.bucket}/${prefix}`;
  if (await exists(s3, options.bucket, manifestKey(version))) return { version, uri, files: found, created: false };

  const files: DatasetFile[] = [];
  for (const file of found) {
    options.log?.(`${file.path} (${file.bytes} bytes)`);
    const versionId = await create(s3, options.bucket, prefix + file.path, {
      Body: createReadStream(path.join(options.folder, file.path)),
      ContentLength: file.bytes,
      ChecksumSHA256: Buffer.from(file.sha256, "hex").toString("base64"),
    });
    files.push({ ...file, versionId });
  }
  const manifest = DatasetManifest.parse({
    schemaVersion: 1,
    version,
    createdAt: new Date().toISOString(),
    createdBy: options.createdBy,
    files,
  });
  await create(s3, options.bucket, manifestKey(version), {
    Body: JSON.stringify(manifest, null, 2),
    ContentType: "application/json",
  });
  return { version, uri, files, created: true };
}

async function describeFolder(folder: string): Promise<DatasetFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: Error) => {
    throw new UserError(`cannot read the dataset folder ${folder}: ${cause.message}`);
  });
  const files: DatasetFile[] = [];
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const file = path.join(entry.parentPath, entry.name);
    const relative = path.relative(folder, file).split(path.sep).join("/");
    files.push({ path: relative, sha256: await sha256Of(file), bytes: (await stat(file)).size });
  }
  if (files.length === 0) throw new UserError(`the dataset folder ${folder} holds no files`);
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** Creates an object; one that is there already is left alone, since its key is bound to its content. */
async function create(
  s3: S3Client,
  bucket: string,
  key: string,
  put: Pick<PutObjectCommand["input"], "Body" | "ContentLength" | "ChecksumSHA256" | "ContentType">,
): Promise<string | undefined> {
  try {
    const made = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, IfNoneMatch: "*", ...put }));
    return made.VersionId;
  } catch (error) {
    if ((error as Error).name !== "PreconditionFailed") throw error;
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return head.VersionId;
  }
}

async function exists(s3: S3Client, bucket: string, key: string): Promise<boolean> {
  try {
    await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return true;
  } catch (error) {
    if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 404) return false;
    throw error;
  }
}
