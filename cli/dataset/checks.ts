/** Runs data tests: SQL files that must return no rows, and what the stage's configuration expects. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { DatasetTest } from "../../contracts/dataset.ts";
import { type Check, compileExpectations, type DatasetExpectations, quoteName } from "../../contracts/expectations.ts";
import { formatTable } from "../output.ts";
import { UserError } from "../stage.ts";
import type { Engine, Row } from "./engine.ts";
import { agreementFaults, type DatasetTable } from "./tables.ts";

/** Offending rows that are shown of each test. */
export const MOST_ROWS = 10;
/** Columns that are shown of an offending row. */
const MOST_COLUMNS = 8;

export interface TestResult extends DatasetTest {
  /** The first offending rows. */
  readonly offending?: readonly Row[];
  /** What is wrong, where no row can show it. */
  readonly fault?: string;
}

export interface SqlTest {
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

/** The SQL files of a folder, sorted by path. Throws when there are none: a wrong folder would pass everything. */
export async function readTests(folder: string): Promise<SqlTest[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: Error) => {
    throw new UserError(`cannot read the tests folder ${folder}: ${cause.message}`);
  });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".sql"));
  if (files.length === 0) throw new UserError(`the tests folder ${folder} holds no .sql files`);
  const tests = files.map(async (entry) => {
    const file = path.join(entry.parentPath, entry.name);
    const text = await readFile(file);
    const name = path.relative(folder, file).split(path.sep).join("/");
    return { name, sql: text.toString("utf8"), sha256: createHash("sha256").update(text).digest("hex") };
  });
  return (await Promise.all(tests)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Runs every test, also after one has failed: all faults are told at once. */
export async function runChecks(
  engine: Engine,
  tables: readonly DatasetTable[],
  options: { readonly tests: readonly SqlTest[]; readonly expectations?: DatasetExpectations },
): Promise<TestResult[]> {
  const rows = new Map<string, number>();
  for (const { name } of tables) {
    const [counted] = await engine.rows(`SELECT count(*) AS n FROM ${quoteName(name)}`);
    rows.set(name, Number(counted?.n));
  }
  const results: TestResult[] = agreementFaults(tables, rows).map((fault) => {
    return { name: "expectation: parts agree", kind: "expectation", rows: 1, fault };
  });
  const checks = options.expectations ? compileExpectations(options.expectations, tables) : [];
  results.push(...(await runExpectations(engine, checks, rows)));
  for (const test of options.tests) results.push(await runSqlTest(engine, test, tables));
  return results;
}

async function runSqlTest(engine: Engine, test: SqlTest, tables: readonly DatasetTable[]): Promise<TestResult> {
  const base = { name: test.name, kind: "sql", sha256: test.sha256 } as const;
  try {
    const { count, first } = await engine.stream(test.sql, MOST_ROWS);
    return { ...base, rows: count, ...(count > 0 ? { offending: first } : {}) };
  } catch (error) {
    // A test that cannot run has not been passed.
    const known = tables.map((table) => table.name).join(", ");
    const fault = `cannot run: ${(error as Error).message.trim()}\n(the tables are: ${known || "none"})`;
    return { ...base, rows: 1, fault };
  }
}

type RowsCheck = Extract<Check, { kind: "rows" }>;

async function runExpectations(
  engine: Engine,
  checks: readonly Check[],
  rows: ReadonlyMap<string, number>,
): Promise<TestResult[]> {
  const counted = await countRows(
    engine,
    checks.filter((check) => check.kind === "rows"),
  );
  const results: TestResult[] = [];
  for (const check of checks) {
    const base = { name: `expectation: ${check.name}`, kind: "expectation" } as const;
    if (check.kind === "fault") results.push({ ...base, rows: 1, fault: check.fault });
    else if (check.kind === "query") {
      const { count, first } = await engine.stream(check.sql, MOST_ROWS);
      results.push({ ...base, rows: count, ...(count > 0 ? { offending: first } : {}) });
    } else {
      const count = counted.get(check) ?? 0;
      const offends = count > check.share * (rows.get(check.part) ?? 0);
      results.push(
        offends ? { ...base, rows: count, offending: await offendingRows(engine, check) } : { ...base, rows: 0 },
      );
    }
  }
  return results;
}

/** All conditions on one table in one pass over it. */
async function countRows(engine: Engine, checks: readonly RowsCheck[]): Promise<Map<RowsCheck, number>> {
  const counts = new Map<RowsCheck, number>();
  for (const part of new Set(checks.map((check) => check.part))) {
    const mine = checks.filter((check) => check.part === part && check.condition !== "false");
    if (mine.length === 0) continue;
    const terms = mine.map((check, index) => `count(*) FILTER (WHERE ${check.condition}) AS c${index}`);
    const [row] = await engine.rows(`SELECT ${terms.join(", ")} FROM ${quoteName(part)}`);
    for (const [index, check] of mine.entries()) counts.set(check, Number(row?.[`c${index}`] ?? 0));
  }
  return counts;
}

/** The first offending rows, with their number in the table (the first row of data is 1). */
function offendingRows(engine: Engine, check: RowsCheck): Promise<Row[]> {
  const columns = check.columns.map(quoteName).join(", ");
  return engine.rows(
    `SELECT "row", ${columns} FROM (SELECT row_number() OVER () AS "row", * FROM ${quoteName(check.part)}) WHERE ${check.condition} LIMIT ${MOST_ROWS}`,
  );
}

export const failed = (result: TestResult): boolean => result.rows > 0;

/** The failed tests with their offending rows, for people. */
export function formatFailures(results: readonly TestResult[]): string {
  return results
    .filter(failed)
    .map((result) => {
      if (result.fault) return `✗ ${result.name}\n${indent(result.fault)}`;
      const shown = result.offending ?? [];
      const all = Object.keys(shown[0] ?? {});
      const head = all.slice(0, MOST_COLUMNS);
      const cells = shown.map((row) => head.map((name) => cell(row[name])));
      const notes = [
        ...(result.rows > shown.length ? [`… and ${result.rows - shown.length} more rows`] : []),
        ...(all.length > head.length ? [`(${all.length - head.length} more columns are not shown)`] : []),
      ];
      const count = `${result.rows} offending ${result.rows === 1 ? "row" : "rows"}`;
      return `✗ ${result.name}: ${count}\n${indent([formatTable(head, cells), ...notes].join("\n"))}`;
    })
    .join("\n");
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function indent(text: string): string {
  return text.replace(/^/gm, "    ");
}
