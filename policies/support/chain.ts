/**
 * The road from an endpoint to what it serves: Endpoint → EndpointConfig → variants → Model → package. Each hop is found in
 * the program by literal name, else by the reference its value was computed from, else in the account by look-up. Whatever
 * hop ends nowhere is a break, never a pass.
 */
import { hasComponents, overridesOf, regionOf } from "./chain-parts.ts";
import { ENDPOINT, ENDPOINT_CONFIG, MODEL, PACKAGE, STATE_MACHINE as STATE, tokensOf } from "./families.ts";
import { Graph, type Node } from "./graph.ts";
import { packageRef } from "./lineage.ts";
import { type Answer, type EndpointConfigFacts, type ModelFacts, registry } from "./live.ts";
import { containersOf } from "./packages.ts";
import type { Reading } from "./read.ts";
import { type Break, type End, MODEL_NAMES, type Road, type Unanswered } from "./road.ts";
import { currentRun } from "./run.ts";
import { isLiteral, namedIn } from "./served-names.ts";
import { show } from "./show.ts";
import type { Subject } from "./subject.ts";

const configs = tokensOf(ENDPOINT_CONFIG);
const models = tokensOf(MODEL);

interface Walk {
  readonly graph: Graph;
  readonly region: string | undefined;
  readonly ends: End[];
  readonly breaks: Break[];
  readonly unanswered: Unanswered[];
  readonly configs: Node[];
}

export async function roadOf(endpoint: Node, graph: Graph): Promise<Road> {
  const walk: Walk = { graph, region: regionOf(endpoint), ends: [], breaks: [], unanswered: [], configs: [] };
  const reading = endpoint.one("endpointConfigName");
  const next = resolve(reading, endpoint, configs, walk, "the name of an endpoint configuration");
  for (const config of next.nodes) await throughConfig(config, `${reading.path} > ${title(config)}`, endpoint, walk);
  if (next.name !== undefined) await throughAccountConfig(next.name, `${reading.path} > "${next.name}"`, walk);
  return walk;
}

/**
 * The road as the account has it now, from a configuration's literal name. At update this is the truth for an endpoint: its
 * configuration and models exist before it does, whatever the program's references claimed at preview.
 */
export async function roadInAccount(endpoint: Subject): Promise<Road> {
  const graph = new Graph([], {});
  const walk: Walk = { graph, region: regionOf(endpoint), ends: [], breaks: [], unanswered: [], configs: [] };
  if (!tokensOf(ENDPOINT).includes(endpoint.type)) {
    for (const reading of modelNamesOf(endpoint)) {
      if (reading.state !== "known" || typeof reading.value !== "string" || reading.value === "") continue;
      await throughAccountModel(reading.value, `${reading.path} > "${reading.value}"`, walk);
    }
    return walk;
  }
  const { path, ...reading } = endpoint.one("endpointConfigName");
  if (reading.state !== "known" || typeof reading.value !== "string" || reading.value === "") return walk;
  await throughAccountConfig(reading.value, `${path} > "${reading.value}"`, walk);
  // A variant that names no model is no road: inference components bring theirs, and are judged themselves.
  return { ...walk, breaks: walk.breaks.filter(({ kind }) => kind !== "no-model") };
}

/** Without models that are only read: no rule judges their inputs, so they are looked up as whatever else the account holds. */
const declared = (nodes: readonly Node[]): readonly Node[] =>
  nodes.filter(({ type, urn }) => !models.includes(type) || !currentRun().isRead(urn));

