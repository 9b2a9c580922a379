/**
 * SageMaker's CloudFormation types in terms of SageMaker's API: the property names are the API's, so a type is its operations
 * and the fields that name a resource. (AWS API reference; botocore's `sagemaker` 2017-07-24 model; CloudFormation service spec.)
 *
 * To add a type, add its row.
 */
export interface SageMakerType {
  /** Suffix of `Create<noun>`, `Describe<noun>`, `Update<noun>`, `Delete<noun>`. */
  readonly noun: string;
  /** The request field of Describe, Update and Delete that names the resource. */
  readonly key: string;
  /** What goes there: the resource's name or its ARN. */
  readonly by: "name" | "arn";
  /** The Create answer's field that carries the ARN. */
  readonly arn: string;
  /** Request field of Update that names the resource, where it is another than `key`. */
  readonly updateKey?: string;
  /** The properties that Update takes; none: only tags can be changed in place. */
  readonly updates?: readonly string[];
  /** Describe's status field, and what it must come to. */
  readonly settles?: { readonly field: string; readonly good: readonly string[]; readonly bad: readonly string[] };
  /** Model package versions cannot be tagged. */
  readonly untaggable?: true;
}

const named = (noun: string, updates?: readonly string[]): SageMakerType => ({
  noun,
  key: `${noun}Name`,
  by: "name",
  arn: `${noun}Arn`,
  updates,
});
const jobDefinition = (noun: string): SageMakerType => ({
  noun,
  key: "JobDefinitionName",
  by: "name",
  arn: "JobDefinitionArn",
});

export const SAGEMAKER_TYPES: Readonly<Record<string, SageMakerType>> = {
  "AWS::SageMaker::Model": named("Model"),
  "AWS::SageMaker::EndpointConfig": named("EndpointConfig"),
  "AWS::SageMaker::Endpoint": {
    ...named("Endpoint", [
      "EndpointConfigName",
      "RetainAllVariantProperties",
      "ExcludeRetainedVariantProperties",
      "DeploymentConfig",
      "RetainDeploymentConfig",
    ]),
    settles: { field: "EndpointStatus", good: ["InService"], bad: ["Failed", "OutOfService", "UpdateRollbackFailed"] },
  },
  "AWS::SageMaker::ModelPackageGroup": named("ModelPackageGroup"),
  "AWS::SageMaker::ModelPackage": {
    noun: "ModelPackage",
    key: "ModelPackageName",
    by: "arn",
    arn: "ModelPackageArn",
    updateKey: "ModelPackageArn",
    updates: [
      "ModelApprovalStatus",
      "ApprovalDescription",
      "CustomerMetadataProperties",
      "AdditionalInferenceSpecificationsToAdd",
      "SourceUri",
      "ModelCard",
    ],
    settles: { field: "ModelPackageStatus", good: ["Completed"], bad: ["Failed"] },
    untaggable: true,
  },
  "AWS::SageMaker::MonitoringSchedule": named("MonitoringSchedule", ["MonitoringScheduleConfig"]),
  "AWS::SageMaker::DataQualityJobDefinition": jobDefinition("DataQualityJobDefinition"),
  "AWS::SageMaker::ModelQualityJobDefinition": jobDefinition("ModelQualityJobDefinition"),
  "AWS::SageMaker::ModelBiasJobDefinition": jobDefinition("ModelBiasJobDefinition"),
  "AWS::SageMaker::ModelExplainabilityJobDefinition": jobDefinition("ModelExplainabilityJobDefinition"),
  "AWS::SageMaker::NotebookInstance": {
    ...named("NotebookInstance", ["InstanceType", "RoleArn", "VolumeSizeInGB", "LifecycleConfigName", "RootAccess"]),
    settles: { field: "NotebookInstanceStatus", good: ["InService", "Stopped"], bad: ["Failed"] },
  },
  "AWS::SageMaker::NotebookInstanceLifecycleConfig": named("NotebookInstanceLifecycleConfig", ["OnCreate", "OnStart"]),
  "AWS::SageMaker::Artifact": {
    noun: "Artifact",
    key: "ArtifactArn",
    by: "arn",
    arn: "ArtifactArn",
    updates: ["ArtifactName", "Properties"],
  },
  "AWS::SageMaker::Action": { ...named("Action", ["Description", "Status", "Properties"]), arn: "ActionArn" },
  "AWS::SageMaker::Context": { ...named("Context", ["Description", "Properties"]), arn: "ContextArn" },
  "AWS::SageMaker::Experiment": { ...named("Experiment", ["DisplayName", "Description"]), arn: "ExperimentArn" },
};
