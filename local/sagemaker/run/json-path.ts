/**
 * The JSONPath forms that batch transform's filters take (botocore, DataProcessing): `$`, `$.name`, `$.a.b`,
 * `$['a','b']`, `$[1]`, `$[1:]`, `$[0,5:]`. Pure.
 */
import { JobFault } from "./faults.ts";

/** botocore, JsonPath: at most 63 characters. */
const LIMIT = 63;

type Part =
  | { readonly kind: "index"; readonly at: number }
  | { readonly kind: "slice"; readonly from?: number; readonly to?: number };

export interface Filter {
  readonly source: string;
  /** Names walked one after the other. */
  readonly path: readonly string[];
  /** Then either members of an object or places of an array. */
  readonly names?: readonly string[];
  readonly parts?: readonly Part[];
}

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const refuse = (source: string, why: string) =>
  new JobFault(
    `ClientError: filter ${JSON.stringify(source)} ${why}; the local SageMaker knows $, $.name, $['a','b'], $[1], $[1:3] and $[0,5:]`,
  );

/** Parses a filter; `$` (everything) when it is not given. Throws a JobFault that names it. */
export function parseFilter(source = "$"): Filter {
  if (source.length > LIMIT) throw refuse(source, `has ${source.length} characters, ${LIMIT} are allowed`);
  const match = /^\$((?:\.[A-Za-z_]\w*)*)(?:\[(.+)\])?$/s.exec(source);
  if (!match) throw refuse(source, "is not supported");
  const path = match[1] ? match[1].slice(1).split(".") : [];
  const inner = match[2];
  if (inner === undefined) return { source, path };
  const names = /^\s*'[^']+'(?:\s*,\s*'[^']+')*\s*$/.test(inner)
    ? [...inner.matchAll(/'([^']+)'/g)].map((name) => name[1] as string)
    : undefined;
  if (names) return { source, path, names };
  const parts = inner.split(",").map((text): Part => {
    const found = /^\s*(-?\d+)?\s*(?:(:)\s*(-?\d+)?)?\s*$/.exec(text);
    if (!found || (found[1] === undefined && found[2] === undefined)) throw refuse(source, "is not supported");
    const from = found[1] === undefined ? undefined : Number(found[1]);
    if (found[2] === undefined) return { kind: "index", at: from as number };
    return { kind: "slice", from, to: found[3] === undefined ? undefined : Number(found[3]) };
  });
  return { source, path, parts };
}

/** Whether the filter keeps everything. */
export const keepsAll = (filter: Filter) => filter.path.length === 0 && !filter.names && !filter.parts;

/** The places of an array of this length that the filter keeps, in the filter's order. An index out of range is an error, as in AWS. */
export function selectPlaces(filter: Filter, length: number): number[] {
  return (filter.parts ?? [{ kind: "slice" }]).flatMap((part) => {
    if (part.kind === "slice") {
      const [from, to] = [clamp(part.from ?? 0, length), clamp(part.to ?? length, length)];
      return Array.from({ length: Math.max(0, to - from) }, (_, place) => from + place);
    }
    const at = part.at < 0 ? part.at + length : part.at;
    if (at < 0 || at >= length)
      throw new JobFault(
        `ClientError: filter ${JSON.stringify(filter.source)}: index ${part.at} is outside of a record with ${length} values`,
      );
    return [at];
  });
}

const clamp = (place: number, length: number) => Math.min(Math.max(place < 0 ? place + length : place, 0), length);

/** The part of a JSON value that the filter keeps. */
export function applyFilter(filter: Filter, value: Json): Json {
  let current = value;
  for (const name of filter.path) current = member(filter, current, name);
  if (filter.names) {
    const from = current;
    return Object.fromEntries(filter.names.map((name) => [name, member(filter, from, name)]));
  }
  if (!filter.parts) return current;
  if (!Array.isArray(current))
    throw new JobFault(
      `ClientError: filter ${JSON.stringify(filter.source)} needs an array, the record has ${typeof current}`,
    );
  const array = current;
  const places = selectPlaces(filter, array.length);
  if (filter.parts.length === 1 && filter.parts[0]?.kind === "index") return array[places[0] as number] as Json;
  return places.map((place) => array[place] as Json);
}

function member(filter: Filter, value: Json, name: string): Json {
  if (value === null || typeof value !== "object" || Array.isArray(value) || !Object.hasOwn(value, name)) {
    throw new JobFault(
      `ClientError: filter ${JSON.stringify(filter.source)}: the record has no member ${JSON.stringify(name)}`,
    );
  }
  return value[name] as Json;
}
