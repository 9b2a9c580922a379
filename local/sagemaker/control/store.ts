/** The front's own records, in memory: one map per kind of resource, and one by ARN. */
import type { Json } from "../server/front.ts";

export interface Tag {
  Key: string;
  Value: string;
}

export interface Entry {
  /** The ARN's resource type, e.g. "training-job". */
  readonly kind: string;
  readonly name: string;
  readonly arn: string;
  /** Members by AWS's names, times as epoch seconds; what Describe answers is projected from them. */
  readonly fields: Json;
  tags: Tag[];
}

/** Now as epoch seconds with milliseconds, as AWS JSON spells times. */
export const now = (): number => Date.now() / 1000;

export class Store {
  readonly #kinds = new Map<string, Map<string, Entry>>();
  readonly #arns = new Map<string, Entry>();

  /** ARNs are compared without case: AWS lower-cases some of them. */
  byArn(arn: string): Entry | undefined {
    return this.#arns.get(arn.toLowerCase());
  }

  get(kind: string, name: string): Entry | undefined {
    return this.#kinds.get(kind)?.get(name);
  }

  /** All of a kind, oldest first. */
  all(kind: string): Entry[] {
    return [...(this.#kinds.get(kind)?.values() ?? [])];
  }

  add(entry: Entry): Entry {
    let kind = this.#kinds.get(entry.kind);
    if (!kind) {
      kind = new Map();
      this.#kinds.set(entry.kind, kind);
    }
    kind.set(entry.name, entry);
    this.#arns.set(entry.arn.toLowerCase(), entry);
    return entry;
  }

  remove(entry: Entry): void {
    this.#kinds.get(entry.kind)?.delete(entry.name);
    this.#arns.delete(entry.arn.toLowerCase());
  }

  /** Number of records per kind, empty kinds left out; those that SageMaker made by itself are counted apart. */
  counts(): { made: Record<string, number>; automatic: Record<string, number> } {
    const made: Record<string, number> = {};
    const automatic: Record<string, number> = {};
    for (const [kind, map] of this.#kinds)
      for (const { fields } of map.values()) {
        const counts = fields.Automatic ? automatic : made;
        counts[kind] = (counts[kind] ?? 0) + 1;
      }
    return { made, automatic };
  }
}
