/** Versions and their differences as text for people. */
import type { DatasetManifest } from "../../contracts/dataset.ts";
import { missingShare } from "../../contracts/distribution.ts";
import type { Column } from "../../contracts/statistics.ts";
import { formatBytes, formatTable } from "../output.ts";
import type { ColumnDiff, DatasetDiff, PartDiff } from "./diff.ts";
import type { ListedVersion } from "./read.ts";

/** Files that are listed of a version with many. */
const MOST_FILES = 20;
/** Population stability index below which a column is only counted. */
const LEAST_PSI = 0.01;

export function formatVersions(versions: readonly ListedVersion[], total: number, skipped: number): string {
  const rows = versions.map((one) => [
    one.version,
    one.createdAt.slice(0, 19).replace("T", " "),
    one.createdBy,
    String(one.files),
    formatBytes(one.bytes),
    Object.entries(one.rows)
      .map(([part, count]) => `${part} ${count}`)
      .join(", ") || "-",
    String(one.tests),
  ]);
  const table = formatTable(["version", "published (UTC)", "by", "files", "size", "rows", "tests"], rows, 144);
  const rest = total - skipped - versions.length;
  return rest > 0
    ? `${table}\n${rest} older ${rest === 1 ? "version" : "versions"}: --skip ${skipped + versions.length}`
    : table;
}

export function formatManifest(manifest: DatasetManifest, uri: string): string {
  const { source } = manifest;
  const commit = source?.commit
    ? `, commit ${source.commit.slice(0, 12)}${source.dirty ? " with uncommitted changes" : ""}`
    : "";
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const tests = manifest.tests ?? [];
  const sql = tests.filter((test) => test.kind === "sql");
  const more = manifest.files.length - MOST_FILES;
  const lines = [
    manifest.version,
    `  at         ${uri}`,
    `  published  ${manifest.createdAt} by ${manifest.createdBy}${source ? ` from ${source.from}${commit}` : ""}`,
    `  parents    ${manifest.parents?.join(", ") ?? "none"}`,
    `  tests      ${tests.length === 0 ? "none" : `${tests.length - sql.length} expectations and ${sql.length} SQL tests, all passed`}`,
    ...sql.map((test) => `             ${test.name} (sha256 ${test.sha256?.slice(0, 12)})`),
    `  files      ${manifest.files.length}, ${formatBytes(bytes)}`,
    ...indented(
      formatTable(
        ["path", "size", "sha256", "S3 version"],
        manifest.files
          .slice(0, MOST_FILES)
          .map((file) => [file.path, formatBytes(file.bytes), file.sha256.slice(0, 16), file.versionId ?? "-"]),
      ),
    ),
    ...(more > 0 ? [`    … and ${more} more (--json lists all)`] : []),
  ];
  for (const part of manifest.parts ?? []) {
    const label = part.label === undefined ? "" : `, label ${part.label}`;
    lines.push("", `${part.name}: ${part.rows} rows, ${part.columns.length} columns${label}`);
    lines.push(...indented(formatTable(statisticsHead, part.columns.map(statistics))));
  }
  return lines.join("\n");
}

const statisticsHead = [
  "column",
  "type",
  "missing",
  "distinct",
  "mean",
  "std",
  "min",
  "median",
  "max",
  "most frequent",
];

function statistics(column: Column): string[] {
  const top = column.values?.slice(0, 3).map(({ value, count }) => `${value} (${count})`) ?? [];
  return [
    column.name,
    column.type,
    percent(missingShare(column)),
    String(column.distinct),
    figure(column.mean),
    figure(column.std),
    figure(column.min),
    figure(median(column)),
    figure(column.max),
    top.join(", "),
  ];
}

/** Of a histogram: the upper edge of the bucket in which half is reached. */
function median({ histogram }: Column): number | undefined {
  if (!histogram) return undefined;
  const half = histogram.counts.reduce((sum, count) => sum + count, 0) / 2;
  let sum = 0;
  const at = histogram.counts.findIndex((count) => {
    sum += count;
    return sum >= half;
  });
  return histogram.edges[at + 1];
}

