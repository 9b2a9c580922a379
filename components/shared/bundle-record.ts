/**
 * What the last bundling read and made, kept beside the zips: while none of its files has changed, there is nothing to
 * bundle, and a preview is seconds shorter.
 */
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bundle } from "./bundle.ts";

interface BundleRecord {
  /** What was asked for and how: functions, options, versions. */
  readonly request: string;
  /** Size and modification time of each file that was read, by absolute path. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly bundles: readonly Bundle[];
}

const fileName = "bundles.json";

/** The bundles of the last run, or undefined when anything about them may have changed. */
export function readRecord(target: string, request: string): ReadonlyMap<string, Bundle> | undefined {
  let record: BundleRecord;
  try {
    record = JSON.parse(readFileSync(join(target, fileName), "utf8")) as BundleRecord;
    if (record.request !== request) return undefined;
    const unchanged = Object.entries(record.inputs).every(([path, mark]) => markOf(path) === mark);
    if (!unchanged || !record.bundles.every((bundle) => existsSync(bundle.path))) return undefined;
  } catch {
    // No record, or one that cannot be read: bundle anew.
    return undefined;
  }
  return new Map(record.bundles.map((bundle) => [bundle.name, bundle]));
}

/** Keeps what was read and made. */
export function writeRecord(
  target: string,
  request: string,
  inputs: readonly string[],
  bundles: readonly Bundle[],
): void {
  const record: BundleRecord = {
    request,
    inputs: Object.fromEntries(inputs.map((path) => [path, markOf(path)])),
    bundles,
  };
  const draft = join(target, `${fileName}.${process.pid}.draft`);
  writeFileSync(draft, JSON.stringify(record));
  renameSync(draft, join(target, fileName));
}

function markOf(path: string): string {
  const { size, mtimeMs } = statSync(path);
  return `${size} ${mtimeMs}`;
}
