/** How the live state of a resource is read: existence and the properties a service will tell. */
import type { Client } from "../../emulator/client.ts";
import { isNotFound } from "../../emulator/client.ts";
import type { Xml } from "../../emulator/xml.ts";
import { isObject } from "../../server/wire.ts";
import type { CfnProps } from "../convert.ts";

export interface Reader {
  /**
   * Properties (CloudFormation's names) that the reader always reports where they are set: their absence is a change.
   * A property outside this list keeps its recorded value unless the reader reports it.
   */
  readonly covers: readonly string[];
  /**
   * The live properties and attributes; undefined when the resource is gone (a not-found error says so too).
   * `id` is the identifier's parts; `recorded` the properties last asked for, empty on import.
   */
  read(client: Client, id: readonly string[], recorded: CfnProps): Promise<CfnProps | undefined>;
}

/** A part of a resource that may not be set: not-found answers become undefined. */
export async function optional<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** `{a: "b"}` to `[{Key: "a", Value: "b"}]`, undefined where there are none. AWS's own tags (`aws:...`) are not the program's. */
export function tagList(tags: unknown): { Key: string; Value: string }[] | undefined {
  const map = tagMap(tags);
  return map && Object.entries(map).map(([Key, Value]) => ({ Key, Value }));
}

/** Tags of any of AWS's forms (map, `{Key, Value}`, `{key, value}`, `{TagKey, TagValue}`) to a map, undefined where there are none. */
export function tagMap(tags: unknown): Record<string, string> | undefined {
  const entries: [string, string][] = [];
  if (Array.isArray(tags)) {
    for (const tag of tags as Record<string, string | undefined>[]) {
      const key = tag.Key ?? tag.key ?? tag.TagKey;
      if (key !== undefined) entries.push([key, tag.Value ?? tag.value ?? tag.TagValue ?? ""]);
    }
  } else if (isObject(tags)) {
    entries.push(...(Object.entries(tags) as [string, string][]));
  }
  const own = entries.filter(([key]) => !key.startsWith("aws:"));
  return own.length > 0 ? Object.fromEntries(own) : undefined;
}

/** JSON text to its value; other text stays. */
export function document(text: unknown): unknown {
  if (typeof text !== "string") return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** XML lists (`<X><member/></X>`, `<entry><key/><value/></entry>`) to arrays and maps. */
export function plain(xml: Xml | Xml[] | undefined): unknown {
  if (xml === undefined || typeof xml === "string") return xml;
  if (Array.isArray(xml)) return xml.map(plain);
  const entries = Object.entries(xml);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === "member") return [only[1]].flat().map(plain);
  if (entries.length === 1 && only?.[0] === "entry") {
    return Object.fromEntries(
      [only[1]].flat().map((entry) => [(entry as { key: string }).key, plain((entry as { value: Xml }).value)]),
    );
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, plain(value)]));
}

/** An answer's list that some other resource may lengthen: only what was asked for is compared, all of it on import. */
export function among(live: readonly string[], recorded: unknown): readonly string[] {
  return Array.isArray(recorded) && recorded.every((item) => live.includes(item)) ? recorded : live;
}
