/** What makes, reads, changes and removes resources: stacks in MiniStack, or the SageMaker front. */
import type { Props } from "../server/wire.ts";
import type { CfnProps } from "./convert.ts";
import type { TypeSpec } from "./spec.ts";

export interface Target {
  readonly spec: TypeSpec;
  readonly urn: string;
  /** Outputs on record: the backend keeps its own notes there under names that begin with `__`. */
  readonly outputs: Props;
}

/** What is live of a resource. */
export interface Live {
  readonly id: string;
  /** Properties and attributes in CloudFormation's spelling; a service's own casing is fine. */
  readonly model: CfnProps;
  /** Names under which the absence of a property is a change (CloudFormation's spelling). */
  readonly covers: readonly string[];
  /** Properties that the program did not set are outputs too, not only attributes. */
  readonly tellsAll?: boolean;
  /** Notes to keep in the outputs, e.g. `__stack`. */
  readonly notes?: Props;
}

export interface Backend {
  create(target: Target, properties: CfnProps): Promise<Live>;
  /** `recorded` is empty for an import. Undefined: the resource is gone. */
  read(target: Target, id: string, recorded: CfnProps): Promise<Live | undefined>;
  update(target: Target, id: string, recorded: CfnProps, properties: CfnProps): Promise<Live>;
  delete(target: Target, id: string, recorded: CfnProps): Promise<void>;
}
