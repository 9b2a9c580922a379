/** The stack as a graph: who is named, and who is referred to where the name is not known yet. */
import type { PolicyResource } from "@pulumi/policy";
import { LOOKED_UP_NAME, NAME_PROPERTY } from "./families.ts";
import { treeOf } from "./once.ts";
import { readOne } from "./read.ts";
import { type Reads, Subject } from "./subject.ts";

export class Node extends Subject {
  readonly #resource: PolicyResource;
  readonly #graph: Graph;

  constructor(resource: PolicyResource, reads: Reads, graph: Graph) {
    super(resource, reads);
    this.#resource = resource;
    this.#graph = graph;
  }

  /** True when the program computed a top-level property from other resources; an output that AWS fills in has none. */
  derives(property: string): boolean {
    return (this.#resource.propertyDependencies[property] ?? []).length > 0;
  }

  /** Every property as it is, undeclared: for rules that also ask of types which nobody listed. */
  get everything(): unknown {
    return treeOf(this.#resource.props);
  }

  /** Top-level property → URNs of the resources that its value was computed from. */
  dependencies(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries(
      Object.entries(this.#resource.propertyDependencies).map(([property, from]) => [
        property,
        from.map(({ urn }) => urn),
      ]),
    );
  }

  /** Resources of the given types that the value of a top-level property was computed from. */
  referredBy(property: string, types: readonly string[]): Node[] {
    return (this.#resource.propertyDependencies[property] ?? [])
      .filter((resource) => types.includes(resource.type))
      .map((resource) => this.#graph.node(resource));
  }
}

export interface Referred {
  readonly names: ReadonlySet<unknown>;
  readonly urns: ReadonlySet<string>;
}

export class Graph {
  readonly #resources: readonly PolicyResource[];
  readonly #reads: Reads;
  readonly #nodes = new Map<PolicyResource, Node>();
  readonly #referred = new Map<string, Referred>();
  #names: Map<string, PolicyResource[]> | undefined;
  #types: Map<string, PolicyResource[]> | undefined;

  constructor(resources: readonly PolicyResource[], reads: Reads) {
    this.#resources = resources;
    this.#reads = reads;
  }

  /** The stack's own URN: what is meant where no single resource is. Undefined for a stack without resources. */
  get urn(): string | undefined {
    const [start, project] = this.#resources[0]?.urn.split("::") ?? [];
    if (start === undefined || project === undefined) return undefined;
    return `${start}::${project}::pulumi:pulumi:Stack::${project}-${start.split(":")[2] ?? ""}`;
  }

  /** Every resource, of whatever type. */
  all(): Node[] {
    return this.#resources.map((resource) => this.node(resource));
  }

  node(resource: PolicyResource): Node {
    let node = this.#nodes.get(resource);
    if (!node) {
      node = new Node(resource, this.#reads, this);
      this.#nodes.set(resource, node);
    }
    return node;
  }

  /** Every resource of the given types. */
  ofTypes(types: readonly string[]): Node[] {
    if (!this.#types) {
      this.#types = new Map();
      for (const resource of this.#resources) {
        const same = this.#types.get(resource.type);
        if (same) same.push(resource);
        else this.#types.set(resource.type, [resource]);
      }
    }
    return types.flatMap((type) => this.#types?.get(type) ?? []).map((resource) => this.node(resource));
  }

  /**
   * What the resources of `types` refer to by `property`: names where they are known, else the URNs of the resources of
   * `targets` that the value is computed from. Found once, so that judging n resources against m others stays linear.
   */
  referredTo(types: readonly string[], property: string, targets: readonly string[]): Referred {
    const key = [...types, property, ...targets].join(" ");
    let found = this.#referred.get(key);
    if (!found) {
      const names = new Set<unknown>();
      const urns = new Set<string>();
      for (const node of this.ofTypes(types)) {
        const reading = node.one(property);
        if (reading.state === "known") names.add(reading.value);
        else for (const target of node.referredBy(property, targets)) urns.add(target.urn);
      }
      found = { names, urns };
      this.#referred.set(key, found);
    }
    return found;
  }

  /** Every resource of the given types whose physical name is known to be `name`. */
  named(name: string, types: readonly string[]): Node[] {
    this.#names ??= this.#index();
    return types.flatMap((type) => this.#names?.get(`${type} ${name}`) ?? []).map((resource) => this.node(resource));
  }

  #index(): Map<string, PolicyResource[]> {
    const names = new Map<string, PolicyResource[]>();
    for (const resource of this.#resources) {
      const property = NAME_PROPERTY[resource.type] ?? LOOKED_UP_NAME[resource.type];
      if (!property) continue;
      const reading = readOne(treeOf(resource.props), property);
      if (reading.state !== "known" || typeof reading.value !== "string") continue;
      const key = `${resource.type} ${reading.value}`;
      const same = names.get(key);
      if (same) same.push(resource);
      else names.set(key, [resource]);
    }
    return names;
  }
}
