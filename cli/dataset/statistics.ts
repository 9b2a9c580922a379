/** A table's statistics, in two passes over its rows and without holding them. */
import { quoteName, quoteText, sqlNumber } from "../../contracts/expectations.ts";
import {
  type Column,
  HISTOGRAM_BUCKETS,
  histogramEdges,
  MOST_EXACT_VALUES,
  MOST_TEXT_LENGTH,
  MOST_TOP_VALUES,
  type Part,
  type ValueCount,
} from "../../contracts/statistics.ts";
import type { Engine, Row } from "./engine.ts";
import type { DatasetTable, TableColumn } from "./tables.ts";

/** Columns looked at in one pass: a wide table would otherwise hold thousands of sketches at once. */
const BATCH = 64;
/** DuckDB's estimate of distinct values errs by a few per cent; a column this near is counted to know. */
const NEAR = MOST_EXACT_VALUES * 1.3;

/** @param onPass called after each pass, with the share done of the table, 0 to 1 */
export async function describeTable(
  engine: Engine,
  table: DatasetTable,
  onPass: (share: number) => void = () => {},
): Promise<Part> {
  const { name, format, files, label } = table;
  const [total] = await engine.rows(`SELECT count(*) AS n FROM ${quoteName(name)}`);
  const columns: Column[] = [];
  for (let at = 0; at < table.columns.length; at += BATCH) {
    const batch = table.columns.slice(at, at + BATCH);
    const all = table.columns.length;
    const summaries = await summarise(engine, name, batch);
    onPass((at + batch.length / 2) / all);
    columns.push(...(await distribute(engine, name, summaries)));
    onPass((at + batch.length) / all);
  }
  return { name, format, files, rows: Number(total?.n ?? 0), ...(label === undefined ? {} : { label }), columns };
}

interface Summary {
  readonly column: Column;
  readonly quantiles?: readonly number[];
  readonly top?: readonly string[];
}

const isNumeric = (column: TableColumn): boolean => column.type === "integer" || column.type === "number";

/** The column's value as the statistics take it: numbers as finite doubles. */
function valueSql(column: TableColumn): string {
  const name = quoteName(column.name);
  if (!isNumeric(column)) return name;
  const double = `${name}::DOUBLE`;
  return column.type === "integer" ? double : `CASE WHEN isfinite(${double}) THEN ${double} END`;
}

/** First pass: counts, moments, extremes, quantile estimates. */
async function summarise(engine: Engine, table: string, columns: readonly TableColumn[]): Promise<Summary[]> {
  const fractions = Array.from({ length: HISTOGRAM_BUCKETS + 1 }, (_, index) => index / HISTOGRAM_BUCKETS);
  const terms = columns.flatMap((column, index) => {
    const [name, value] = [quoteName(column.name), valueSql(column)];
    const term = (key: string, sql: string): string => `${sql} AS ${key}${index}`;
    const common = [term("present", `count(${name})`), term("absent", `count(*) - count(${name})`)];
    if (column.type === "other") return common;
    common.push(term("distinct", `approx_count_distinct(${value})`));
    if (isNumeric(column)) {
      const double = `${name}::DOUBLE`;
      return [
        ...common,
        term("nan", `count(*) FILTER (WHERE isnan(${double}))`),
        term("infinite", `count(*) FILTER (WHERE isinf(${double}))`),
        term("mean", `avg(${value})`),
        term("std", `stddev_pop(${value})`),
        term("min", `min(${value})`),
        term("max", `max(${value})`),
        term("quantiles", `approx_quantile(${value}, [${fractions.join(", ")}])`),
      ];
    }
    if (column.type === "string") {
      const short = `CASE WHEN length(${name}) <= ${MOST_TEXT_LENGTH} THEN ${name}::VARCHAR END`;
      return [...common, term("top", `approx_top_k(${short}, ${MOST_TOP_VALUES})`)];
    }
    if (column.type === "boolean") return common;
    return [...common, term("min", `min(${name})::VARCHAR`), term("max", `max(${name})::VARCHAR`)];
  });
  const [row = {}] = terms.length === 0 ? [] : await engine.rows(`SELECT ${terms.join(", ")} FROM ${quoteName(table)}`);
  return columns.map((column, index) => summaryOf(column, index, row));
}

