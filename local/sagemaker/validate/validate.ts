/**
 * Judges a request against botocore's model with AWS's words. Two passes, since AWS has two errors: a value of the wrong
 * JSON type is a SerializationException (the first one found), broken constraints are one ValidationException with all.
 */
import { AwsError, validation } from "../server/errors.ts";
import type { Member, ServiceModel, Shape } from "./model.ts";
import { compilePattern } from "./pattern.ts";

type Json = unknown;

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const JSON_TYPES: Readonly<Record<Shape["type"], (value: Json) => boolean>> = {
  structure: isObject,
  map: isObject,
  list: Array.isArray,
  string: (value) => typeof value === "string",
  blob: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  timestamp: (value) => typeof value === "number" || typeof value === "string",
  integer: (value) => typeof value === "number" && Number.isInteger(value),
  long: (value) => typeof value === "number" && Number.isInteger(value),
  float: (value) => typeof value === "number",
  double: (value) => typeof value === "number",
};

/** AWS's name for a JSON token that stands where it should not. */
function tokenName(value: Json): string {
  if (Array.isArray(value)) return "START_LIST";
  if (typeof value === "boolean") return value ? "TRUE_VALUE" : "FALSE_VALUE";
  if (typeof value === "number") return Number.isInteger(value) ? "NUMBER_VALUE" : "DECIMAL_VALUE";
  return typeof value === "string" ? "STRING_VALUE" : "START_STRUCTURE";
}

function serializationFault(shape: Shape, value: Json): AwsError {
  const token = tokenName(value);
  let text = `${token} can not be converted to ${shape.type === "integer" ? "an Integer" : `a ${shape.type.charAt(0).toUpperCase()}${shape.type.slice(1)}`}`;
  if (token === "START_LIST") text = "Start of list found where not expected";
  else if (token === "START_STRUCTURE") text = "Start of structure or map found where not expected.";
  else if (shape.type === "list") text = "Expected list or null";
  else if (shape.type === "structure" || shape.type === "map") text = "Expected null";
  return new AwsError("SerializationException", text);
}

/** Children of a value that has the right type: [path, member, value]. Null and unknown members are left out, as AWS does. */
function* children(shape: Shape, value: Json, path: string): Generator<[string, Member, Json]> {
  const at = (name: string): string => (path ? `${path}.${name}` : name);
  if (shape.type === "structure") {
    for (const [name, member] of Object.entries(shape.members ?? {})) {
      const child = (value as Record<string, Json>)[name];
      if (child !== undefined && child !== null) yield [at(lowerFirst(name)), member, child];
    }
  } else if (shape.type === "list" && shape.member) {
    const member = shape.member;
    for (const [index, child] of (value as Json[]).entries()) yield [at(`${index + 1}.member`), member, child];
  } else if (shape.type === "map" && shape.value) {
    const member = shape.value;
    for (const [key, child] of Object.entries(value as Record<string, Json>))
      yield [at(`${key}.member`), member, child];
  }
}

/** Throws SerializationException for the first value whose JSON type does not fit. */
export function checkTypes(model: ServiceModel, shapeName: string, value: Json): void {
  const shape = model.shape(shapeName);
  if (!JSON_TYPES[shape.type](value)) throw serializationFault(shape, value);
  for (const [, member, child] of children(shape, value, "")) {
    if (child !== null) checkTypes(model, member.shape, child);
  }
}

/** What a scalar, a list's or a map's size breaks, in AWS's words, e.g. "Member must have length less than or equal to 63". */
function broken(shape: Shape, value: Json): string[] {
  const texts: string[] = [];
  const { min, max } = shape;
  if (typeof value === "number") {
    if (max !== undefined && value > max) texts.push(`Member must have value less than or equal to ${max}`);
    if (min !== undefined && value < min) texts.push(`Member must have value greater than or equal to ${min}`);
    return texts;
  }
  const length = isObject(value) ? Object.keys(value).length : ((value as { length?: number }).length ?? 0);
  if (shape.type !== "timestamp" && shape.type !== "structure") {
    if (max !== undefined && length > max) texts.push(`Member must have length less than or equal to ${max}`);
    if (min !== undefined && length < min) texts.push(`Member must have length greater than or equal to ${min}`);
  }
  if (typeof value === "string") {
    if (shape.enum && !shape.enum.includes(value))
      texts.push(`Member must satisfy enum value set: [${shape.enum.join(", ")}]`);
    if (shape.pattern && compilePattern(shape.pattern)?.test(value) === false)
      texts.push(`Member must satisfy regular expression pattern: ${shape.pattern}`);
  }
  return texts;
}

