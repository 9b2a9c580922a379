/** Which files form which table. Pure. */
import { testFiles } from "../../contracts/dataset.ts";
import { UserError } from "../stage.ts";

export interface PartFiles {
  /** Name of the table in data tests: letters, digits and underscores. */
  readonly name: string;
  readonly format: "csv" | "parquet";
  /** Whether the first line of each file names the columns. */
  readonly header: boolean;
  /** Paths inside the version, sorted. */
  readonly paths: readonly string[];
}

/** Files that a batch transform sends line by line, so they carry no header. */
const headerless: ReadonlySet<string> = new Set(Object.values(testFiles));
const tabular = /\.(?:(csv|tsv)(?:\.gz)?|(parquet))$/i;

/** Whether a file is read as a table. */
export function isTabular(path: string): boolean {
  return tabular.test(path);
}

/**
 * Tables of a set of paths. Everything below `train/` is the table `train`, as a training job gets all of it. Any other
 * file's table is named after its path: `test/features.csv` is `test_features`; numbered files (`part-00001.parquet`,
 * `2024-01.csv`) are one table, named after their folder.
 *
 * @throws UserError when files of one table differ in format, or files that do not belong together would share a name
 */
export function partsOf(paths: readonly string[]): PartFiles[] {
  const parts = new Map<string, { stem: string; format: "csv" | "parquet"; header: boolean; paths: string[] }>();
  const faults: string[] = [];
  for (const path of [...paths].sort()) {
    const found = tabular.exec(path);
    if (!found) continue;
    if (/[*?[\]{}]/.test(path)) faults.push(`"${path}" is a table whose name holds one of * ? [ ] { }: rename it`);
    const format = found[2] ? "parquet" : "csv";
    const stem = stemOf(path.slice(0, found.index));
    const name = tableName(stem);
    const part = parts.get(name);
    if (!part) parts.set(name, { stem, format, header: !headerless.has(path), paths: [path] });
    else if (part.stem !== stem) faults.push(`"${part.paths[0]}" and "${path}" would both be the table ${name}`);
    else if (part.format !== format) faults.push(`table ${name} mixes CSV and Parquet ("${part.paths[0]}", "${path}")`);
    else part.paths.push(path);
  }
  if (faults.length > 0) throw new UserError(faults.join("; "));
  return [...parts].map(([name, { format, header, paths: files }]) => ({ name, format, header, paths: files }));
}

/** What the files of one table have in common: the path without its number, and without `key=value` folders. */
function stemOf(path: string): string {
  if (path.startsWith("train/")) return "train";
  const segments = path.split("/").filter((segment) => !segment.includes("="));
  const last = (segments.pop() ?? "").replace(/^(?:part|data|shard|chunk)?[-_.]?\d[\d._-]*(?:-?of-?\d+)?$/i, "");
  const numbered = last.replace(/[-_.]\d+(?:-of-\d+)?$/, "");
  return [...segments, ...(numbered === "" ? [] : [numbered])].join("/") || "data";
}

function tableName(stem: string): string {
  const name = stem
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_+|_+$/g, "");
  return /^\p{L}/u.test(name) ? name : `data_${name}`;
}
