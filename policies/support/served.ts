/** The packages that a program is about to serve, by every road: what live rules on packages ask the registry about. */
import { roadInAccount, roadOf, roadOfComponent, roadOfMachine } from "./chain.ts";
import { ENDPOINT, INFERENCE_COMPONENT, INFERENCE_EXPERIMENT, MODEL, STATE_MACHINE, tokensOf } from "./families.ts";
import type { Graph, Node } from "./graph.ts";
import { PACKAGE_ARN_WORDS, packageRef } from "./lineage.ts";
import { isUpdate } from "./operation.ts";
import { CONTAINERS, containersOf } from "./packages.ts";
import type { Reporter } from "./report.ts";
import { ACCOUNT_READS, ROAD_READS, type Road } from "./road.ts";
import { allReads, reads } from "./rule.ts";
import { member, servedModels } from "./served-models.ts";
import { DEFINITION } from "./states.ts";
import type { Reads, Subject } from "./subject.ts";
import { isTree } from "./unknown.ts";

/** What the resource half of such a rule declares: models, and endpoints at update. */
export const SERVED_READS: Reads = allReads(reads(tokensOf(MODEL), ...CONTAINERS), ACCOUNT_READS, {
  [STATE_MACHINE.native]: DEFINITION.native,
  [STATE_MACHINE.classic]: DEFINITION.classic,
});
const endpoints = tokensOf(ENDPOINT);
const machines = tokensOf(STATE_MACHINE);
/** What leads to something that serves. */
export const ROAD_TYPES = [...endpoints, ...tokensOf(INFERENCE_COMPONENT, INFERENCE_EXPERIMENT), ...machines];
/** What its stack half declares, and the types it judges. */
export const SERVED_ROADS = { types: ROAD_TYPES, reads: ROAD_READS } as const;

export interface Served {
  readonly path: string;
  readonly arn: string;
}

/**
 * From the model's inputs, so that at update it can be stopped before it exists; and, at update, from what the account holds
 * under the name that the endpoint is about to serve. What names no version at all is model-from-package's fault.
 */
export async function servedBy(subject: Subject, report: Pick<Reporter, "waits">): Promise<Served[]> {
  if (machines.includes(subject.type)) return servedByMachine(subject);
  if (!tokensOf(MODEL).includes(subject.type)) {
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

/** Packages that the machine's own calls name. What is not literal, or not known yet, is model-from-package's. */
function servedByMachine(machine: Subject): Served[] {
  return servedModels(machine).containers.flatMap(({ value, path }) => {
    if (!isTree(value)) return [];
    const name = member(value, path, "ModelPackageName");
    const found = packageRef(name.value);
    return found ? [{ path: name.path, arn: found.arn }] : [];
  });
}

/** The road to what a resource of `ROAD_TYPES` serves. */
export function roadFrom(node: Node, graph: Graph): Promise<Road> {
  if (endpoints.includes(node.type)) return roadOf(node, graph);
  return machines.includes(node.type) ? roadOfMachine(node, graph) : roadOfComponent(node, graph);
}

/** Over the stack, of models that are not in this program: the resource half never sees those. */
export async function servedFromOutside(node: Node, graph: Graph): Promise<Served[]> {
  const { ends } = await roadFrom(node, graph);
  return ends.flatMap(({ path, arn, declared }) => (declared || arn === undefined ? [] : [{ path, arn }]));
}
