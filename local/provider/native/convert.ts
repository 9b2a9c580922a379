/** Property bags between the SDK's spelling and CloudFormation's. Free-form JSON passes untouched. */
import { isObject, type Props, UNKNOWN, type Value } from "../server/wire.ts";
import type { Fields, Shape, TypeSpec } from "./spec.ts";

/** A bag in CloudFormation's spelling. */
export type CfnProps = { [name: string]: unknown };

type Spelling = "sdk" | "cfn";

/** How well a value fits a shape: 0 is perfect, each misfit costs. Used to choose among a union's alternatives. */
function misfit(type: Shape, value: unknown, spelling: Spelling): number {
  if (value === UNKNOWN || type.kind === "json") return 0;
  if (type.kind === "array" || type.kind === "map") {
    const items =
      type.kind === "array"
        ? Array.isArray(value)
          ? value
          : undefined
        : isObject(value)
          ? Object.values(value)
          : undefined;
    return items ? items.reduce<number>((sum, item) => sum + misfit(type.element, item, spelling), 0) : 100;
  }
  if (type.kind === "object") {
    if (!isObject(value)) return 100;
    const fields = type.fields();
    let cost = 0;
    for (const [name, item] of Object.entries(value)) {
      const field = find(fields, name, spelling);
      cost += field ? misfit(field.type, item, spelling) : 10;
    }
    for (const field of fields.all) if (field.required && !(field[spelling] in value)) cost += 10;
    return cost;
  }
  if (type.kind === "union") return Math.min(...type.of.map((alternative) => misfit(alternative, value, spelling)));
  const wanted = type.kind === "integer" ? "number" : type.kind;
  return typeof value === wanted ? 0 : 100;
}

/** In the SDK the spelling is exact; a service may answer in its own casing. */
function find(fields: Fields, name: string, spelling: Spelling) {
  return spelling === "sdk" ? fields.bySdk(name) : fields.byCfn(name);
}

/** The alternative of a union that fits the value best; the first of equals, so typed ones go before JSON. */
export function alternative(type: Shape, value: unknown, spelling: Spelling = "sdk"): Shape {
  if (type.kind !== "union") return type;
  let best: Shape = type.of[0] ?? { kind: "json" };
  let cost = Number.POSITIVE_INFINITY;
  for (const candidate of type.of) {
    const price = misfit(candidate, value, spelling);
    if (price < cost) [best, cost] = [candidate, price];
  }
  return alternative(best, value, spelling);
}

function toCfnValue(type: Shape, value: Value): unknown {
  const shape = alternative(type, value);
  if (shape.kind === "array" && Array.isArray(value)) return value.map((item) => toCfnValue(shape.element, item));
  if (shape.kind === "map" && isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, toCfnValue(shape.element, item as Value)]),
    );
  }
  if (shape.kind === "object" && isObject(value)) return toCfnBag(shape.fields(), value as Props);
  return value;
}

function toCfnBag(fields: Fields, bag: Props): CfnProps {
  const out: CfnProps = {};
  for (const [name, value] of Object.entries(bag)) {
    const field = fields.bySdk(name);
    if (field) out[field.cfn] = toCfnValue(field.type, value);
  }
  return out;
}

/** Inputs to CloudFormation properties. `check` has refused names the type does not have. */
export function toCfn(spec: TypeSpec, inputs: Props): CfnProps {
  return toCfnBag(spec.properties, inputs);
}

function scalar(shape: Shape, value: unknown): unknown {
  // Stack outputs and several services answer numbers and booleans as text.
  if ((shape.kind === "integer" || shape.kind === "number") && typeof value === "string" && value.trim() !== "") {
    const number = Number(value);
    return Number.isNaN(number) ? value : number;
  }
  if (shape.kind === "boolean" && typeof value === "string") return value.toLowerCase() === "true";
  if (shape.kind === "string" && (typeof value === "number" || typeof value === "boolean")) return String(value);
  return value;
}

function toSdkValue(type: Shape, value: unknown): Value {
  const shape = alternative(type, value, "cfn");
  if (shape.kind === "array" && Array.isArray(value)) return value.map((item) => toSdkValue(shape.element, item));
  if (shape.kind === "map" && isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toSdkValue(shape.element, item)]));
  }
  if (shape.kind === "object" && isObject(value)) return toSdkBag(shape.fields(), value);
  return scalar(shape, value) as Value;
}

function toSdkBag(fields: Fields, bag: CfnProps): Props {
  const out: Props = {};
  for (const [name, value] of Object.entries(bag)) {
    const field = fields.byCfn(name);
    if (field && value !== undefined && value !== null) out[field.sdk] = toSdkValue(field.type, value);
  }
  return out;
}

/**
 * What a service says of a resource to the SDK's spelling: properties and attributes; anything else it says is dropped, since
 * the SDK declares nothing else.
 */
export function toSdk(spec: TypeSpec, model: CfnProps): Props {
  return { ...toSdkBag(spec.attributes, model), ...toSdkBag(spec.properties, model) };
}
