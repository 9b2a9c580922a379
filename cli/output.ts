/** Progress on standard error: a bar that moves on a terminal, plain lines elsewhere. */

export interface Progress {
  /** A line that stays. */
  line(text: string): void;
  /** Begins a piece of work, of a size in bytes where it is known; ends the one before. */
  begin(title: string, bytes?: number): void;
  /** More bytes are done. */
  advance(bytes: number): void;
  /** Ends the piece of work. */
  end(): void;
}

/** What progress is written to; `process.stderr` is one. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Milliseconds between two drawings of the bar. */
const DRAW_MS = 100;
/** Milliseconds between two plain lines about one piece of work. */
const LINE_MS = 10_000;
const BAR = 24;

/**
 * @param terminal a terminal gets a bar, anything else a line at the beginning, each ten seconds, and at the end
 * @param now milliseconds; given by tests
 */
export function makeProgress(terminal: Terminal = process.stderr, now: () => number = Date.now): Progress {
  const live = Boolean(terminal.isTTY) && !process.env.CI;
  let work: { title: string; total?: number; done: number; began: number; shown: number } | undefined;

  const wipe = (): void => void (live && terminal.write("\r\u001b[K"));
  const draw = (): void => {
    if (!work) return;
    if (work.total === undefined) return void terminal.write(live ? `\r\u001b[K${work.title} …` : `${work.title} …\n`);
    const share = work.total === 0 ? 1 : Math.min(1, work.done / work.total);
    const amount = `${Math.floor(share * 100)}% of ${formatBytes(work.total)}`;
    if (!live) return void terminal.write(`${work.title}: ${amount}\n`);
    const bar = "█".repeat(Math.round(share * BAR)).padEnd(BAR, "░");
    const speed = work.done / Math.max(0.001, (now() - work.began) / 1000);
    const text = `${work.title} ${bar} ${amount}, ${formatBytes(speed)}/s`;
    terminal.write(`\r\u001b[K${text.slice(0, Math.max(20, (terminal.columns ?? 80) - 1))}`);
  };
  const end = (): void => {
    if (!work) return;
    wipe();
    const seconds = (now() - work.began) / 1000;
    const amount = work.total === undefined ? "" : `${formatBytes(work.total)} in `;
    terminal.write(`${work.title}: ${amount}${seconds.toFixed(1)} s\n`);
    work = undefined;
  };
  return {
    line(text) {
      wipe();
      terminal.write(`${text}\n`);
      if (live) draw();
    },
    begin(title, bytes) {
      end();
      work = { title, total: bytes, done: 0, began: now(), shown: now() };
      if (live) draw();
    },
    advance(bytes) {
      if (!work) return;
      work.done += bytes;
      if (now() - work.shown < (live ? DRAW_MS : LINE_MS)) return;
      work.shown = now();
      draw();
    },
    end,
  };
}

/** No progress at all. */
export const silent: Progress = { line() {}, begin() {}, advance() {}, end() {} };

/** Bytes in the largest unit that leaves a number of 1 or more, such as `4.7 MB`; powers of ten. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Rows as a table for a terminal: columns padded, numbers not aligned; `…` where a cell is longer than `most`. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[], most = 48): string {
  const cut = (text: string): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
  const all = [head, ...rows].map((row) => row.map((cell) => cut(cell.replace(/\s+/g, " "))));
  const widths = head.map((_, index) => Math.max(...all.map((row) => (row[index] ?? "").length)));
  return all
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
