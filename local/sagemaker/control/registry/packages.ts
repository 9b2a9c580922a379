/**
 * Model packages. The front owns them, since moto loses what the flow lives by (SourceUri, ModelLifeCycle, ModelCard,
 * deletion, who changed it) and is laxer than AWS (tags on versions, unknown groups).
 */
import { packageEvent } from "../../events/shapes.ts";
import { packageArn } from "../../iam/resources.ts";
import { validation } from "../../server/errors.ts";
import type { Call, Front, Json, Roster } from "../../server/front.ts";
import { recordPackage } from "../lineage/automatic.ts";
import { respond, respondList } from "../listing.ts";
import { find, newEntry, userContext } from "../resource.ts";
import { type Entry, now } from "../store.ts";
import { GROUP } from "./groups.ts";
import { applyUpdate, mergedProperties } from "./update.ts";

const KIND = "model-package";

/** A package by its ARN, by "group/version", or by the name of an unversioned one; throws AWS's "does not exist". */
export function findPackage(front: Pick<Front, "settings" | "store">, nameOrArn: string): Entry {
  const arn = nameOrArn.startsWith("arn:") ? nameOrArn : packageArn(front, nameOrArn);
  const entry = front.store.byArn(arn);
  if (entry?.kind !== KIND) throw validation(`ModelPackage ${arn} does not exist.`);
  return entry;
}

/** The group is named or given by ARN. */
const groupOf = (front: Front, input: Json): Entry =>
  find(front, GROUP, String(input.ModelPackageGroupName).split("/").at(-1) ?? "");

function checkCreate(input: Json): void {
  const versioned = input.ModelPackageGroupName !== undefined;
  if (versioned === (input.ModelPackageName !== undefined))
    throw validation("Exactly one of ModelPackageName and ModelPackageGroupName must be provided.");
  // "uses the tags associated with the model group. In this case, you cannot supply a tag argument" (API reference, Tags).
  if (versioned && (input.Tags as unknown[] | undefined)?.length)
    throw validation(
      "Tags cannot be specified for a model package version. A version uses the tags of its model package group; tag the group.",
    );
  if (!versioned && input.ModelApprovalStatus !== undefined)
    throw validation("ModelApprovalStatus applies to model package versions only; give ModelPackageGroupName.");
  if (!versioned && !input.InferenceSpecification && !input.SourceAlgorithmSpecification)
    throw validation("Either InferenceSpecification or SourceAlgorithmSpecification must be provided.");
}

/** Same ClientToken again: AWS answers with the package made the first time. */
function sameToken(front: Front, call: Call): Entry | undefined {
  const token = call.input.ClientToken;
  return token === undefined ? undefined : front.store.all(KIND).find((entry) => entry.fields.ClientToken === token);
}

function create(front: Front, call: Call): Json {
  const { input } = call;
  checkCreate(input);
  const made = sameToken(front, call);
  if (made) return respond(front, call, made.fields);
  const common: Json = {
    ModelPackageStatus: "Completed",
    ModelPackageStatusDetails: { ValidationStatuses: [], ImageScanStatuses: [] },
    CustomerMetadataProperties: mergedProperties({}, input),
    LastModifiedTime: undefined,
  };
  let entry: Entry;
  if (input.ModelPackageGroupName === undefined) {
    const name = String(input.ModelPackageName);
    const arn = packageArn(front, name);
    if (front.store.byArn(arn)) throw validation(`Cannot create already existing model package "${arn}".`);
    entry = newEntry(call, KIND, name, arn, { ...common, ModelPackageArn: arn });
  } else {
    const group = groupOf(front, input);
    const version = Number(group.fields.LastVersion) + 1;
    group.fields.LastVersion = version;
    const arn = packageArn(front, `${group.name}/${version}`);
    entry = newEntry(call, KIND, `${group.name}/${version}`, arn, {
      ...common,
      ModelPackageGroupName: group.name,
      ModelPackageVersion: version,
      ModelPackageArn: arn,
      ModelApprovalStatus: input.ModelApprovalStatus ?? "PendingManualApproval",
      ModelPackageRegistrationType: input.ModelPackageRegistrationType ?? "Registered",
    });
  }
  front.store.add(entry);
  recordPackage(front, entry);
  front.events.publish(packageEvent(entry));
  return respond(front, call, entry.fields);
}

function update(front: Front, call: Call): Json {
  const entry = findPackage(front, String(call.input.ModelPackageArn));
  const before = entry.fields.ModelApprovalStatus;
  const changed = applyUpdate(entry, call.input);
  entry.fields.LastModifiedTime = now();
  entry.fields.LastModifiedBy = userContext(call);
  if (entry.fields.ModelApprovalStatus !== before) recordPackage(front, entry);
  front.events.publish(packageEvent(entry, changed));
  return respond(front, call, entry.fields);
}

function list(front: Front, call: Call): Json {
  const { input } = call;
  const group = input.ModelPackageGroupName === undefined ? undefined : groupOf(front, input).name;
  const type = input.ModelPackageType ?? (group === undefined ? "Unversioned" : "Versioned");
  const entries = front.store.all(KIND).filter(({ fields }) => {
    const versioned = fields.ModelPackageVersion !== undefined;
    if (group !== undefined && fields.ModelPackageGroupName !== group) return false;
    return type === "Both" || versioned === (type === "Versioned");
  });
  return respondList(front, call, entries, { equal: { ModelApprovalStatus: "ModelApprovalStatus" } });
}

function batchDescribe(front: Front, call: Call): Json {
  const found: Record<string, Json> = {};
  const errors: Record<string, Json> = {};
  for (const arn of call.input.ModelPackageArnList as string[]) {
    const entry = front.store.byArn(arn);
    if (entry?.kind === KIND) found[arn] = entry.fields;
    else errors[arn] = { ErrorCode: "ValidationException", ErrorResponse: `ModelPackage ${arn} does not exist.` };
  }
  return respond(front, call, { ModelPackageSummaries: found, BatchDescribeModelPackageErrorMap: errors });
}

export const packageOperations: Roster = {
  CreateModelPackage: create,
  UpdateModelPackage: update,
  DescribeModelPackage: (front, call) =>
    respond(front, call, findPackage(front, String(call.input.ModelPackageName)).fields),
  ListModelPackages: list,
  BatchDescribeModelPackage: batchDescribe,
  DeleteModelPackage: (front, call) => {
    const entry = findPackage(front, String(call.input.ModelPackageName));
    front.store.remove(entry);
    return {};
  },
};
