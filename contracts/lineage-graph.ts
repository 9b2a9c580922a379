/**
 * The lineage graph as data, and what it is to look like: dataset version and run → job → artefact → model package →
 * approval → endpoint. Pure: facts in, entities and edges out.
 *
 * SageMaker makes entities of its own for jobs, packages and endpoints, and keeps one artifact per source URI (developer
 * guide, "SageMaker AI-created tracking entities"), so an entity here is known by its kind and source URI, whoever made it.
 * A source URI of ours holds a digest or a version, so it names one content for ever.
 */
import type { LineageRecord } from "./lineage.ts";
import {
  type ActionStatus,
  approvalEntity,
  artifactEntity,
  type DatasetRef,
  type Decision,
  datasetEntity,
  type Entity,
  endpointEntity,
  entityKey,
  jobEntity,
  packageEntity,
  runEntity,
} from "./lineage-entities.ts";

export interface Edge {
  /** Keys of the two ends; see `entityKey`. */
  readonly from: string;
  readonly to: string;
  /** DerivedFrom: "the destination is a modification of the source" (API reference, AssociationEdgeType). */
  readonly type: "ContributedTo" | "AssociatedWith" | "Produced" | "DerivedFrom";
}

export interface Graph {
  readonly entities: readonly Entity[];
  readonly edges: readonly Edge[];
}

/** What a training, processing or transform job is told to have used. */
export interface JobFacts {
  readonly kind: "job";
  readonly arn: string;
  readonly status: ActionStatus;
  readonly dataset: DatasetRef;
  readonly run?: string;
  /** Artefact that the job read, for a batch test. */
  readonly usedArtifact?: string;
}

export interface PackageFacts {
  readonly kind: "package";
  readonly arn: string;
  readonly record: LineageRecord;
  readonly artifactUri: string;
  readonly artifactVersionId?: string;
  readonly job: JobFacts;
  /** Oldest first. */
  readonly decisions: readonly Decision[];
}

export interface EndpointFacts {
  readonly kind: "endpoint";
  readonly arn: string;
  /** Packages that are in service now. */
  readonly packages: readonly PackageFacts[];
}

export type Facts = JobFacts | PackageFacts | EndpointFacts;

/** The graph that these facts call for; the same facts in any order, once or often, give the same graph. */
export function desiredGraph(facts: readonly Facts[]): Graph {
  const entities = new Map<string, Entity>();
  const edges = new Map<string, Edge>();
  const node = (entity: Entity): string => {
    const key = entityKey(entity);
    const known = entities.get(key);
    entities.set(
      key,
      known ? { ...known, ...entity, properties: { ...known.properties, ...entity.properties } } : entity,
    );
    return key;
  };
  const edge = (from: string, to: string, type: Edge["type"]): void => {
    edges.set(`${from}\n${to}`, { from, to, type });
  };
  const dataset = (ref: DatasetRef): string => {
    const key = node(datasetEntity(ref));
    for (const parent of ref.parents ?? []) edge(dataset(parent), key, "DerivedFrom");
    return key;
  };
  const job = (facts: JobFacts): string => {
    const key = node(jobEntity(facts));
    edge(dataset(facts.dataset), key, "ContributedTo");
    // From the run to the job, so that a way up from a model meets its run, and a way down from a dataset version never
    // comes through a run to the jobs that learned from other data.
    if (facts.run !== undefined) edge(node(runEntity(facts.run)), key, "AssociatedWith");
    if (facts.usedArtifact !== undefined) edge(node(artifactEntity(facts.usedArtifact)), key, "ContributedTo");
    return key;
  };
  const modelPackage = (facts: PackageFacts): { key: string; approvals: string[] } => {
    const artifact = node(artifactEntity(facts.artifactUri, facts.artifactVersionId));
    edge(job(facts.job), artifact, "Produced");
    const key = node(packageEntity(facts.arn));
    edge(artifact, key, "ContributedTo");
    const approvals = facts.decisions.map((decision) => {
      const action = node(approvalEntity(facts.arn, decision));
      edge(key, action, "AssociatedWith");
      return { action, decision };
    });
    return {
      key,
      approvals: approvals.filter(({ decision }) => decision.decision === "Approved").map((one) => one.action),
    };
  };
  for (const one of facts) {
    if (one.kind === "job") job(one);
    else if (one.kind === "package") modelPackage(one);
    else {
      const endpoint = node(endpointEntity(one.arn));
      for (const served of one.packages) {
        const { key, approvals } = modelPackage(served);
        edge(key, endpoint, "ContributedTo");
        for (const approval of approvals) edge(approval, endpoint, "ContributedTo");
      }
    }
  }
  return { entities: [...entities.values()], edges: [...edges.values()] };
}
