/** The dataset version: an immutable set of objects under one prefix, named by the digest of its content. */
import { createHash } from "node:crypto";
import * as z from "zod";
import { datasetVersionPattern, parseDatasetVersion } from "./lineage.ts";
import { Part } from "./statistics.ts";

/** Most bytes of a path in UTF-8: with the prefix, at most 200 bytes, it stays within S3's 1,024 for a key. */
const MOST_PATH_BYTES = 800;

/** What is wrong with a path inside a dataset version, or undefined. */
export function pathFault(path: string): string | undefined {
  if (path === "") return "is empty";
  if (Buffer.byteLength(path) > MOST_PATH_BYTES) {
    return `has ${Buffer.byteLength(path)} bytes, at most ${MOST_PATH_BYTES} fit into an S3 key`;
  }
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(path)) return "holds a control character or a line break";
  if (!path.isWellFormed()) return "is not well-formed Unicode";
  if (path.split("/").some((part) => part === "" || part === "." || part === "..")) {
    return 'must be relative, without empty, "." or ".." parts';
  }
  if (path === "manifest.json") return "is the name of the version's own manifest";
  return undefined;
}

export const DatasetFile = z.object({
  /** Path below the version's prefix, with forward slashes, NFC; `train/…` and `test/…` are the parts the flow knows. */
  path: z.string().superRefine((path, context) => {
    const fault = pathFault(path);
    if (fault) context.addIssue(`"${path}" ${fault}`);
  }),
  /** Lower-case hex of the object's SHA-256. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().nonnegative(),
  /** S3 version id of the published object. */
  versionId: z.string().min(1).optional(),
  /**
   * What S3 answers as `ChecksumSHA256`: base64 of the SHA-256, or `<base64>-<parts>` of an object uploaded in parts, which
   * is the SHA-256 of the parts' SHA-256s. With it an object is verified by a HEAD, without reading it.
   */
  checksum: z.string().min(1).optional(),
});
export type DatasetFile = z.infer<typeof DatasetFile>;

/** A test that the version passed: no row was found that offends. */
export const DatasetTest = z.object({
  /** A SQL file's path below the tests folder, or `expectation: <part>.<column> <what is expected>`. */
  name: z.string().min(1),
  kind: z.enum(["sql", "expectation"]),
  /** SHA-256 of the SQL file. */
  sha256: z.string().optional(),
  /** Rows that offended: 0, as a version with others is never published. */
  rows: z.int().nonnegative(),
});
export type DatasetTest = z.infer<typeof DatasetTest>;

/** Where a version was published from. */
export const DatasetSource = z.object({
  /** The folder's name, or an S3 URI. */
  from: z.string(),
  /** The commit that was checked out where the command ran. */
  commit: z
    .string()
    .regex(/^[0-9a-f]{40,64}$/)
    .optional(),
  /** Whether that checkout held changes that are in no commit. */
  dirty: z.boolean().optional(),
});
export type DatasetSource = z.infer<typeof DatasetSource>;

export const DatasetManifest = z.object({
  schemaVersion: z.literal(1),
  version: z.string().regex(datasetVersionPattern),
  createdAt: z.iso.datetime(),
  createdBy: z.string().min(1),
  /** Versions that this one was made from. */
  parents: z.array(z.string().regex(datasetVersionPattern)).optional(),
  source: DatasetSource.optional(),
  files: z.array(DatasetFile).min(1),
  /** The tables among the files, with schema and statistics. */
  parts: z.array(Part).optional(),
  tests: z.array(DatasetTest).optional(),
});
export type DatasetManifest = z.infer<typeof DatasetManifest>;

/** Paths that a version must have so that a submission can be tested on it. */
export const testFiles = { features: "test/features.csv", labels: "test/labels.csv" } as const;
/** What a version may have besides: a header and columns by which the test rows are told apart, a line for each of them. */
export const slicesFile = "test/slices.csv";

/** Paths that are the same name in two spellings (Unicode NFC); such a set has no digest. Empty when all differ. */
export function samePaths(paths: readonly string[]): string[] {
  const seen = new Set<string>();
  return paths.map((path) => path.normalize("NFC")).filter((path) => seen.has(path) || !seen.add(path));
}

/**
 * The content digest of a set of files: SHA-256 over one line per file, `<sha256> <bytes> <path>`, sorted by path in
 * code unit order. Neither the order of the list nor times nor S3 version ids have a part in it.
 * Throws when two paths are the same name: which content is whose would not be said.
 */
export function datasetDigest(files: readonly Pick<DatasetFile, "path" | "sha256" | "bytes">[]): string {
  const same = samePaths(files.map((file) => file.path));
  if (same.length > 0) throw new Error(`two files have the same name: ${same.join(", ")}`);
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
