/** Somebody looks at each endpoint again and again, and it is heard when a model drifts and when nobody looks any more. */
import { type Aim, alarmsAbout, METRIC_READS, watches } from "../support/alarm-metrics.ts";
import { USE_READS } from "../support/alarms.ts";
import { ENDPOINTS, nameOf, SERVING_READS } from "../support/endpoints.ts";
import { ALARM, nameAt, tokensOf } from "../support/families.ts";
import { MONITORED } from "../support/frameworks.ts";
import { FUNCTIONS } from "../support/functions.ts";
import type { Graph, Node } from "../support/graph.ts";
import { MONITOR_READS, type Monitor, monitorsOf } from "../support/monitors.ts";
import { textOf } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { show } from "../support/show.ts";

type Check = "schedule" | "off" | "alarm" | "stopped";

const alarms = tokensOf(ALARM);

export default rule({
  id: "drift-monitor-present",
  group: "observability",
  severity: "high",
  what: "Nothing looks for drift at an endpoint again and again, or nobody hears of drift or of a monitor that stopped.",
  why: "A model rots silently: it answers as fast as ever, and worse.",
  fix: "Schedule a monitor on the endpoint, with an alarm on the metric it writes and one that goes off when it writes nothing.",
  levels: { dev: "advisory", prod: "mandatory" },
  checks: {
    schedule: "No monitoring schedule and no scheduled function looks at the endpoint.",
    off: "What looks at the endpoint is switched off, or runs only once.",
    alarm: "No alarm watches what the monitor finds.",
    stopped: "No alarm goes off when the monitor stops.",
  } satisfies Record<Check, string>,
  outside: [
    {
      source: "prowler",
      ids: ["sagemaker_models_monitor_enabled"],
      note: "near: asks for any monitoring schedule in the region",
    },
  ],
  framework: MONITORED,
  settings: ["driftRoles", "tagPrefix"],
  stack: {
    types: ENDPOINTS,
    reads: allReads(
      SERVING_READS,
      MONITOR_READS,
      METRIC_READS,
      USE_READS,
      reads(alarms, "treatMissingData"),
      Object.fromEntries(FUNCTIONS.map((type) => [type, [nameAt(type)]])),
    ),
    judge(node, { settings, report, graph }) {
      const key = `${settings.tagPrefix}role`;
      const found = monitorsOf({ node, name: nameOf(node) }, graph, key, settings.driftRoles);
      const path = nameAt(node.type);
      const who = show(nameOf(node) ?? node.name);
      const limit = `looked at by a monitoring schedule, or by a schedule that starts a function tagged ${key} = ${settings.driftRoles.join(" or ")} with the endpoint in its input`;
      const sure = found.filter(({ sight }) => sight === "yes");
      if (sure.length === 0) {
        const fix = "Schedule a monitor on the endpoint.";
        if (found.length > 0) report.waits(path, `${limit}; ${words(found)} may be it`);
        else report.fault({ check: "schedule", path, value: `${who}, which nothing looks at`, limit, fix });
        return;
      }
      judgeRuns(sure, path, who, report);
      judgeAlarms(node, sure, path, graph, report);
    },
  },
});

const words = (monitors: readonly Monitor[]): string =>
  [...new Set(monitors.map(({ node }) => show(node.name)))].join(", ");

function judgeRuns(monitors: readonly Monitor[], path: string, who: string, report: Reporter<Check>): void {
  if (monitors.some(({ runs }) => runs === "yes")) return;
  const limit = "looked at again and again";
  if (monitors.some(({ runs }) => runs === "unknown")) {
    report.waits(path, `${limit}; when ${words(monitors)} runs is not known yet`);
    return;
  }
  const value = `${who}, whose monitor ${words(monitors)} is off or runs only once`;
  report.fault({ check: "off", path, value, limit, fix: "Give it a rate or a cron expression, and switch it on." });
}

function judgeAlarms(
  endpoint: Node,
  monitors: readonly Monitor[],
  path: string,
  graph: Graph,
  report: Reporter<Check>,
): void {
  const found: Aim = {
    // What monitors write, SageMaker's own too, lies outside the namespaces of AWS's services.
    fits: (namespace) => !namespace.startsWith("AWS/"),
    node: endpoint,
    name: nameOf(endpoint),
  };
  const run = monitors.flatMap(({ functions }) => functions.map(ofRuns));
  const all = alarmsAbout(graph, [found, ...run]);
  const who = show(nameOf(endpoint) ?? endpoint.name);
  const judge = (check: "alarm" | "stopped", aims: readonly Aim[], limit: string, fix: string) => {
    const sights = all.map((alarm) => {
      const missing = check === "stopped" ? silence(alarm) : "yes";
      const sight = aims.map((aim) => watches(alarm, graph, aim));
      if (missing === "no" || sight.every((one) => one === "no")) return "no";
      return missing === "yes" && sight.includes("yes") ? "yes" : "unknown";
    });
    if (sights.includes("yes")) return;
    if (sights.includes("unknown")) report.waits(path, limit);
    else report.fault({ check, path, value: `${who} without such an alarm`, limit, fix });
  };
  const fix = "Declare an alarm on the metric that the monitor writes.";
  judge("alarm", [found], "named by a dimension of an alarm on what its monitor finds", fix);
  const limit = "watched by an alarm on its monitor's metric or function that treats missing data as breaching";
  const silent = "Let silence be an alarm too: a schedule that stopped looks like a model that is well.";
  judge("stopped", [found, ...run], limit, silent);
}

/** Whether missing data sets the alarm off. */
function silence(alarm: Node): "yes" | "no" | "unknown" {
  const reading = alarm.one("treatMissingData");
  return reading.state === "unknown" ? "unknown" : textOf(reading) === "breaching" ? "yes" : "no";
}

const ofRuns = (fn: Node): Aim => ({
  fits: (namespace, metric) => namespace === "AWS/Lambda" && metric === "Invocations",
  dimension: "FunctionName",
  node: fn,
  name: textOf(fn.one(nameAt(fn.type))),
});
