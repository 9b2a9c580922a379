/** Create, Describe, List and Delete of a named resource, from one row of data; hooks add what AWS checks besides. */
import { type AwsError, validation } from "../server/errors.ts";
import type { Call, Front, Json, Roster } from "../server/front.ts";
import { arnOf } from "../server/front.ts";
import { type Listing, respond, respondList } from "./listing.ts";
import { type Entry, now, type Tag } from "./store.ts";

export interface Resource {
  /** As in the operation names, e.g. "EndpointConfig". */
  readonly noun: string;
  /** Plural, where it is not noun + "s". */
  readonly plural?: string;
  /** ARN type. */
  readonly kind: string;
  /** Request member that holds the name. */
  readonly nameMember: string;
  /** Answer member that holds the ARN. */
  readonly arnMember: string;
  /** What AWS answers for an unknown name. */
  readonly missing: (arn: string, name: string) => AwsError;
  /** What AWS answers for a name already taken. */
  readonly exists: (arn: string, name: string) => AwsError;
  /** AWS's further checks before creation; may return fields to add. */
  readonly beforeCreate?: (front: Front, call: Call) => Json | undefined | Promise<Json | undefined>;
  readonly afterCreate?: (front: Front, entry: Entry) => void;
  /** AWS's checks before deletion. */
  readonly beforeDelete?: (front: Front, entry: Entry) => void;
  readonly afterDelete?: (front: Front, entry: Entry) => void;
  /** Members that Update<Noun> may change; without it there is no Update. */
  readonly updatable?: readonly string[];
  readonly listing?: Listing;
}

/** Looks a resource up by the name in the request; throws AWS's "not found". */
export function find(front: Front, resource: Pick<Resource, "kind" | "missing">, name: string): Entry {
  const entry = front.store.get(resource.kind, name);
  if (!entry) throw resource.missing(arnOf(front, resource.kind, name), name);
  return entry;
}

/** Who made or changed a thing, as SageMaker shows it for callers outside Studio. */
export const userContext = (call: Pick<Call, "principalArn">): Json => ({ IamIdentity: { Arn: call.principalArn } });

/** Tags of a create request; a key given twice is refused (the words are ours). */
export function requestTags(input: Json): Tag[] {
  const tags = (input.Tags ?? []) as Tag[];
  const twice = tags.find((tag, index) => tags.findIndex((other) => other.Key === tag.Key) !== index);
  if (twice) throw validation(`Tag keys must be unique; ${twice.Key} is given twice.`);
  return tags.map(({ Key, Value }) => ({ Key, Value }));
}

/** A record of a create request: its members, the ARN and the times. */
export function newEntry(call: Call, kind: string, name: string, arn: string, fields: Json): Entry {
  const { Tags: _tags, ...members } = call.input;
  const time = now();
  return {
    kind,
    name,
    arn,
    tags: requestTags(call.input),
    fields: { ...members, CreationTime: time, LastModifiedTime: time, CreatedBy: userContext(call), ...fields },
  };
}

export function operationsOf(resource: Resource): Roster {
  const { noun, kind, nameMember, arnMember } = resource;
  const named = (front: Front, call: Call): Entry => find(front, resource, String(call.input[nameMember]));
  const update: Roster = resource.updatable
    ? {
        [`Update${noun}`]: (front, call) => {
          const entry = named(front, call);
          for (const member of resource.updatable ?? [])
            if (call.input[member] !== undefined) entry.fields[member] = call.input[member];
          entry.fields.LastModifiedTime = now();
          entry.fields.LastModifiedBy = userContext(call);
          return respond(front, call, entry.fields);
        },
      }
    : {};
  return {
    [`Create${noun}`]: async (front, call) => {
      const name = String(call.input[nameMember]);
      const arn = arnOf(front, kind, name);
      const taken = (): void => {
        if (front.store.get(kind, name)) throw resource.exists(arn, name);
      };
      taken();
      const added = (await resource.beforeCreate?.(front, call)) ?? {};
      taken();
      const entry = front.store.add(newEntry(call, kind, name, arn, { [arnMember]: arn, ...added }));
      resource.afterCreate?.(front, entry);
      return respond(front, call, entry.fields);
    },
    [`Describe${noun}`]: (front, call) => respond(front, call, named(front, call).fields),
    [`List${resource.plural ?? `${noun}s`}`]: (front, call) =>
      respondList(front, call, front.store.all(kind), resource.listing),
    [`Delete${noun}`]: (front, call) => {
      const entry = named(front, call);
      resource.beforeDelete?.(front, entry);
      front.store.remove(entry);
      resource.afterDelete?.(front, entry);
      return respond(front, call, entry.fields);
    },
    ...update,
  };
}
