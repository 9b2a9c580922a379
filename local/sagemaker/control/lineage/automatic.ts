/**
 * The lineage entities SageMaker makes by itself (developer guide: "SageMaker AI-created tracking entities"): a trial
 * component per job with artifacts for image, inputs and outputs; a context per package group, an artifact and an action
 * per version; a context and a deployment action per endpoint. Entities are reused: one artifact per SourceUri.
 *
 * They outlive what they describe, as in AWS. Names follow recorded ones (…-aws-training-job, …-Approved-<time>-aws-model-group).
 */
import { artifactArn } from "../../iam/resources.ts";
import type { Front, Json } from "../../server/front.ts";
import { arnOf } from "../../server/front.ts";
import { type Entry, now } from "../store.ts";

function made(front: Front, kind: string, name: string, arn: string, fields: Json): Entry {
  const time = now();
  return front.store.add({
    kind,
    name,
    arn,
    tags: [],
    fields: { ...fields, CreationTime: time, LastModifiedTime: time, CreatedBy: {}, Automatic: true },
  });
}

/** The artifact of a URI, made when there is none. */
export function ensureArtifact(front: Front, sourceUri: string, type: string): Entry {
  const arn = artifactArn(front, sourceUri);
  const found = front.store.byArn(arn);
  if (found) return found;
  const name = arn.split("/").at(-1) ?? "";
  return made(front, "artifact", name, arn, {
    ArtifactArn: arn,
    ArtifactType: type,
    Source: { SourceUri: sourceUri, SourceTypes: [] },
  });
}

function ensureContext(front: Front, name: string, type: string, sourceArn: string): Entry {
  const found = front.store.get("context", name);
  if (found) return found;
  const arn = arnOf(front, "context", name);
  return made(front, "context", name, arn, {
    ContextName: name,
    ContextArn: arn,
    ContextType: type,
    Source: { SourceUri: sourceArn, SourceType: "ARN" },
  });
}

function addAction(front: Front, name: string, type: string, sourceArn: string, status: string): Entry {
  const arn = arnOf(front, "action", name);
  return made(front, "action", name, arn, {
    ActionName: name,
    ActionArn: arn,
    ActionType: type,
    Status: status,
    Source: { SourceUri: sourceArn, SourceType: "ARN" },
  });
}

/** An edge that SageMaker draws; the one place where automatic edges are made. */
export function connect(front: Front, source: Entry, destination: Entry, type: string): void {
  front.graph.add({ source: source.arn, destination: destination.arn, type, createdAt: now() });
}

/** What a job reads and makes, as URIs with their artifact types. */
export interface JobLineage {
  /** e.g. "SageMakerTrainingJob". */
  readonly sourceType: string;
  readonly inputs: readonly { uri: string; type: "Image" | "DataSet" | "Model" }[];
  readonly outputs: readonly { uri: string; type: "DataSet" | "Model" }[];
}

/** The trial component of a job with its inputs; called again when the job has ended, for outputs and status. */
export function recordJob(front: Front, job: Entry, lineage: JobLineage, status: Json, finished: boolean): void {
  const name = `${job.name}-aws-${job.kind}`;
  const arn = arnOf(front, "experiment-trial-component", name);
  const component =
    front.store.byArn(arn) ??
    made(front, "experiment-trial-component", name, arn, {
      TrialComponentName: name,
      TrialComponentArn: arn,
      DisplayName: name,
      Source: { SourceArn: job.arn, SourceType: lineage.sourceType },
      Sources: [{ SourceArn: job.arn, SourceType: lineage.sourceType }],
      Parameters: parameters(job),
      InputArtifacts: Object.fromEntries(lineage.inputs.map(({ uri }, index) => [`input-${index}`, { Value: uri }])),
      StartTime: job.fields.CreationTime,
      Metrics: [],
    });
  component.fields.Status = status;
  component.fields.LastModifiedTime = now();
  for (const { uri, type } of lineage.inputs)
    connect(front, ensureArtifact(front, uri, type), component, "ContributedTo");
  if (!finished) return;
  component.fields.EndTime = now();
  component.fields.OutputArtifacts = Object.fromEntries(
    lineage.outputs.map(({ uri }, index) => [`output-${index}`, { Value: uri }]),
  );
  for (const { uri, type } of lineage.outputs) connect(front, component, ensureArtifact(front, uri, type), "Produced");
}

/** Hyper-parameters as a trial component's parameters: numbers where they are numbers. */
function parameters(job: Entry): Json {
  const entries = Object.entries((job.fields.HyperParameters ?? {}) as Record<string, string>);
  return Object.fromEntries(
    entries.map(([key, value]) => {
      const number = value.trim() === "" ? Number.NaN : Number(value);
      return [key, Number.isNaN(number) ? { StringValue: value } : { NumberValue: number }];
    }),
  );
}

export function recordGroup(front: Front, group: Entry): void {
  ensureContext(front, `${group.name}-aws-model-group`, "ModelGroup", group.arn);
}

/** Called for a new package and for each change of its approval status, each of which is an action. */
export function recordPackage(front: Front, entry: Entry): void {
  const { ModelPackageGroupName: group, ModelPackageVersion: version, ModelApprovalStatus: status } = entry.fields;
  const artifact = ensureArtifact(front, entry.arn, "ModelPackage");
  const containers = ((entry.fields.InferenceSpecification as Json | undefined)?.Containers ?? []) as Json[];
  for (const { Image, ModelDataUrl } of containers) {
    if (typeof Image === "string") connect(front, ensureArtifact(front, Image, "Image"), artifact, "ContributedTo");
    if (typeof ModelDataUrl === "string")
      connect(front, ensureArtifact(front, ModelDataUrl, "Model"), artifact, "ContributedTo");
  }
  if (group === undefined) return;
  const groupArn = arnOf(front, "model-package-group", String(group));
  const context = ensureContext(front, `${group}-aws-model-group`, "ModelGroup", groupArn);
  connect(front, artifact, context, "AssociatedWith");
  const name = `${group}-${version}-${status}-${Math.floor(now())}-aws-model-group`;
  connect(front, artifact, addAction(front, name, "Approval", entry.arn, "Completed"), "ContributedTo");
}

/** A deployment that serves: an action from the model's artifacts to the endpoint's context. */
export function recordDeployment(
  front: Front,
  endpoint: Entry,
  modelUris: readonly string[],
  packageArns: readonly string[],
): void {
  const context = ensureContext(front, `${endpoint.name}-aws-endpoint`, "Endpoint", endpoint.arn);
  const name = `${endpoint.name}-${endpoint.fields.EndpointConfigName}-${Math.floor(now())}-aws-endpoint`;
  const action = addAction(front, name, "ModelDeployment", endpoint.arn, "Completed");
  for (const uri of modelUris) connect(front, ensureArtifact(front, uri, "Model"), action, "ContributedTo");
  for (const arn of packageArns) connect(front, ensureArtifact(front, arn, "ModelPackage"), action, "ContributedTo");
  connect(front, action, context, "AssociatedWith");
}
