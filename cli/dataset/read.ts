/** Reads published versions. */
import { GetObjectCommand, HeadObjectCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { DatasetManifest, manifestKey } from "../../contracts/dataset.ts";
import { UserError } from "../stage.ts";
import { inParallel } from "./upload.ts";

/** Manifests looked at, at once. */
const AT_ONCE = 16;

/** A version's manifest, or undefined when it was never published. */
export async function findManifest(
  s3: S3Client,
  bucket: string,
  version: string,
): Promise<DatasetManifest | undefined> {
  try {
    const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: manifestKey(version) }));
    return DatasetManifest.parse(JSON.parse((await object.Body?.transformToString()) ?? ""));
  } catch (error) {
    if ((error as Error).name === "NoSuchKey") return undefined;
    throw error;
  }
}

/** A line of a listing. */
export interface ListedVersion {
  readonly version: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly files: number;
  readonly bytes: number;
  /** Rows by part. */
  readonly rows: Readonly<Record<string, number>>;
  readonly tests: number;
}

/** Names of the datasets that have at least one folder. */
export async function listNames(s3: S3Client, bucket: string): Promise<string[]> {
  return (await folders(s3, bucket, "datasets/")).sort();
}

/**
 * A dataset's versions, the newest first.
 *
 * @param options.limit most versions that are returned
 * @param options.skip newest versions that are passed over
 */
export async function listVersions(
  s3: S3Client,
  bucket: string,
  name: string,
  options: { readonly limit: number; readonly skip: number },
): Promise<{ versions: ListedVersion[]; total: number }> {
  const hexes = await folders(s3, bucket, `datasets/${name}/`);
  const dated: { version: string; at: number }[] = [];
  await inParallel(hexes, AT_ONCE, async (hex) => {
    const version = `${name}@sha256:${hex}`;
    const head = await s3
      .send(new HeadObjectCommand({ Bucket: bucket, Key: manifestKey(version) }))
      .catch((error: { $metadata?: { httpStatusCode?: number } }) => {
        // Without a manifest the publication never ended.
        if (error.$metadata?.httpStatusCode === 404) return undefined;
        throw error;
      });
    if (head) dated.push({ version, at: head.LastModified?.getTime() ?? 0 });
  });
  dated.sort((a, b) => b.at - a.at || (a.version < b.version ? -1 : 1));
  const page = dated.slice(options.skip, options.skip + options.limit);
  const found = new Map<string, ListedVersion>();
  await inParallel(page, AT_ONCE, async ({ version }) => {
    const manifest = await findManifest(s3, bucket, version);
    if (manifest) found.set(version, listed(manifest));
  });
  // S3 dates to the second, the manifest to the millisecond.
  const versions = page.flatMap(({ version }) => found.get(version) ?? []);
  versions.sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0));
  return { versions, total: dated.length };
}

function listed(manifest: DatasetManifest): ListedVersion {
  return {
    version: manifest.version,
    createdAt: manifest.createdAt,
    createdBy: manifest.createdBy,
    files: manifest.files.length,
    bytes: manifest.files.reduce((sum, file) => sum + file.bytes, 0),
    rows: Object.fromEntries((manifest.parts ?? []).map((part) => [part.name, part.rows])),
    tests: manifest.tests?.length ?? 0,
  };
}

/** Names of the folders right below a prefix. */
async function folders(s3: S3Client, bucket: string, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix, Delimiter: "/" })) {
    for (const folder of page.CommonPrefixes ?? []) found.push((folder.Prefix ?? "").slice(prefix.length, -1));
  }
  return found;
}

/**
 * The version that a person means: whole, or with the digest's first characters (`name@3f2a`), or the newest (`name`).
 *
 * @throws UserError when there is none, or more than one
 */
export async function resolveVersion(s3: S3Client, bucket: string, text: string): Promise<DatasetManifest> {
  const [, name = "", start = ""] = /^([a-z0-9-]+)(?:@(?:sha256:)?([0-9a-f]{1,64}))?$/.exec(text) ?? [];
  if (name === "")
    throw new UserError(
      `"${text}" is not a dataset version: give <name>, <name>@<first characters> or <name>@sha256:<64 hex>`,
    );
  if (start === "") {
    const { versions } = await listVersions(s3, bucket, name, { limit: 1, skip: 0 });
    if (!versions[0]) throw new UserError(`no version of ${name} is published in ${bucket}`);
    return mustHave(s3, bucket, versions[0].version);
  }
  if (start.length === 64) return mustHave(s3, bucket, `${name}@sha256:${start}`);
  const fitting = (await folders(s3, bucket, `datasets/${name}/`)).filter((hex) => hex.startsWith(start));
  if (fitting.length > 1) {
    throw new UserError(
      `${text} fits ${fitting.length} versions: ${fitting.map((hex) => `${name}@sha256:${hex.slice(0, 16)}…`).join(", ")}`,
    );
  }
  if (!fitting[0]) throw new UserError(`no version of ${name} in ${bucket} begins with ${start}`);
  return mustHave(s3, bucket, `${name}@sha256:${fitting[0]}`);
}

async function mustHave(s3: S3Client, bucket: string, version: string): Promise<DatasetManifest> {
  const manifest = await findManifest(s3, bucket, version);
  if (!manifest) throw new UserError(`${version} was never published in ${bucket}`);
  return manifest;
}
