/** The one authority for tags: bills, permissions, clean-up and lineage all go by them. */
import { type LineageRecord, lineageTags, TAG_PREFIX } from "../../contracts/lineage.ts";
import type { Site } from "./naming.ts";

/** Tags as most of AWS's services take them. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** Most tags that a resource may carry; AWS's own limit is 50 (botocore, TagList of most services). */
const MOST_TAGS = 50;

/**
 * The tags of every taggable resource: stage, project, owner and component.
 *
 * @param component the flow word whose component made the resource
 * @param more what one resource carries besides, by key without prefix: `{ role: "decide-approval" }`
 */
export function stageTags(
  site: Pick<Site, "stage" | "project" | "owner">,
  component: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const tags: Record<string, string> = {
    [`${TAG_PREFIX}stage`]: site.stage,
    [`${TAG_PREFIX}project`]: site.project,
    [`${TAG_PREFIX}owner`]: site.owner,
    [`${TAG_PREFIX}component`]: component,
  };
  for (const [key, value] of Object.entries(more)) tags[`${TAG_PREFIX}${key}`] = value;
  return tags;
}

/** The tags of what serves a model package: the stage's and the lineage record's. */
export function servingTags(
  site: Pick<Site, "stage" | "project" | "owner">,
  component: string,
  record: LineageRecord,
  modelPackageArn: string,
): Record<string, string> {
  return { ...stageTags(site, component), ...lineageTags(record, modelPackageArn) };
}

/** The list form, sorted by key, so that the same tags never look changed. */
export function tagList(tags: Readonly<Record<string, string>>): Tag[] {
  const list = Object.entries(tags)
    .map(([key, value]) => ({ key, value }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  if (list.length > MOST_TAGS) throw new Error(`a resource takes at most ${MOST_TAGS} tags, got ${list.length}`);
  return list;
}

/** The list form with capitals, as the APIs inside a state machine take it. */
export function apiTags(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return tagList(tags).map(({ key, value }) => ({ Key: key, Value: value }));
}
