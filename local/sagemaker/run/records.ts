/** How batch transform cuts objects into records and requests, and puts answers together: pure. */
import { JobFault } from "./faults.ts";
import { applyFilter, type Filter, type Json, keepsAll, selectPlaces } from "./json-path.ts";

const NEWLINE = 10;

/** Lines with their newline, so that joining them gives the object again; the last may lack one. */
export function splitLines(data: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  while (start < data.length) {
    const end = data.indexOf(NEWLINE, start);
    const next = end < 0 ? data.length : end + 1;
    lines.push(data.subarray(start, next));
    start = next;
  }
  return lines;
}

/**
 * Records put together into requests. SingleRecord: one each. MultiRecord: as many as fit into maxBytes.
 * A record that alone is larger is an error. maxBytes Infinity: no limit.
 */
export function batchRecords(
  records: readonly Uint8Array[],
  strategy: "MultiRecord" | "SingleRecord",
  maxBytes: number,
): Uint8Array[][] {
  const batches: Uint8Array[][] = [];
  let size = 0;
  for (const [index, record] of records.entries()) {
    if (record.length > maxBytes) {
      throw new JobFault(
        `ClientError: record ${index + 1} has ${record.length} bytes, more than MaxPayloadInMB allows (${maxBytes} bytes)`,
      );
    }
    if (batches.length === 0 || strategy === "SingleRecord" || size + record.length > maxBytes) {
      batches.push([]);
      size = 0;
    }
    batches.at(-1)?.push(record);
    size += record.length;
  }
  return batches;
}

/** Answers as one object. Line: each ends in a newline (one that does already gets no second). None: as they are. */
export function assemble(answers: readonly Uint8Array[], assembleWith: "None" | "Line" | undefined): Uint8Array {
  const parts =
    assembleWith !== "Line"
      ? answers
      : answers.map((answer) => (answer.at(-1) === NEWLINE ? answer : Buffer.concat([answer, Buffer.from("\n")])));
  return Buffer.concat(parts);
}

/** The cells of a CSV line as they stand, quotes included. Newlines inside cells are not supported, as in AWS. */
export function csvCells(line: string): string[] {
  if (line === "") return [""];
  const cells = [...line.matchAll(/("(?:[^"]|"")*"[^,]*|[^,]*)(?:,|$)/gy)].map((match) => match[1] as string);
  // The pattern also matches the empty end of the line once the last cell has been taken.
  return line.endsWith(",") ? cells : cells.slice(0, -1);
}

export type Format = "csv" | "json";

/** The format that filters and joins work on, by content type; undefined when they cannot (AWS: CSV, JSON and JSON Lines). */
export function formatOf(contentType: string | undefined): Format | undefined {
  const type = contentType?.split(";")[0]?.trim().toLowerCase();
  if (type === "text/csv") return "csv";
  return type === "application/json" || type === "application/jsonlines" ? "json" : undefined;
}

const body = (line: string) => line.replace(/\r?\n$/, "");

function json(line: string): Json {
  try {
    return JSON.parse(line) as Json;
  } catch (error) {
    throw new JobFault(`ClientError: a record is not JSON: ${(error as Error).message}`);
  }
}

/** One record through a filter, without its newline. */
export function filterRecord(record: string, filter: Filter, format: Format): string {
  const text = body(record);
  if (keepsAll(filter)) return text;
  if (format === "json") return JSON.stringify(applyFilter(filter, json(text)));
  if (filter.path.length > 0 || filter.names)
    throw new JobFault(
      `ClientError: filter ${JSON.stringify(filter.source)} names a member, CSV records have places only`,
    );
  const cells = csvCells(text);
  return selectPlaces(filter, cells.length)
    .map((place) => cells[place])
    .join(",");
}

/**
 * An input record with the model's answer to it. CSV: the answer's cells after the input's. JSON: the answer as
 * SageMakerOutput in the input object, or beside SageMakerInput where the input is no object (botocore, JoinSource).
 */
export function joinRecord(record: string, answer: string, format: Format): string {
  if (format === "csv") return `${body(record)},${body(answer)}`;
  const [input, output] = [json(body(record)), json(body(answer))];
  const whole =
    input !== null && typeof input === "object" && !Array.isArray(input) ? { ...input } : { SageMakerInput: input };
  return JSON.stringify({ ...whole, SageMakerOutput: output });
}
