/** What a provider does, in plain objects: the gRPC service of `grpc.ts` calls this. */
import type { Props } from "./wire.ts";

export interface CheckFailure {
  /** Path in the SDK's spelling, e.g. `code.s3Bucket`; empty for the resource as a whole. */
  readonly property: string;
  readonly reason: string;
}

/** The engine's own autonaming configuration (`pulumi:autonaming`), when the stack sets one. */
export interface Autonaming {
  readonly mode: "propose" | "enforce" | "disable";
  readonly proposedName: string;
}

/** Every request about one resource. */
export interface ResourceRequest {
  readonly urn: string;
  /** Type token, e.g. `aws-native:s3:Bucket`. */
  readonly type: string;
  /** Logical name, the last part of the URN. */
  readonly name: string;
  /** What the provider instance of this resource was configured with (`region`, `defaultTags`, ...). */
  readonly config: Props;
}

export interface CheckRequest extends ResourceRequest {
  readonly olds: Props;
  readonly news: Props;
  readonly randomSeed: Uint8Array;
  readonly autonaming?: Autonaming;
}

export interface DiffRequest extends ResourceRequest {
  readonly id: string;
  readonly oldInputs: Props;
  readonly oldOutputs: Props;
  readonly news: Props;
}

export type ChangeKind = "add" | "delete" | "update";
/** One changed leaf. `replace` means that it cannot be changed in place. */
export interface Change {
  readonly path: string;
  readonly kind: ChangeKind;
  readonly replace: boolean;
}
export interface DiffResult {
  readonly changes: readonly Change[];
  /** The old resource goes first, because a new one could not stand beside it. */
  readonly deleteBeforeReplace: boolean;
}

export interface CreateRequest extends ResourceRequest {
  readonly inputs: Props;
  readonly preview: boolean;
}
export interface ReadRequest extends ResourceRequest {
  readonly id: string;
  /** Recorded inputs and outputs; undefined for an import, which knows the id only. */
  readonly state?: { readonly inputs: Props; readonly outputs: Props };
}
export interface UpdateRequest extends ResourceRequest {
  readonly id: string;
  readonly oldInputs: Props;
  readonly oldOutputs: Props;
  readonly news: Props;
  readonly preview: boolean;
}
export interface DeleteRequest extends ResourceRequest {
  readonly id: string;
  readonly oldInputs: Props;
  readonly oldOutputs: Props;
}

/** What exists: `undefined` stands for a resource that is gone. */
export type ReadResult = { readonly id: string; readonly inputs: Props; readonly outputs: Props } | undefined;

export interface Handlers {
  /** Package name, e.g. `aws-native`. */
  readonly name: string;
  readonly version: string;
  /** Faults of a provider instance's configuration. */
  checkConfig(config: Props): readonly CheckFailure[];
  check(request: CheckRequest): Promise<{ inputs: Props; failures: readonly CheckFailure[] }>;
  diff(request: DiffRequest): Promise<DiffResult>;
  create(request: CreateRequest): Promise<{ id: string; outputs: Props }>;
  read(request: ReadRequest): Promise<ReadResult>;
  update(request: UpdateRequest): Promise<{ outputs: Props }>;
  delete(request: DeleteRequest): Promise<void>;
  invoke(token: string, args: Props, config: Props): Promise<Props>;
}
