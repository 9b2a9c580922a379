/**
 * Which resource ARNs an action is judged on (AWS's service authorization reference for SageMaker: resource types and
 * ARN forms). List operations, Search and QueryLineage have no resource: "*".
 */
import { createHash } from "node:crypto";
import type { Front, Json } from "../server/front.ts";
import { arnOf } from "../server/front.ts";

type Scope = Pick<Front, "settings" | "store">;

/** ARN types by the noun in the operation's name, and the request members that name the resource. */
const NOUNS: Readonly<Record<string, readonly [type: string, ...members: string[]]>> = {
  Action: ["action", "ActionName"],
  App: ["app", "DomainId", "UserProfileName", "AppType", "AppName"],
  Artifact: ["artifact", "ArtifactArn"],
  AutoMLJob: ["automl-job", "AutoMLJobName"],
  AutoMLJobV2: ["automl-job", "AutoMLJobName"],
  Cluster: ["cluster", "ClusterName"],
  CodeRepository: ["code-repository", "CodeRepositoryName"],
  CompilationJob: ["compilation-job", "CompilationJobName"],
  Context: ["context", "ContextName"],
  DataQualityJobDefinition: ["data-quality-job-definition", "JobDefinitionName"],
  Domain: ["domain", "DomainId"],
  Endpoint: ["endpoint", "EndpointName"],
  EndpointConfig: ["endpoint-config", "EndpointConfigName"],
  EndpointWeightsAndCapacities: ["endpoint", "EndpointName"],
  Experiment: ["experiment", "ExperimentName"],
  FeatureGroup: ["feature-group", "FeatureGroupName"],
  HyperParameterTuningJob: ["hyper-parameter-tuning-job", "HyperParameterTuningJobName"],
  Model: ["model", "ModelName"],
  ModelBiasJobDefinition: ["model-bias-job-definition", "JobDefinitionName"],
  ModelCard: ["model-card", "ModelCardName"],
  ModelExplainabilityJobDefinition: ["model-explainability-job-definition", "JobDefinitionName"],
  ModelPackage: ["model-package", "ModelPackageName"],
  ModelPackageGroup: ["model-package-group", "ModelPackageGroupName"],
  ModelPackageGroupPolicy: ["model-package-group", "ModelPackageGroupName"],
  ModelQualityJobDefinition: ["model-quality-job-definition", "JobDefinitionName"],
  MonitoringSchedule: ["monitoring-schedule", "MonitoringScheduleName"],
  NotebookInstance: ["notebook-instance", "NotebookInstanceName"],
  NotebookInstanceLifecycleConfig: ["notebook-instance-lifecycle-config", "NotebookInstanceLifecycleConfigName"],
  Pipeline: ["pipeline", "PipelineName"],
  PresignedNotebookInstanceUrl: ["notebook-instance", "NotebookInstanceName"],
  ProcessingJob: ["processing-job", "ProcessingJobName"],
  Space: ["space", "DomainId", "SpaceName"],
  TrainingJob: ["training-job", "TrainingJobName"],
  TransformJob: ["transform-job", "TransformJobName"],
  Trial: ["experiment-trial", "TrialName"],
  TrialComponent: ["experiment-trial-component", "TrialComponentName"],
  UserProfile: ["user-profile", "DomainId", "UserProfileName"],
};

/** The ARN ends in a hash of the source (service authorization reference: artifact/${HashOfArtifactSource}). */
export const artifactArn = (front: Pick<Front, "settings">, sourceUri: string): string =>
  arnOf(front, "artifact", createHash("sha256").update(sourceUri).digest("hex").slice(0, 32));

/** Package ARNs are lower case in AWS, whatever the group's case. */
export const packageArn = (front: Pick<Front, "settings">, nameOrVersion: string): string =>
  arnOf(front, "model-package", nameOrVersion.toLowerCase());

const text = (value: unknown): string => (typeof value === "string" && value ? value : "*");

const isArn = (value: unknown): value is string => typeof value === "string" && value.startsWith("arn:");

function packageResource(front: Scope, nameOrArn: unknown): string {
  return isArn(nameOrArn) ? nameOrArn : packageArn(front, text(nameOrArn));
}

/** Number the group's next version gets; 1 for a group that does not exist. */
function nextVersion(front: Scope, group: string): number {
  return Number(front.store.get("model-package-group", group)?.fields.LastVersion ?? 0) + 1;
}

