/** Names by which a state machine serves models and configurations, and which it gives itself. */
import { type Given, member, SERVING } from "./served-models.ts";
import { argumentsOf, callsOf } from "./state-calls.ts";
import type { Subject } from "./subject.ts";
import { isTree, join, Unknown } from "./unknown.ts";

export interface Names {
  /** Names of models, and of endpoint configurations, that are not given in this machine; and whole calls that are computed. */
  readonly models: readonly Given[];
  readonly configs: readonly Given[];
}

export const isLiteral = (given: Given): boolean =>
  given.state === "written" && typeof given.value === "string" && given.value !== "";

/**
 * A name counts as given in this machine where the call that makes the thing has it in the very same words. That the words
 * mean the same at both places cannot be seen: that is what the deploying role's own look-up is for.
 */
export function namedIn(machine: Subject): Names {
  const made = (action: string, key: string) =>
    new Set(
      callsOf(machine, `sagemaker:${action}`).calls.flatMap(({ path, state, input }) => {
        const { value } = member(input, argumentsOf({ path, state }), key);
        return typeof value === "string" ? [value] : [];
      }),
    );
  const models = made("createModel", "ModelName");
  const configs = made("createEndpointConfig", "EndpointConfigName");
  const found: { models: Given[]; configs: Given[] } = { models: [], configs: [] };
  for (const { path, state, input } of callsOf(machine, SERVING).calls) {
    const at = argumentsOf({ path, state });
    const whole = state.Arguments ?? state.Parameters;
    if (!isTree(whole)) {
      found.models.push({ path: at, value: whole, state: whole instanceof Unknown ? "unknown" : "computed" });
      continue;
    }
    const isEndpoint = /:(?:create|update)Endpoint(?:\.|$)/i.test(String(state.Resource));
    for (const one of namesIn(input, at)) {
      if (/^EndpointConfigName/i.test(one.key)) {
        if (isEndpoint && !configs.has(String(one.given.value))) found.configs.push(one.given);
      } else if (!models.has(String(one.given.value))) found.models.push(one.given);
    }
  }
  return found;
}

/** Keys below which names of models stand, and the names; an expression in place of a list of variants stands for its names. */
const NAMES = /^(?:ModelName|ModelNameOverride|EndpointConfigName)(?:\.\$)?$/i;
const LISTS = /^(?:ProductionVariants|ShadowProductionVariants|InstancePools|ModelVariants|Specifications?)(?:\.\$)?$/i;
const MAX_DEPTH = 20;

function namesIn(value: unknown, path: string, depth = 0): { key: string; given: Given }[] {
  if (depth > MAX_DEPTH) return [];
  if (Array.isArray(value))
    return (value as readonly unknown[]).flatMap((item, i): { key: string; given: Given }[] =>
      isTree(item) ? namesIn(item, join(path, i), depth + 1) : [{ key: "", given: seen(item, join(path, i)) }],
    );
  if (!isTree(value)) return [];
  return Object.entries(value).flatMap(([key, inner]): { key: string; given: Given }[] => {
    const here = join(path, key);
    if (NAMES.test(key)) return [{ key, given: { ...member(value, path, key.replace(/\.\$$/, "")), path: here } }];
    if (!LISTS.test(key)) return [];
    return isTree(inner) || Array.isArray(inner)
      ? namesIn(inner, here, depth + 1)
      : [{ key, given: seen(inner, here) }];
  });
}

const seen = (value: unknown, path: string): Given => ({
  path,
  value,
  state: value instanceof Unknown ? "unknown" : "computed",
});
