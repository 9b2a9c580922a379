/** What looks at an endpoint again and again: SageMaker's own schedules, and schedules that start a function of the program. */

import { CALLS, calledAt } from "./callers.ts";
import { ENDPOINT, EVENT_RULE, EVENT_TARGET, MONITOR, nameAt, SCHEDULE, tokensOf } from "./families.ts";
import { ALIAS_READS } from "./functions.ts";
import type { Graph, Node } from "./graph.ts";
import { file, perGraph, wordsOf } from "./per-graph.ts";
import { type Reading, rootOf, textOf } from "./read.ts";
import { DUTY_READS, hasRole, type Target } from "./routers.ts";
import { allReads, reads } from "./rule.ts";
import type { Reads } from "./subject.ts";

const CONFIG = "monitoringScheduleConfig";
const INPUT = `${CONFIG}.monitoringJobDefinition.monitoringInputs`;
const DEFINITION_NAME = `${CONFIG}.monitoringJobDefinitionName`;
const EXPRESSION = `${CONFIG}.scheduleConfig.scheduleExpression`;
const ENDPOINT_AT: Readonly<Record<string, readonly string[]>> = {
  [MONITOR.schedule]: ["endpointName", `${INPUT}[].endpointInput.endpointName`],
  [MONITOR.classicSchedule]: [`${INPUT}.endpointInput.endpointName`],
  [MONITOR.dataQuality]: ["dataQualityJobInput.endpointInput.endpointName"],
  [MONITOR.modelQuality]: ["modelQualityJobInput.endpointInput.endpointName"],
  [MONITOR.bias]: ["modelBiasJobInput.endpointInput.endpointName"],
  [MONITOR.explainability]: ["modelExplainabilityJobInput.endpointInput.endpointName"],
  [MONITOR.classicDataQuality]: ["dataQualityJobInput.endpointInput.endpointName"],
};
const monitors = [MONITOR.schedule, MONITOR.classicSchedule];
const definitions = Object.keys(ENDPOINT_AT).filter((type) => !monitors.includes(type as (typeof monitors)[number]));
const endpoints = tokensOf(ENDPOINT);
const rules = tokensOf(EVENT_RULE);
/** What is handed to a target of a schedule or a rule. */
const INPUT_AT: Readonly<Record<string, string>> = {
  [SCHEDULE.native]: "target.input",
  [SCHEDULE.classic]: "target.input",
  [EVENT_RULE.native]: "targets[].input",
  [EVENT_TARGET.classic]: "input",
};

/** What a rule must declare that looks for monitors. */
export const MONITOR_READS: Reads = allReads(
  ENDPOINT_AT,
  reads(monitors, DEFINITION_NAME, EXPRESSION),
  { [MONITOR.schedule]: ["monitoringScheduleStatus"] },
  Object.fromEntries(definitions.map((type) => [type, [nameAt(type)]])),
  Object.fromEntries(Object.entries(INPUT_AT).map(([type, path]) => [type, [path, CALLS[type] ?? ""]])),
  reads([...tokensOf(SCHEDULE), ...tokensOf(EVENT_RULE)], "scheduleExpression", "state"),
  reads(tokensOf(SCHEDULE), "endDate"),
  { [EVENT_RULE.classic]: ["isEnabled"] },
  reads(tokensOf(EVENT_TARGET), "rule"),
  ALIAS_READS,
  DUTY_READS,
);

export interface Monitor {
  readonly node: Node;
  /** Whether it looks at the endpoint. */
  readonly sight: "yes" | "unknown";
  /** Whether it runs again and again. */
  readonly runs: "yes" | "no" | "unknown";
  /** The functions that it starts; none: SageMaker's own jobs. */
  readonly functions: readonly Node[];
}

type Entry = Omit<Monitor, "sight"> & { readonly isSure: boolean };

interface Index {
  readonly byName: Map<string, Entry[]>;
  readonly byUrn: Map<string, Entry[]>;
  /** Those of which it is not known yet what they look at. */
  readonly open: Entry[];
}

/** Every monitor of the endpoint, running or not. */
export function monitorsOf({ node, name }: Target, graph: Graph, key: string, roles: readonly string[]): Monitor[] {
  const { byName, byUrn, open } = indexOf(graph, key, ...roles);
  const sure = new Set([...(byUrn.get(node.urn) ?? []), ...((name && byName.get(name)) || [])]);
  const found = [...sure].map((entry): Monitor => ({ ...entry, sight: entry.isSure ? "yes" : "unknown" }));
  const others = name === undefined ? [...byName.values()].flat() : [];
  const maybe = [...new Set([...open, ...others])].filter((entry) => !sure.has(entry));
  return [...found, ...maybe.map((entry): Monitor => ({ ...entry, sight: "unknown" }))];
}