/** A value as AWS prints it: lists in brackets, maps in braces with "=". */
export function show(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (isObject(value))
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}=${show(item)}`)
      .join(", ")}}`;
  return String(value);
}

/** What any scalar of this shape must satisfy, listed for the "Member must satisfy constraint: [...]" form. */
function everyRule(shape: Shape): string[] {
  const texts: string[] = [];
  if (shape.max !== undefined) texts.push(`Member must have length less than or equal to ${shape.max}`);
  if (shape.min !== undefined) texts.push(`Member must have length greater than or equal to ${shape.min}`);
  if (shape.pattern) texts.push(`Member must satisfy regular expression pattern: ${shape.pattern}`);
  if (shape.enum) texts.push(`Member must satisfy enum value set: [${shape.enum.join(", ")}]`);
  return texts;
}

const SCALARS: ReadonlySet<Shape["type"]> = new Set(["string", "integer", "long", "float", "double"]);

/** Scalars inside lists and maps are reported at the container, in AWS's form. */
function containerFaults(model: ServiceModel, shape: Shape, value: Json, path: string): string[] {
  const faults: string[] = [];
  const report = (label: string, items: Json[], member: Member | undefined): void => {
    if (!member) return;
    const inner = model.shape(member.shape);
    if (SCALARS.has(inner.type) && items.some((item) => item !== null && broken(inner, item).length > 0))
      faults.push(
        `Value '${show(value)}' at '${path}' failed to satisfy constraint: ${label} must satisfy constraint: [${everyRule(inner).join(", ")}]`,
      );
  };
  if (shape.type === "list") report("Member", value as Json[], shape.member);
  if (shape.type === "map") {
    report("Map keys", Object.keys(value as object), shape.key);
    report("Map value", Object.values(value as object), shape.value);
  }
  return faults;
}

function collect(model: ServiceModel, shapeName: string, value: Json, path: string, faults: string[]): void {
  const shape = model.shape(shapeName);
  if (path)
    for (const text of broken(shape, value))
      faults.push(`Value '${show(value)}' at '${path}' failed to satisfy constraint: ${text}`);
  if (shape.type === "structure") {
    for (const name of shape.required ?? []) {
      if (((value as Record<string, Json>)[name] ?? null) === null)
        faults.push(
          `Value null at '${path ? `${path}.` : ""}${lowerFirst(name)}' failed to satisfy constraint: Member must not be null`,
        );
    }
  }
  faults.push(...containerFaults(model, shape, value, path));
  const inContainer = shape.type === "list" || shape.type === "map";
  for (const [at, member, child] of children(shape, value, path)) {
    if (child === null || (inContainer && SCALARS.has(model.shape(member.shape).type))) continue;
    collect(model, member.shape, child, at, faults);
  }
}

/** All broken constraints of a request, in AWS's words and order of the model's members. */
export function constraintFaults(model: ServiceModel, shapeName: string, value: Json): string[] {
  const faults: string[] = [];
  collect(model, shapeName, value, "", faults);
  return faults;
}

/** Several faults as AWS's one ValidationException. */
export function validationErrors(faults: readonly string[]): AwsError {
  return validation(
    `${faults.length} validation error${faults.length === 1 ? "" : "s"} detected: ${faults.join("; ")}`,
  );
}

/** Throws one ValidationException with every broken constraint. */
export function checkConstraints(model: ServiceModel, shapeName: string, value: Json): void {
  const faults = constraintFaults(model, shapeName, value);
  if (faults.length) throw validationErrors(faults);
}

/** Keeps of a value only what the shape names, deeply; null members are dropped. Used for requests and for answers. */
export function project(model: ServiceModel, shapeName: string, value: Json): Json {
  const shape = model.shape(shapeName);
  if (shape.type === "structure" && isObject(value)) {
    const result: Record<string, Json> = {};
    for (const [name, member] of Object.entries(shape.members ?? {})) {
      const child = value[name];
      if (child !== undefined && child !== null) result[name] = project(model, member.shape, child);
    }
    return result;
  }
  if (shape.type === "list" && shape.member && Array.isArray(value)) {
    const member = shape.member;
    return value.map((item) => project(model, member.shape, item));
  }
  if (shape.type === "map" && shape.value && isObject(value)) {
    const member = shape.value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, project(model, member.shape, item)]));
  }
  return value;
}
