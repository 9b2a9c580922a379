/** The models that a state machine makes, where it also makes or changes what serves. */
import { isExpression } from "./job-calls.ts";
import { argumentsOf, callsOf } from "./state-calls.ts";
import type { Subject } from "./subject.ts";
import { isTree, join, type Tree, Unknown } from "./unknown.ts";

/** botocore sagemaker: every operation that puts a model behind an endpoint. */
export const SERVING =
  "sagemaker:(?:(?:create|update)(?:Endpoint|EndpointConfig|InferenceComponent|InferenceExperiment)|updateEndpointWeightsAndCapacities|updateInferenceComponentRuntimeConfig|startInferenceExperiment)";
const COMPONENT = "sagemaker:(?:create|update)InferenceComponent";

/** A value in a call: what is computed by an expression, and what is not known yet, is told apart from what is written. */
export interface Given {
  readonly path: string;
  readonly value: unknown;
  readonly state: "absent" | "written" | "computed" | "unknown";
}

export interface ServedModels {
  /** What each model is made of: containers, or what stands in their place and cannot be seen. */
  readonly containers: readonly Given[];
  /** What each inference component is made of, when it is not a model's name. */
  readonly specifications: readonly Given[];
  /** Where calls may stand that are not known yet. */
  readonly unknown: readonly string[];
}

/** Nothing for a machine that makes nothing that serves, such as one that only tries a model out. */
export function servedModels(machine: Subject): ServedModels {
  const serving = callsOf(machine, SERVING);
  // What is handed to a call that serves is of no matter here: a model's name.
  const unknown = serving.hidden.filter((place) => !serving.calls.some(({ path }) => path === place));
  if (serving.calls.length === 0) return { containers: [], specifications: [], unknown };
  const containers = callsOf(machine, "sagemaker:createModel").calls.flatMap(({ path, state }) => {
    const whole = inputOf(state, path);
    return whole.state === "written" ? containersOf(whole) : [whole];
  });
  const specifications = callsOf(machine, COMPONENT).calls.flatMap(({ path, state }) => {
    const whole = inputOf(state, path);
    return whole.state === "written" ? specificationsOf(whole) : [whole];
  });
  return { containers, specifications, unknown };
}

function inputOf(state: Tree, path: string): Given {
  const at = argumentsOf({ path, state });
  const value = state.Arguments ?? state.Parameters;
  // Without either, the state's whole input is sent.
  return value === undefined ? { path: at, value, state: "computed" } : given(value, at);
}

/** An object stands for itself; whatever else stands in its place is an expression or a fault: not seen. */
function given(value: unknown, path: string): Given {
  if (value === undefined) return { path, value, state: "absent" };
  if (value instanceof Unknown) return { path, value, state: "unknown" };
  return { path, value, state: isTree(value) ? "written" : "computed" };
}

/** The value of `key` in either case, and by JSONPath's `key.$`, which is never seen. */
export function member(tree: Tree, path: string, key: string): Given {
  for (const [name, value] of Object.entries(tree)) {
    if (name.toLowerCase().replace(/\.\$$/, "") !== key.toLowerCase()) continue;
    const here = join(path, name);
    if (value instanceof Unknown) return { path: here, value, state: "unknown" };
    const isComputed = name.endsWith(".$") || isExpression(value);
    return { path: here, value, state: isComputed ? "computed" : "written" };
  }
  return { path: join(path, key), value: undefined, state: "absent" };
}

function containersOf({ value, path }: Given): Given[] {
  if (!isTree(value)) return [{ path, value, state: "computed" }];
  const found: Given[] = [];
  for (const one of [member(value, path, "PrimaryContainer"), member(value, path, "Containers")]) {
    if (one.state === "absent") continue;
    if (one.state === "written" && Array.isArray(one.value)) {
      for (const [i, item] of (one.value as readonly unknown[]).entries()) found.push(given(item, join(one.path, i)));
    } else found.push(one.state === "written" ? given(one.value, one.path) : one);
  }
  return found.length > 0 ? found : [member(value, path, "PrimaryContainer")];
}

function specificationsOf({ value, path }: Given): Given[] {
  if (!isTree(value)) return [{ path, value, state: "computed" }];
  const several = member(value, path, "Specifications");
  const places =
    several.state === "written" && Array.isArray(several.value)
      ? (several.value as readonly unknown[]).map((item, i) => given(item, join(several.path, i)))
      : [several];
  return [member(value, path, "Specification"), ...places]
    .flatMap((one): Given[] => {
      if (one.state === "absent") return [];
      if (one.state !== "written") return [one];
      return isTree(one.value) ? [member(one.value, one.path, "Container")] : [{ ...one, state: "computed" }];
    })
    .filter(({ state }) => state !== "absent");
}
