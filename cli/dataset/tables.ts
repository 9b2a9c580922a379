/** Makes a view for each table of a dataset, with types that hold for every row and not only for the first ones. */
import { testFiles } from "../../contracts/dataset.ts";
import { quoteName, quoteText } from "../../contracts/expectations.ts";
import type { ColumnType } from "../../contracts/statistics.ts";
import { UserError } from "../stage.ts";
import { csvQuery } from "./csv.ts";
import type { Engine } from "./engine.ts";
import { type PartFiles, partsOf } from "./parts.ts";

export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
}
export interface DatasetTable {
  readonly name: string;
  readonly format: "csv" | "parquet";
  readonly files: number;
  readonly columns: readonly TableColumn[];
  /** The column that a model learns to predict; of the table `train`. */
  readonly label?: string;
}
/** A file inside the version, and where its bytes lie on this machine. */
export interface LocalFile {
  readonly path: string;
  readonly local: string;
  readonly bytes: number;
}

const testTables = { features: "test_features", labels: "test_labels" } as const;
/** Names that a label commonly has, tried where the stage's configuration names none. */
const usualLabels = ["target", "label"];

/**
 * Creates the views. Tables without a header take the training part's column names where the numbers agree.
 *
 * @param label the column that a model learns to predict, where the stage's configuration says so
 * @throws UserError naming the file and line that cannot be read
 */
export async function createTables(
  engine: Engine,
  files: readonly LocalFile[],
  label?: string,
): Promise<DatasetTable[]> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const tables: DatasetTable[] = [];
  // The training part comes first: others take its column names.
  const parts = partsOf(files.map((file) => file.path)).sort(
    (a, b) => Number(b.name === "train") - Number(a.name === "train"),
  );
  for (const part of parts) {
    const filled = part.paths.map((path) => byPath.get(path)).filter((file) => file !== undefined && file.bytes > 0);
    try {
      tables.push(await createTable(engine, part, filled as LocalFile[], tables[0], label));
    } catch (error) {
      throw readable(error, part, files);
    }
  }
  return tables;
}

async function createTable(
  engine: Engine,
  part: PartFiles,
  files: readonly LocalFile[],
  train: DatasetTable | undefined,
  wantedLabel: string | undefined,
): Promise<DatasetTable> {
  const base = { name: part.name, format: part.format, files: part.paths.length };
  if (files.length === 0) {
    await engine.rows(`CREATE VIEW ${quoteName(part.name)} AS SELECT NULL AS nothing WHERE false`);
    return { ...base, columns: [] };
  }
  const query =
    part.format === "csv"
      ? await csvQuery(engine, files, part.header, (count) => inheritedNames(part.name, count, train))
      : parquetQuery(files);
  await engine.rows(`CREATE VIEW ${quoteName(part.name)} AS ${query}`);
  const described = await engine.rows(`DESCRIBE ${quoteName(part.name)}`);
  const columns = described.map((row) => ({
    name: String(row.column_name),
    type: columnType(String(row.column_type)),
  }));
  if (part.name !== "train") return { ...base, columns };
  return { ...base, columns, label: labelOf(columns, wantedLabel) };
}

function labelOf(columns: readonly TableColumn[], wanted: string | undefined): string | undefined {
  const names = columns.map(({ name }) => name);
  if (wanted !== undefined && !names.includes(wanted)) {
    throw new UserError(`the label is to be ${wanted}, but train has only the columns ${names.join(", ")}`);
  }
  return wanted ?? usualLabels.find((name) => names.includes(name));
}

function parquetQuery(files: readonly LocalFile[]): string {
  return `FROM read_parquet([${files.map((file) => quoteText(file.local)).join(", ")}], hive_partitioning = false)`;
}

/** Column names for the test files, which have none: the training part's features, or its label. */
function inheritedNames(part: string, count: number, train: DatasetTable | undefined): string[] | undefined {
  if (train?.name !== "train" || train.label === undefined) return undefined;
  if (part === testTables.labels && count === 1) return [train.label];
  const features = train.columns.map(({ name }) => name).filter((name) => name !== train.label);
  return part === testTables.features && count === features.length ? features : undefined;
}

const typeFamilies: readonly (readonly [pattern: RegExp, type: ColumnType])[] = [
  [/^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER)$/, "integer"],
  [/^(?:FLOAT|DOUBLE|DECIMAL\b.*)$/, "number"],
  [/^(?:VARCHAR|UUID|ENUM\b.*)$/, "string"],
  [/^BOOLEAN$/, "boolean"],
  [/^DATE$/, "date"],
  [/^TIMESTAMP(?!.*[[(]).*$/, "timestamp"],
];

function columnType(sqlType: string): ColumnType {
  return typeFamilies.find(([pattern]) => pattern.test(sqlType))?.[1] ?? "other";
}

/** DuckDB's words about a file, without its advice on options that nobody can set here. */
function readable(error: unknown, part: PartFiles, files: readonly LocalFile[]): Error {
  if (error instanceof UserError) return error;
  const [cause = ""] = (error as Error).message.split(/\n\s*\n?(?:Possible (?:fixes|solutions)|LINE \d)/);
  const named = files.reduce((text, file) => text.replaceAll(file.local, file.path), cause);
  return new UserError(`table ${part.name} cannot be read (${part.paths.slice(0, 3).join(", ")}): ${named.trim()}`);
}

/** Expectations that every dataset with test files must meet, whatever the stage declares. */
export function agreementFaults(tables: readonly DatasetTable[], rows: ReadonlyMap<string, number>): string[] {
  const table = (name: string) => tables.find((candidate) => candidate.name === name);
  const [train, features, labels] = [table("train"), table(testTables.features), table(testTables.labels)];
  const faults: string[] = [];
  if (features && labels && rows.get(features.name) !== rows.get(labels.name)) {
    faults.push(
      `${testFiles.features} has ${rows.get(features.name)} rows, ${testFiles.labels} ${rows.get(labels.name)}: each row needs its label`,
    );
  }
  if (labels && labels.columns.length > 1) faults.push(`${testFiles.labels} must have one column`);
  const wanted = train?.label === undefined ? undefined : train.columns.length - 1;
  if (features && wanted !== undefined && features.columns.length !== wanted) {
    faults.push(
      `${testFiles.features} has ${features.columns.length} columns, the training part ${wanted} besides ${train?.label}`,
    );
  }
  return faults;
}
