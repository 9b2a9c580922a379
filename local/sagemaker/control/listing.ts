/**
 * The filters, order and pages that all of SageMaker's List operations share.
 *
 * A page holds 10 entries when MaxResults is not given, as AWS's lists do, so that a caller who forgets NextToken is
 * found out here.
 */
import { validation } from "../server/errors.ts";
import type { Call, Front, Json } from "../server/front.ts";
import { project } from "../validate/validate.ts";
import type { Entry } from "./store.ts";

const DEFAULT_PAGE = 10;

/** Which field of an entry each time filter looks at. */
const TIME_FILTERS: Readonly<Record<string, { field: string; after: boolean }>> = {
  CreationTimeAfter: { field: "CreationTime", after: true },
  CreationTimeBefore: { field: "CreationTime", after: false },
  CreatedAfter: { field: "CreationTime", after: true },
  CreatedBefore: { field: "CreationTime", after: false },
  LastModifiedTimeAfter: { field: "LastModifiedTime", after: true },
  LastModifiedTimeBefore: { field: "LastModifiedTime", after: false },
};

/** A request's time as epoch seconds; clients send numbers, some tools ISO text. */
const seconds = (value: unknown): number => (typeof value === "number" ? value : Date.parse(String(value)) / 1000);

export interface Listing {
  /** Field holding the status that StatusEquals compares. */
  readonly status?: string;
  /** Request member → field that must equal it. */
  readonly equal?: Readonly<Record<string, string>>;
  /** Fields of the summary where they differ from the entry's own. */
  readonly summary?: (entry: Entry) => Json;
}

function wanted(input: Json, listing: Listing, entry: Entry): boolean {
  for (const [member, { field, after }] of Object.entries(TIME_FILTERS)) {
    if (input[member] === undefined) continue;
    const bound = seconds(input[member]);
    const value = Number(entry.fields[field] ?? 0);
    if (after ? value < bound : value > bound) return false;
  }
  if (typeof input.NameContains === "string" && !entry.name.toLowerCase().includes(input.NameContains.toLowerCase()))
    return false;
  if (input.StatusEquals !== undefined && listing.status && entry.fields[listing.status] !== input.StatusEquals)
    return false;
  return Object.entries(listing.equal ?? {}).every(
    ([member, field]) => input[member] === undefined || fieldAt(entry.fields, field) === input[member],
  );
}

/** A field by dotted path, e.g. "Source.SourceUri". */
export function fieldAt(fields: Json, path: string): unknown {
  let value: unknown = fields;
  for (const part of path.split(".")) value = (value as Json | undefined)?.[part];
  return value;
}

function sortKey(input: Json, listing: Listing, entry: Entry): string | number {
  const by = input.SortBy ?? "CreationTime";
  if (by === "Name") return entry.name;
  if (by === "Status" && listing.status) return String(entry.fields[listing.status]);
  return Number(entry.fields[String(by)] ?? entry.fields.CreationTime ?? 0);
}

/** Cuts one page; the token is the offset, sealed with the operation so that a foreign token is refused. */
export function page<T>(
  call: Pick<Call, "operation" | "input">,
  items: readonly T[],
  size = DEFAULT_PAGE,
): { items: T[]; next?: string } {
  let start = 0;
  if (typeof call.input.NextToken === "string" && call.input.NextToken) {
    const [operation, offset] = Buffer.from(call.input.NextToken, "base64url").toString("utf8").split("@");
    start = Number(offset);
    if (operation !== call.operation || !Number.isInteger(start)) throw validation("Invalid NextToken.");
  }
  const end = start + Number(call.input.MaxResults ?? size);
  const next = end < items.length ? Buffer.from(`${call.operation}@${end}`).toString("base64url") : undefined;
  return { items: items.slice(start, end), next };
}

/** Filters, sorts, pages and projects entries to the operation's output, whose one list member is found in the model. */
export function respondList(front: Front, call: Call, entries: readonly Entry[], listing: Listing = {}): Json {
  const kept = entries.filter((entry) => wanted(call.input, listing, entry));
  const ascending = call.input.SortOrder === "Ascending";
  const sorted = kept
    .map((entry, index) => ({ entry, index, key: sortKey(call.input, listing, entry) }))
    .sort((a, b) => {
      const order = a.key < b.key ? -1 : a.key > b.key ? 1 : a.index - b.index;
      return ascending ? order : -order;
    })
    .map(({ entry }) => entry);
  const { items, next } = page(call, sorted);
  const output = front.model.output(call.operation);
  if (!output) throw new Error(`${call.operation} has no output in botocore's model`);
  const members = Object.entries(front.model.shape(output).members ?? {});
  const list = members.find(([, member]) => front.model.shape(member.shape).type === "list");
  if (!list) throw new Error(`${call.operation} answers no list in botocore's model`);
  const summaries = items.map((entry) => ({ ...entry.fields, ...listing.summary?.(entry) }));
  return {
    [list[0]]: project(front.model, list[1].shape, summaries) as unknown[],
    ...(next ? { NextToken: next } : {}),
  };
}

/** What the operation's output shape names of the given fields. */
export function respond(front: Front, call: Pick<Call, "operation">, fields: Json): Json {
  const output = front.model.output(call.operation);
  return output ? (project(front.model, output, fields) as Json) : {};
}
