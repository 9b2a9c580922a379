/** An update of an endpoint goes in steps, is watched, and goes back by itself. */
import { type Aim, alarmsOver, METRIC_READS, watches } from "../support/alarm-metrics.ts";
import { alarmsMeant, ROLLBACK_ALARMS, USE_READS, usedAlarms } from "../support/alarms.ts";
import { demand, within } from "../support/demand.ts";
import { type Behind, ENDPOINTS, nameOf, SERVING_READS, servingOf } from "../support/endpoints.ts";
import { ENDPOINT_CONFIG, MODEL, nameAt, tokensOf } from "../support/families.ts";
import { FUNCTIONS } from "../support/functions.ts";
import type { Graph, Node } from "../support/graph.ts";
import { type Reading, textOf, valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { DUTY_READS, dutifulFor, namesInEnvironment } from "../support/routers.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { show } from "../support/show.ts";

type Check = "alarms" | "alarm-missing" | "traffic" | "router" | "replace" | "dangling";
interface Wanted {
  readonly bakeSeconds: number;
  readonly routerRoles: readonly string[];
  readonly tagPrefix: string;
}

const configs = tokensOf(ENDPOINT_CONFIG);
const models = tokensOf(MODEL);
const ROLLING = "deploymentConfig.rollingUpdatePolicy";
const TRAFFIC = "deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration";
const BRAKE = "an alarm on this endpoint's errors or latency";
/** Metrics by which a bad update shows (SageMaker and Lambda developer guides, metrics). */
const ENDPOINT_TROUBLE = /(?:Errors|Failures|Latency|ProcessingTime)$/;
const ROUTER_TROUBLE = ["Errors", "Duration", "Throttles"];

export default rule({
  id: "endpoint-update-guarded",
  group: "reliability",
  severity: "high",
  what: "An update of an endpoint reaches everybody at once, or nothing takes it back, or what serves goes before its successor stands.",
  why: "An update without a brake replaces a working model by a broken one for everybody.",
  fix: "Shift traffic by canary, in steps or in batches, with alarms on this endpoint that roll back; put a router with such alarms before a serverless one; never delete before replacing.",
  levels: { dev: "advisory", prod: "mandatory" },
  checks: {
    alarms: "No alarm takes an update back.",
    "alarm-missing": "An alarm that shall take an update back is not in this program, or watches something else.",
    traffic: "All traffic goes to the new model at once, or without time to see how it does.",
    router: "A serverless endpoint, which SageMaker updates at once, has no router before it.",
    replace:
      "What serves is deleted before its successor is made, or a new configuration cannot be made beside the old.",
    dangling: "The configuration is not in this program, so what serves cannot be seen.",
  } satisfies Record<Check, string>,
  settings: ["bakeSeconds", "routerRoles", "tagPrefix"],
  stack: {
    types: [...ENDPOINTS, ...configs, ...models],
    reads: allReads(
      SERVING_READS,
      USE_READS,
      METRIC_READS,
      DUTY_READS,
      reads(
        ENDPOINTS,
        ROLLING,
        `${ROLLING}.waitIntervalInSeconds`,
        `${TRAFFIC}.type`,
        `${TRAFFIC}.waitIntervalInSeconds`,
      ),
      reads(configs, "productionVariants[].modelName"),
      // Of a model only its options are judged, which are no property.
      reads(models),
      Object.fromEntries(configs.map((type) => [type, [nameAt(type)]])),
      Object.fromEntries(FUNCTIONS.map((type) => [type, [nameAt(type)]])),
    ),
    judge(node, { settings, report, graph }) {
      judgeOrder(node, report);
      if (configs.includes(node.type)) judgeName(node, report);
      if (!ENDPOINTS.includes(node.type)) return;
      const { machines, serverless } = servingOf(node, graph, report);
      if (machines.length > 0) {
        judgeAlarms(node, graph, report);
        judgeTraffic(node, settings.bakeSeconds, report);
      }
      for (const behind of serverless) judgeRouter(node, behind, settings, graph, report);
    },
  },
});

function judgeOrder(node: Node, report: Reporter<Check>): void {
  if (node.opts.deleteBeforeReplace !== true) return;
  const fix = "Let the successor stand before the old one goes; nobody is served in between.";
  const path = "opts.deleteBeforeReplace";
  report.fault({ check: "replace", path, value: "true", limit: "false or absent", fix });
}

/** A configuration cannot be changed, and AWS takes each name once: an equal name forces deleting first. */
function judgeName(config: Node, report: Reporter<Check>): void {
  const reading = config.one(nameAt(config.type));
  const limit =
    "a name that changes with the content: with the name of each model and its version in it, or with a hash";
  const served = config.read("productionVariants[].modelName");
  if (reading.state === "unknown") {
    // A name that the program does not compute is made up anew by the provider.
    if (config.derives(reading.path) && config.referredBy(reading.path, models).length === 0)
      report.waits(reading.path, limit);
    return;
  }
  const name = textOf(reading);
  if (reading.state === "absent" || (name !== undefined && /(?:^|-)[0-9a-f]{6,}(?:-|$)/.test(name))) return;
  const hidden = served.find(({ state }) => state === "unknown");
  if (hidden) {
    report.waits(hidden.path, "known, as the configuration's name must hold it");
    return;
  }
  const texts = served.map(textOf);
  // A model's name that holds no number is the same for every version of it.
  const holds = (model: string | undefined) =>
    model !== undefined && /\d/.test(model) && `-${name}-`.includes(`-${model}-`);
  if (texts.length > 0 && texts.every(holds)) return;
  const value = show(reading.value);
  const fix = "Derive it from what it holds; AWS refuses a second one of the same name.";
  report.fault({ check: "replace", path: reading.path, value, limit, fix });
}

function judgeAlarms(endpoint: Node, graph: Graph, report: Reporter<Check>): void {
  const readings = endpoint.read(ROLLBACK_ALARMS);
  const path = ROLLBACK_ALARMS.replace("[].alarmName", "");
  const fix = "Name alarms on what a bad model does; without them SageMaker never rolls back.";
  if (readings.length === 0) report.fault({ check: "alarms", path, value: "empty", limit: BRAKE, fix });
  for (const reading of readings) {
    if (reading.state === "absent" || reading.state === "malformed") {
      const value = show(valueIn(reading));
      report.fault({ check: "alarms", path: reading.path, value, limit: BRAKE, fix });
    } else judgeAlarm(endpoint, reading, graph, report);
  }
}

function judgeAlarm(endpoint: Node, reading: Reading, graph: Graph, report: Reporter<Check>): void {
  const found = alarmsMeant(reading, endpoint, graph);
  const aim = troubleOf(endpoint);
  const sights = found.map((alarm) => watches(alarm, graph, aim));
  if (sights.includes("yes")) return;
  if (sights.includes("unknown") || (found.length === 0 && reading.state === "unknown")) {
    report.waits(reading.path, BRAKE);
    return;
  }
  const words = found.length === 0 ? "which this program does not declare" : "which watches something else";
  const value = `${show(valueIn(reading) ?? found[0]?.name)}, ${words}`;
  const fix = "Declare the alarm beside the endpoint, on its errors or its latency.";
  report.fault({ check: "alarm-missing", path: reading.path, value, limit: BRAKE, fix });
}

const troubleOf = (endpoint: Node): Aim => ({
  fits: (namespace, metric) => namespace === "AWS/SageMaker" && ENDPOINT_TROUBLE.test(metric),
  dimension: "EndpointName",
  node: endpoint,
  name: nameOf(endpoint),
});

function judgeTraffic(endpoint: Node, bake: number, report: Reporter<Check>): void {
  const holds = within(bake);
  const wait = {
    check: "traffic",
    limit: `${bake} seconds or more`,
    fix: "Leave time to see how it does.",
    holds,
  } as const;
  if (endpoint.one(ROLLING).state !== "absent") {
    demand(endpoint.one(`${ROLLING}.waitIntervalInSeconds`), wait, report);
    return;
  }
  const type = endpoint.one(`${TRAFFIC}.type`);
  const isStep = (value: unknown) => value === "CANARY" || value === "LINEAR";
  const fix = "Let a part of the traffic go first.";
  const limit = "CANARY or LINEAR, or beside rollingUpdatePolicy";
  demand(type, { check: "traffic", limit, fix, holds: isStep }, report);
  if (isStep(valueIn(type))) demand(endpoint.one(`${TRAFFIC}.waitIntervalInSeconds`), wait, report);
}

/** SageMaker moves a serverless endpoint at once; a router before it splits, and its alarms take the split back. */
function judgeRouter(
  endpoint: Node,
  { road }: Behind,
  { routerRoles, tagPrefix }: Wanted,
  graph: Graph,
  report: Reporter<Check>,
): void {
  const name = nameOf(endpoint);
  const key = `${tagPrefix}role`;
  const { nodes: routers, hidden } = dutifulFor({ node: endpoint, name }, graph, key, routerRoles);
  const path = `${road}productionVariants[].serverlessConfig`;
  if (routers.length === 0) {
    const limit = `behind a function tagged ${key} = ${routerRoles.join(" or ")} that names this endpoint`;
    const fix = "Put a router before it that splits traffic between champion and candidate, or use instances.";
    if (hidden.length > 0) report.waits(path, `${limit}; ${hidden.join(", ")} may be it`);
    else report.fault({ check: "router", path, value: "without a router", limit, fix });
    return;
  }
  const aims = [troubleOf(endpoint), ownMetric(endpoint), ...routers.map(troubleOfRouter)];
  const { rollback } = usedAlarms(graph);
  const sights = [...alarmsOver(graph, aims)].map((alarm) => {
    const sight = aims.map((aim) => watches(alarm, graph, aim));
    if (sight.every((one) => one === "no")) return "no";
    const alarmName = textOf(alarm.one(nameAt(alarm.type)));
    const asked = routers.map((router) => namesInEnvironment(router, { node: alarm, name: alarmName }));
    const used = rollback.has(alarm.urn) ? ["yes"] : asked;
    if (used.includes("yes") && sight.includes("yes")) return "yes";
    return used.every((one) => one === "no") ? "no" : "unknown";
  });
  if (sights.includes("yes")) return;
  const limit = `behind a router whose rollback hangs on ${BRAKE} or the router's`;
  if (sights.includes("unknown")) report.waits(path, limit);
  else {
    const value = `behind ${routers.map((router) => show(router.name)).join(", ")} without such an alarm`;
    const fix = "Let the router or the state machine that shifts traffic read an alarm, and go back when it goes off.";
    report.fault({ check: "alarms", path, value, limit, fix });
  }
}

/** What the router itself counts for the endpoint, in a namespace of the program's own. */
const ownMetric = (endpoint: Node): Aim => ({
  fits: (namespace) => !namespace.startsWith("AWS/"),
  node: endpoint,
  name: nameOf(endpoint),
});

const troubleOfRouter = (router: Node): Aim => ({
  fits: (namespace, metric) => namespace === "AWS/Lambda" && ROUTER_TROUBLE.includes(metric),
  dimension: "FunctionName",
  node: router,
  name: textOf(router.one(nameAt(router.type))),
});
