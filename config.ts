/**
 * The stage's configuration: the only reader of Pulumi's configuration, and its pure parser.
 *
 * Every fault is found at once and printed in one message, each with the key, what it must be and what it is.
 */
import * as pulumi from "@pulumi/pulumi";
import { closest, distance } from "fastest-levenshtein";
import * as z from "zod";
import { settingsFaults } from "./components/shared/setting-faults.ts";
import { completeSettings, configSchema, type StageSettings, stagePattern } from "./components/shared/settings.ts";

/** The project's name in Pulumi.yaml, which is the namespace of its configuration keys. */
export const PROJECT = "frugal-mlops";

/** A stage's configuration, complete and checked. */
export interface StageConfig extends StageSettings {
  /** The Pulumi stack's name: dev, prod, … */
  readonly stage: string;
  /** The region that both providers are set to. */
  readonly region: string;
}

/** The one error that parsing throws; its message names every fault, and Pulumi prints it without a stack. */
export class ConfigError extends pulumi.RunError {
  readonly faults: readonly string[];
  constructor(file: string, faults: readonly string[]) {
    super(`${file}: ${faults.join("; ")}`);
    this.faults = faults;
  }
}

/** Reads and checks the configuration of the stack that runs. */
export function readStageConfig(): StageConfig {
  return parseStageConfig(pulumi.runtime.allConfig(), pulumi.getStack());
}

/**
 * Checks a stack's configuration.
 *
 * @param raw configuration by full key (`frugal-mlops:gate`, `aws:region`); Pulumi hands over texts, structured values as JSON
 * @param stage the stack's name
 * @throws ConfigError with every fault, and nothing else
 */
export function parseStageConfig(raw: Readonly<Record<string, unknown>>, stage: string): StageConfig {
  const given = ownKeys(raw);
  const faults = stageFaults(stage);
  const region = readRegion(raw, faults);
  const result = configSchema.safeParse(given);
  if (!result.success) faults.push(...result.error.issues.flatMap((issue) => describe(issue, given)));
  else faults.push(...settingsFaults(completeSettings(result.data), given, stage, region));
  if (faults.length > 0 || !result.success) throw new ConfigError(`Pulumi.${stage}.yaml`, [...new Set(faults)]);
  return { ...completeSettings(result.data), stage, region };
}

/** This project's keys without their namespace, structured values decoded. */
function ownKeys(raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own: Record<string, unknown> = Object.create(null);
  for (const [key, value] of Object.entries(raw)) {
    if (key.startsWith(`${PROJECT}:`))
      own[key.slice(PROJECT.length + 1)] = decode(key.slice(PROJECT.length + 1), value);
  }
  // A plain prototype again, without letting a key called "__proto__" set it.
  return Object.fromEntries(Object.entries(own));
}

function decode(key: string, value: unknown): unknown {
  if (typeof value !== "string" || isTextKey(key)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function isTextKey(key: string): boolean {
  return key === "owner" || key === "modelName";
}

function stageFaults(stage: string): string[] {
  if (stagePattern.test(stage)) return [];
  return [
    `the stack's name must be 1 to 16 lower-case letters, digits and inner hyphens, as it stands in every resource's name, got "${stage}"`,
  ];
}

/** Both providers must be told the same region, else a stage would lie in two. */
function readRegion(raw: Readonly<Record<string, unknown>>, faults: string[]): string {
  const found = ["aws:region", "aws-native:region"].map((key) => {
    const value = raw[key];
    if (value === undefined) faults.push(`${key} is missing: write it beside the other provider's, both alike`);
    else if (typeof value !== "string" || !/^[a-z]{2}(-[a-z]+)+-\d$/.test(value)) {
      faults.push(`${key} must be a region's name such as us-east-1, got ${show(value)}`);
    } else return value;
    return undefined;
  });
  const [classic, native] = found;
  if (classic && native && classic !== native) {
    faults.push(`aws:region and aws-native:region must be the same, got ${classic} and ${native}`);
  }
  return native ?? classic ?? "";
}

function describe(issue: z.core.$ZodIssue, given: unknown): string[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey([...path, key]));
  const where = path.join(".");
  const value = at(given, path);
  if (value === undefined) return [`${where} is missing: it ${issue.message}`];
  const empty = value === "" || (Array.isArray(value) && value.length === 0);
  return [`${where} ${issue.message}${empty ? "" : `, got ${show(value)}`}`];
}

function unknownKey(path: readonly string[]): string {
  const key = path.at(-1) ?? "";
  const known = knownKeys(path.slice(0, -1));
  const nearest = known.length > 0 ? closest(key, known) : undefined;
  const hint =
    nearest && distance(key, nearest) <= Math.max(2, Math.ceil(nearest.length / 2))
      ? `did you mean ${[...path.slice(0, -1), nearest].join(".")}?`
      : `known keys here: ${known.join(", ")}`;
  return `${path.join(".")} is not a known key; ${hint}`;
}

/** The keys that the schema knows below a path; empty where there is no object. */
export function knownKeys(path: readonly string[]): string[] {
  let schema: z.core.$ZodType | undefined = configSchema;
  for (const key of [...path, undefined]) {
    while (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
      schema = schema.def.innerType;
    }
    // A group whose keys are names of one's own: each has the same shape.
    if (schema instanceof z.ZodRecord && key !== undefined) {
      schema = schema.def.valueType;
      continue;
    }
    if (!(schema instanceof z.ZodObject)) return [];
    if (key === undefined) return Object.keys(schema.shape);
    schema = Object.hasOwn(schema.shape, key) ? (schema.shape[key] as z.core.$ZodType) : undefined;
  }
  return [];
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (current, key) =>
      typeof current === "object" && current !== null && Object.hasOwn(current, key)
        ? (current as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}

function show(value: unknown): string {
  const text = typeof value === "string" ? `"${value}"` : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
