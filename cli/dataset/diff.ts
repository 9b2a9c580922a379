/** What differs between two versions: files, schema, rows, and how far each column's distribution moved. Pure. */
import type { DatasetManifest } from "../../contracts/dataset.ts";
import { psiLevels, type Shift, shift } from "../../contracts/distribution.ts";
import type { Column, Part } from "../../contracts/statistics.ts";

export interface ColumnDiff {
  readonly name: string;
  /** added, removed, retyped, or the same schema. */
  readonly change: "added" | "removed" | "retyped" | "none";
  readonly before?: Summary;
  readonly after?: Summary;
  readonly shift?: Shift;
  /** none below 0.1, moderate from 0.1, large from 0.25 (population stability index). */
  readonly level?: "none" | "moderate" | "large";
}
/** A column's figures without its distribution. */
export type Summary = Omit<Column, "name" | "values" | "histogram" | "others">;

export interface PartDiff {
  readonly name: string;
  readonly change: "added" | "removed" | "none";
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  readonly columns: readonly ColumnDiff[];
}
export interface DatasetDiff {
  readonly before: string;
  readonly after: string;
  readonly same: boolean;
  readonly files: {
    readonly added: string[];
    readonly removed: string[];
    readonly changed: string[];
    readonly same: number;
  };
  readonly parts: readonly PartDiff[];
}

export function diffManifests(before: DatasetManifest, after: DatasetManifest): DatasetDiff {
  const [was, is] = [before, after].map((manifest) => new Map(manifest.files.map((file) => [file.path, file.sha256])));
  const [old, now] = [was ?? new Map<string, string>(), is ?? new Map<string, string>()];
  const files = {
    added: [...now.keys()].filter((path) => !old.has(path)),
    removed: [...old.keys()].filter((path) => !now.has(path)),
    changed: [...now].filter(([path, sha256]) => old.has(path) && old.get(path) !== sha256).map(([path]) => path),
    same: [...now].filter(([path, sha256]) => old.get(path) === sha256).length,
  };
  const names = [...new Set([...(before.parts ?? []), ...(after.parts ?? [])].map((part) => part.name))];
  return {
    before: before.version,
    after: after.version,
    same: files.added.length + files.removed.length + files.changed.length === 0,
    files,
    parts: names.map((name) => diffParts(name, find(before.parts, name), find(after.parts, name))),
  };
}

function find<T extends { name: string }>(list: readonly T[] | undefined, name: string): T | undefined {
  return list?.find((one) => one.name === name);
}

function diffParts(name: string, before: Part | undefined, after: Part | undefined): PartDiff {
  const names = [...new Set([...(after?.columns ?? []), ...(before?.columns ?? [])].map((column) => column.name))];
  return {
    name,
    change: !before ? "added" : !after ? "removed" : "none",
    rowsBefore: before?.rows ?? 0,
    rowsAfter: after?.rows ?? 0,
    columns:
      before && after
        ? names.map((column) => diffColumns(column, find(before.columns, column), find(after.columns, column)))
        : [],
  };
}

function diffColumns(name: string, before: Column | undefined, after: Column | undefined): ColumnDiff {
  if (!before || !after) {
    const sides = { ...(before ? { before: summary(before) } : {}), ...(after ? { after: summary(after) } : {}) };
    return { name, change: before ? "removed" : "added", ...sides };
  }
  const moved = shift(before, after);
  const level =
    moved && (moved.psi >= psiLevels.large ? "large" : moved.psi >= psiLevels.moderate ? "moderate" : "none");
  const change = before.type === after.type ? "none" : "retyped";
  return { name, change, before: summary(before), after: summary(after), ...(moved ? { shift: moved, level } : {}) };
}

function summary({
  name: _name,
  values: _values,
  histogram: _histogram,
  others: _others,
  ...figures
}: Column): Summary {
  return figures;
}
