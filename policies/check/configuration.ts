/**
 * The pack's configuration file, read as the engine reads it, and more strictly: the engine accepts names of rules and
 * settings that do not exist in silence, and then whoever wrote them believes in a guard that is not there.
 */
import type { Rule } from "../support/rule.ts";
import { type Configured, PACK_RULE } from "../support/run.ts";

/** The configuration is not what the pack takes; the message names every fault. */
export class ConfigurationError extends Error {}

const LEVELS = ["advisory", "mandatory", "remediate", "disabled"];

/**
 * `{"<rule>": "<level>" | {"enforcementLevel": ..., "<setting>": ...}, "all": ...}` → what each rule of the roster gets.
 * @throws {ConfigurationError}
 */
export function readConfiguration(text: string, rules: readonly Rule[]): Map<string, Configured> {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    throw new ConfigurationError(`it is not JSON (${error instanceof Error ? error.message : error})`);
  }
  if (!isObject(file)) throw new ConfigurationError("it is no JSON object");
  const faults: string[] = [];
  const { environments: _, ...entries } = file;
  const byId = new Map(rules.map((rule) => [rule.meta.id, rule]));
  const every = entryOf(entries.all ?? {}, "all", faults);
  const configured = new Map<string, Configured>();
  for (const [id, value] of Object.entries(entries)) {
    if (id === "all") continue;
    const rule = byId.get(id);
    if (!rule) faults.push(`${id}: there is no such rule`);
    else settingsFaults(rule, entryOf(value, id, faults).settings, faults);
  }
  for (const { meta } of rules) {
    const { level, settings } = entryOf(entries[meta.id] ?? {}, meta.id, []);
    configured.set(meta.id, { level: level ?? every.level ?? meta.levels.prod, settings });
  }
  // As where an engine is served: it could not say so itself.
  if (configured.get(PACK_RULE)?.level === "disabled") faults.push(`${PACK_RULE}: it cannot be switched off`);
  if (faults.length > 0) throw new ConfigurationError(faults.join("; "));
  return configured;
}

/** What the engine configures where no file is given: every rule's own level. */
export function ownLevels(rules: readonly Rule[]): Map<string, Configured> {
  return new Map(rules.map(({ meta }) => [meta.id, { level: meta.levels.prod, settings: {} }]));
}

function entryOf(
  value: unknown,
  id: string,
  faults: string[],
): { level: Configured["level"] | undefined; settings: Record<string, unknown> } {
  const { enforcementLevel: level, ...settings } = isObject(value) ? value : { enforcementLevel: value };
  if (level !== undefined && !LEVELS.includes(String(level)))
    faults.push(`${id}: ${JSON.stringify(level)} is none of ${LEVELS.join(", ")}`);
  return { level: level as Configured["level"] | undefined, settings };
}

function settingsFaults({ meta, policy }: Rule, settings: Record<string, unknown>, faults: string[]): void {
  const schemas = (policy.configSchema?.properties ?? {}) as Record<string, Schema>;
  const known = ["enforcementLevel", ...Object.keys(schemas)].join(", ");
  for (const [name, value] of Object.entries(settings)) {
    const schema = schemas[name];
    if (!schema) faults.push(`${meta.id}.${name}: the rule has no such setting, only ${known}`);
    else if (!holds(value, schema))
      faults.push(`${meta.id}.${name}: ${JSON.stringify(value)} is not what it takes, ${wanted(schema)}`);
  }
}

/** As much of JSON Schema as the pack's settings use; a test fails when one uses more. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
}

export const SCHEMA_KEYS = [
  ...["type", "enum", "minimum", "maximum", "minLength", "maxLength", "pattern", "minItems", "items", "required"],
  ...["properties", "additionalProperties", "default", "description"],
];

/** The schema in words as short as a message wants them. */
function wanted(schema: Schema): string {
  const { type, enum: options, minimum, maximum, minLength, maxLength, pattern, minItems, items, required } = schema;
  if (options) return options.map((option) => JSON.stringify(option)).join(" or ");
  return [
    type ?? "any value",
    minimum === undefined ? "" : `from ${minimum}`,
    maximum === undefined ? "" : `up to ${maximum}`,
    minLength === undefined ? "" : `of at least ${minLength} characters`,
    maxLength === undefined ? "" : `of at most ${maxLength} characters`,
    pattern === undefined ? "" : `that matches ${pattern}`,
    minItems === undefined ? "" : `with at least ${minItems}`,
    required === undefined ? "" : `with ${required.join(", ")}`,
    items === undefined ? "" : `of ${wanted(items)}`,
  ]
    .filter(Boolean)
    .join(" ");
}

function holds(value: unknown, schema: Schema): boolean {
  if (schema.enum && !schema.enum.includes(value)) return false;
  switch (schema.type) {
    case "string":
      return typeof value === "string" && textHolds(value, schema);
    case "number":
    case "integer":
      return (
        typeof value === "number" && (schema.type === "number" || Number.isInteger(value)) && within(value, schema)
      );
    case "boolean":
      return typeof value === "boolean";
    case "array":
      return (
        Array.isArray(value) &&
        value.length >= (schema.minItems ?? 0) &&
        value.every((one) => holds(one, schema.items ?? {}))
      );
    case "object":
      return isObject(value) && objectHolds(value, schema);
    default:
      return true;
  }
}

function textHolds(value: string, { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern }: Schema): boolean {
  return value.length >= minLength && value.length <= maxLength && (!pattern || new RegExp(pattern).test(value));
}

function within(
  value: number,
  { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY }: Schema,
): boolean {
  return value >= minimum && value <= maximum;
}

function objectHolds(
  value: Record<string, unknown>,
  { required = [], properties = {}, additionalProperties }: Schema,
): boolean {
  return (
    required.every((key) => Object.hasOwn(value, key)) &&
    Object.entries(value).every(([key, inner]) => {
      const schema = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
      return schema === false ? false : typeof schema === "object" ? holds(inner, schema) : true;
    })
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