function summaryOf(column: TableColumn, index: number, row: Row): Summary {
  const number = (key: string): number => Number(row[`${key}${index}`] ?? 0);
  const nan = number("nan");
  const base = {
    name: column.name,
    type: column.type,
    count: number("present") - nan,
    missing: number("absent") + nan,
    distinct: Math.min(number("distinct"), number("present")),
  };
  const given = row[`min${index}`] !== null && row[`min${index}`] !== undefined;
  if (!isNumeric(column)) {
    const range = given ? { min: String(row[`min${index}`]), max: String(row[`max${index}`]) } : {};
    return { column: { ...base, ...range }, top: row[`top${index}`] as string[] | undefined };
  }
  const infinite = number("infinite") > 0 ? { infinite: number("infinite") } : {};
  if (!given) return { column: { ...base, ...infinite } };
  const [min, max] = [number("min"), number("max")];
  const moments = { mean: number("mean"), std: number("std"), min, max };
  const inner = (row[`quantiles${index}`] as number[]).slice(1, -1).map((value) => Math.min(max, Math.max(min, value)));
  return { column: { ...base, ...moments, ...infinite }, quantiles: [min, ...inner, max] };
}

/** Second pass: exact counts of values or buckets. */
async function distribute(engine: Engine, table: string, summaries: readonly Summary[]): Promise<Column[]> {
  const edges = summaries.map(({ quantiles }) => (quantiles ? histogramEdges(quantiles) : []));
  const terms = summaries.flatMap(({ column, top }, index) => {
    if (column.type === "other" || column.type === "date" || column.type === "timestamp") return [];
    const value = valueSql(column);
    const few = column.distinct <= NEAR;
    const text = `CASE WHEN length(${value}) <= ${MOST_TEXT_LENGTH} THEN ${value}::VARCHAR END`;
    if (few) return [`histogram(${column.type === "string" ? text : value}) AS d${index}`];
    if (isNumeric(column)) return [`histogram(${value}, [${edges[index]?.map(sqlNumber).join(", ")}]) AS d${index}`];
    // Texts that nearly all differ are names or keys: none of them says anything about the next version.
    if (!top || column.distinct > column.count / 2) return [];
    return [`histogram_exact(${text}, [${top.map(quoteText).join(", ")}]::VARCHAR[]) AS d${index}`];
  });
  const [row = {}] = terms.length === 0 ? [] : await engine.rows(`SELECT ${terms.join(", ")} FROM ${quoteName(table)}`);
  const again: number[] = [];
  const columns = summaries.map((summary, index): Column => {
    const counts = row[`d${index}`] as { key: string | number | boolean; value: string }[] | null | undefined;
    if (!counts) return summary.column;
    if (isNumeric(summary.column) && summary.column.distinct > NEAR)
      return withHistogram(summary.column, edges[index] ?? [], counts);
    if (isNumeric(summary.column) && counts.length > MOST_EXACT_VALUES) again.push(index);
    return withValues(summary, counts);
  });
  for (const index of again)
    columns[index] = await recount(engine, table, summaries[index] as Summary, edges[index] ?? []);
  return columns;
}

/** A column of numbers whose estimate was low: counted into a histogram after all. */
async function recount(engine: Engine, table: string, summary: Summary, edges: readonly number[]): Promise<Column> {
  const value = valueSql(summary.column);
  const [row] = await engine.rows(
    `SELECT histogram(${value}, [${edges.map(sqlNumber).join(", ")}]) AS d, count(DISTINCT ${value}) AS n FROM ${quoteName(table)}`,
  );
  return withHistogram({ ...summary.column, distinct: Number(row?.n) }, edges, row?.d as { value: string }[]);
}

function withHistogram(column: Column, edges: readonly number[], counts: readonly { value: string }[]): Column {
  // One entry for each edge, in their order; the first counts what lies at or below it, which is nothing.
  const inBuckets = counts.slice(1, edges.length).map(({ value }) => Number(value));
  return { ...column, histogram: { edges: [...edges], counts: inBuckets } };
}

function withValues({ column, top }: Summary, counts: readonly { key: unknown; value: string }[]): Column {
  const known = new Set(top);
  const all = counts
    // The overflow bucket of histogram_exact has the key "" (or none): it is what the values kept leave over.
    .filter(
      ({ key, value }) =>
        Number(value) > 0 && (column.type !== "string" || column.distinct <= NEAR || known.has(String(key))),
    )
    .map(({ key, value }): ValueCount => ({ value: typed(column, key), count: Number(value) }))
    .sort((a, b) => b.count - a.count || (String(a.value) < String(b.value) ? -1 : 1));
  const exact = column.distinct <= NEAR && all.length <= MOST_EXACT_VALUES;
  const values = exact ? all : all.slice(0, MOST_TOP_VALUES);
  const others = column.count - (column.infinite ?? 0) - values.reduce((sum, { count }) => sum + count, 0);
  const distinct = exact && others === 0 ? values.length : column.distinct;
  return { ...column, distinct, values, ...(others > 0 ? { others } : {}) };
}

function typed(column: Column, key: unknown): ValueCount["value"] {
  if (column.type === "boolean") return key === true || key === "true";
  return isNumeric(column) ? Number(key) : String(key);
}
