/** The little of CSV that several rooms need. Pure. */

/** Separators, tried on a first line in this order. */
export const separators = [",", ";", "\t", "|"] as const;

/** The cells of one line; a separator inside quotes separates nothing. */
export function cellsOf(line: string, separator: string): string[] {
  const cells = [""];
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? "";
    const last = cells.length - 1;
    if (character === '"' && quoted && line[at + 1] === '"') {
      cells[last] += '"';
      at += 1;
    } else if (character === '"' && (quoted || cells[last] === "")) quoted = !quoted;
    else if (character === separator && !quoted) cells.push("");
    else cells[last] += character;
  }
  return cells;
}

/** How a first line is cut: by the separator that gives the most cells. A byte order mark is not part of it. */
export function cutFirstLine(text: string): { separator: string; cells: string[] } {
  const line = text.replace(/^\ufeff/, "");
  const cut = separators.map((separator) => ({ separator, cells: cellsOf(line, separator) }));
  return cut.reduce((best, one) => (one.cells.length > best.cells.length ? one : best));
}