const indexOf = perGraph((graph, key, ...roles): Index => {
  const index: Index = { byName: new Map(), byUrn: new Map(), open: [] };
  for (const node of graph.ofTypes(monitors)) fileSchedule(node, graph, index);
  for (const node of graph.ofTypes(Object.keys(INPUT_AT))) fileStarter(node, graph, key, roles, index);
  return index;
});

/** Files a monitor under what a reading names: an endpoint by name or by reference. */
function fileUnder(
  reading: Reading,
  from: Node,
  entry: Entry,
  index: Index,
  names: (text: string) => Iterable<string>,
) {
  if (reading.state === "unknown") {
    const referred = from.referredBy(rootOf(reading.path), endpoints);
    for (const { urn } of referred) file(index.byUrn, urn, entry);
    if (referred.length === 0) index.open.push(entry);
  } else for (const name of names(textOf(reading) ?? "")) file(index.byName, name, entry);
}

function fileSchedule(node: Node, graph: Graph, index: Index): void {
  const status = node.has("monitoringScheduleStatus") ? textOf(node.one("monitoringScheduleStatus")) : undefined;
  const runs = status === "Stopped" || status === "Failed" ? "no" : recurs(node.one(EXPRESSION), /^cron\(/);
  const entry = { node, runs, functions: [], isSure: true } as const;
  const through = definitionsOf(node, graph);
  for (const from of [node, ...through]) {
    for (const reading of (ENDPOINT_AT[from.type] ?? []).flatMap((path) => from.read(path))) {
      // SageMaker fills the endpoint's name in where the program did not.
      const isFilledIn =
        reading.path === "endpointName" && reading.state === "unknown" && !from.derives("endpointName");
      if (!isFilledIn) fileUnder(reading, from, entry, index, (text) => (text === "" ? [] : [text]));
    }
  }
  // A definition that is not known yet may be of any endpoint.
  if (node.one(DEFINITION_NAME).state === "unknown" && through.length === 0) index.open.push(entry);
}

function definitionsOf(node: Node, graph: Graph): Node[] {
  const reading = node.one(DEFINITION_NAME);
  const name = textOf(reading);
  if (name !== undefined) return graph.named(name, definitions);
  return reading.state === "unknown" ? node.referredBy(CONFIG, definitions) : [];
}

/** The input names the endpoint as a word of its own. */
function fileStarter(node: Node, graph: Graph, key: string, roles: readonly string[], index: Index): void {
  const inputs = node.read(INPUT_AT[node.type] ?? "");
  for (const [i, reading] of node.read(CALLS[node.type] ?? "").entries()) {
    const functions = calledAt(reading, node, graph).map((called) => called.node);
    const role = functions.map((one) => hasRole(one, key, roles));
    const input = inputs[i] ?? inputs[0];
    // What is started is not known yet, and computed from no function of the program.
    const isHidden = reading.state === "unknown" && functions.length === 0;
    if (input === undefined || !(isHidden || role.some((one) => one !== "no"))) continue;
    for (const runs of runsOf(node, graph)) {
      fileUnder(input, node, { node, runs, functions, isSure: role.includes("yes") }, index, wordsOf);
    }
  }
}

/** When a starter starts: a classic target by its rule, everything else by itself. Nothing where it waits for events. */
function runsOf(node: Node, graph: Graph): Monitor["runs"][] {
  if (!tokensOf(EVENT_TARGET).includes(node.type)) return clockOf(node);
  const reading = node.one("rule");
  const name = textOf(reading);
  const found = name === undefined ? node.referredBy("rule", rules) : graph.named(name, rules);
  return found.length > 0 ? found.flatMap(clockOf) : reading.state === "unknown" ? ["unknown"] : [];
}

function clockOf(node: Node): Monitor["runs"][] {
  const expression = node.one("scheduleExpression");
  if (expression.state === "absent") return [];
  const state = node.one("state");
  const isOff = state.state === "known" && state.value === "DISABLED";
  if (isOff || (node.has("isEnabled") && isFalse(node.one("isEnabled")))) return ["no"];
  const end = node.has("endDate") ? textOf(node.one("endDate")) : undefined;
  if (end !== undefined && Date.parse(end) < Date.now()) return ["no"];
  const runs = recurs(expression, /^(?:rate|cron)\(/);
  return [runs === "yes" && state.state === "unknown" && node.derives("state") ? "unknown" : runs];
}

const isFalse = (reading: Reading): boolean => reading.state === "known" && reading.value === false;

/** Once is not again and again: `at(...)` of a schedule, `NOW` of a monitor. */
const recurs = (expression: Reading, again: RegExp): Monitor["runs"] =>
  expression.state === "unknown" ? "unknown" : again.test(textOf(expression) ?? "") ? "yes" : "no";
