/** Endpoint configurations: immutable records. Deleting one that serves is not refused, as in AWS. */
import { endpointConfigEvent } from "../../events/shapes.ts";
import { validation } from "../../server/errors.ts";
import type { Call, Front, Json, Roster } from "../../server/front.ts";
import { findModel } from "../models.ts";
import { find, operationsOf, type Resource } from "../resource.ts";
import type { Entry } from "../store.ts";
import { configFaults, serverlessModelFaults, type Variant } from "./checks.ts";

/** Variants of a configuration as stored. */
export const variantsOf = (config: Entry): Variant[] => (config.fields.ProductionVariants ?? []) as Variant[];

function check(front: Front, call: Call): Json {
  const { input } = call;
  const faults = configFaults(input);
  if (faults.length) throw validation(faults.join(" "));
  const variants = [
    ...((input.ProductionVariants ?? []) as Variant[]),
    ...((input.ShadowProductionVariants ?? []) as Variant[]),
  ];
  for (const variant of variants) {
    const model = findModel(front, String(variant.ModelName));
    const wrong = variant.ServerlessConfig ? serverlessModelFaults(model.fields) : [];
    if (wrong.length) throw validation(wrong.join(" "));
  }
  return {
    ProductionVariants: ((input.ProductionVariants ?? []) as Variant[]).map((variant) => ({
      InitialVariantWeight: 1,
      ...variant,
    })),
  };
}

export const CONFIG: Resource = {
  noun: "EndpointConfig",
  kind: "endpoint-config",
  nameMember: "EndpointConfigName",
  arnMember: "EndpointConfigArn",
  missing: (arn) => validation(`Could not find endpoint configuration "${arn}".`),
  exists: (arn) => validation(`Cannot create already existing endpoint configuration "${arn}".`),
  beforeCreate: check,
  afterCreate: (front, entry) => front.events.publish(endpointConfigEvent(entry)),
  afterDelete: (front, entry) => front.events.publish(endpointConfigEvent(entry)),
};

export const findConfig = (front: Front, name: string): Entry => find(front, CONFIG, name);

export const configOperations: Roster = operationsOf(CONFIG);
