/**
 * Does publishing take more memory when the dataset is larger? `node bench/dataset-memory.ts [MB …]`
 *
 * Publishes generated CSV files of two sizes (50 and 1,000 MB unless said) with a data test and statistics, each in a
 * process of its own, against an S3 that forgets every body, and prints peak memory, time, and the ratio of the peaks.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { S3Client } from "@aws-sdk/client-s3";
import { publishDataset } from "../cli/dataset/publish.ts";
import { formatBytes, makeProgress } from "../cli/output.ts";

interface Measured {
  readonly bytes: number;
  readonly peak: number;
  readonly seconds: number;
}

const [mode, ...rest] = process.argv.slice(2);
if (mode === "publish") await publishOnce(rest[0] ?? "", rest[1] ?? "");
else await compare([mode ?? "50", ...rest].map(Number).concat(mode === undefined ? [1000] : []));

async function compare(megabytes: readonly number[]): Promise<void> {
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const measured: Measured[] = [];
  try {
    for (const size of megabytes) {
      const folder = await mkdtemp(path.join(tmpdir(), "bench-dataset-"));
      try {
        await generate(folder, size * 1e6);
        const found = await inChild(folder, endpoint);
        measured.push(found);
        const speed = formatBytes(found.bytes / found.seconds);
        console.log(
          `${formatBytes(found.bytes)}: peak ${formatBytes(found.peak)}, ${found.seconds.toFixed(1)} s, ${speed}/s`,
        );
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }
  const [first, last] = [measured[0], measured.at(-1)];
  if (!first || !last || first === last) return;
  console.log(
    `${(last.bytes / first.bytes).toFixed(0)} times the data, ${(last.peak / first.peak).toFixed(2)} times the memory`,
  );
}

async function inChild(folder: string, endpoint: string): Promise<Measured> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), "publish", folder, endpoint], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`publishing ended with code ${code}`);
  return JSON.parse(output);
}

/** The measured process: nothing but the publication happens in it. */
async function publishOnce(folder: string, endpoint: string): Promise<void> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const s3 = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials });
  const began = performance.now();
  const { files } = await publishDataset(s3, {
    bucket: "bench",
    name: "bench",
    from: path.join(folder, "data"),
    tests: path.join(folder, "tests"),
    createdBy: "bench",
    progress: makeProgress(),
  });
  const seconds = (performance.now() - began) / 1000;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  // Linux and macOS: kilobytes, of the whole process with DuckDB's native part.
  console.log(JSON.stringify({ bytes, peak: process.resourceUsage().maxRSS * 1024, seconds } satisfies Measured));
}

/** A training part with ten numbers, a code, a category and a label in each row. */
async function generate(folder: string, bytes: number): Promise<void> {
  await mkdir(path.join(folder, "data", "train"), { recursive: true });
  await mkdir(path.join(folder, "tests"));
  await writeFile(path.join(folder, "tests", "label.sql"), "SELECT * FROM train WHERE target NOT IN (0, 1)");
  const stream = createWriteStream(path.join(folder, "data", "train", "train.csv"));
  stream.write(`${Array.from({ length: 10 }, (_, n) => `x${n}`).join(",")},code,category,target\n`);
  let state = 1;
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  for (let written = 0, row = 0; written < bytes; ) {
    const lines: string[] = [];
    for (let n = 0; n < 10_000; n++, row++) {
      const numbers = Array.from({ length: 10 }, (_, column) => (random() * 10 ** (column % 5)).toFixed(6));
      lines.push(`${numbers.join(",")},code-${row},category-${Math.floor(random() * 200)},${row % 2}`);
    }
    const text = `${lines.join("\n")}\n`;
    written += text.length;
    if (!stream.write(text)) await once(stream, "drain");
  }
  stream.end();
  await once(stream, "close");
}

/** As much of S3 as a first publication needs; bodies are read, hashed for the answer, and forgotten. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://s3");
  const hash = createHash("md5");
  for await (const chunk of request) hash.update(chunk as Buffer);
  const xml = (status: number, text: string): void => {
    response.writeHead(status, { "content-type": "application/xml" }).end(`<?xml version="1.0"?>${text}`);
  };
  if (request.method === "HEAD") response.writeHead(404).end();
  else if (request.method === "GET") xml(404, "<Error><Code>NoSuchKey</Code></Error>");
  else if (request.method === "POST" && url.searchParams.has("uploads")) {
    xml(200, "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>");
  } else if (request.method === "POST") xml(200, "<CompleteMultipartUploadResult/>");
  else response.writeHead(200, { etag: `"${hash.digest("hex")}"`, "x-amz-version-id": "1" }).end();
}