/** Actions whose resources are not simply named by the noun. */
const EXCEPTIONS: Readonly<Record<string, (front: Scope, input: Json) => string[]>> = {
  CreateEndpoint: (front, { EndpointName, EndpointConfigName }) => [
    arnOf(front, "endpoint", text(EndpointName)),
    arnOf(front, "endpoint-config", text(EndpointConfigName)),
  ],
  UpdateEndpoint: (front, { EndpointName, EndpointConfigName }) => [
    arnOf(front, "endpoint", text(EndpointName)),
    arnOf(front, "endpoint-config", text(EndpointConfigName)),
  ],
  InvokeEndpoint: (front, { EndpointName }) => [arnOf(front, "endpoint", text(EndpointName))],
  InvokeEndpointAsync: (front, { EndpointName }) => [arnOf(front, "endpoint", text(EndpointName))],
  CreateModelPackage: (front, { ModelPackageGroupName, ModelPackageName }) => {
    if (typeof ModelPackageGroupName !== "string") return [packageResource(front, ModelPackageName)];
    const group = ModelPackageGroupName.split("/").at(-1) ?? "";
    return [packageArn(front, `${group}/${nextVersion(front, group)}`)];
  },
  UpdateModelPackage: (_front, { ModelPackageArn }) => [text(ModelPackageArn)],
  DescribeModelPackage: (front, { ModelPackageName }) => [packageResource(front, ModelPackageName)],
  DeleteModelPackage: (front, { ModelPackageName }) => [packageResource(front, ModelPackageName)],
  BatchDescribeModelPackage: (_front, { ModelPackageArnList }) =>
    Array.isArray(ModelPackageArnList) ? ModelPackageArnList.map(text) : ["*"],
  AddAssociation: (_front, { SourceArn, DestinationArn }) => [text(SourceArn), text(DestinationArn)],
  DeleteAssociation: (_front, { SourceArn, DestinationArn }) => [text(SourceArn), text(DestinationArn)],
  CreateArtifact: (front, { Source }) => [artifactArn(front, text((Source as Json | undefined)?.SourceUri))],
  DeleteArtifact: (front, { ArtifactArn, Source }) => [
    isArn(ArtifactArn) ? ArtifactArn : artifactArn(front, text((Source as Json | undefined)?.SourceUri)),
  ],
  AddTags: (_front, { ResourceArn }) => [text(ResourceArn)],
  ListTags: (_front, { ResourceArn }) => [text(ResourceArn)],
  DeleteTags: (_front, { ResourceArn }) => [text(ResourceArn)],
  CreateTrial: (front, { ExperimentName, TrialName }) => [
    arnOf(front, "experiment", text(ExperimentName)),
    arnOf(front, "experiment-trial", text(TrialName)),
  ],
  AssociateTrialComponent: (front, { TrialName, TrialComponentName }) => [
    arnOf(front, "experiment-trial", text(TrialName)),
    arnOf(front, "experiment-trial-component", text(TrialComponentName)),
  ],
  DisassociateTrialComponent: (front, { TrialName, TrialComponentName }) => [
    arnOf(front, "experiment-trial", text(TrialName)),
    arnOf(front, "experiment-trial-component", text(TrialComponentName)),
  ],
  StartPipelineExecution: (front, { PipelineName }) => [arnOf(front, "pipeline", text(PipelineName))],
  DescribePipelineExecution: (_front, { PipelineExecutionArn }) => [text(PipelineExecutionArn)],
  StopPipelineExecution: (_front, { PipelineExecutionArn }) => [text(PipelineExecutionArn)],
  ListPipelineExecutions: (front, { PipelineName }) => [arnOf(front, "pipeline", text(PipelineName))],
  ListModelCardVersions: (front, { ModelCardName }) => [arnOf(front, "model-card", text(ModelCardName))],
};

/** ARNs an operation is judged on, each of which must be allowed. */
export function resourcesOf(front: Scope, operation: string, input: Json): string[] {
  const exception = EXCEPTIONS[operation];
  if (exception) return exception(front, input);
  const noun = /^(?:Create|Describe|Update|Delete|Stop|Start|Get|Put)(\w+)$/.exec(operation)?.[1];
  const row = noun ? NOUNS[noun] : undefined;
  if (!row) return ["*"];
  const [type, ...members] = row;
  const name = members.map((member) => text(input[member])).join("/");
  return [isArn(name) ? name : arnOf(front, type, name)];
}
