/** Artifacts, actions and contexts: made by callers, or found when SageMaker made them (automatic.ts). */
import { artifactArn } from "../../iam/resources.ts";
import { notFound, validation } from "../../server/errors.ts";
import type { Call, Front, Json, Roster } from "../../server/front.ts";
import { respond, respondList } from "../listing.ts";
import { newEntry, operationsOf, type Resource, userContext } from "../resource.ts";
import { type Entry, now } from "../store.ts";

/** Entries an entity may hold (API reference: LineageEntityParameters, ArtifactProperties). */
const MOST_PROPERTIES = 30;

/** Deletion is refused while edges exist, in either direction. */
function checkFree(front: Front, entry: Entry): void {
  if (front.graph.touches(entry.arn)) throw validation("Cannot delete entity with associations");
}

function mergeProperties(entry: Entry, input: Json): void {
  const merged: Json = { ...((entry.fields.Properties ?? {}) as Json), ...((input.Properties ?? {}) as Json) };
  for (const key of (input.PropertiesToRemove ?? []) as string[]) delete merged[key];
  const count = Object.keys(merged).length;
  if (count > MOST_PROPERTIES)
    throw validation(`Properties may hold at most ${MOST_PROPERTIES} entries; the entity would hold ${count}.`);
  entry.fields.Properties = merged;
}

/** Update of the named members, with properties merged; all three kinds work alike. */
function update(front: Front, call: Call, entry: Entry, members: readonly string[]): Json {
  mergeProperties(entry, call.input);
  for (const member of members) if (call.input[member] !== undefined) entry.fields[member] = call.input[member];
  entry.fields.LastModifiedTime = now();
  entry.fields.LastModifiedBy = userContext(call);
  return respond(front, call, entry.fields);
}

function named(noun: "Action" | "Context", equal: Record<string, string>): Roster {
  const kind = noun.toLowerCase();
  const resource: Resource = {
    noun,
    kind,
    nameMember: `${noun}Name`,
    arnMember: `${noun}Arn`,
    missing: (arn) => notFound(`${noun} ${arn} does not exist.`),
    exists: (arn) => validation(`${noun} ${arn} already exists.`),
    beforeDelete: checkFree,
    listing: { equal },
  };
  return {
    ...operationsOf(resource),
    [`Update${noun}`]: (front, call) => {
      const name = String(call.input[`${noun}Name`]);
      const entry = front.store.get(kind, name);
      if (!entry) throw notFound(`${noun} ${name} does not exist.`);
      return update(front, call, entry, ["Description", "Status"]);
    },
  };
}

function findArtifact(front: Front, input: Json): Entry {
  const uri = (input.Source as Json | undefined)?.SourceUri;
  if (input.ArtifactArn === undefined && uri === undefined)
    throw validation("Either ArtifactArn or Source must be specified.");
  const arn = String(input.ArtifactArn ?? artifactArn(front, String(uri)));
  const entry = front.store.byArn(arn);
  if (entry?.kind !== "artifact") throw notFound(`Artifact ${arn} does not exist.`);
  return entry;
}

/** "There can be only one artifact with a unique SourceUri" (developer guide); what a second create gets is a setting. */
function createArtifact(front: Front, call: Call): Json {
  const uri = String((call.input.Source as Json).SourceUri);
  const arn = artifactArn(front, uri);
  const present = front.store.byArn(arn);
  if (present && front.settings.artifactDuplicate === "error")
    throw validation(`Artifact with source URI ${uri} already exists: ${arn}`);
  if (present) return respond(front, call, present.fields);
  const entry = newEntry(call, "artifact", arn.split("/").at(-1) ?? "", arn, { ArtifactArn: arn });
  front.store.add(entry);
  return respond(front, call, entry.fields);
}

const ARTIFACT_LISTING = { equal: { SourceUri: "Source.SourceUri", ArtifactType: "ArtifactType" } };

/** A source has one artifact, whose ARN follows from it. */
function candidates(front: Front, input: Json): Entry[] {
  if (input.SourceUri === undefined) return front.store.all("artifact");
  const found = front.store.byArn(artifactArn(front, String(input.SourceUri)));
  return found ? [found] : [];
}

const artifacts: Roster = {
  CreateArtifact: createArtifact,
  DescribeArtifact: (front, call) => respond(front, call, findArtifact(front, call.input).fields),
  UpdateArtifact: (front, call) => update(front, call, findArtifact(front, call.input), ["ArtifactName"]),
  DeleteArtifact: (front, call) => {
    const entry = findArtifact(front, call.input);
    checkFree(front, entry);
    front.store.remove(entry);
    return respond(front, call, entry.fields);
  },
  ListArtifacts: (front, call) => respondList(front, call, candidates(front, call.input), ARTIFACT_LISTING),
};

export const entityOperations: Roster = {
  ...artifacts,
  ...named("Action", { SourceUri: "Source.SourceUri", ActionType: "ActionType" }),
  ...named("Context", { SourceUri: "Source.SourceUri", ContextType: "ContextType" }),
};
