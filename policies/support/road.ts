/** What the road from an endpoint to its packages yields, and what a rule must declare to follow it. */
import {
  ENDPOINT,
  ENDPOINT_CONFIG,
  INFERENCE_COMPONENT,
  INFERENCE_EXPERIMENT,
  MODEL,
  STATE_MACHINE,
  tokensOf,
} from "./families.ts";
import type { Node } from "./graph.ts";
import type { Answer, EndpointConfigFacts, ModelFacts } from "./live.ts";
import { CONTAINERS } from "./packages.ts";
import { allReads, reads } from "./rule.ts";
import { DEFINITION } from "./states.ts";
import type { Reads } from "./subject.ts";

const configs = tokensOf(ENDPOINT_CONFIG);

/** A package at the end of the road. */
export interface End {
  /** The whole road in words: `endpointConfigName > "cfg" productionVariants[0].modelName > "m" primaryContainer.modelPackageName`. */
  readonly path: string;
  /** The package's ARN; undefined when it is another resource of this program whose ARN is not known yet. */
  readonly arn: string | undefined;
  /** Whether the Model is a resource of this program, judged by its own rules too. */
  readonly declared: boolean;
}

export interface Break {
  readonly kind: "dangling" | "untraceable" | "no-package" | "no-model";
  readonly path: string;
  /** Fit to be read. */
  readonly value: string;
  readonly limit: string;
}

/** A look-up that gave no facts. */
export interface Unanswered {
  readonly path: string;
  readonly subject: string;
  readonly answer: Answer<EndpointConfigFacts | ModelFacts>;
}

export interface Road {
  readonly ends: readonly End[];
  readonly breaks: readonly Break[];
  readonly unanswered: readonly Unanswered[];
  /** The endpoint configurations of this program that were passed. */
  readonly configs: readonly Node[];
}

/** Where inference components and experiments name their models. */
export const MODEL_NAMES = ["specification.modelName", "specifications[].modelName", "modelVariants[].modelName"];
const NAMING: Reads = {
  [INFERENCE_COMPONENT.native]: ["specification.modelName", "specifications[].modelName"],
  [INFERENCE_EXPERIMENT.native]: ["modelVariants[].modelName"],
};

/** What a rule that looks up in the account what is about to serve must declare. */
export const ACCOUNT_READS: Reads = allReads(reads(tokensOf(ENDPOINT), "endpointConfigName"), NAMING, {
  [ENDPOINT.classic]: ["region"],
});

/** What a rule that follows roads must declare besides its own paths. */
export const ROAD_READS: Reads = allReads(
  reads(tokensOf(ENDPOINT), "endpointConfigName"),
  { [ENDPOINT.native]: ["endpointArn"], [ENDPOINT.classic]: ["arn", "region", "name"] },
  { [ENDPOINT.native]: ["endpointName"] },
  reads(configs, "productionVariants[].modelName", "shadowProductionVariants[].modelName"),
  {
    [ENDPOINT_CONFIG.native]: ["productionVariants[].instancePools", "shadowProductionVariants[].instancePools"],
  },
  reads(tokensOf(MODEL), ...CONTAINERS),
  {
    [INFERENCE_COMPONENT.native]: ["endpointName", "inferenceComponentArn"],
    [STATE_MACHINE.native]: DEFINITION.native,
    [STATE_MACHINE.classic]: DEFINITION.classic,
  },
  NAMING,
);
