/** What a family of resources costs, and which properties say so. */
import type { Estate } from "../estate.ts";
import type { Meter } from "../meter.ts";

export interface Family {
  /** Type tokens of both providers, each with the property paths that `meter` reads. */
  readonly reads: Readonly<Record<string, readonly string[]>>;
  readonly meter: (meter: Meter, estate: Estate) => void;
}

/** The same paths for the tokens of both providers. */
export const family = (
  reads: Readonly<Record<string, readonly string[]>>,
  meter: (meter: Meter, estate: Estate) => void,
): Family => ({ reads, meter });
