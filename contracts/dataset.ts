/** The dataset version: an immutable set of objects under one prefix, named by the digest of its content. */
import { createHash } from "node:crypto";
import * as z from "zod";
import { datasetVersionPattern, parseDatasetVersion } from "./lineage.ts";

export const DatasetFile = z.object({
  /** Path below the version's prefix, with forward slashes; `train/…` and `test/…` are the parts the flow knows. */
  path: z.string().min(1).max(900),
  /** Lower-case hex of the object's SHA-256. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().nonnegative(),
  /** S3 version id of the published object. */
  versionId: z.string().min(1).optional(),
});
export type DatasetFile = z.infer<typeof DatasetFile>;

export const DatasetManifest = z.object({
  schemaVersion: z.literal(1),
  version: z.string().regex(datasetVersionPattern),
  createdAt: z.iso.datetime(),
  createdBy: z.string().min(1),
  files: z.array(DatasetFile).min(1),
});
export type DatasetManifest = z.infer<typeof DatasetManifest>;

/** Paths that a version must have so that a submission can be tested on it. */
export const testFiles = { features: "test/features.csv", labels: "test/labels.csv" } as const;

/**
 * The content digest of a set of files: SHA-256 over one line per file, `<sha256> <bytes> <path>`, sorted by path in
 * code unit order. Neither the order of the list nor times nor S3 version ids have a part in it.
 */
export function datasetDigest(files: readonly Pick<DatasetFile, "path" | "sha256" | "bytes">[]): string {
  const lines = files
    .map((file) => ({ path: file.path.normalize("NFC"), line: `${file.sha256} ${file.bytes} ` }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .map(({ path, line }) => line + path);
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

/** Key prefix of a version in the data bucket, ending in "/". */
export function datasetPrefix(version: string): string {
  const { name, hex } = parseDatasetVersion(version);
  return `datasets/${name}/${hex}/`;
}

/** Key of a version's manifest; it is written last, so a version without it was never published. */
export function manifestKey(version: string): string {
  return `${datasetPrefix(version)}manifest.json`;
}