/** Nodes that a reference means, or the name to look up in the account, or a break. */
function resolve(
  reading: Reading,
  from: Node,
  types: readonly string[],
  walk: Walk,
  limit: string,
  at = reading.path,
): { nodes: readonly Node[]; name?: string } {
  if (reading.state === "known" && typeof reading.value === "string" && reading.value !== "") {
    const nodes = declared(walk.graph.named(reading.value, types));
    return nodes.length > 0 ? { nodes } : { nodes, name: reading.value };
  }
  if (reading.state === "unknown") {
    const property = /^[^.[]+/.exec(reading.path)?.[0] ?? reading.path;
    // A value may be computed from several resources: each of them may be what is meant, so each is judged.
    const nodes = declared(from.referredBy(property, types));
    if (nodes.length === 0) {
      walk.breaks.push({
        kind: "untraceable",
        path: at,
        value: "not known yet, and computed from no such resource",
        limit,
      });
    }
    return { nodes };
  }
  const value = show(reading.state === "absent" ? undefined : reading.value);
  walk.breaks.push({ kind: "untraceable", path: at, value, limit });
  return { nodes: [] };
}

/** The road of an inference component or experiment: it names its models itself. */
export async function roadOfComponent(component: Node, graph: Graph): Promise<Road> {
  const walk: Walk = { graph, region: regionOf(component), ends: [], breaks: [], unanswered: [], configs: [] };
  await throughNames(modelNamesOf(component), component, walk);
  return walk;
}

const modelNamesOf = (subject: Subject): Reading[] =>
  MODEL_NAMES.flatMap((path) => (subject.has(path) ? subject.read(path) : []));

/** The road of a state machine: models and configurations that it serves by a literal name and does not make. */
export async function roadOfMachine(machine: Node, graph: Graph): Promise<Road> {
  const walk: Walk = { graph, region: regionOf(machine), ends: [], breaks: [], unanswered: [], configs: [] };
  const { models: named, configs: configured } = namedIn(machine);
  await throughNames(
    named.filter(isLiteral).map(({ path, value }) => ({ state: "known", path, value })),
    machine,
    walk,
  );
  for (const { path, value } of configured.filter(isLiteral)) {
    const next = resolve(
      { state: "known", path, value },
      machine,
      configs,
      walk,
      "the name of an endpoint configuration",
    );
    for (const config of next.nodes) await throughConfig(config, `${path} > ${title(config)}`, machine, walk);
    if (next.name !== undefined) await throughAccountConfig(next.name, `${path} > "${next.name}"`, walk);
  }
  return walk;
}

async function throughNames(readings: readonly Reading[], component: Node, walk: Walk): Promise<void> {
  for (const reading of readings.filter((found) => found.state !== "absent")) {
    const next = resolve(reading, component, models, walk, "the name of a model");
    for (const model of next.nodes) throughModel(model, `${reading.path} > ${title(model)}`, walk);
    if (next.name !== undefined) await throughAccountModel(next.name, `${reading.path} > "${next.name}"`, walk);
  }
}

async function throughConfig(config: Node, at: string, endpoint: Node, walk: Walk): Promise<void> {
  walk.configs.push(config);
  const readings = [
    ...config.read("productionVariants[].modelName"),
    // No shadow variants is the usual case; no production variants is none.
    ...config.read("shadowProductionVariants[].modelName").filter((r) => r.path !== "shadowProductionVariants"),
    ...overridesOf(config),
  ];
  if (readings.length === 0) {
    walk.breaks.push({
      kind: "no-model",
      path: `${at} productionVariants`,
      value: "empty",
      limit: "at least one variant",
    });
  }
  for (const reading of readings) {
    const here = `${at} ${reading.path}`;
    if (
      reading.state === "absent" &&
      endpoint.type !== STATE.native &&
      endpoint.type !== STATE.classic &&
      hasComponents(endpoint, walk.graph)
    )
      continue;
    if (reading.state === "absent") {
      walk.breaks.push({
        kind: "no-model",
        path: here,
        value: "absent",
        limit: "the name of a model made from a package",
      });
      continue;
    }
    const next = resolve(reading, config, models, walk, "the name of a model", here);
    for (const model of next.nodes) throughModel(model, `${here} > ${title(model)}`, walk);
    if (next.name !== undefined) await throughAccountModel(next.name, `${here} > "${next.name}"`, walk);
  }
}

function throughModel(model: Node, at: string, walk: Walk): void {
  const { known, unknown, malformed } = containersOf(model);
  for (const path of unknown)
    walk.breaks.push({ kind: "untraceable", path: `${at} ${path}`, value: "not known yet", limit: A_PACKAGE });
  for (const { path, value } of malformed) {
    walk.breaks.push({ kind: "no-package", path: `${at} ${path}`, value: show(value), limit: A_PACKAGE });
  }
  if (known.length + unknown.length + malformed.length === 0) {
    walk.breaks.push({ kind: "no-package", path: `${at} primaryContainer`, value: "absent", limit: A_PACKAGE });
  }
  for (const container of known) {
    const reading = container.package;
    const path = `${at} ${reading.path}`;
    if (reading.state === "unknown") {
      const property = /^[^.[]+/.exec(container.path)?.[0] ?? container.path;
      // A package declared in this program is judged by package-not-approved-in-code: it cannot be approved here.
      if (model.referredBy(property, [PACKAGE.native]).length > 0)
        walk.ends.push({ path, arn: undefined, declared: true });
      else
        walk.breaks.push({
          kind: "untraceable",
          path,
          value: "not known yet, and computed from no such resource",
          limit: A_PACKAGE,
        });
      continue;
    }
    const found = packageRef(reading.state === "known" ? reading.value : undefined);
    if (found) walk.ends.push({ path, arn: found.arn, declared: true });
    else {
      const value = show(reading.state === "known" ? reading.value : undefined);
      walk.breaks.push({ kind: "no-package", path, value, limit: A_PACKAGE });
    }
  }
}

async function throughAccountConfig(name: string, at: string, walk: Walk): Promise<void> {
  const facts = await asked(at, `endpoint configuration "${name}"`, walk, (region) =>
    registry().endpointConfig(name, region),
  );
  if (facts && facts.models.length === 0) {
    walk.breaks.push({ kind: "no-model", path: at, value: "without variants", limit: "at least one variant" });
  }
  for (const { path, name: model } of facts?.models ?? []) {
    const here = `${at} ${path}`;
    if (model === undefined) {
      walk.breaks.push({
        kind: "no-model",
        path: here,
        value: "absent",
        limit: "the name of a model made from a package",
      });
      continue;
    }
    const nodes = declared(walk.graph.named(model, models));
    for (const node of nodes) throughModel(node, `${here} > ${title(node)}`, walk);
    if (nodes.length === 0) await throughAccountModel(model, `${here} > "${model}"`, walk);
  }
}

async function throughAccountModel(name: string, at: string, walk: Walk): Promise<void> {
  const facts = await asked(at, `model "${name}"`, walk, (region) => registry().model(name, region));
  if (facts && facts.containers.length === 0) {
    walk.breaks.push({ kind: "no-package", path: at, value: "without a container", limit: A_PACKAGE });
  }
  for (const container of facts?.containers ?? []) {
    const path = `${at} ${container.path}.modelPackageName`;
    const found = packageRef(container.package);
    if (found) walk.ends.push({ path, arn: found.arn, declared: false });
    else walk.breaks.push({ kind: "no-package", path, value: show(container.package), limit: A_PACKAGE });
  }
}

async function asked<Facts extends EndpointConfigFacts | ModelFacts>(
  path: string,
  subject: string,
  walk: Walk,
  ask: (region: string) => Promise<Answer<Facts>>,
): Promise<Facts | undefined> {
  const answer: Answer<Facts> =
    walk.region === undefined
      ? { state: "offline", words: "its region is stated neither by the resource, nor its provider, nor AWS_REGION" }
      : await ask(walk.region);
  if (answer.state === "answered") return answer.facts;
  if (answer.state === "not-found") {
    walk.breaks.push({
      kind: "dangling",
      path,
      value: `${subject}, found neither in this program nor in the account (${answer.words})`,
      limit: "one that exists",
    });
  } else walk.unanswered.push({ path, subject, answer });
  return undefined;
}

const A_PACKAGE = "a model package version";

/** The name a person would look for: the physical one where it is known, else the resource's. */
const title = (node: Node): string => `"${node.name}"`;
