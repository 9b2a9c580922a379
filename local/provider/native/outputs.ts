/** Outputs of a resource: what the program reads, at preview and after. */
import { isObject, type Props, UNKNOWN, type Value } from "../server/wire.ts";
import { alternative } from "./convert.ts";
import { same } from "./equal.ts";
import { sdkName } from "./names.ts";
import type { Shape, TypeSpec } from "./spec.ts";

/** Outputs that an update in place does not change, by pulumi-aws-native's rule (pkg/outputs): name, id and ARN. */
function isStable(spec: TypeSpec, name: string): boolean {
  const type = sdkName(spec.typeName);
  return ["name", "awsId", "arn", `${type}Name`, `${type}Id`, `${type}Arn`].includes(name);
}

/**
 * What a preview can say: the inputs; of the attributes only those an existing resource keeps. The rest is unknown, so that
 * whatever hangs on it is shown as it will be.
 */
export function previewOutputs(spec: TypeSpec, inputs: Props, olds?: Props): Props {
  const outputs: Props = { ...inputs };
  for (const { sdk } of spec.attributes.all) {
    if (sdk in inputs) continue;
    const old = olds?.[sdk];
    outputs[sdk] = old !== undefined && isStable(spec, sdk) ? old : UNKNOWN;
  }
  return outputs;
}

/** What the service adds to a value on its own is not drift: only what was asked for is compared. */
function onto(type: Shape, wanted: Value, live: Value): Value {
  if (same(type, wanted, live)) return wanted;
  const shape = alternative(type, wanted);
  if (shape.kind === "object" && isObject(wanted) && isObject(live)) {
    const out: Props = {};
    for (const [name, value] of Object.entries(wanted as Props)) {
      const field = shape.fields().bySdk(name);
      const now = live[name] as Value | undefined;
      if (now !== undefined) out[name] = field ? onto(field.type, value, now) : now;
    }
    return same(type, wanted, out) ? wanted : out;
  }
  if (shape.kind === "array" && Array.isArray(wanted) && Array.isArray(live) && wanted.length === live.length) {
    return wanted.map((item, at) => onto(shape.element, item, live[at] as Value));
  }
  return live;
}

/**
 * Recorded inputs brought to what is live. A property counts only where the reader speaks of it (`covers`): one it does not
 * speak of keeps its recorded value; one it speaks of and does not have is gone.
 */
export function liveInputs(spec: TypeSpec, inputs: Props, live: Props, covers: (sdk: string) => boolean): Props {
  const out: Props = {};
  for (const [name, wanted] of Object.entries(inputs)) {
    const now = live[name];
    const field = spec.properties.bySdk(name);
    if (now !== undefined && field) out[name] = onto(field.type, wanted, now);
    else if (now !== undefined || !covers(name) || isEmpty(wanted)) out[name] = now ?? wanted;
  }
  return out;
}

/** An empty list, map or text is often stored as nothing at all. */
function isEmpty(value: Value): boolean {
  return value === "" || value === false || (typeof value === "object" && Object.keys(value).length === 0);
}
