/** What a stage expects of a dataset before it is published: declared in the stage's configuration, compiled to SQL. */
import * as z from "zod";
import { type ColumnType, columnTypes } from "./statistics.ts";

const share = (what: string) => {
  const error = `must be ${what}, a share of 0 to 1`;
  return z.number({ error }).min(0, { error }).max(1, { error });
};
const least = z.int({ error: "must be a whole number of rows" }).min(0, { error: "must be a whole number of rows" });

export const ColumnExpectation = z.strictObject({
  /** integer, number, string, boolean, date or timestamp. */
  type: z.enum(columnTypes, { error: `must be one of ${columnTypes.join(", ")}` }).optional(),
  /** Least and greatest value of a number, both allowed. */
  minimum: z.number({ error: "must be a number" }).optional(),
  maximum: z.number({ error: "must be a number" }).optional(),
  /** The only values allowed. */
  values: z
    .array(z.union([z.string(), z.number(), z.boolean()]), { error: "must be a list of values" })
    .min(1, { error: "must name at least one value" })
    .optional(),
  /** Greatest share of missing values, 0 to 1. @default 0 */
  nulls: share("the greatest share of missing values").default(0),
  /** No value twice; missing ones are not compared. */
  unique: z.boolean({ error: "must be true or false" }).default(false),
});
export type ColumnExpectation = z.infer<typeof ColumnExpectation>;

export const PartExpectation = z.strictObject({
  minimumRows: least.optional(),
  maximumRows: least.optional(),
  /** By name; "*" is for every column that is not named. A named column must be there. */
  columns: z.record(z.string().min(1), ColumnExpectation).default({}),
  /** Whether columns that are not named are fine. @default true */
  otherColumns: z.boolean({ error: "must be true or false" }).default(true),
  /** Columns that together are never the same in two rows. */
  unique: z.array(z.array(z.string().min(1)).min(1), { error: "must be a list of lists of columns" }).default([]),
});
export type PartExpectation = z.infer<typeof PartExpectation>;

export const DatasetExpectations = z.strictObject({
  /** The column of the training part that a model learns to predict. @default the one named target or label */
  label: z.string().min(1).optional(),
  /** By the part's name, such as train or test_features. */
  parts: z.record(z.string().min(1), PartExpectation).default({}),
});
export type DatasetExpectations = z.infer<typeof DatasetExpectations>;

/** A part as a check sees it. */
export interface Table {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
}

/** One expectation of one part. */
export type Check = { readonly name: string } & (
  | {
      /** Rows for which the condition is true offend, when they are more than the share of all rows. */
      readonly kind: "rows";
      readonly part: string;
      readonly condition: string;
      readonly columns: readonly string[];
      readonly share: number;
    }
  /** Every row of the query offends. */
  | { readonly kind: "query"; readonly sql: string }
  /** Broken already, as the schema tells. */
  | { readonly kind: "fault"; readonly fault: string }
);

/** The checks of a dataset, in the order they were declared. */
export function compileExpectations(expectations: DatasetExpectations, tables: readonly Table[]): Check[] {
  return Object.entries(expectations.parts).flatMap(([part, wanted]): Check[] => {
    const table = tables.find((candidate) => candidate.name === part);
    if (table) return checksOf(table, wanted);
    const known = tables.map(({ name }) => name).join(", ") || "none";
    return [{ name: part, kind: "fault", fault: `there is no such part; the parts are: ${known}` }];
  });
}

function checksOf(table: Table, wanted: PartExpectation): Check[] {
  const { "*": others, ...named } = wanted.columns;
  const rest = table.columns.filter(({ name }) => !Object.hasOwn(named, name));
  const checks: Check[] = [];
  if (wanted.minimumRows !== undefined) checks.push(rowCount(table.name, "at least", "<", wanted.minimumRows));
  if (wanted.maximumRows !== undefined) checks.push(rowCount(table.name, "at most", ">", wanted.maximumRows));
  for (const [name, expectation] of Object.entries(named)) {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (column) checks.push(...columnChecks(table.name, column, expectation));
    else checks.push({ name: `${table.name}.${name}`, kind: "fault", fault: "the column is missing" });
  }
  for (const column of others ? rest : [])
    checks.push(...columnChecks(table.name, column, others as ColumnExpectation));
  if (!wanted.otherColumns && !others && rest.length > 0) {
    checks.push({
      name: `${table.name} has no other columns`,
      kind: "fault",
      fault: `not expected: ${rest.map(({ name }) => name).join(", ")}`,
    });
  }
  return [...checks, ...wanted.unique.map((columns) => unique(table, columns))];
}

