/** Models: records with AWS's checks, and how a model becomes the containers that the run half starts. */
import { modelEvent } from "../events/shapes.ts";
import type { Container } from "../run/types.ts";
import { validation } from "../server/errors.ts";
import type { Call, Front, Json, Roster } from "../server/front.ts";
import { arnOf } from "../server/front.ts";
import { findPackage } from "./registry/packages.ts";
import { find, operationsOf, type Resource } from "./resource.ts";
import { assumeRole, checkModelData } from "./sessions.ts";
import type { Entry } from "./store.ts";

/** Container definitions of a request or a record. */
export function containersOf(fields: Json): Json[] {
  const several = (fields.Containers ?? []) as Json[];
  return fields.PrimaryContainer ? [fields.PrimaryContainer as Json] : several;
}

/** Image, data and environment of one definition; a package's own values where the definition names a package. */
function resolve(front: Pick<Front, "settings" | "store">, definition: Json): Json[] {
  if (typeof definition.ModelPackageName !== "string") return [definition];
  const specification = (findPackage(front, definition.ModelPackageName).fields.InferenceSpecification ?? {}) as Json;
  return ((specification.Containers ?? []) as Json[]).map((container) => ({
    ...container,
    Environment: { ...((container.Environment ?? {}) as Json), ...((definition.Environment ?? {}) as Json) },
  }));
}

/** S3 URI of a definition's model data, if it has any. */
function dataUri(definition: Json): string | undefined {
  const source = (definition.ModelDataSource as Json | undefined)?.S3DataSource as Json | undefined;
  const uri = definition.ModelDataUrl ?? source?.S3Uri;
  return uri === undefined ? undefined : String(uri);
}

/** URIs of all model data of a model. */
export const modelDataOf = (front: Pick<Front, "settings" | "store">, fields: Json): string[] =>
  containersOf(fields)
    .flatMap((definition) => resolve(front, definition))
    .map(dataUri)
    .filter((uri): uri is string => uri !== undefined);

/** ARNs of the model packages a model is made from. */
export const packagesOf = (front: Pick<Front, "settings" | "store">, fields: Json): Entry[] =>
  containersOf(fields)
    .filter((definition) => typeof definition.ModelPackageName === "string")
    .map((definition) => findPackage(front, String(definition.ModelPackageName)));

/** What a model runs as, in the order in which its containers answer: one, or several as an inference pipeline. */
export function containersToRun(front: Pick<Front, "settings" | "store">, model: Entry): Container[] {
  return containersOf(model.fields)
    .flatMap((definition) => resolve(front, definition))
    .map((definition) => ({
      image: String(definition.Image),
      modelDataUrl: dataUri(definition),
      environment: Object.fromEntries(
        Object.entries((definition.Environment ?? {}) as Json).map(([key, value]) => [key, String(value)]),
      ),
    }));
}

async function check(front: Front, call: Call): Promise<Json> {
  const { input } = call;
  if (input.PrimaryContainer && input.Containers)
    throw validation("You cannot specify both PrimaryContainer and Containers in a request.");
  const definitions = containersOf(input);
  if (definitions.length === 0) throw validation("Request must contain either PrimaryContainer or Containers.");
  for (const definition of definitions) {
    if (!definition.Image && !definition.ModelPackageName)
      throw validation("Container must specify either Image or ModelPackageName.");
    if (definition.Image && definition.ModelPackageName)
      throw validation("Container cannot specify both Image and ModelPackageName.");
  }
  if (definitions.length > 1 && (input.InferenceExecutionConfig as Json | undefined)?.Mode === "Direct")
    throw validation(
      "The rehearsal runs the containers of a model one after another; InferenceExecutionConfig Mode Direct is not supported.",
    );
  const uris = modelDataOf(front, input);
  const role = input.ExecutionRoleArn;
  if (typeof role !== "string") throw validation("ExecutionRoleArn is required to create a model.");
  const arn = arnOf(front, "model", String(input.ModelName));
  if (uris.length > 0) await checkModelData(front, role, uris, "SageMaker", arn);
  else await assumeRole(front, role, "SageMaker", arn);
  return { EnableNetworkIsolation: input.EnableNetworkIsolation ?? false };
}

export const MODEL: Resource = {
  noun: "Model",
  kind: "model",
  nameMember: "ModelName",
  arnMember: "ModelArn",
  missing: (arn) => validation(`Could not find model "${arn}".`),
  exists: (arn) => validation(`Cannot create already existing model "${arn}".`),
  beforeCreate: check,
  afterCreate: (front, entry) => front.events.publish(modelEvent(entry)),
  afterDelete: (front, entry) => front.events.publish(modelEvent(entry)),
};

export const findModel = (front: Front, name: string): Entry => find(front, MODEL, name);

export const modelOperations: Roster = operationsOf(MODEL);
