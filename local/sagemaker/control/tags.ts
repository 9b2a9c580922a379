/** Tags of the front's own resources; tags of moto's are passed on. */
import { validation } from "../server/errors.ts";
import type { Call, Front, Json, Roster } from "../server/front.ts";
import { page } from "./listing.ts";
import type { Entry, Tag } from "./store.ts";

/** Tags a resource may have (API reference). */
const MOST_TAGS = 50;

/** ARN types the front owns: an ARN of one of them that is not in the store does not exist. */
const OWN =
  /:(model|endpoint|endpoint-config|model-package|model-package-group|training-job|processing-job|transform-job|artifact|action|context|monitoring-schedule|experiment|experiment-trial|experiment-trial-component)\//;

function owned(front: Front, call: Call): Entry | undefined {
  const arn = String(call.input.ResourceArn);
  const entry = front.store.byArn(arn);
  if (!entry && OWN.test(arn))
    throw validation(`The request is rejected because the resource "${arn}" does not exist.`);
  return entry;
}

function add(front: Front, call: Call): Json | Promise<Json> {
  const entry = owned(front, call);
  if (!entry) return front.moto.call(call.operation, call.input);
  // See createPackage: a version uses its group's tags.
  if (entry.kind === "model-package" && entry.fields.ModelPackageVersion !== undefined)
    throw validation(
      "Tags cannot be added to a model package version. A version uses the tags of its model package group; tag the group.",
    );
  const merged = new Map(entry.tags.map((tag) => [tag.Key, tag]));
  for (const { Key, Value } of call.input.Tags as Tag[]) merged.set(Key, { Key, Value });
  if (merged.size > MOST_TAGS)
    throw validation(`A resource can have at most ${MOST_TAGS} tags; ${entry.arn} would have ${merged.size}.`);
  entry.tags = [...merged.values()];
  return { Tags: entry.tags };
}

function list(front: Front, call: Call): Json | Promise<Json> {
  const entry = owned(front, call);
  if (!entry) return front.moto.call(call.operation, call.input);
  const { items, next } = page(call, entry.tags, MOST_TAGS);
  return { Tags: items, ...(next ? { NextToken: next } : {}) };
}

function remove(front: Front, call: Call): Json | Promise<Json> {
  const entry = owned(front, call);
  if (!entry) return front.moto.call(call.operation, call.input);
  const keys = call.input.TagKeys as string[];
  entry.tags = entry.tags.filter((tag) => !keys.includes(tag.Key));
  return {};
}

export const tagOperations: Roster = { AddTags: add, ListTags: list, DeleteTags: remove };
