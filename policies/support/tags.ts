/**
 * Tags in both providers' spellings: aws-native has a list of `{key, value}`, classic a map. A model package's
 * `customerMetadataProperties` is a map too.
 */
import type { Reading } from "./read.ts";
import { isTree, join, Unknown } from "./unknown.ts";

export interface Tag {
  /** Path of the value, in the provider's spelling: `tags[2].value`, `tags["frugal:run"]`. */
  readonly path: string;
  readonly value: unknown;
}

export interface Tags {
  readonly path: string;
  readonly byKey: ReadonlyMap<string, readonly Tag[]>;
  /** Paths of keys that cannot be read yet: which tags there are is then not known. */
  readonly unknownKeys: readonly string[];
  /** Entries that are no tag at all. */
  readonly malformed: readonly Tag[];
}

/** The tags that a reading of `tags` or `customerMetadataProperties` holds. Absent is no tags. */
export function tagsOf(reading: Reading): Tags {
  const byKey = new Map<string, Tag[]>();
  const unknownKeys: string[] = [];
  const malformed: Tag[] = [];
  const { path } = reading;
  const add = (key: string, tag: Tag) => {
    byKey.set(key, [...(byKey.get(key) ?? []), tag]);
  };
  const value = reading.state === "known" ? reading.value : undefined;
  if (reading.state === "unknown") unknownKeys.push(path);
  else if (reading.state === "malformed") malformed.push({ path, value: reading.value });
  else if (isTree(value)) {
    for (const [key, inner] of Object.entries(value)) add(key, { path: join(path, key), value: inner });
  } else if (Array.isArray(value)) {
    value.forEach((entry: unknown, index) => {
      const at = join(path, index);
      if (entry instanceof Unknown) unknownKeys.push(at);
      else if (!isTree(entry)) malformed.push({ path: at, value: entry });
      else if (entry.key instanceof Unknown) unknownKeys.push(join(at, "key"));
      else if (typeof entry.key !== "string") malformed.push({ path: join(at, "key"), value: entry.key });
      else add(entry.key, { path: join(at, "value"), value: entry.value });
    });
  } else if (value !== undefined) malformed.push({ path, value });
  return { path, byKey, unknownKeys, malformed };
}

/** The one known text of a tag; undefined when it is absent, doubled, unknown or no text (other rules say so). */
export function tagText(tags: Tags, key: string): { readonly path: string; readonly text: string } | undefined {
  const found = tags.byKey.get(key) ?? [];
  const [tag] = found;
  return found.length === 1 && tag && typeof tag.value === "string" ? { path: tag.path, text: tag.value } : undefined;
}