function rowCount(part: string, words: string, offends: string, rows: number): Check {
  const sql = `SELECT count(*) AS "rows" FROM ${quoteName(part)} HAVING count(*) ${offends} ${rows}`;
  return { name: `${part} has ${words} ${rows} rows`, kind: "query", sql };
}

function columnChecks(part: string, column: Table["columns"][number], wanted: ColumnExpectation): Check[] {
  const name = quoteName(column.name);
  const checks: Check[] = [];
  const add = (words: string, condition: string, share = 0): void => {
    const check = { name: `${part}.${column.name} ${words}`, part, condition, columns: [column.name], share };
    checks.push({ ...check, kind: "rows" });
  };
  const allowed = wanted.nulls === 0 ? "is never missing" : `is missing in at most ${wanted.nulls * 100}% of rows`;
  if (wanted.nulls < 1) add(allowed, isMissing(name, column.type), wanted.nulls);
  if (wanted.type) add(`is ${typeWords[wanted.type]}`, notOfType(name, column.type, wanted.type));
  const number = column.type === "number" || column.type === "integer" ? name : `TRY_CAST(${name} AS DOUBLE)`;
  // NaN counts as missing, and DuckDB holds it greater than any number.
  if (wanted.minimum !== undefined) add(`is at least ${wanted.minimum}`, `${number} < ${sqlNumber(wanted.minimum)}`);
  if (wanted.maximum !== undefined) {
    add(`is at most ${wanted.maximum}`, `${number} > ${sqlNumber(wanted.maximum)} AND NOT isnan(${number}::DOUBLE)`);
  }
  if (wanted.values) {
    const list = wanted.values.map((value) => quoteText(String(value))).join(", ");
    const text = wanted.values.every((value) => typeof value === "number") ? `${number}::DOUBLE` : `${name}::VARCHAR`;
    const casted = text.endsWith("DOUBLE") ? wanted.values.map((value) => sqlNumber(Number(value))).join(", ") : list;
    add(`is one of ${wanted.values.join(", ")}`, `${name} IS NOT NULL AND coalesce(${text} NOT IN (${casted}), true)`);
  }
  if (wanted.unique) checks.push(unique({ name: part, columns: [column] }, [column.name]));
  return checks;
}

const typeWords: Readonly<Record<ColumnType, string>> = {
  integer: "a whole number",
  number: "a number",
  string: "a text",
  boolean: "true or false",
  date: "a date",
  timestamp: "a point in time",
  other: "of another type",
};
const sqlTypes: Readonly<Partial<Record<ColumnType, string>>> = {
  number: "DOUBLE",
  boolean: "BOOLEAN",
  date: "DATE",
  timestamp: "TIMESTAMP",
};

function isMissing(name: string, type: ColumnType): string {
  return type === "number" ? `${name} IS NULL OR isnan(${name}::DOUBLE)` : `${name} IS NULL`;
}

/** True for the rows whose value is not of the type. A text that reads as a number is a number all the same. */
function notOfType(name: string, actual: ColumnType, wanted: ColumnType): string {
  if (actual === wanted || wanted === "string") return "false";
  if (wanted === "integer") {
    const number = `TRY_CAST(${name} AS DOUBLE)`;
    return `${name} IS NOT NULL AND coalesce(${number} <> trunc(${number}), true)`;
  }
  const type = sqlTypes[wanted];
  return type ? `${name} IS NOT NULL AND TRY_CAST(${name}::VARCHAR AS ${type}) IS NULL` : `${name} IS NOT NULL`;
}

function unique(table: Table, columns: readonly string[]): Check {
  const name = `${table.name}.${columns.join(" + ")} is unique`;
  const missing = columns.filter((wanted) => !table.columns.some((column) => column.name === wanted));
  if (missing.length > 0) return { name, kind: "fault", fault: `there is no column ${missing.join(", ")}` };
  const list = columns.map(quoteName).join(", ");
  const present = columns.map((column) => `${quoteName(column)} IS NOT NULL`).join(" AND ");
  const sql = `SELECT ${list}, count(*) AS times FROM ${quoteName(table.name)} WHERE ${present} GROUP BY ${list} HAVING count(*) > 1`;
  return { name, kind: "query", sql };
}

/** A name as SQL wants it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL wants it. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A number as SQL wants it: with an exponent it is a DOUBLE, without one a DECIMAL that may be rounded otherwise. */
export function sqlNumber(value: number): string {
  const text = String(value);
  return text.includes("e") ? text : `${text}e0`;
}
