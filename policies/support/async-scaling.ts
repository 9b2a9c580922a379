/** Automatic scaling of an endpoint's variants: targets, policies, and the alarms that fire them. */
import { ALARM, ENDPOINT, ENDPOINT_CONFIG, SCALABLE_TARGET, SCALING_POLICY, tokensOf } from "./families.ts";
import type { Graph, Node } from "./graph.ts";
import type { Reading } from "./read.ts";
import { allReads, reads } from "./rule.ts";
import { isTree, Unknown } from "./unknown.ts";

export type Verdict = "yes" | "no" | "unknown";

const DIMENSION = "sagemaker:variant:DesiredInstanceCount";
const METRIC = "HasBacklogWithoutCapacity";
const STEPS = "stepScalingPolicyConfiguration.stepAdjustments[].scalingAdjustment";
const ADJUSTMENT = "stepScalingPolicyConfiguration.adjustmentType";
const TRACKING = "targetTrackingScalingPolicyConfiguration";

const targets = tokensOf(SCALABLE_TARGET);
const policies = tokensOf(SCALING_POLICY);
const alarms = tokensOf(ALARM);

/** What a rule must declare that asks how variants are scaled. */
export const SCALING_READS = allReads(
  { [ENDPOINT.native]: ["endpointName", "endpointConfigName"], [ENDPOINT.classic]: ["name", "endpointConfigName"] },
  reads(targets, "resourceId", "scalableDimension", "minCapacity"),
  reads(policies, "policyType", "resourceId", STEPS, ADJUSTMENT, TRACKING, `${TRACKING}.disableScaleIn`),
  { [SCALING_POLICY.native]: ["policyName", "scalingTargetId"], [SCALING_POLICY.classic]: ["name"] },
  reads(alarms, "metricName", "namespace", "alarmActions[]", "actionsEnabled", "dimensions"),
);

/** The worse of two. */
export const worst = (a: Verdict, b: Verdict): Verdict =>
  a === "no" || b === "no" ? "no" : a === "unknown" || b === "unknown" ? "unknown" : "yes";

const holds = (reading: Reading, test: (value: unknown) => boolean): Verdict =>
  reading.state === "unknown" ? "unknown" : reading.state === "known" && test(reading.value) ? "yes" : "no";

const NAME: Readonly<Record<string, string>> = {
  [ENDPOINT.native]: "endpointName",
  [ENDPOINT.classic]: "name",
  [ENDPOINT_CONFIG.native]: "endpointConfigName",
  [ENDPOINT_CONFIG.classic]: "name",
  [SCALING_POLICY.native]: "policyName",
  [SCALING_POLICY.classic]: "name",
};

/** The known physical name of an endpoint, a config or a policy. */
export function physicalName(node: Node): string | undefined {
  const reading = node.one(NAME[node.type] ?? "");
  return reading.state === "known" && typeof reading.value === "string" ? reading.value : undefined;
}

/** Whether a scalable target is the variant's. Without an endpoint any endpoint's variant of that name will do. */
export function isAbout(target: Node, endpoint: Node | undefined, variant: string): Verdict {
  const dimension = holds(target.one("scalableDimension"), (value) => value === DIMENSION);
  const id = target.one("resourceId");
  let meant: Verdict;
  if (id.state === "known" && typeof id.value === "string") {
    const [, name, named] = /^endpoint\/([^/]+)\/variant\/([^/]+)$/.exec(id.value) ?? [];
    const own = endpoint && physicalName(endpoint);
    const isName = own === undefined || own === name;
    meant = named === variant && isName ? "yes" : "no";
  } else if (id.state === "unknown" && endpoint) {
    meant = target.referredBy("resourceId", [endpoint.type]).some(({ urn }) => urn === endpoint.urn)
      ? "yes"
      : "unknown";
  } else meant = id.state === "unknown" ? "unknown" : "no";
  return worst(dimension, meant);
}

/** The policies of a target: by the resource's id, by the target's, or by what these were computed from. */
export function policiesOf(target: Node, graph: Graph): Node[] {
  const id = target.one("resourceId");
  const own = id.state === "known" && typeof id.value === "string" ? id.value : undefined;
  return graph.ofTypes(policies).filter((policy) =>
    ["resourceId", "scalingTargetId"].some((path) => {
      if (!policy.has(path)) return false;
      if (policy.referredBy(path, targets).some(({ urn }) => urn === target.urn)) return true;
      const reading = policy.one(path);
      // A target's id is `<resource>|<dimension>|<namespace>` (CloudFormation, AWS::ApplicationAutoScaling::ScalableTarget).
      const value =
        reading.state === "known" && typeof reading.value === "string" ? reading.value.split("|")[0] : undefined;
      return own !== undefined && value === own;
    }),
  );
}

