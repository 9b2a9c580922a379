/** What an endpoint was asked and what it answered is kept for a while. */
import { demand, within } from "../support/demand.ts";
import { type Behind, ENDPOINTS, nameOf, SERVING_READS, servingOf } from "../support/endpoints.ts";
import { BUCKETS, EXPIRY_READS, expires } from "../support/expiry.ts";
import { ENDPOINT_CONFIG, tokensOf } from "../support/families.ts";
import { MONITORED } from "../support/frameworks.ts";
import type { Graph, Node } from "../support/graph.ts";
import { INVOKER_READS, invokersOf } from "../support/invokers.ts";
import { type Reading, textOf, valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { DUTY_READS, dutifulFor } from "../support/routers.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { s3Ref } from "../support/s3-uri.ts";
import { show } from "../support/show.ts";

type Check = "off" | "sample" | "mode" | "destination" | "router" | "bypass" | "dangling";
interface Wanted {
  readonly capturePercent: number;
  readonly expiringBuckets: readonly string[];
  readonly routerRoles: readonly string[];
  readonly invokingRoles: readonly string[];
  readonly boundaries: readonly string[];
  readonly tagPrefix: string;
}

const configs = tokensOf(ENDPOINT_CONFIG);
const CAPTURE = "dataCaptureConfig";
const FIELDS = ["enableCapture", "initialSamplingPercentage", "captureOptions[].captureMode", "destinationS3Uri"];

export default rule({
  id: "endpoint-captured",
  group: "observability",
  severity: "high",
  what: "What an endpoint is asked and answers is not kept, or is kept for ever.",
  why: "Drift shows, and complaints can be answered, only by the requests that were answered; they may hold personal data, so they must end.",
  fix: "Turn data capture on for inputs and outputs, into a bucket whose objects expire; put a capturing router before a serverless endpoint, and let nobody else invoke it.",
  levels: { dev: "advisory", prod: "mandatory" },
  checks: {
    off: "The endpoint's machines capture nothing.",
    sample: "Too small a part of the requests is captured.",
    mode: "Inputs or outputs are not captured.",
    destination: "What is captured lies in a bucket where it never expires, or of which that is not known.",
    router: "A serverless endpoint, which cannot capture, has no router before it that could.",
    bypass: "Somebody may invoke a serverless endpoint past its router.",
    dangling: "The configuration is not in this program, so what is captured cannot be seen.",
  } satisfies Record<Check, string>,
  framework: MONITORED,
  settings: ["capturePercent", "expiringBuckets", "routerRoles", "invokingRoles", "boundaries", "tagPrefix"],
  stack: {
    types: ENDPOINTS,
    reads: allReads(
      SERVING_READS,
      DUTY_READS,
      INVOKER_READS,
      EXPIRY_READS,
      reads(configs, CAPTURE, ...FIELDS.map((field) => `${CAPTURE}.${field}`)),
    ),
    judge(node, { settings, report, graph }) {
      const { machines, serverless } = servingOf(node, graph, report);
      for (const behind of machines) judgeCapture(behind, settings, graph, report);
      for (const behind of serverless) judgeRouter(node, behind, settings, graph, report);
    },
  },
});

function judgeCapture({ config, road }: Behind, settings: Wanted, graph: Graph, report: Reporter<Check>): void {
  const at = (reading: Reading): Reading => ({ ...reading, path: `${road}${reading.path}` });
  const one = (field: string) => at(config.one(`${CAPTURE}.${field}`));
  const whole = config.one(CAPTURE);
  const on = {
    check: "off",
    limit: "true",
    fix: "Turn capture on.",
    holds: (value: unknown) => value === true,
  } as const;
  demand(one("enableCapture"), on, report);
  // Nothing more to say where there is nothing.
  if (whole.state !== "known") return;
  const { capturePercent: least } = settings;
  const fix = "Capture enough for drift to show.";
  const sample = { check: "sample", limit: `${least} to 100`, fix, holds: within(least, 100) } as const;
  demand(one("initialSamplingPercentage"), sample, report);
  judgeModes(
    config.read(`${CAPTURE}.captureOptions[].captureMode`).map(at),
    `${road}${CAPTURE}.captureOptions`,
    report,
  );
  judgeDestination(config, one("destinationS3Uri"), settings, graph, report);
}

function judgeModes(readings: readonly Reading[], path: string, report: Reporter<Check>): void {
  const limit = "Input and Output";
  const modes = readings.map(textOf);
  const isCovered = (mode: string) => modes.includes(mode) || modes.includes("InputAndOutput");
  if (isCovered("Input") && isCovered("Output")) return;
  const hidden = readings.find(({ state }) => state === "unknown");
  if (hidden) report.waits(hidden.path, limit);
  else {
    const [first] = readings;
    const none = first === undefined ? "empty" : show(valueIn(first));
    const value = first === undefined || first.path === path ? none : show(modes.map((mode) => mode ?? "absent"));
    report.fault({ check: "mode", path, value, limit, fix: "Capture both; either alone explains nothing." });
  }
}

function judgeDestination(
  config: Node,
  reading: Reading,
  { expiringBuckets }: Wanted,
  graph: Graph,
  report: Reporter<Check>,
): void {
  const { path } = reading;
  const limit = "below an address in a bucket whose lifecycle removes what lies there";
  const text = textOf(reading);
  const ref = s3Ref(text);
  if (ref === undefined) {
    const found = reading.state === "unknown" ? config.referredBy(CAPTURE, BUCKETS) : [];
    // Where in the bucket is not known yet, so only a rule for the whole of it counts.
    if (found.length > 0 && found.every((bucket) => expires(bucket, graph, "") === "yes")) return;
    if (reading.state === "unknown") report.waits(path, limit);
    else {
      const value = show(valueIn(reading));
      report.fault({ check: "destination", path, value, limit, fix: "Name an address as s3://bucket/prefix." });
    }
    return;
  }
  if (expiringBuckets.includes(ref.bucket)) return;
  const found = graph.named(ref.bucket, BUCKETS);
  const key = ref.key === "" || ref.key.endsWith("/") ? ref.key : `${ref.key}/`;
  const sights = found.map((bucket) => expires(bucket, graph, key));
  if (sights.includes("yes")) return;
  if (sights.includes("unknown")) {
    report.waits(path, limit);
    return;
  }
  const words =
    found.length === 0 ? "in a bucket that this program does not declare" : "in a bucket that keeps it for ever";
  const fix = "Let it expire there, or list the bucket in expiringBuckets.";
  report.fault({ check: "destination", path, value: `${show(text)}, ${words}`, limit, fix });
}

function judgeRouter(endpoint: Node, { road }: Behind, settings: Wanted, graph: Graph, report: Reporter<Check>): void {
  const { routerRoles, tagPrefix, invokingRoles: allowed, boundaries } = settings;
  const target = { node: endpoint, name: nameOf(endpoint) };
  const roleKey = `${tagPrefix}role`;
  const { nodes: routers, hidden } = dutifulFor(target, graph, roleKey, routerRoles);
  if (routers.length === 0) {
    const path = `${road}productionVariants[].serverlessConfig`;
    const limit = `behind a function tagged ${roleKey} = ${routerRoles.join(" or ")} that names this endpoint`;
    const fix = "Put a router before it that captures, or use instances.";
    if (hidden.length > 0) report.waits(path, `${limit}; ${hidden.join(", ")} may be it`);
    else report.fault({ check: "router", path, value: "without a router", limit, fix });
    return;
  }
  const limit = "granted to the router's role alone";
  const found = invokersOf(target, graph, { through: routers, allowed, boundaries, roleKey });
  for (const path of found.hidden) report.waits(path, limit);
  for (const { path, words } of found.invokers) {
    const fix =
      "Send callers to the router, or name the role in invokingRoles; what passes the router by is not captured.";
    report.fault({ check: "bypass", path, value: words, limit, fix });
  }
}
