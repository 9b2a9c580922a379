/**
 * Memory and time that Evaluate needs for a test of many rows: `node bench/evaluate-memory.ts [rows] [slice columns]`.
 *
 * The files are made on the fly, as chunks that come from S3 would; the figures are of this process. On Lambda a function of
 * 1,024 MB has a little more than half a processor.
 */
import { createHash } from "node:crypto";
import { datasetDigest } from "../contracts/dataset.ts";
import { makeHandler } from "../functions/evaluate/evaluate.ts";

const rows = Number(process.argv[2] ?? 10_000_000);
const columns = Number(process.argv[3] ?? 2);
const chunkRows = 5000;

/** A number of 0 to 1 that belongs to a row. */
const at = (row: number, salt: number) => (Math.imul(row + salt, 0x9e3779b1) >>> 0) / 2 ** 32;
const label = (row: number) => (at(row, 1) < 0.3 ? 1 : 0);
const files: Record<string, (row: number) => string> = {
  "test/labels.csv": (row) => `${label(row)}\n`,
  "test/features.csv": (row) =>
    `${Array.from({ length: 10 }, (_, column) => (column === 0 ? `town-${row % 13}` : at(row, 7 * column))).join(",")}\n`,
  predictions: (row) => `${0.7 * at(row, 3) + 0.3 * label(row)}\n`,
};

async function* stream(line: (row: number) => string): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < rows; from += chunkRows) {
    const count = Math.min(chunkRows, rows - from);
    yield Buffer.from(Array.from({ length: count }, (_, row) => line(from + row)).join(""));
  }
}

async function describe(path: string) {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of stream(files[path] ?? String)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { path, sha256: hash.digest("hex"), bytes };
}

const listed = [await describe("test/labels.csv"), await describe("test/features.csv")];
const version = `bench@sha256:${datasetDigest(listed)}`;
const manifest = { schemaVersion: 1, version, createdAt: "2026-01-01T00:00:00Z", createdBy: "bench", files: listed };
const handler = makeHandler(
  {
    listKeys: async () => ["features.csv.out"],
    text: async () => JSON.stringify(manifest),
    read: async (_bucket, key) => {
      const path = Object.keys(files).find((name) => key.endsWith(name)) ?? "predictions";
      return stream(files[path] ?? String);
    },
    putJson: async () => `sha256:${"0".repeat(64)}`,
  },
  {
    ARTIFACT_BUCKET: "bench",
    EVALUATION: {
      problem: "binary",
      metric: "rocAuc",
      threshold: 0.5,
      confidence: 0.95,
      sliceColumns: Array.from({ length: columns }, (_, column) => `column ${column + 1}`),
    },
  },
  { info: () => undefined, warn: () => undefined, error: () => undefined },
);
const start = performance.now();
const { metrics, slices } = await handler({
  submissionId: `sub-${"0".repeat(20)}`,
  featuresUri: "s3://bench/test/features.csv",
  labelsUri: "s3://bench/test/labels.csv",
  predictionsPrefix: "s3://bench/",
  testDatasetVersion: version,
  artifactDigest: `sha256:${"0".repeat(64)}`,
});
const { maxRSS } = process.resourceUsage();
console.log(
  `${rows} rows, ${columns} slice columns, ${slices.length} slices: ${((performance.now() - start) / 1000).toFixed(1)} s, at most ${(maxRSS / 1024).toFixed(0)} MB, rocAuc ${metrics.rocAuc}`,
);
