/** What every handler of the front is given: the parts of the front, and the call at hand. */

import type { Serving } from "../control/endpoints/serving.ts";
import type { LineageGraph } from "../control/lineage/graph.ts";
import type { Store } from "../control/store.ts";
import type { EventBus } from "../events/bus.ts";
import type { Rehearsal } from "../iam/rehearsal.ts";
import type { Credentials, RunContext, RunProcessing, RunTraining, RunTransform, StartModel } from "../run/types.ts";
import type { ServiceModel } from "../validate/model.ts";
import type { Moto } from "./moto.ts";
import type { Settings } from "./settings.ts";

export type Json = Record<string, unknown>;

/** The run half, loaded when first needed. */
export interface RunHalf {
  readonly training: RunTraining;
  readonly processing: RunProcessing;
  readonly transform: RunTransform;
  readonly server: StartModel;
}

export interface Front {
  readonly settings: Settings;
  readonly model: ServiceModel;
  readonly store: Store;
  readonly graph: LineageGraph;
  readonly serving: Serving;
  readonly events: EventBus;
  readonly rehearsal: Rehearsal;
  readonly moto: Moto;
  readonly run: RunHalf;
  /** What the run half needs to know; its sagemakerUrl is right once the front listens. */
  readonly context: RunContext;
  /** Whether an S3 object can be read by the given session. */
  readonly objectExists: (uri: string, credentials: Credentials) => Promise<boolean>;
  /** Work under way in the background, ended when the front ends. */
  readonly background: Set<AbortController>;
  log(line: string): void;
}

/** The HTTP request as it came, for the signature check. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface Call {
  readonly operation: string;
  readonly input: Json;
  readonly raw: RawRequest;
  /** Set once the caller is authorised. */
  readonly principalArn: string;
}

/** Answers the operation's output as a plain object (times as epoch seconds); throws AwsError. */
export type Handler = (front: Front, call: Call) => Json | undefined | Promise<Json | undefined>;

export type Roster = Readonly<Record<string, Handler>>;

/** ARN of a SageMaker resource in the front's account and region. */
export const arnOf = (front: Pick<Front, "settings">, kind: string, name: string): string =>
  `arn:aws:sagemaker:${front.settings.region}:${front.settings.accountId}:${kind}/${name}`;
