/** The stack as a graph: who is named, and who is referred to where the name is not known yet. */
import type { PolicyResource } from "@pulumi/policy";
import { NAME_PROPERTY } from "./families.ts";
import { readOne } from "./read.ts";
import { type Reads, Subject } from "./subject.ts";
import { snapshot } from "./unknown.ts";

export class Node extends Subject {
  readonly #resource: PolicyResource;
  readonly #graph: Graph;

  constructor(resource: PolicyResource, reads: Reads, graph: Graph) {
    super(resource, reads);
    this.#resource = resource;
    this.#graph = graph;
  }

  /** Resources of the given types that the value of a top-level property was computed from. */
  referredBy(property: string, types: readonly string[]): Node[] {
    return (this.#resource.propertyDependencies[property] ?? [])
      .filter((resource) => types.includes(resource.type))
      .map((resource) => this.#graph.node(resource));
  }
}

export class Graph {
  readonly #resources: readonly PolicyResource[];
  readonly #reads: Reads;
  readonly #nodes = new Map<PolicyResource, Node>();
  #names: Map<string, PolicyResource[]> | undefined;

  constructor(resources: readonly PolicyResource[], reads: Reads) {
    this.#resources = resources;
    this.#reads = reads;
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
    return this.#resources.filter((resource) => types.includes(resource.type)).map((resource) => this.node(resource));
  }

  /** Every resource of the given types whose physical name is known to be `name`. */
  named(name: string, types: readonly string[]): Node[] {
    this.#names ??= this.#index();
    return types.flatMap((type) => this.#names?.get(`${type} ${name}`) ?? []).map((resource) => this.node(resource));
  }

  #index(): Map<string, PolicyResource[]> {
    const names = new Map<string, PolicyResource[]>();
    for (const resource of this.#resources) {
      const property = NAME_PROPERTY[resource.type];
      if (!property) continue;
      const reading = readOne(snapshot(resource.props), property);
      if (reading.state !== "known" || typeof reading.value !== "string") continue;
      const key = `${resource.type} ${reading.value}`;
      names.set(key, [...(names.get(key) ?? []), resource]);
    }
    return names;
  }
}
