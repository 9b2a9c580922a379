/** What UpdateModelPackage does to a package: pure but for the entry it changes. */
import { validation } from "../../server/errors.ts";
import type { Json } from "../../server/front.ts";
import type { Entry } from "../store.ts";

/** Entries a package may hold in all (AWS: CustomerMetadataProperties, 1 to 50 entries). */
const MOST_PROPERTIES = 50;

/** Members an update replaces as they are, and how the event names them (AWS spells sourceUri with a small s). */
const REPLACED: Readonly<Record<string, string>> = {
  ModelApprovalStatus: "ModelApprovalStatus",
  ApprovalDescription: "ApprovalDescription",
  InferenceSpecification: "InferenceSpecification",
  ModelLifeCycle: "ModelLifeCycle",
  SourceUri: "sourceUri",
};

/** Properties after an update: given ones are merged into the present ones, then the named ones are removed. */
export function mergedProperties(present: Json, input: Json): Json | undefined {
  const merged: Json = { ...present, ...((input.CustomerMetadataProperties ?? {}) as Json) };
  for (const key of (input.CustomerMetadataPropertiesToRemove ?? []) as string[]) delete merged[key];
  const count = Object.keys(merged).length;
  if (count > MOST_PROPERTIES)
    throw validation(
      `CustomerMetadataProperties may hold at most ${MOST_PROPERTIES} entries; the model package would hold ${count}.`,
    );
  return count ? merged : undefined;
}

/** Changes the package's fields; returns the names for the event's UpdatedModelPackageFields. */
export function applyUpdate(entry: Entry, input: Json): string[] {
  const { fields } = entry;
  if (input.ModelApprovalStatus !== undefined && fields.ModelPackageVersion === undefined)
    throw validation("ModelApprovalStatus applies to model package versions only.");
  const changed: string[] = [];
  if (input.CustomerMetadataProperties !== undefined || input.CustomerMetadataPropertiesToRemove !== undefined) {
    fields.CustomerMetadataProperties = mergedProperties((fields.CustomerMetadataProperties ?? {}) as Json, input);
    changed.push("CustomerMetadataProperties");
  }
  for (const [member, name] of Object.entries(REPLACED)) {
    if (input[member] === undefined) continue;
    fields[member] = input[member];
    changed.push(name);
  }
  if (input.ModelCard !== undefined)
    fields.ModelCard = { ...((fields.ModelCard ?? {}) as Json), ...(input.ModelCard as Json) };
  if (Array.isArray(input.AdditionalInferenceSpecificationsToAdd))
    fields.AdditionalInferenceSpecifications = [
      ...((fields.AdditionalInferenceSpecifications ?? []) as unknown[]),
      ...input.AdditionalInferenceSpecificationsToAdd,
    ];
  return changed;
}