export function formatDiff(diff: DatasetDiff): string {
  const head = [`from ${diff.before}`, `to   ${diff.after}`, ""];
  if (diff.same) return [...head, "the files are the same"].join("\n");
  const { added, removed, changed, same } = diff.files;
  const files = [
    ...changed.map((path) => `  ~ ${path}`),
    ...added.map((path) => `  + ${path}`),
    ...removed.map((path) => `  - ${path}`),
  ];
  const more = files.length > MOST_FILES ? [`  … and ${files.length - MOST_FILES} more (--json lists all)`] : [];
  const summary = `files: ${changed.length} changed, ${added.length} added, ${removed.length} removed, ${same} the same`;
  return [...head, summary, ...files.slice(0, MOST_FILES), ...more, ...diff.parts.flatMap(formatPart)].join("\n");
}

function formatPart(part: PartDiff): string[] {
  const rows =
    part.rowsBefore === part.rowsAfter ? `${part.rowsAfter} rows` : `${part.rowsBefore} → ${part.rowsAfter} rows`;
  const title = ["", `${part.name}: ${part.change === "none" ? rows : `${part.change}, ${rows}`}`];
  if (part.columns.length === 0) return title;
  const changed = part.columns.filter((column) => column.change !== "none" || differs(column));
  const moved = changed.filter(
    (column) => column.change !== "none" || (column.shift?.psi ?? 1) >= LEAST_PSI || column.shift?.missing,
  );
  const quiet = changed.length - moved.length;
  const same = part.columns.length - changed.length;
  const sorted = moved.sort((a, b) => (b.shift?.psi ?? 9) - (a.shift?.psi ?? 9));
  const table = formatTable(
    ["column", "PSI", "", "KS", "missing", "mean", "range", "type"],
    sorted.map((column) => [
      column.name,
      column.shift ? column.shift.psi.toFixed(3) : "-",
      column.level === "none" || !column.level ? "" : column.level,
      column.shift?.ks === undefined ? "-" : column.shift.ks.toFixed(3),
      changeOf(column, (side) => percent(missingShare(side))),
      changeOf(column, (side) => figure(side.mean)),
      changeOf(column, (side) => (side.min === undefined ? "" : `${figure(side.min)} … ${figure(side.max)}`)),
      column.change === "none"
        ? (column.after?.type ?? "")
        : column.change === "retyped"
          ? changeOf(column, (side) => side.type)
          : column.change,
    ]),
  );
  const rest = [
    ...(quiet > 0 ? [`${quiet} moved by less (PSI below ${LEAST_PSI})`] : []),
    ...(same > 0 ? [`${same} ${same === 1 ? "is" : "are"} the same`] : []),
  ];
  return [
    ...title,
    ...(sorted.length > 0 ? indented(table) : []),
    ...(rest.length > 0 ? [`    of the ${sorted.length > 0 ? "other " : ""}columns, ${rest.join(" and ")}`] : []),
  ];
}

function differs({ before, after, shift }: ColumnDiff): boolean {
  return (shift?.psi ?? 0) > 0 || JSON.stringify(before) !== JSON.stringify(after);
}

function changeOf(column: ColumnDiff, tell: (side: NonNullable<ColumnDiff["before"]>) => string): string {
  const [before, after] = [column.before ? tell(column.before) : "", column.after ? tell(column.after) : ""];
  return before === after || before === "" || after === "" ? before || after : `${before} → ${after}`;
}

function percent(share: number): string {
  return share === 0 ? "0%" : share < 0.001 ? "<0.1%" : `${(share * 100).toFixed(1)}%`;
}

function figure(value: number | string | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? String(value) : String(Number(value.toPrecision(5)));
}

function indented(text: string): string[] {
  return text.split("\n").map((line) => `    ${line}`);
}
