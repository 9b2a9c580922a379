/** Readings that the road from an endpoint to its packages needs besides plain property paths. */
import { ENDPOINT, INFERENCE_COMPONENT, tokensOf } from "./families.ts";
import type { Graph, Node } from "./graph.ts";
import type { Reading } from "./read.ts";
import type { Subject } from "./subject.ts";
import { isTree, Unknown } from "./unknown.ts";

/** `instancePools[].modelNameOverride` (aws-native only) serves another model than the variant's. */
export function overridesOf(config: Node): Reading[] {
  if (!config.has("productionVariants[].instancePools")) return [];
  const pools = ["productionVariants[].instancePools", "shadowProductionVariants[].instancePools"].flatMap((path) =>
    config.read(path),
  );
  return pools.flatMap((reading): Reading[] => {
    if (reading.state === "absent") return [];
    if (reading.state !== "known") return [reading];
    if (!Array.isArray(reading.value)) return [{ ...reading, state: "malformed", expected: "a list" }];
    return reading.value.flatMap((pool: unknown, i): Reading[] => overrideOf(pool, `${reading.path}[${i}]`));
  });
}

function overrideOf(pool: unknown, path: string): Reading[] {
  if (pool instanceof Unknown) return [{ state: "unknown", path }];
  if (!isTree(pool)) return [{ state: "malformed", path, value: pool, expected: "an object" }];
  const value = pool.modelNameOverride;
  const at = `${path}.modelNameOverride`;
  if (value === undefined) return [];
  return [value instanceof Unknown ? { state: "unknown", path: at } : { state: "known", path: at, value }];
}

/** An inference component of this program that runs on the endpoint: it names its model itself. */
export function hasComponents(endpoint: Node, graph: Graph): boolean {
  const own = endpoint.one(endpoint.has("endpointName") ? "endpointName" : "name");
  const { names, urns } = graph.referredTo([INFERENCE_COMPONENT.native], "endpointName", tokensOf(ENDPOINT));
  return urns.has(endpoint.urn) || (own.state === "known" && names.has(own.value));
}

/** Region of look-ups by name: the resource's own, its ARN's, its provider's, else the environment's. */
export function regionOf(node: Subject): string | undefined {
  const texts = [node.has("region") ? node.one("region") : undefined, node.provider("region")].map((reading) =>
    reading?.state === "known" && typeof reading.value === "string" ? reading.value : undefined,
  );
  const arns = ["arn", "endpointArn", "inferenceComponentArn"]
    .filter((path) => node.has(path))
    .map((path) => node.one(path))
    .map((reading) =>
      reading.state === "known" && typeof reading.value === "string" ? reading.value.split(":")[3] : "",
    );
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  return [...texts, ...arns, AWS_REGION, AWS_DEFAULT_REGION].find((text) => text !== undefined && text !== "");
}
