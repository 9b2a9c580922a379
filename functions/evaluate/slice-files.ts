/** Where a slice column stands among the files of a dataset version, and how its cells are found in them. Pure. */
import { type DatasetManifest, slicesFile, testFiles } from "../../contracts/dataset.ts";
import { type CsvReader, csvReader } from "../shared/csv.ts";
import type { SliceColumn } from "./slices.ts";

/** The table of test/features.csv in a manifest. */
const featuresTable = "test_features";
const namedColumns = 20;

/** Reads one file into the columns that are found in it. */
export interface SliceReader extends CsvReader {
  /** Names of the file's columns, once there is a line. */
  readonly names: readonly string[];
  /** Columns asked for that the file does not have. */
  readonly missing: readonly string[];
  readonly faults: readonly string[];
}

/** Reads test/slices.csv, whose first line names the columns. */
export function readWithHeader(columns: readonly SliceColumn[]): SliceReader {
  return reader(columns, slicesFile, (cells) => ({ names: cells.map((cell) => cell.trim()), isRow: false }));
}

/** Reads test/features.csv, which has no header: the manifest names its columns, and `column 1` is the first one. */
export function readWithoutHeader(columns: readonly SliceColumn[], manifest: DatasetManifest): SliceReader {
  const known = manifest.parts?.find(({ name }) => name === featuresTable)?.columns.map(({ name }) => name);
  return reader(columns, testFiles.features, (cells) => {
    const names = known?.length === cells.length ? known : cells.map((_, at) => `column ${at + 1}`);
    return { names, isRow: true };
  });
}

function reader(
  columns: readonly SliceColumn[],
  file: string,
  begin: (cells: string[]) => { names: string[]; isRow: boolean },
): SliceReader {
  let places: [column: SliceColumn, at: number][] | undefined;
  let names: string[] = [];
  let missing = columns.map(({ name }) => name);
  let last = Infinity;
  let line = 0;
  const faults: string[] = [];
  const takeRow = (cells: string[], found: [SliceColumn, number][]) => {
    for (const [column, at] of found) {
      const cell = cells[at];
      if (cell === undefined && faults.length < 5) faults.push(`${file}: row ${line} has no column ${column.name}`);
      column.take(cell ?? "");
    }
  };
  const csv = csvReader(
    (cells) => {
      line++;
      if (places) return takeRow(cells, places);
      const { names: found, isRow } = begin(cells);
      names = found;
      places = columns.flatMap((column) => {
        const at = placeOf(column.name, found, isRow);
        return at === undefined ? [] : [[column, at] as [SliceColumn, number]];
      });
      const placed = new Set(places.map(([column]) => column.name));
      missing = columns.map(({ name }) => name).filter((name) => !placed.has(name));
      last = Math.max(0, ...places.map(([, at]) => at + 1));
      if (isRow) takeRow(cells, places);
    },
    () => last,
  );
  return {
    ...csv,
    get names() {
      return names;
    },
    get missing() {
      return missing;
    },
    faults,
  };
}

/** A number is a place only where no header gives names. */
function placeOf(column: string, names: readonly string[], byNumber: boolean): number | undefined {
  const named = names.indexOf(column);
  if (named >= 0 || !byNumber) return named >= 0 ? named : undefined;
  const number = Number(/^column (\d{1,6})$/.exec(column)?.[1] ?? 0);
  return number >= 1 && number <= names.length ? number - 1 : undefined;
}

/** In words that a column is in none of the files, and what would be. */
export function missingColumn(column: string, files: readonly { file: string; names: readonly string[] }[]): string {
  const seen = files.map(({ file, names }) => {
    const more = names.length - namedColumns;
    return `${file} (${names.slice(0, namedColumns).join(", ")}${more > 0 ? ` and ${more} more` : ""})`;
  });
  return `the slice column ${column} is not among the columns of ${seen.join(" or of ")}; the stage's evaluation.sliceColumns names it`;
}