/** A step policy that adds instances. */
export const scalesOut = (policy: Node): Verdict =>
  worst(
    holds(policy.one("policyType"), (value) => value === "StepScaling"),
    stepping(policy, (by) => by > 0),
  );

/** A step policy that takes instances away when an alarm fires it, or target tracking that may. */
export function scalesIn(policy: Node, graph: Graph): Verdict {
  const type = policy.one("policyType");
  if (type.state === "unknown") return "unknown";
  const value = type.state === "known" ? type.value : undefined;
  if (value === "StepScaling") {
    // Target tracking makes its own alarms; nobody makes those of steps.
    const fired = alarmsOf(policy, graph).map(acts);
    const isFired = fired.includes("yes") ? "yes" : fired.includes("unknown") ? "unknown" : hiddenAlarms(graph);
    return worst(isFired, takesAway(policy));
  }
  if (value !== "TargetTrackingScaling") return "no";
  const tracking = policy.one(TRACKING);
  if (tracking.state !== "known") return tracking.state === "unknown" ? "unknown" : "no";
  const kept = policy.one(`${TRACKING}.disableScaleIn`);
  if (kept.state === "unknown") return "unknown";
  return kept.state === "known" && kept.value !== false ? "no" : "yes";
}

/** By less than nothing, or to none at all. */
function takesAway(policy: Node): Verdict {
  const kind = policy.one(ADJUSTMENT);
  if (kind.state === "unknown") return "unknown";
  const isExact = kind.state === "known" && kind.value === "ExactCapacity";
  return stepping(policy, (by) => (isExact ? by === 0 : by < 0));
}

/** Whether an alarm of which it is not known yet what it starts may fire the policy. */
const hiddenAlarms = (graph: Graph): Verdict =>
  graph
    .ofTypes(alarms)
    .some(
      (alarm) =>
        alarm.read("alarmActions[]").some(({ state }) => state === "unknown") && !alarm.derives("alarmActions"),
    )
    ? "unknown"
    : "no";

/** Whether an alarm's actions are on. */
function acts(alarm: Node): Verdict {
  const enabled = alarm.one("actionsEnabled");
  return enabled.state === "absent" ? "yes" : holds(enabled, (value) => value === true);
}

function stepping(policy: Node, test: (by: number) => boolean): Verdict {
  const verdicts = policy.read(STEPS).map((step) => holds(step, (by) => typeof by === "number" && test(by)));
  return verdicts.includes("yes") ? "yes" : verdicts.includes("unknown") ? "unknown" : "no";
}

/** The alarms that fire a policy: by what their actions were computed from, or by the policy's name in an ARN. */
export function alarmsOf(policy: Node, graph: Graph): Node[] {
  const name = physicalName(policy);
  return graph.ofTypes(alarms).filter((alarm) => {
    if (alarm.referredBy("alarmActions", policies).some(({ urn }) => urn === policy.urn)) return true;
    return alarm.read("alarmActions[]").some(({ state, ...rest }) => {
      const value = state === "known" && "value" in rest ? rest.value : undefined;
      return typeof value === "string" && name !== undefined && value.endsWith(`:policyName/${name}`);
    });
  });
}

/** Whether an alarm looks at requests that wait for this endpoint while it has no machine, and acts. */
export function meansEndpoint(alarm: Node, endpoint: Node | undefined): Verdict {
  const metric = worst(
    holds(alarm.one("metricName"), (value) => value === METRIC),
    holds(alarm.one("namespace"), (value) => value === "AWS/SageMaker"),
  );
  return worst(worst(acts(alarm), metric), endpoint ? looksAt(alarm, endpoint) : "yes");
}

/** By the dimension EndpointName: a list of name and value in one provider, a map in the other. */
function looksAt(alarm: Node, endpoint: Node): Verdict {
  const reading = alarm.one("dimensions");
  if (reading.state !== "known") return reading.state === "unknown" ? "unknown" : "no";
  const { value } = reading;
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  const found = Array.isArray(value)
    ? entries.filter(isTree).find(({ name }) => name === "EndpointName")?.value
    : isTree(value)
      ? value.EndpointName
      : undefined;
  if (found instanceof Unknown) {
    const refers = alarm.referredBy("dimensions", [endpoint.type]).some(({ urn }) => urn === endpoint.urn);
    return refers ? "yes" : "unknown";
  }
  const name = physicalName(endpoint);
  if (name === undefined) return found === undefined ? "no" : "unknown";
  return name === found ? "yes" : "no";
}
