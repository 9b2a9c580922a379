/** Names in S3 and their places below a folder: pure. */
import { JobFault } from "./faults.ts";

export interface S3Location {
  readonly bucket: string;
  readonly key: string;
}

/** Splits `s3://bucket/key`; the key may be empty. */
export function parseS3Uri(uri: string): S3Location {
  const match = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(uri);
  if (!match) throw new JobFault(`ClientError: not an S3 URI: ${JSON.stringify(uri)}`);
  return { bucket: match[1] as string, key: match[2] ?? "" };
}

export function s3Uri(location: S3Location): string {
  return `s3://${location.bucket}/${location.key}`;
}

/** Joins an S3 URI and further parts with one slash each; the parts are taken as they are. */
export function joinUri(uri: string, ...parts: string[]): string {
  return [uri.replace(/\/+$/, ""), ...parts].join("/");
}

/**
 * Where an object found below a prefix lands, relative to the channel's folder (or to the output path): its path below
 * the prefix taken as a folder where it is one, else its path below the folder that the prefix is in.
 * `a/b` and `a/b/` + `a/b/c.csv` give `c.csv`; `a/b.csv` + itself gives `b.csv`; `a/b` + `a/bc/d.csv` gives `bc/d.csv`.
 */
export function relativeKey(prefix: string, key: string): string {
  const folder = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
  if (key.startsWith(folder)) return checked(key.slice(folder.length), key);
  return checked(key.slice(prefix.lastIndexOf("/") + 1), key);
}

/** Refuses a path that would leave its folder. Object keys may hold anything, `..` included. */
export function checked(relative: string, key: string): string {
  const parts = relative.split("/");
  if (
    relative === "" ||
    relative.startsWith("/") ||
    relative.endsWith("/") ||
    parts.includes("..") ||
    parts.includes(".") ||
    relative.includes("\0")
  ) {
    throw new JobFault(
      `ClientError: Data download failed:S3 key ${JSON.stringify(key)} is not a usable path below its prefix`,
    );
  }
  // "a//b" is one folder on disk; AWS refuses such keys in so many words.
  if (relative.includes("//")) {
    throw new JobFault(
      `ClientError: Data download failed:Failed to download data. S3 key: ${key} has an illegal char sub-sequence '//' in it`,
    );
  }
  return relative;
}

/** A manifest `[{"prefix":"s3://…/"},"a","b"]` as locations with their paths below the prefix (botocore, S3DataSource.S3Uri). */
export function parseManifest(text: string, uri: string): { location: S3Location; relative: string }[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new JobFault(`ClientError: manifest ${uri} is not JSON: ${(error as Error).message}`);
  }
  const [head, ...rest] = Array.isArray(parsed) ? parsed : [];
  const prefix = (head as { prefix?: unknown } | undefined)?.prefix;
  if (typeof prefix !== "string" || rest.length === 0 || rest.some((entry) => typeof entry !== "string")) {
    throw new JobFault(
      `ClientError: manifest ${uri} must be [{"prefix": "s3://bucket/folder/"}, "key", …] with at least one key`,
    );
  }
  return (rest as string[]).map((entry) => ({
    location: parseS3Uri(prefix + entry),
    relative: checked(entry.replace(/^\/+/, ""), entry),
  }));
}

/**
 * The S3 URI of a transformed object: the input's path below the job's prefix, kept, and `.out` after it. (botocore's
 * example also keeps the prefix's last folder; AWS's guide and practice do not: readers should list, not guess.)
 */
export function outputUri(s3OutputPath: string, relative: string): string {
  return joinUri(s3OutputPath, `${relative}.out`);
}
