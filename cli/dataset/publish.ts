/** Publishes a folder or an S3 prefix as an immutable dataset version. */
import path from "node:path";
import type { S3Client } from "@aws-sdk/client-s3";
import {
  type DatasetFile,
  DatasetManifest,
  type DatasetSource,
  type DatasetTest,
  datasetDigest,
  datasetPrefix,
  manifestKey,
  testFiles,
} from "../../contracts/dataset.ts";
import type { DatasetExpectations } from "../../contracts/expectations.ts";
import { datasetVersionPattern } from "../../contracts/lineage.ts";
import type { Part } from "../../contracts/statistics.ts";
import { formatBytes, type Progress, silent } from "../output.ts";
import { UserError } from "../stage.ts";
import { failed, formatFailures, readTests, runChecks, type TestResult } from "./checks.ts";
import { openEngine } from "./engine.ts";
import { digest, type FileDigests, PART_BYTES } from "./hash.ts";
import { commitOf } from "./origin.ts";
import { isTabular } from "./parts.ts";
import { findManifest } from "./read.ts";
import { changed, openSource, read, type SourceFile } from "./source.ts";
import { describeTable } from "./statistics.ts";
import { createTables } from "./tables.ts";
import { makeTemporary, removeTemporary } from "./temporary.ts";
import { createObject, createText, inParallel } from "./upload.ts";

/** Files hashed, or small ones uploaded, at once. */
const FILES_AT_ONCE = 8;

export interface PublishOptions {
  readonly bucket: string;
  readonly name: string;
  /** A folder, or `s3://bucket/prefix`. */
  readonly from: string;
  /** Folder of SQL files that must return no rows. */
  readonly tests?: string;
  readonly expectations?: DatasetExpectations;
  /** Versions that this one was made from. */
  readonly parents?: readonly string[];
  readonly createdBy: string;
  readonly progress?: Progress;
}

export interface PublishedDataset {
  /** `<name>@sha256:<64 hex>` */
  readonly version: string;
  readonly uri: string;
  readonly files: readonly DatasetFile[];
  readonly tests: readonly DatasetTest[];
  /** False when the same bytes were published before; nothing was written then. */
  readonly created: boolean;
}

/** A data test failed; the message shows the offending rows. Nothing was published. */
export class TestsFailed extends UserError {
  override name = "TestsFailed";
  readonly results: readonly TestResult[];
  constructor(message: string, results: readonly TestResult[]) {
    super(message);
    this.results = results;
  }
}

/**
 * Publishes every file of the source, once its tests are passed. The same bytes are the same version. Objects are only ever
 * created, never overwritten (`If-None-Match: *`), and the manifest comes last, so an interrupted publication is finished
 * by running it again. Memory stays flat, whatever the size.
 *
 * @throws TestsFailed with the offending rows; UserError for every other fault of the input
 */
export async function publishDataset(s3: S3Client, options: PublishOptions): Promise<PublishedDataset> {
  const progress = options.progress ?? silent;
  checkName(options.name);
  const tests = options.tests === undefined ? [] : await readTests(options.tests);
  await checkParents(s3, options);
  const source = await openSource(s3, options.from);
  const total = source.files.reduce((sum, file) => sum + file.bytes, 0);
  const temporary = source.files.some((file) => file.remote) ? await makeTemporary("frugal-data-") : undefined;
  try {
    progress.begin(`Reading ${source.files.length} files`, total);
    const digests = await digestAll(s3, source.files, temporary, progress);
    progress.end();
    const files = source.files.map((file) => ({ ...file, ...(digests.get(file) as FileDigests) }));
    const version = `${options.name}@sha256:${datasetDigest(files)}`;
    const uri = `s3://${options.bucket}/${datasetPrefix(version)}`;
    const before = await findManifest(s3, options.bucket, version);

    const folder = temporary ?? path.resolve(options.from);
    const local = files.map((file) => ({ ...file, local: file.local ?? path.join(folder, file.path) }));
    const { parts, results } = await examine(folder, local, { ...options, describe: !before, tests, progress });
    if (results.some(failed)) {
      const already = before ? ` (it was published on ${before.createdAt} and stays)` : "; nothing was published";
      const count = `${results.filter(failed).length} of ${results.length} tests failed`;
      throw new TestsFailed(`${version} is refused: ${count}${already}\n${formatFailures(results)}`, results);
    }
    if (before) return { version, uri, files: before.files, tests: before.tests ?? [], created: false };
    noteWhatLacks(files, results, progress);

    progress.begin(`Publishing ${formatBytes(total)}`, total);
    const published = await createAll(s3, options.bucket, version, files, progress);
    progress.end();
    const manifest: DatasetManifest = DatasetManifest.parse({
      schemaVersion: 1,
      version,
      createdAt: new Date().toISOString(),
      createdBy: options.createdBy,
      ...(options.parents?.length ? { parents: [...new Set(options.parents)].sort() } : {}),
      source: { from: source.from, ...(await commitOf(process.cwd())) } satisfies DatasetSource,
      files: published,
      parts,
      tests: results.map(({ name, kind, sha256, rows }) => ({ name, kind, sha256, rows })),
    });
    const created = await createManifest(s3, options.bucket, manifest);
    return { version, uri, files: published, tests: manifest.tests ?? [], created };
  } finally {
    if (temporary) await removeTemporary(temporary);
  }
}

