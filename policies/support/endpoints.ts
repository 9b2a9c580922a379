/** What stands behind an endpoint, by its configurations in the program: machines, or nothing that one could name. */
import { rowPaths, rows } from "./demand.ts";
import { ENDPOINT, ENDPOINT_CONFIG, nameAt, tokensOf } from "./families.ts";
import type { Graph, Node } from "./graph.ts";
import { textOf } from "./read.ts";
import type { Reporter } from "./report.ts";
import { allReads, reads } from "./rule.ts";
import { show } from "./show.ts";
import type { Reads } from "./subject.ts";

export const ENDPOINTS = tokensOf(ENDPOINT);
const configs = tokensOf(ENDPOINT_CONFIG);
const VARIANTS = "productionVariants";

/** What a rule must declare that asks what stands behind an endpoint. */
export const SERVING_READS: Reads = allReads(
  reads(ENDPOINTS, "endpointConfigName"),
  Object.fromEntries(ENDPOINTS.map((type) => [type, [nameAt(type)]])),
  reads(configs, ...rowPaths(VARIANTS, ["serverlessConfig"])),
);

/** A configuration, and the way to it for messages: `endpointConfigName > "cfg" `. */
export interface Behind {
  readonly config: Node;
  readonly road: string;
}

export interface Serving {
  readonly machines: readonly Behind[];
  readonly serverless: readonly Behind[];
}

/** The endpoint's own name. */
export const nameOf = (endpoint: Node): string | undefined => textOf(endpoint.one(nameAt(endpoint.type)));

/** The configurations by kind. What cannot be seen is said: a note where it is not known yet, a fault where it never is. */
export function servingOf(endpoint: Node, graph: Graph, report: Reporter<"dangling">): Serving {
  const reading = endpoint.one("endpointConfigName");
  const limit = "the name of an endpoint configuration of this program";
  const name = textOf(reading);
  const found = name === undefined ? endpoint.referredBy("endpointConfigName", configs) : graph.named(name, configs);
  if (found.length === 0) {
    if (reading.state === "unknown") report.waits(reading.path, limit);
    else {
      const value =
        name === undefined
          ? show(reading.state === "absent" ? undefined : reading.value)
          : `${show(name)}, which this program does not declare`;
      const fix = "Declare endpoint and configuration in one program, so that what serves can be seen.";
      report.fault({ check: "dangling", path: reading.path, value, limit, fix });
    }
  }
  const machines: Behind[] = [];
  const serverless: Behind[] = [];
  for (const config of found) {
    const behind = { config, road: `${reading.path} > ${show(config.name)} ` };
    const variants = rows(config, VARIANTS, ["serverlessConfig"]);
    const hidden = [...variants.unseen, ...variants.rows.map(({ at }) => at.serverlessConfig)].filter(
      ({ state }) => state === "unknown",
    );
    if (variants.rows.some(({ at }) => at.serverlessConfig.state === "known")) serverless.push(behind);
    else if (hidden.length === 0) machines.push(behind);
    for (const { path } of hidden) report.waits(`${behind.road}${path}`, "known, as it says what serves");
  }
  return { machines, serverless };
}
