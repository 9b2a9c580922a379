/** Associations between lineage entities, and QueryLineage. */
import { notFound, validation } from "../../server/errors.ts";
import type { Call, Front, Json, Roster } from "../../server/front.ts";
import { page } from "../listing.ts";
import { userContext } from "../resource.ts";
import { type Entry, now } from "../store.ts";
import type { Direction, Edge } from "./graph.ts";

/** LineageType by ARN type; only these can be ends of an association (not jobs, models or endpoints). */
const LINEAGE_TYPES: Readonly<Record<string, string>> = {
  "experiment-trial-component": "TrialComponent",
  artifact: "Artifact",
  context: "Context",
  action: "Action",
  experiment: "Context",
};

const ENDS =
  /^arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:\d{12}:(experiment|experiment-trial-component|artifact|action|context)\//;

function entity(front: Front, arn: string): Entry {
  if (!ENDS.test(arn))
    throw validation(
      `${arn} is not a lineage entity: an association joins artifacts, actions, contexts, trial components and experiments.`,
    );
  const entry = front.store.byArn(arn);
  if (!entry) throw notFound(`Entity ${arn} does not exist.`);
  return entry;
}

/** The entity's own type: ArtifactType, ActionType, ContextType, or the trial component's source type. */
function typeOf(entry: Entry | undefined): string | undefined {
  if (!entry) return undefined;
  const { ArtifactType, ActionType, ContextType, Source } = entry.fields;
  return String(ArtifactType ?? ActionType ?? ContextType ?? (Source as Json | undefined)?.SourceType ?? entry.kind);
}

const nameOf = (entry: Entry | undefined): unknown =>
  entry?.fields.ArtifactName ?? (entry?.kind === "artifact" ? undefined : entry?.name);

function add(front: Front, call: Call): Json {
  const source = entity(front, String(call.input.SourceArn));
  const destination = entity(front, String(call.input.DestinationArn));
  if (source === destination) throw validation("SourceArn and DestinationArn must not be the same.");
  front.graph.add({
    source: source.arn,
    destination: destination.arn,
    type: String(call.input.AssociationType ?? "AssociatedWith"),
    createdAt: now(),
    createdBy: userContext(call),
  });
  return { SourceArn: source.arn, DestinationArn: destination.arn };
}

function remove(front: Front, call: Call): Json {
  const { SourceArn, DestinationArn } = call.input;
  if (!front.graph.remove(String(SourceArn), String(DestinationArn)))
    throw notFound(`Association from ${SourceArn} to ${DestinationArn} does not exist.`);
  return { SourceArn, DestinationArn };
}

function summary(front: Front, edge: Edge): Json {
  const source = front.store.byArn(edge.source);
  const destination = front.store.byArn(edge.destination);
  const fields: Json = {
    SourceArn: edge.source,
    DestinationArn: edge.destination,
    SourceType: typeOf(source),
    DestinationType: typeOf(destination),
    AssociationType: edge.type,
    SourceName: nameOf(source),
    DestinationName: nameOf(destination),
    CreationTime: edge.createdAt,
    CreatedBy: edge.createdBy ?? {},
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function list(front: Front, call: Call): Json {
  const { input } = call;
  const end = (member: "SourceArn" | "DestinationArn") =>
    input[member] === undefined ? undefined : String(input[member]);
  const matching = front.graph
    .between(end("SourceArn"), end("DestinationArn"))
    .map((edge) => summary(front, edge))
    .filter((edge) =>
      ["SourceArn", "DestinationArn", "SourceType", "DestinationType", "AssociationType"].every(
        (member) => input[member] === undefined || edge[member] === input[member],
      ),
    )
    .filter((edge) => input.CreatedAfter === undefined || Number(edge.CreationTime) >= Number(input.CreatedAfter))
    .filter((edge) => input.CreatedBefore === undefined || Number(edge.CreationTime) <= Number(input.CreatedBefore));
  if (input.SortOrder !== "Ascending") matching.reverse();
  const { items, next } = page(call, matching);
  return { AssociationSummaries: items, ...(next ? { NextToken: next } : {}) };
}

function passes(filters: Json, entry: Entry | undefined): boolean {
  if (!entry) return false;
  const { Types, LineageTypes, Properties, CreatedAfter, CreatedBefore, ModifiedAfter, ModifiedBefore } = filters;
  const { CreationTime, LastModifiedTime } = entry.fields;
  const within = (value: unknown, after: unknown, before: unknown): boolean =>
    (after === undefined || Number(value) >= Number(after)) &&
    (before === undefined || Number(value) <= Number(before));
  if (Array.isArray(Types) && !Types.includes(typeOf(entry))) return false;
  if (Array.isArray(LineageTypes) && !LineageTypes.includes(LINEAGE_TYPES[entry.kind])) return false;
  const own = (entry.fields.Properties ?? {}) as Json;
  if (!Object.entries((Properties ?? {}) as Json).every(([key, value]) => own[key] === value)) return false;
  return within(CreationTime, CreatedAfter, CreatedBefore) && within(LastModifiedTime, ModifiedAfter, ModifiedBefore);
}

/** Filters choose what is answered, not what is walked through. Depth and page default to AWS's 10. */
function query(front: Front, call: Call): Json {
  const { input } = call;
  const starts = (input.StartArns ?? []) as string[];
  const filters = (input.Filters ?? {}) as Json;
  const arns = new Set<string>();
  const edges = new Set<Edge>();
  for (const start of starts) {
    entity(front, start);
    const walked = front.graph.walk(start, (input.Direction ?? "Both") as Direction, Number(input.MaxDepth ?? 10));
    for (const arn of walked.arns) arns.add(arn);
    for (const edge of walked.edges) edges.add(edge);
  }
  if (starts.length === 0) {
    for (const kind of Object.keys(LINEAGE_TYPES)) for (const entry of front.store.all(kind)) arns.add(entry.arn);
    for (const edge of front.graph.edges()) edges.add(edge);
  }
  const kept = [...arns].filter((arn) => passes(filters, front.store.byArn(arn)));
  const { items, next } = page(call, kept);
  const shown = new Set([...items, ...starts]);
  return {
    Vertices: items.map((arn) => {
      const entry = front.store.byArn(arn);
      return { Arn: arn, Type: typeOf(entry), LineageType: LINEAGE_TYPES[entry?.kind ?? ""] };
    }),
    ...(input.IncludeEdges === false
      ? {}
      : {
          Edges: [...edges]
            .filter((edge) => shown.has(edge.source) || shown.has(edge.destination))
            .map((edge) => ({ SourceArn: edge.source, DestinationArn: edge.destination, AssociationType: edge.type })),
        }),
    ...(next ? { NextToken: next } : {}),
  };
}

export const associationOperations: Roster = {
  AddAssociation: add,
  DeleteAssociation: remove,
  ListAssociations: list,
  QueryLineage: query,
};
