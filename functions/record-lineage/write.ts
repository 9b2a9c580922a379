/** Brings a graph about: what is there is joined, what is missing is made, what stands twice is made one. */
import { type Entity, entityKey, entityTypes } from "../../contracts/lineage-entities.ts";
import type { Graph } from "../../contracts/lineage-graph.ts";
import { errorName, isAlreadyThere, isNotFound } from "../shared/aws-errors.ts";
import type { FoundEntity, Store } from "./store.ts";

/** Something that was not as it is to be; made so, unless it was a rehearsal. */
export interface Change {
  readonly what: "entity" | "association" | "status" | "doubled";
  /** For people: what was missing or wrong. */
  readonly text: string;
}

/**
 * @param options.dryRun whether only to tell
 * @param options.known ARNs of entities that this run has seen to already, by key; filled
 * @throws what SageMaker throws. Every step can be taken again, so whoever is cut off starts over.
 */
export async function bringAbout(
  store: Store,
  graph: Graph,
  options: { dryRun?: boolean; known?: Map<string, string>; linked?: Set<string> } = {},
): Promise<Change[]> {
  const { dryRun = false, known = new Map(), linked = new Set() } = options;
  const changes: Change[] = [];
  const names = new Map(graph.entities.map((entity) => [entityKey(entity), entity]));
  for (const entity of graph.entities) {
    const key = entityKey(entity);
    if (known.has(key)) continue;
    const arn = await ensure(store, entity, dryRun, changes);
    if (arn !== undefined) known.set(key, arn);
  }
  for (const { from, to, type } of graph.edges) {
    const mark = `${from}\n${to}`;
    if (linked.has(mark)) continue;
    const ends = { from: known.get(from), to: known.get(to) };
    if (ends.from && ends.to && (await store.associated(ends.from, ends.to))) {
      linked.add(mark);
      continue;
    }
    changes.push({ what: "association", text: `${told(names.get(from))} ${type} ${told(names.get(to))}` });
    if (dryRun || !ends.from || !ends.to) continue;
    await unlessThere(store.associate({ from: ends.from, to: ends.to, type }));
    linked.add(mark);
  }
  return changes;
}

async function ensure(store: Store, entity: Entity, dryRun: boolean, changes: Change[]): Promise<string | undefined> {
  const found = await store.find(entity);
  const { chosen, doubles } = choose(found, entity);
  if (!chosen) {
    changes.push({ what: "entity", text: told(entity) });
    if (dryRun) return undefined;
    try {
      return await store.create(entity);
    } catch (error) {
      // Another event was a moment earlier, or SageMaker itself was.
      const now = isAlreadyThere(error) ? choose(await store.find(entity), entity).chosen : undefined;
      if (now) return now.arn;
      throw error;
    }
  }
  if (chosen.type === entity.type && entity.kind === "job" && chosen.status !== entity.status && entity.status) {
    changes.push({ what: "status", text: `${told(entity)}: ${chosen.status} is ${entity.status} now` });
    if (!dryRun) await store.setStatus(chosen.name ?? "", entity.status);
  }
  for (const double of doubles) {
    changes.push({ what: "doubled", text: `${told(entity)}: ${double.arn} stands beside ${chosen.arn}` });
    if (!dryRun) await merge(store, double, chosen);
  }
  return chosen.arn;
}

/**
 * Which one stands for the entity. An artifact is one per source. A job is the trial component that SageMaker made, an
 * endpoint the context that SageMaker made; ours stand in until then, and are doubles from then on. Everything else is ours.
 */
export function choose(
  found: readonly FoundEntity[],
  entity: Pick<Entity, "kind" | "type">,
): { chosen?: FoundEntity; doubles: FoundEntity[] } {
  const sorted = [...found].sort((a, b) => (a.arn < b.arn ? -1 : a.arn > b.arn ? 1 : 0));
  if (entity.kind === "artifact") return { chosen: sorted[0], doubles: [] };
  const ours = sorted.filter(({ type }) => type === entity.type);
  const theirs = sorted.filter(({ type }) =>
    entity.kind === "job" ? type === "TrialComponent" : entity.type === entityTypes.endpoint && type === "Endpoint",
  );
  if (theirs[0]) return { chosen: theirs[0], doubles: ours };
  return { chosen: ours[0], doubles: [] };
}

/** Moves what hangs on one of ours to the entity that SageMaker made, then removes ours. */
async function merge(store: Store, double: FoundEntity, chosen: FoundEntity): Promise<void> {
  const moved = (arn: string): string => (arn === double.arn ? chosen.arn : arn);
  for (const { from, to, type } of await store.associationsOf(double.arn)) {
    if (!(await store.associated(moved(from), moved(to))))
      await unlessThere(store.associate({ from: moved(from), to: moved(to), type }));
    await unlessGone(store.disassociate(from, to));
  }
  await unlessGone(store.remove(double));
}

async function unlessThere(work: Promise<void>): Promise<void> {
  await work.catch((error) => {
    // What an association that is there already is answered with is not documented.
    if (!isAlreadyThere(error) && errorName(error) !== "ResourceInUse") throw error;
  });
}

async function unlessGone(work: Promise<void>): Promise<void> {
  await work.catch((error) => {
    if (!isNotFound(error)) throw error;
  });
}

const told = (entity: Entity | undefined): string =>
  entity ? `${entity.type.replace("frugal:", "")} ${entity.sourceUri}` : "?";
