/** DuckDB, held to flat memory and to the dataset's own files. */
import path from "node:path";
import type { DuckDBConnection, Json } from "@duckdb/node-api";
import { quoteText } from "../../contracts/expectations.ts";
import { UserError } from "../stage.ts";
import { makeTemporary, removeTemporary } from "./temporary.ts";

/** What DuckDB may hold in memory; beyond it, it writes to a temporary folder. */
const MEMORY_LIMIT = "256MB";
const THREADS = "2";

export type Row = Record<string, Json>;

export interface Engine {
  /** Runs a statement of ours and returns all its rows; for small results. */
  rows(sql: string): Promise<Row[]>;
  /**
   * Runs a query that may return anything: counts its rows and keeps the first `keep`.
   * @throws UserError when the text is not exactly one query
   */
  stream(sql: string, keep: number): Promise<{ count: number; first: Row[] }>;
  close(): Promise<void>;
}

/**
 * Opens an in-memory database that can read below `folder` and nowhere else: a data test is somebody's SQL, and has no
 * business with other files or the network.
 */
export async function openEngine(folder: string): Promise<Engine> {
  // Loading the native library takes a tenth of a second that other commands need not wait for.
  const { DuckDBInstance, StatementType } = await import("@duckdb/node-api");
  const temporary = await makeTemporary("frugal-duckdb-");
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: MEMORY_LIMIT,
    threads: THREADS,
    temp_directory: temporary,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection: DuckDBConnection = await instance.connect();
  const root = `${path.resolve(folder).split(path.sep).join("/")}/`;
  await connection.run(`SET allowed_directories = [${quoteText(root)}]`);
  await connection.run("SET enable_external_access = false");
  await connection.run("SET lock_configuration = true");
  return {
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson(),
    async stream(sql, keep) {
      const statements = await connection.extractStatements(sql);
      if (statements.count !== 1) {
        throw new UserError(`holds ${statements.count} statements; a data test is one query`);
      }
      const prepared = await statements.prepare(0);
      if (prepared.statementType !== StatementType.SELECT) throw new UserError("is not a query (SELECT)");
      const result = await prepared.stream();
      const first: Row[] = [];
      let count = 0;
      for await (const rows of result.yieldRowObjectJson()) {
        count += rows.length;
        if (first.length < keep) first.push(...rows.slice(0, keep - first.length));
      }
      return { count, first };
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
      await removeTemporary(temporary);
    },
  };
}
