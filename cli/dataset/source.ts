/** Where a dataset is published from: a folder, or a prefix in S3. */
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { pathFault, samePaths } from "../../contracts/dataset.ts";
import { parseS3Uri } from "../../contracts/paths.ts";
import { UserError } from "../stage.ts";

/** One file as it was found. */
export interface SourceFile {
  /** Path inside the version, NFC. */
  readonly path: string;
  readonly bytes: number;
  /** Where it lies on this machine. */
  readonly local?: string;
  /** Where it lies in S3, pinned to the content that was listed. */
  readonly remote?: { readonly bucket: string; readonly key: string; readonly etag: string };
}
export interface Source {
  readonly files: readonly SourceFile[];
  /** As the manifest says it: the folder's name, or the S3 URI. */
  readonly from: string;
}

/** Most faults that one message names. */
const MOST_FAULTS = 20;

/**
 * Lists what is to be published. Names that begin with "." are left out: they are a tool's, not the data's.
 *
 * @throws UserError with every path that a version cannot have
 */
export async function openSource(s3: S3Client, from: string): Promise<Source> {
  const remote = from.startsWith("s3://");
  const found = remote ? await listPrefix(s3, from) : await listFolder(from);
  const files = found.map((file) => ({ ...file, path: file.path.normalize("NFC") }));
  const faults = files.flatMap((file) => {
    const fault = pathFault(file.path);
    return fault ? [`${JSON.stringify(file.path)} ${fault}`] : [];
  });
  for (const same of samePaths(found.map((file) => file.path))) {
    faults.push(`"${same}" is the name of two files, spelled in two ways (Unicode)`);
  }
  if (files.length === 0) faults.push("it holds no files");
  if (faults.length > 0) {
    const more = faults.length > MOST_FAULTS ? `; and ${faults.length - MOST_FAULTS} more` : "";
    throw new UserError(`${from} cannot be published: ${faults.slice(0, MOST_FAULTS).join("; ")}${more}`);
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, from: remote ? from : path.basename(path.resolve(from)) };
}

const isHidden = (relative: string): boolean =>
  relative.split("/").some((part) => part.startsWith(".") && part !== ".." && part !== ".");

async function listFolder(folder: string): Promise<SourceFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: Error) => {
    throw new UserError(`cannot read the dataset folder ${folder}: ${cause.message}`);
  });
  const files: SourceFile[] = [];
  for (const entry of entries) {
    const local = path.join(entry.parentPath, entry.name);
    const relative = path.relative(folder, local).split(path.sep).join("/");
    if (entry.isDirectory() || isHidden(relative)) continue;
    const found = await stat(local).catch((cause: Error) => {
      throw new UserError(`cannot read ${local}: ${cause.message}`);
    });
    if (!found.isFile())
      throw new UserError(`${local} is not a file; links to folders, pipes and devices are not published`);
    files.push({ path: relative, bytes: found.size, local });
  }
  return files;
}

async function listPrefix(s3: S3Client, uri: string): Promise<SourceFile[]> {
  const { bucket, key } = parseS3Uri(uri);
  const prefix = key === "" || key.endsWith("/") ? key : `${key}/`;
  const files: SourceFile[] = [];
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })) {
    for (const object of page.Contents ?? []) {
      const relative = (object.Key ?? "").slice(prefix.length);
      // A key that ends in "/" is the console's idea of a folder.
      if (relative === "" || (relative.endsWith("/") && !object.Size) || isHidden(relative)) continue;
      const remote = { bucket, key: object.Key ?? "", etag: object.ETag ?? "" };
      files.push({ path: relative, bytes: object.Size ?? 0, remote });
    }
  }
  return files;
}

/** The file's bytes, or a range of them (`last` inclusive). An object in S3 that changed since it was listed is refused. */
export async function read(
  s3: S3Client,
  file: SourceFile,
  range?: { readonly first: number; readonly last: number },
): Promise<Readable> {
  if (file.local !== undefined) {
    const span = range ? { start: range.first, end: range.last } : {};
    return createReadStream(file.local, { ...span, highWaterMark: 1024 * 1024 });
  }
  const { bucket, key, etag } = file.remote ?? { bucket: "", key: "", etag: "" };
  try {
    const object = await s3.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        IfMatch: etag,
        ...(range ? { Range: `bytes=${range.first}-${range.last}` } : {}),
      }),
    );
    return object.Body as Readable;
  } catch (error) {
    if ((error as Error).name === "PreconditionFailed") throw changed(file);
    throw error;
  }
}

export function changed(file: Pick<SourceFile, "path">): UserError {
  return new UserError(
    `${file.path} changed while it was being published; nothing refers to what was written: run it again`,
  );
}