function checkName(name: string): void {
  if (datasetVersionPattern.test(`${name}@sha256:${"0".repeat(64)}`)) return;
  throw new UserError(
    `"${name}" cannot be a dataset's name: 1 to 63 lower-case letters and digits, with single hyphens between them`,
  );
}

async function checkParents(s3: S3Client, { bucket, parents = [] }: PublishOptions): Promise<void> {
  const faults: string[] = [];
  for (const parent of parents) {
    if (!datasetVersionPattern.test(parent))
      faults.push(`"${parent}" is not a dataset version (<name>@sha256:<64 hex>)`);
    else if (!(await findManifest(s3, bucket, parent))) faults.push(`${parent} was never published in ${bucket}`);
  }
  if (faults.length > 0) throw new UserError(`parents: ${faults.join("; ")}`);
}

async function digestAll(
  s3: S3Client,
  files: readonly SourceFile[],
  temporary: string | undefined,
  progress: Progress,
): Promise<Map<SourceFile, FileDigests>> {
  const digests = new Map<SourceFile, FileDigests>();
  await inParallel(files, FILES_AT_ONCE, async (file) => {
    // DuckDB reads files, so tables that lie in S3 are kept here until they are tested.
    const keep = temporary !== undefined && isTabular(file.path) ? path.join(temporary, file.path) : undefined;
    const found = await digest(await read(s3, file), file.bytes, { keep, onBytes: (bytes) => progress.advance(bytes) });
    if (found.bytes !== file.bytes) throw changed(file);
    digests.set(file, found);
  });
  return digests;
}

/** Tests the tables, and describes them unless that was done when the version was published. */
async function examine(
  folder: string,
  files: readonly { path: string; local: string; bytes: number }[],
  options: Pick<PublishOptions, "expectations"> & {
    tests: Parameters<typeof runChecks>[2]["tests"];
    describe: boolean;
    progress: Progress;
  },
): Promise<{ parts: Part[]; results: TestResult[] }> {
  const { tests, expectations, progress } = options;
  if (!options.describe && tests.length === 0 && !expectations) return { parts: [], results: [] };
  const tabular = files.filter((file) => isTabular(file.path));
  const bytes = tabular.reduce((sum, file) => sum + file.bytes, 0);
  const engine = await openEngine(folder);
  try {
    progress.begin(`Testing ${tabular.length} of ${files.length} files as tables`);
    const tables = await createTables(engine, tabular, expectations?.label);
    const results = await runChecks(engine, tables, { tests, expectations });
    progress.end();
    const parts: Part[] = [];
    if (!options.describe || results.some(failed)) return { parts, results };
    progress.begin("Describing columns", bytes);
    for (const table of tables) {
      let told = 0;
      const tell = (share: number): void => {
        const now = Math.round((share * bytes) / tables.length);
        progress.advance(now - told);
        told = now;
      };
      parts.push(await describeTable(engine, table, tell));
    }
    progress.end();
    return { parts, results };
  } finally {
    await engine.close();
  }
}

function noteWhatLacks(files: readonly { path: string }[], results: readonly TestResult[], progress: Progress): void {
  const lacking = Object.values(testFiles).filter((wanted) => !files.some((file) => file.path === wanted));
  if (lacking.length > 0)
    progress.line(`Note: without ${lacking.join(" and ")} no model can be submitted on this version.`);
  if (results.length === 0)
    progress.line("Note: no tests were run on this data (--tests, or expectations in the stage's configuration).");
}

async function createAll(
  s3: S3Client,
  bucket: string,
  version: string,
  files: readonly (SourceFile & FileDigests)[],
  progress: Progress,
): Promise<DatasetFile[]> {
  const published = new Map<string, DatasetFile>();
  const create = async (file: SourceFile & FileDigests): Promise<void> => {
    const target = { s3, bucket, key: datasetPrefix(version) + file.path };
    const created = await createObject(target, file, file, (bytes) => progress.advance(bytes));
    published.set(file.path, { path: file.path, sha256: file.sha256, bytes: file.bytes, ...created });
  };
  // A large file has several parts on their way at once; two of them at a time would hold twice as much.
  const isLarge = (file: FileDigests): boolean => file.bytes > PART_BYTES;
  await inParallel(
    files.filter((file) => !isLarge(file)),
    FILES_AT_ONCE,
    create,
  );
  await inParallel(files.filter(isLarge), 1, create);
  return files.map((file) => published.get(file.path) as DatasetFile);
}

/** False when somebody else published the same version a moment ago. */
async function createManifest(s3: S3Client, bucket: string, manifest: DatasetManifest): Promise<boolean> {
  try {
    const target = { s3, bucket, key: manifestKey(manifest.version) };
    await createText(target, JSON.stringify(manifest), "application/json");
    return true;
  } catch (error) {
    if ((error as Error).name !== "PreconditionFailed") throw error;
    return false;
  }
}
