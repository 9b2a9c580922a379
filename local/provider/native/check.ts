/**
 * Refuses inputs that CloudFormation's schema of the type refuses, all faults at once.
 *
 * The reasons are worded as Cloud Control and CloudFormation word them: JSON pointers in CloudFormation's spelling, e.g.
 * `#/Code: extraneous key [Bucket] is not permitted`; the path a fault is filed under is in the SDK's spelling. Extraneous
 * keys are named as the program wrote them. The spec carries no patterns, lengths or ranges (see spec.ts).
 */
import type { CheckFailure } from "../server/handlers.ts";
import { isAsset, isObject, type Props, UNKNOWN, type Value } from "../server/wire.ts";
import { alternative } from "./convert.ts";
import { nearest } from "./nearest.ts";
import type { Fields, Shape, TypeSpec } from "./spec.ts";

/** JSON schema's names of what was found. */
function found(value: Value): string {
  if (Array.isArray(value)) return "JSONArray";
  if (typeof value === "string") return "String";
  if (typeof value === "boolean") return "Boolean";
  if (typeof value === "number") return Number.isInteger(value) ? "Integer" : "Double";
  return "JSONObject";
}

const EXPECTED = {
  string: "String",
  integer: "Integer",
  number: "Number",
  boolean: "Boolean",
  array: "JSONArray",
  map: "JSONObject",
  object: "JSONObject",
} as const;

function fits(kind: keyof typeof EXPECTED, value: Value): boolean {
  if (kind === "array") return Array.isArray(value);
  if (kind === "map" || kind === "object") return isObject(value);
  if (kind === "integer") return typeof value === "number" && Number.isInteger(value);
  return typeof value === kind;
}

function checkValue(type: Shape, value: Value, pointer: string, path: string, failures: CheckFailure[]): void {
  if (value === UNKNOWN) return;
  if (isAsset(value)) {
    failures.push({
      property: path,
      reason: `${pointer}: expected type: String, found: Asset (upload it with aws.s3.BucketObjectv2)`,
    });
    return;
  }
  const shape = alternative(type, value);
  if (shape.kind === "json" || shape.kind === "union") return;
  if (!fits(shape.kind, value)) {
    failures.push({
      property: path,
      reason: `${pointer}: expected type: ${EXPECTED[shape.kind]}, found: ${found(value)}`,
    });
    return;
  }
  if ("allowed" in shape && shape.allowed && !(shape.allowed as readonly unknown[]).includes(value)) {
    const reason = `${pointer}: ${String(value)} is not a valid enum value; allowed: ${shape.allowed.join(", ")}`;
    failures.push({ property: path, reason });
  }
  if (shape.kind === "array") {
    for (const [at, item] of (value as Value[]).entries()) {
      checkValue(shape.element, item, `${pointer}/${at}`, `${path}[${at}]`, failures);
    }
  }
  if (shape.kind === "map") {
    for (const [name, item] of Object.entries(value as Props)) {
      checkValue(shape.element, item, `${pointer}/${name}`, `${path}.${name}`, failures);
    }
  }
  if (shape.kind === "object") checkBag(shape.fields(), value as Props, pointer, path, failures);
}

function checkBag(fields: Fields, bag: Props, pointer: string, path: string, failures: CheckFailure[]): void {
  const under = (name: string) => (path === "" ? name : `${path}.${name}`);
  for (const field of fields.all) {
    if (field.required && bag[field.sdk] === undefined) {
      failures.push({ property: under(field.sdk), reason: `${pointer}: required key [${field.cfn}] not found` });
    }
  }
  for (const [name, value] of Object.entries(bag)) {
    const field = fields.bySdk(name);
    if (field) {
      checkValue(field.type, value, `${pointer}/${field.cfn}`, under(name), failures);
      continue;
    }
    const close = nearest(
      name,
      fields.all.map(({ sdk }) => sdk),
    );
    const hint = close ? ` (did you mean ${close}?)` : "";
    failures.push({ property: under(name), reason: `${pointer}: extraneous key [${name}] is not permitted${hint}` });
  }
}

/** Every fault of the inputs of a resource, in the order of the spec. Unknown values pass: the deployment will judge them. */
export function checkInputs(spec: TypeSpec, inputs: Props): CheckFailure[] {
  const failures: CheckFailure[] = [];
  checkBag(spec.properties, inputs, "#", "", failures);
  return failures;
}
