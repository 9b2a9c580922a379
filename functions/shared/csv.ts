/** Records of a CSV file, line by line. Pure. */
import { cellsOf, cutFirstLine } from "../../contracts/csv.ts";

export interface CsvReader {
  line(line: string): void;
  /** After the last line. */
  end(): void;
}

/**
 * Cuts lines into cells; a record goes on over the end of a line while a quote is open. The first record says what the
 * separator is.
 *
 * @param limit the most cells of a record that are of interest, asked after the first record
 */
export function csvReader(take: (cells: string[]) => void, limit: () => number = () => Infinity): CsvReader {
  let separator: string | undefined;
  let open: string | undefined;
  const record = (text: string) => {
    if (separator === undefined) {
      const first = cutFirstLine(text);
      separator = first.separator;
      take(first.cells);
    } else if (text.includes('"')) take(cellsOf(text, separator));
    else take(limit() === Infinity ? text.split(separator) : text.split(separator, limit()));
  };
  return {
    line(line) {
      const text = open === undefined ? line : `${open}\n${line}`;
      const odd = line.includes('"') && (line.split('"').length - 1) % 2 === 1;
      const stillOpen = odd ? open === undefined : open !== undefined;
      open = stillOpen ? text : undefined;
      if (!stillOpen) record(text);
    },
    end() {
      if (open !== undefined) record(open);
      open = undefined;
    },
  };
}
