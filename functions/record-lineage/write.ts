/** Brings a graph into SageMaker: what is there is joined, what is missing is made, nothing is made twice. */
import { isAlreadyThere } from "../shared/aws-errors.ts";
import type { Edge, Entity } from "./graph.ts";
import type { FoundEntity, Ports } from "./ports.ts";

type Writer = Pick<Ports, "find" | "create" | "setStatus" | "associate">;

/** Answers how many entities were made. */
export async function writeGraph(ports: Writer, edges: readonly Edge[]): Promise<number> {
  const arns = new Map<string, string>();
  let made = 0;
  for (const entity of new Map(edges.flatMap(({ from, to }) => [from, to]).map((one) => [id(one), one])).values()) {
    const ensured = await ensure(ports, entity);
    arns.set(id(entity), ensured.arn);
    if (ensured.made) made++;
  }
  for (const { from, to, type } of edges) {
    try {
      await ports.associate(arns.get(id(from)) ?? "", arns.get(id(to)) ?? "", type);
    } catch (error) {
      if (!isAlreadyThere(error)) throw error;
    }
  }
  return made;
}

function id(entity: Entity): string {
  return `${entity.kind} ${entity.sourceUri}`;
}

async function ensure(ports: Writer, entity: Entity): Promise<{ arn: string; made: boolean }> {
  const found = choose(await ports.find(entity), entity);
  if (found) {
    if (entity.refresh && entity.status && found.status !== entity.status && found.name !== undefined) {
      await ports.setStatus(found.name, entity.status);
    }
    return { arn: found.arn, made: false };
  }
  try {
    return { arn: await ports.create(entity), made: true };
  } catch (error) {
    // Another event was a moment earlier.
    const now = isAlreadyThere(error) ? choose(await ports.find(entity), entity) : undefined;
    if (now) return { arn: now.arn, made: false };
    throw error;
  }
}

/**
 * Ours where there is one. An artifact that SageMaker made for the same source is joined, since there is one per source;
 * actions and contexts may stand beside each other, and those of other types belong to others.
 */
function choose(found: readonly FoundEntity[], entity: Entity): FoundEntity | undefined {
  return found.find(({ type }) => type === entity.type) ?? (entity.kind === "artifact" ? found[0] : undefined);
}
