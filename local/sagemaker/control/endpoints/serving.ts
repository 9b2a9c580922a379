/** What serves behind each endpoint: a fleet of variants, and while a deployment shifts traffic, the next fleet. */
import type { Variant } from "./checks.ts";
import type { Worker } from "./worker.ts";

export interface ServingVariant {
  readonly name: string;
  /** Relative weight; changed by UpdateEndpointWeightsAndCapacities. */
  weight: number;
  readonly definition: Variant;
  readonly worker: Worker;
}

export interface Fleet {
  readonly configName: string;
  readonly variants: readonly ServingVariant[];
}

interface Serves {
  fleet: Fleet;
  /** The new fleet and its share of the traffic, 0 to 1. */
  next?: { fleet: Fleet; share: number };
}

export const stopFleet = async (fleet: Fleet): Promise<void> => {
  await Promise.all(fleet.variants.map((variant) => variant.worker.stop()));
};

/** A variant by name, or by chance according to the weights; undefined when there is none. */
export function pickVariant(fleet: Fleet, target: string | undefined, random: number): ServingVariant | undefined {
  if (target !== undefined) return fleet.variants.find((variant) => variant.name === target);
  const total = fleet.variants.reduce((sum, variant) => sum + variant.weight, 0);
  if (total <= 0) return undefined;
  let rest = random * total;
  for (const variant of fleet.variants) {
    rest -= variant.weight;
    if (rest < 0) return variant;
  }
  return fleet.variants.findLast((variant) => variant.weight > 0);
}

export class Serving {
  readonly #endpoints = new Map<string, Serves>();

  get(endpoint: string): Fleet | undefined {
    return this.#endpoints.get(endpoint)?.fleet;
  }

  /** Puts a fleet into service; returns the one it replaces. */
  put(endpoint: string, fleet: Fleet): Fleet | undefined {
    const before = this.#endpoints.get(endpoint)?.fleet;
    this.#endpoints.set(endpoint, { fleet });
    return before;
  }

  /** Sends a share of the traffic to the next fleet. */
  shift(endpoint: string, fleet: Fleet, share: number): void {
    const serves = this.#endpoints.get(endpoint);
    if (serves) serves.next = { fleet, share };
  }

  /** Sends all traffic to the fleet in service again. */
  unshift(endpoint: string): void {
    delete this.#endpoints.get(endpoint)?.next;
  }

  /** The fleet that takes this call. */
  route(endpoint: string, random: number): Fleet | undefined {
    const serves = this.#endpoints.get(endpoint);
    if (!serves) return undefined;
    return serves.next && random < serves.next.share ? serves.next.fleet : serves.fleet;
  }

  remove(endpoint: string): Fleet | undefined {
    const fleet = this.#endpoints.get(endpoint)?.fleet;
    this.#endpoints.delete(endpoint);
    return fleet;
  }

  async stopAll(): Promise<void> {
    const all = [...this.#endpoints.values()].flatMap((serves) => [
      serves.fleet,
      ...(serves.next ? [serves.next.fleet] : []),
    ]);
    this.#endpoints.clear();
    await Promise.all(all.map(stopFleet));
  }
}
