/** Alarms: what they watch, whom they tell, and what else hangs on them: a rollback, or an alarm made of others. */
import { ALARM, COMPOSITE_ALARM, ENDPOINT, nameAt, STATE_MACHINE, tokensOf } from "./families.ts";
import type { Graph, Node } from "./graph.ts";
import { type Reading, rootOf } from "./read.ts";
import { allReads, reads } from "./rule.ts";
import { callsOf } from "./state-calls.ts";
import { DEFINITION } from "./states.ts";
import type { Reads } from "./subject.ts";
import { Unknown } from "./unknown.ts";

export const ALARMS = tokensOf(ALARM, COMPOSITE_ALARM);
const composites = tokensOf(COMPOSITE_ALARM);
const endpoints = tokensOf(ENDPOINT);
const machines = tokensOf(STATE_MACHINE);
export const ROLLBACK_ALARMS = "deploymentConfig.autoRollbackConfiguration.alarms[].alarmName";

/** What a rule must declare that asks whom an alarm tells. */
export const ACTION_READS: Reads = reads(ALARMS, "actionsEnabled", "alarmActions[]");
/** What a rule must declare that asks who uses an alarm. */
export const USE_READS: Reads = allReads(
  ACTION_READS,
  { ...Object.fromEntries(ALARMS.map((type) => [type, [nameAt(type)]])) },
  reads(composites, "alarmRule"),
  reads(endpoints, ROLLBACK_ALARMS),
  { [STATE_MACHINE.native]: DEFINITION.native, [STATE_MACHINE.classic]: DEFINITION.classic },
);

/** The alarms that a reading of a name or an ARN means: by name, else by what the property was computed from. */
export function alarmsMeant(reading: Reading, from: Node, graph: Graph): Node[] {
  if (reading.state === "unknown") return from.referredBy(rootOf(reading.path), ALARMS);
  return reading.state === "known" && typeof reading.value === "string" ? alarmsNamed(reading.value, graph) : [];
}

/** By name or by ARN: `arn:aws:cloudwatch:<region>:<account>:alarm:<name>`, whose name may hold colons. */
function alarmsNamed(text: string, graph: Graph): Node[] {
  return graph.named(/^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:(.+)$/.exec(text)?.[1] ?? text, ALARMS);
}

/** The alarms that a composite alarm is made of. */
export function membersOf(composite: Node, graph: Graph): Node[] {
  const rule = composite.one("alarmRule");
  if (rule.state !== "known" || typeof rule.value !== "string") return alarmsMeant(rule, composite, graph);
  const names = rule.value.matchAll(
    /\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]*)"|'([^']*)'|([^)"'\s]+))\s*\)/g,
  );
  return [...names].flatMap(([, double, single, bare]) => alarmsNamed(double ?? single ?? bare ?? "", graph));
}

/** Whether the alarm starts something. `unknown`: that is not known yet. */
export function acts(alarm: Node): "yes" | "no" | "unknown" {
  const enabled = alarm.one("actionsEnabled");
  if (enabled.state === "known" && enabled.value === false) return "no";
  const actions = actionsOf(alarm, "alarmActions");
  return actions === "yes" && enabled.state === "unknown" ? "unknown" : actions;
}

/** Whether a list of actions holds one. What is computed from a resource of the program is one. */
export function actionsOf(alarm: Node, property: "alarmActions" | "insufficientDataActions"): "yes" | "no" | "unknown" {
  let isHidden = false;
  for (const action of alarm.read(`${property}[]`)) {
    if (action.state === "known" && typeof action.value === "string" && action.value.startsWith("arn:")) return "yes";
    if (action.state !== "unknown") continue;
    // The whole list unknown may be an empty one.
    if (action.path !== property && alarm.derives(property)) return "yes";
    isHidden = true;
  }
  return isHidden ? "unknown" : "no";
}

const used = new WeakMap<Graph, { readonly rollback: ReadonlySet<string>; readonly heard: ReadonlySet<string> }>();

/** URNs of the alarms that a rollback hangs on, and of those inside a composite alarm that acts. Found once per stack. */
export function usedAlarms(graph: Graph): { rollback: ReadonlySet<string>; heard: ReadonlySet<string> } {
  let found = used.get(graph);
  if (!found) {
    found = { rollback: rollbackAlarms(graph), heard: heardAlarms(graph) };
    used.set(graph, found);
  }
  return found;
}

/** Named by an endpoint's deployment, or read by a state machine, which rolls back what SageMaker cannot. */
function rollbackAlarms(graph: Graph): Set<string> {
  const urns = new Set<string>();
  for (const endpoint of graph.ofTypes(endpoints)) {
    for (const reading of endpoint.read(ROLLBACK_ALARMS))
      for (const alarm of alarmsMeant(reading, endpoint, graph)) urns.add(alarm.urn);
  }
  for (const machine of graph.ofTypes(machines)) {
    for (const alarm of readByMachine(machine, graph)) urns.add(alarm.urn);
  }
  return withMembers(urns, graph);
}

/** The alarms that a state machine looks at (`cloudwatch:describeAlarms`). */
export function readByMachine(machine: Node, graph: Graph): Node[] {
  const { calls, hidden } = callsOf(machine, "cloudwatch:describeAlarms");
  const named = calls.flatMap(({ input }) => {
    const { AlarmNames: names } = input;
    return Array.isArray(names) ? names.filter((name): name is string => typeof name === "string") : [];
  });
  const isHidden =
    hidden.length > 0 ||
    calls.some(
      ({ input: { AlarmNames: names } }) =>
        names instanceof Unknown || (Array.isArray(names) && names.some((name) => name instanceof Unknown)),
    );
  const referred = isHidden
    ? ["definition", "definitionString"].flatMap((property) => machine.referredBy(property, ALARMS))
    : [];
  return [...named.flatMap((name) => alarmsNamed(name, graph)), ...referred];
}

/** From composites that act themselves, downwards: two composites that only hold each other tell nobody. */
function heardAlarms(graph: Graph): Set<string> {
  const acting = graph.ofTypes(composites).filter((one) => acts(one) !== "no");
  return withMembers(new Set(acting.flatMap((one) => membersOf(one, graph)).map(({ urn }) => urn)), graph);
}

function withMembers(urns: Set<string>, graph: Graph): Set<string> {
  const byUrn = new Map(graph.ofTypes(composites).map((node) => [node.urn, node]));
  // A set that grows while it is walked is walked to its end.
  for (const urn of urns) {
    const composite = byUrn.get(urn);
    if (composite) for (const member of membersOf(composite, graph)) urns.add(member.urn);
  }
  return urns;
}
