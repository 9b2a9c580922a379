/** The packages that a program is about to serve, by every road: what live rules on packages ask the registry about. */
import { roadInAccount, roadOf, roadOfComponent } from "./chain.ts";
import { ENDPOINT, INFERENCE_COMPONENT, MODEL, tokensOf } from "./families.ts";
import type { Graph, Node } from "./graph.ts";
import { PACKAGE_ARN_WORDS, packageRef } from "./lineage.ts";
import { isUpdate } from "./operation.ts";
import { CONTAINERS, containersOf } from "./packages.ts";
import type { Reporter } from "./report.ts";
import { ACCOUNT_READS, ROAD_READS } from "./road.ts";
import { allReads, reads } from "./rule.ts";
import type { Reads, Subject } from "./subject.ts";

/** What the resource half of such a rule declares: models, and endpoints at update. */
export const SERVED_READS: Reads = allReads(reads(tokensOf(MODEL), ...CONTAINERS), ACCOUNT_READS);
/** What its stack half declares, and the types it judges. */
export const SERVED_ROADS = { types: tokensOf(ENDPOINT, INFERENCE_COMPONENT), reads: ROAD_READS } as const;

export interface Served {
  readonly path: string;
  readonly arn: string;
}

/**
 * From the model's inputs, so that at update it can be stopped before it exists; and, at update, from what the account holds
 * under the name that the endpoint is about to serve. What names no version at all is model-from-package's fault.
 */
export async function servedBy(subject: Subject, report: Pick<Reporter, "waits">): Promise<Served[]> {
  if (tokensOf(ENDPOINT).includes(subject.type)) {
    const { ends } = isUpdate() ? await roadInAccount(subject) : { ends: [] };
    return ends.flatMap(({ path, arn }) => (arn ? [{ path, arn }] : []));
  }
  const { known, unknown } = containersOf(subject);
  for (const path of unknown) report.waits(path, PACKAGE_ARN_WORDS);
  return known.flatMap(({ package: reading }) => {
    if (reading.state === "unknown") report.waits(reading.path, PACKAGE_ARN_WORDS);
    const found = packageRef(reading.state === "known" ? reading.value : undefined);
    return found ? [{ path: reading.path, arn: found.arn }] : [];
  });
}

/** Over the stack, of models that are not in this program: the resource half never sees those. */
export async function servedFromOutside(node: Node, graph: Graph): Promise<Served[]> {
  const { ends } = await (node.type === INFERENCE_COMPONENT.native
    ? roadOfComponent(node, graph)
    : roadOf(node, graph));
  return ends.flatMap(({ path, arn, declared }) => (declared || arn === undefined ? [] : [{ path, arn }]));
}
