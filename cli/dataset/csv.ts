/**
 * Reads CSV as it is, not as it may have been meant: separator and names from the first line, types from every row.
 *
 * DuckDB's own sniffer is for exploring: it looks at the first rows, and where one of them is broken it finds a reading in
 * which nothing is, by skipping lines or by another separator. A publication has to stumble over such a row.
 */
import { cutFirstLine } from "../../contracts/csv.ts";
import { quoteName, quoteText } from "../../contracts/expectations.ts";
import { UserError } from "../stage.ts";
import type { Engine } from "./engine.ts";

export interface CsvFile {
  readonly path: string;
  readonly local: string;
}

/** Rows that a first guess of the types is made on; it is then checked on all. */
const FIRST_ROWS = 1000;

/** Types, the narrowest first, and when a text is of one. Codes with leading zeros are texts. */
const types: readonly (readonly [type: string, fits: (text: string) => string])[] = [
  ["BIGINT", (c) => `regexp_full_match(${c}, '[+-]?(0|[1-9][0-9]*)') AND TRY_CAST(${c} AS BIGINT) IS NOT NULL`],
  ["DOUBLE", (c) => `NOT regexp_matches(${c}, '^\\s*[+-]?0[0-9]') AND TRY_CAST(${c} AS DOUBLE) IS NOT NULL`],
  ["BOOLEAN", (c) => `lower(${c}) IN ('true', 'false')`],
  ["DATE", (c) => `regexp_full_match(${c}, '\\d{4}-\\d\\d-\\d\\d') AND TRY_CAST(${c} AS DATE) IS NOT NULL`],
  ["TIMESTAMP", (c) => `regexp_matches(${c}, '^\\d{4}-\\d\\d-\\d\\d[T ]') AND TRY_CAST(${c} AS TIMESTAMP) IS NOT NULL`],
];

/**
 * A query that reads the files as one table.
 *
 * @param header whether each file's first line names the columns
 * @param names the columns' names where no header does, by their number; c1, c2, … where there are none for that many
 */
export async function csvQuery(
  engine: Engine,
  files: readonly CsvFile[],
  header: boolean,
  names: (count: number) => readonly string[] | undefined,
): Promise<string> {
  const [first, ...others] = files as [CsvFile, ...CsvFile[]];
  const { separator, cells } = await firstLine(engine, first);
  for (const file of others) {
    const other = await firstLine(engine, file);
    const alike = other.separator === separator && other.cells.length === cells.length;
    if (alike && (!header || other.cells.every((cell, index) => cell === cells[index]))) continue;
    throw new UserError(
      `${file.path} has other columns than ${first.path}: ${other.cells.join(", ")} instead of ${cells.join(", ")}`,
    );
  }
  if (header) checkNames(first.path, cells);
  const columns = header ? cells : (names(cells.length) ?? cells.map((_, index) => `c${index + 1}`));
  const shape = columns.map((name) => `${quoteText(name)}: 'VARCHAR'`).join(", ");
  const list = files.map((file) => quoteText(file.local)).join(", ");
  const raw = `read_csv([${list}], auto_detect = false, header = ${header}, delim = ${quoteText(separator)}, quote = '"', escape = '"', columns = {${shape}})`;
  const found = await columnTypes(engine, raw, columns);
  const casts = columns.map((name, index) => {
    return found[index] === "VARCHAR"
      ? quoteName(name)
      : `CAST(${quoteName(name)} AS ${found[index]}) AS ${quoteName(name)}`;
  });
  return `SELECT ${casts.join(", ")} FROM ${raw}`;
}

function checkNames(path: string, names: readonly string[]): void {
  const nameless = names.findIndex((name) => name.trim() === "");
  if (nameless >= 0)
    throw new UserError(`${path}: column ${nameless + 1} of ${names.length} has no name in the first line`);
  // SQL does not tell names apart by case.
  const lower = names.map((name) => name.toLowerCase());
  const twice = names.find((_, index) => lower.indexOf(lower[index] ?? "") !== index);
  if (twice !== undefined) throw new UserError(`${path}: the first line names two columns ${twice}`);
}

async function firstLine(engine: Engine, file: CsvFile): Promise<{ separator: string; cells: string[] }> {
  // The unit separator stands in no text, so the whole line is one column.
  const [row] = await engine.rows(
    `SELECT line FROM read_csv(${quoteText(file.local)}, auto_detect = false, header = false, delim = '\u001f', quote = '', escape = '', columns = {'line': 'VARCHAR'}) LIMIT 1`,
  );
  return cutFirstLine(String(row?.line ?? ""));
}

function misfits(name: string, fits: (text: string) => string): string {
  return `count(*) FILTER (WHERE ${name} IS NOT NULL AND NOT (${fits(name)}))`;
}

/** The narrowest type of each column that every value has. */
async function columnTypes(engine: Engine, raw: string, columns: readonly string[]): Promise<string[]> {
  const limited = `(SELECT * FROM ${raw} LIMIT ${FIRST_ROWS})`;
  const tries = columns.flatMap((name, c) => {
    return types.map(([, fits], t) => `${misfits(quoteName(name), fits)} AS c${c}_${t}`);
  });
  const [first = {}] = await engine.rows(`SELECT ${tries.join(", ")} FROM ${limited}`);
  const candidates = columns.map((_, c) => types.filter((_type, t) => Number(first[`c${c}_${t}`]) === 0));
  let unsure = columns.map((_, index) => index).filter((index) => candidates[index]?.length);
  while (unsure.length > 0) {
    const checks = unsure.map((index) => {
      const name = quoteName(columns[index] ?? "");
      const [, fits] = candidates[index]?.[0] ?? types[0] ?? ["", () => "true"];
      return `${misfits(name, fits)} AS misfits${index}, count(${name}) AS present${index}`;
    });
    const [row = {}] = await engine.rows(`SELECT ${checks.join(", ")} FROM ${raw}`);
    for (const index of unsure) {
      // A column without any value is of no type.
      if (Number(row[`present${index}`]) === 0) candidates[index] = [];
    }
    unsure = unsure.filter((index) => Number(row[`misfits${index}`]) > 0);
    for (const index of unsure) candidates[index]?.shift();
    unsure = unsure.filter((index) => candidates[index]?.length);
  }
  return candidates.map((left) => left[0]?.[0] ?? "VARCHAR");
}
