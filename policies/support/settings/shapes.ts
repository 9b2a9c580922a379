/** The forms that a setting can have. Each gives its type, its default and the JSON schema that the engine checks. */

export interface Setting<T> {
  readonly description: string;
  /** Production's value; `stages.ts` relaxes. */
  readonly default: T;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** One of a few words. The first option is the default. */
export function choice<const Options extends readonly [string, ...string[]]>(
  description: string,
  ...options: Options
): Setting<Options[number]> {
  return { description, default: options[0], schema: { type: "string", enum: options } };
}

/** A list of texts. */
export function texts(
  description: string,
  byDefault: readonly string[],
  limits: { readonly pattern?: string; readonly minItems?: number } = {},
): Setting<readonly string[]> {
  const { pattern, minItems } = limits;
  const items = { type: "string", ...(pattern === undefined ? { minLength: 1 } : { pattern }) };
  return {
    description,
    default: byDefault,
    schema: { type: "array", items, ...(minItems === undefined ? {} : { minItems }) },
  };
}

/** A whole number within limits. */
export function whole(description: string, byDefault: number, minimum: number, maximum?: number): Setting<number> {
  return {
    description,
    default: byDefault,
    schema: { type: "integer", minimum, ...(maximum === undefined ? {} : { maximum }) },
  };
}

/** A number that may have a fraction, within limits. */
export function decimal(description: string, byDefault: number, minimum: number): Setting<number> {
  return { description, default: byDefault, schema: { type: "number", minimum } };
}

/** Texts by key. */
export function mapping(
  description: string,
  byDefault: Readonly<Record<string, string>>,
): Setting<Readonly<Record<string, string>>> {
  return { description, default: byDefault, schema: { type: "object", additionalProperties: { type: "string" } } };
}
