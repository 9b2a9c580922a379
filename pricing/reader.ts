/** Reads leaves of a resource without trusting their shape: absent, known, or not known. */

/** Stands for a value that is there and cannot be read: not known before the update, or of the wrong shape. */
export const UNSEEN = Symbol("not known");
export type Seen<T> = T | typeof UNSEEN | undefined;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null);

export class Reader {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  /** The first of the paths that is there: the providers spell the same property differently. */
  #first(paths: readonly string[]): Seen<unknown> {
    for (const path of paths) {
      const value = this.#walk(path.split("."));
      if (value !== undefined) return value;
    }
    return undefined;
  }

  #walk(keys: readonly string[]): Seen<unknown> {
    let at: unknown = this.#value;
    for (const key of keys) {
      if (at === undefined || at === null) return undefined;
      if (!isObject(at)) return UNSEEN;
      at = Object.hasOwn(at, key) ? at[key] : undefined;
    }
    return at === null ? undefined : at;
  }

  text(...paths: string[]): Seen<string> {
    const value = this.#first(paths);
    return value === undefined || typeof value === "string" ? value : UNSEEN;
  }

  /** A number, also where the provider takes it as text. Negative ones are no quantities. */
  number(...paths: string[]): Seen<number> {
    const value = this.#first(paths);
    if (value === undefined) return undefined;
    const number = typeof value === "string" && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
    return typeof number === "number" && Number.isFinite(number) && number >= 0 ? number : UNSEEN;
  }

  flag(...paths: string[]): Seen<boolean> {
    const value = this.#first(paths);
    return value === undefined || typeof value === "boolean" ? value : UNSEEN;
  }

  /** The elements of a list; a missing list is empty. */
  list(...paths: string[]): readonly Reader[] | typeof UNSEEN {
    const value = this.#first(paths);
    if (value === undefined) return [];
    return Array.isArray(value) ? value.map((element: unknown) => new Reader(element)) : UNSEEN;
  }

  has(path: string): boolean {
    return this.#first([path]) !== undefined;
  }

  /** True for an element that is an object. */
  get isObject(): boolean {
    return isObject(this.#value);
  }

  /** The element itself, where lists hold plain texts. */
  get own(): Seen<string> {
    return typeof this.#value === "string" ? this.#value : UNSEEN;
  }
}
