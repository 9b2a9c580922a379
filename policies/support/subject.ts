/** A resource as rules see it: plain data behind `read`, and only the paths that the rule has declared. */
import type { PolicyProviderResource, PolicyResource, PolicyResourceOptions } from "@pulumi/policy";
import { treeOf } from "./once.ts";
import { type Reading, read, readOne } from "./read.ts";

/**
 * Property paths that a rule reads, by type token. A rule half judges these types, a test looks each path up in the pinned
 * SDKs' declarations (a misspelt path would judge nothing), and reading an undeclared path is a crash, hence a violation.
 */
export type Reads = Readonly<Record<string, readonly string[]>>;

export class Subject {
  readonly type: string;
  readonly urn: string;
  readonly name: string;
  readonly opts: PolicyResourceOptions;
  /** Stack name inside the URN: `urn:pulumi:<stack>::<project>::<types>::<name>`. */
  readonly stack: string;
  readonly #props: object;
  readonly #provider: PolicyProviderResource | undefined;
  readonly #reads: Reads;

  constructor(
    resource: Pick<PolicyResource, "type" | "urn" | "name" | "opts" | "props"> & { provider?: PolicyProviderResource },
    reads: Reads,
  ) {
    this.type = resource.type;
    this.urn = resource.urn;
    this.name = resource.name;
    this.opts = resource.opts;
    this.stack = resource.urn.split("::")[0]?.split(":")[2] ?? "";
    this.#props = resource.props;
    this.#provider = resource.provider;
    this.#reads = reads;
  }

  /** All leaves of a declared path. */
  read(path: string): Reading[] {
    return read(this.#allowed(path), path);
  }

  /** All leaves of the paths that stand for this resource's type in `paths`; each must be declared. */
  readAll(paths: Reads): Reading[] {
    return (paths[this.type] ?? []).flatMap((path) => this.read(path));
  }

  /** The leaf of a declared path without `[]`. */
  one(path: string): Reading {
    return readOne(this.#allowed(path), path);
  }

  /** True when the rule declares `path` for this resource's type: the providers do not have the same properties. */
  has(path: string): boolean {
    return this.#reads[this.type]?.includes(path) ?? false;
  }

  /** The declared paths of this resource's type. */
  paths(): readonly string[] {
    return this.#reads[this.type] ?? [];
  }

  /** A property of the resource's provider, such as `region`. */
  provider(path: string): Reading {
    return readOne(treeOf(this.#provider?.props ?? {}), path);
  }

  /** Everything, for what is asked of whatever resource, such as ARNs wherever they stand. */
  tree(): unknown {
    return treeOf(this.#props);
  }

  /** A top-level property that every type of a provider has, such as the classic provider's `region`. */
  top(property: string): Reading {
    return readOne(treeOf(this.#props), property);
  }

  #allowed(path: string): unknown {
    if (!this.has(path)) throw new Error(`reads ${path} of ${this.type} without declaring it`);
    return treeOf(this.#props);
  }
}
