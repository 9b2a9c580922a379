/** Lifecycle rules of a bucket in one shape, whichever of the four spellings the providers have for them. */
import type { Reading } from "./read.ts";
import { isTree, type Tree, Unknown } from "./unknown.ts";

export interface Lifecycle {
  /** Drops unfinished uploads / replaced versions of every object. */
  readonly aborts: boolean;
  readonly expiresOld: boolean;
  /** Where an enabled rule removes current objects. */
  readonly expiresCurrent: readonly { readonly path: string; readonly value: unknown }[];
  /** What is not known yet and could change the answer. */
  readonly unknown: readonly string[];
  /** Entries that are no rules. */
  readonly malformed: readonly { readonly path: string; readonly value: unknown }[];
}

/** What the rules do together. `readings` are those of a `rules[]` path. */
export function lifecycleOf(readings: readonly Reading[]): Lifecycle {
  const unknown: string[] = [];
  const malformed: { path: string; value: unknown }[] = [];
  const expiresCurrent: { path: string; value: unknown }[] = [];
  let aborts = false;
  let expiresOld = false;
  for (const reading of readings) {
    const { path } = reading;
    if (reading.state === "absent") continue;
    if (reading.state === "unknown") unknown.push(path);
    else if (!isTree(reading.value)) malformed.push({ path, value: reading.value });
    else {
      const rule = reading.value;
      const open = Object.keys(rule).filter((key) => hasUnknown(rule[key]));
      unknown.push(...open.filter((key) => key !== "id").map((key) => `${path}.${key}`));
      const maybe = rule.status instanceof Unknown || rule.enabled instanceof Unknown;
      if (!maybe && rule.status !== "Enabled" && rule.enabled !== true) continue;
      for (const [key, value] of currentExpiry(rule)) expiresCurrent.push({ path: `${path}.${key}`, value });
      if (maybe || !isWhole(rule)) continue;
      aborts ||= isDays(
        field(rule.abortIncompleteMultipartUpload, "daysAfterInitiation"),
        rule.abortIncompleteMultipartUploadDays,
      );
      expiresOld ||= isDays(
        rule.noncurrentVersionExpirationInDays,
        ...[rule.noncurrentVersionExpiration, ...list(rule.noncurrentVersionExpirations)].flatMap((entry) => [
          field(entry, "noncurrentDays"),
          field(entry, "days"),
        ]),
      );
    }
  }
  return { aborts, expiresOld, expiresCurrent, unknown, malformed };
}

function currentExpiry(rule: Tree): [string, unknown][] {
  const direct = ["expirationInDays", "expirationDate"].map((key): [string, unknown] => [key, rule[key]]);
  const nested = [
    ["expiration", rule.expiration] as const,
    ...list(rule.expirations).map((entry, i) => [`expirations[${i}]`, entry] as const),
  ].flatMap(([key, entry]) =>
    ["days", "date"].map((inner): [string, unknown] => [`${key}.${inner}`, field(entry, inner)]),
  );
  // 0 days is how the classic provider reads back "not set".
  return [...direct, ...nested].filter(
    ([, value]) => value !== undefined && value !== 0 && value !== "" && !(value instanceof Unknown),
  );
}

/** A rule narrowed to a prefix, to tags or to sizes tidies only a part. */
function isWhole(rule: Tree): boolean {
  const narrowing = [
    rule.prefix,
    rule.tags,
    rule.tagFilters,
    rule.objectSizeGreaterThan,
    rule.objectSizeLessThan,
    ...(isTree(rule.filter) ? Object.values(rule.filter) : [rule.filter]),
  ];
  return narrowing.every(
    (value) =>
      value === undefined ||
      value === "" ||
      (Array.isArray(value) && value.length === 0) ||
      (isTree(value) && Object.keys(value).length === 0),
  );
}

const isDays = (...values: readonly unknown[]): boolean =>
  values.some((value) => typeof value === "number" && value >= 1);
const field = (value: unknown, key: string): unknown => (isTree(value) ? value[key] : undefined);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function hasUnknown(value: unknown): boolean {
  if (value instanceof Unknown) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isTree(value) && Object.values(value).some(hasUnknown);
}
