/**
 * The IAM condition keys SageMaker puts into a request's context, and where each comes from (AWS's service authorization
 * reference for SageMaker). A key is there only on the actions that AWS lists for it: a rule on any other action
 * must not work here either.
 */

import type { Tag } from "../control/store.ts";
import type { Front, Json } from "../server/front.ts";
import { arnOf } from "../server/front.ts";

type Values = string | string[] | undefined;
type Source = (input: Json, front: Pick<Front, "settings">) => Values;

/** All values found under a member name, at any depth: SageMaker's keys look through variants, resources and settings. */
export function deep(value: unknown, member: string): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => deep(item, member));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [...(key === member ? [child] : []), ...deep(child, member)]);
}

const every =
  (member: string): Source =>
  (input) => {
    const found = deep(input, member).flat().map(String);
    return found.length ? [...new Set(found)] : undefined;
  };

const scalar = (value: unknown): Values => (value === undefined || value === null ? undefined : String(value));

const first =
  (member: string): Source =>
  (input) =>
    scalar(deep(input, member)[0]);

/** Booleans are in the context even when the caller left them out: their default is false. */
const flag =
  (member: string): Source =>
  (input) =>
    String(deep(input, member)[0] ?? false);

const models: Source = (input, front) => {
  const names = deep(input, "ModelName").map((name) => arnOf(front, "model", String(name)));
  return names.length ? names : undefined;
};

/** Condition key (without "sagemaker:") → where its value is. */
const KEYS: Readonly<Record<string, Source>> = {
  AcceleratorTypes: every("AcceleratorType"),
  CustomerMetadataPropertiesToRemove: every("CustomerMetadataPropertiesToRemove"),
  DirectGatedModelAccess: (input) =>
    deep(input, "AcceptEula").length ? String(deep(input, "AcceptEula").includes(true)) : undefined,
  DirectInternetAccess: (input) => String(input.DirectInternetAccess ?? "Enabled"),
  EnableRemoteDebug: flag("EnableRemoteDebug"),
  FileSystemAccessMode: first("FileSystemAccessMode"),
  FileSystemDirectoryPath: first("DirectoryPath"),
  FileSystemId: first("FileSystemId"),
  FileSystemType: first("FileSystemType"),
  ImageArns: every("SageMakerImageArn"),
  ImageVersionArns: every("SageMakerImageVersionArn"),
  InstanceTypes: every("InstanceType"),
  InterContainerTrafficEncryption: flag("EnableInterContainerTrafficEncryption"),
  KeepAlivePeriod: first("KeepAlivePeriodInSeconds"),
  MaxRuntimeInSeconds: first("MaxRuntimeInSeconds"),
  MinimumInstanceMetadataServiceVersion: first("MinimumInstanceMetadataServiceVersion"),
  ModelApprovalStatus: first("ModelApprovalStatus"),
  ModelArn: models,
  "ModelLifeCycle:Stage": (input) => scalar((input.ModelLifeCycle as Json | undefined)?.Stage),
  "ModelLifeCycle:StageStatus": first("StageStatus"),
  NetworkIsolation: flag("EnableNetworkIsolation"),
  NotebookInstanceLifecycleConfigArns: (input, front) =>
    typeof input.LifecycleConfigName === "string"
      ? [arnOf(front, "notebook-instance-lifecycle-config", input.LifecycleConfigName)]
      : undefined,
  // A KmsKeyId at the top is the volume's (endpoint configurations, notebooks); one inside is the output's.
  OutputKmsKeyArn: ({ KmsKeyId: _volume, ...input }) => scalar(deep(input, "KmsKeyId")[0]),
  OwnerUserProfileArn: first("OwnerUserProfileName"),
  RemoteAccess: first("RemoteAccess"),
  RootAccess: (input) => String(input.RootAccess ?? "Enabled"),
  ServerlessMaxConcurrency: first("MaxConcurrency"),
  ServerlessMemorySize: first("MemorySizeInMB"),
  SpaceSharingType: first("SharingType"),
  StudioLifecycleConfigArns: every("LifecycleConfigArn"),
  TargetModel: first("TargetModel"),
  VolumeKmsKeyArn: (input) => scalar(deep(input, "VolumeKmsKeyId")[0] ?? input.KmsKeyId),
  VpcSecurityGroupIds: every("SecurityGroupIds"),
  VpcSubnets: every("Subnets"),
};

/** Older spelling of the KMS keys; both are still listed, so both are given. */
const ALIASES: Readonly<Record<string, string>> = { OutputKmsKeyArn: "OutputKmsKey", VolumeKmsKeyArn: "VolumeKmsKey" };

const VPC = ["VpcSecurityGroupIds", "VpcSubnets"];
const JOB = [
  "InstanceTypes",
  "InterContainerTrafficEncryption",
  "MaxRuntimeInSeconds",
  "NetworkIsolation",
  "OutputKmsKeyArn",
  "VolumeKmsKeyArn",
  ...VPC,
];
const PACKAGE = ["ModelApprovalStatus", "ModelLifeCycle:Stage", "ModelLifeCycle:StageStatus"];
const STUDIO = [
  "ImageArns",
  "ImageVersionArns",
  "InstanceTypes",
  "OwnerUserProfileArn",
  "SpaceSharingType",
  "StudioLifecycleConfigArns",
];

const FILES = ["FileSystemAccessMode", "FileSystemDirectoryPath", "FileSystemId", "FileSystemType"];
const SETTINGS = ["ImageArns", "ImageVersionArns", "InstanceTypes", "StudioLifecycleConfigArns", "VpcSecurityGroupIds"];

/** Which keys each action carries. On all others (UpdateEndpoint, AddAssociation, QueryLineage …) there are none. */
export const ACTION_KEYS: Readonly<Record<string, readonly string[]>> = {
  CreateTrainingJob: [...JOB, "DirectGatedModelAccess", "EnableRemoteDebug", "KeepAlivePeriod", ...FILES],
  CreateHyperParameterTuningJob: [...JOB, ...FILES],
  CreateProcessingJob: JOB,
  UpdateMonitoringSchedule: JOB,
  CreateMonitoringSchedule: JOB,
  CreateDataQualityJobDefinition: JOB,
  CreateModelBiasJobDefinition: JOB,
  CreateModelExplainabilityJobDefinition: JOB,
  CreateModelQualityJobDefinition: JOB,
  CreateTransformJob: ["InstanceTypes", "ModelArn", "OutputKmsKeyArn", "VolumeKmsKeyArn"],
  CreateAutoMLJob: ["InterContainerTrafficEncryption", "OutputKmsKeyArn", "VolumeKmsKeyArn", ...VPC],
  CreateAutoMLJobV2: ["InterContainerTrafficEncryption", "OutputKmsKeyArn", "VolumeKmsKeyArn", ...VPC],
  CreateModel: ["DirectGatedModelAccess", "NetworkIsolation", ...VPC],
  CreateEndpointConfig: [
    "AcceleratorTypes",
    "InstanceTypes",
    "ModelArn",
    "NetworkIsolation",
    "ServerlessMaxConcurrency",
    "ServerlessMemorySize",
    "VolumeKmsKeyArn",
    ...VPC,
  ],
  CreateModelPackage: PACKAGE,
  UpdateModelPackage: [...PACKAGE, "CustomerMetadataPropertiesToRemove"],
  CreateNotebookInstance: [
    "AcceleratorTypes",
    "DirectInternetAccess",
    "InstanceTypes",
    "MinimumInstanceMetadataServiceVersion",
    "NotebookInstanceLifecycleConfigArns",
    "RootAccess",
    "VolumeKmsKeyArn",
    ...VPC,
  ],
  UpdateNotebookInstance: [
    "AcceleratorTypes",
    "InstanceTypes",
    "MinimumInstanceMetadataServiceVersion",
    "NotebookInstanceLifecycleConfigArns",
  ],
  CreateApp: STUDIO,
  CreateSpace: [...STUDIO, "RemoteAccess"],
  UpdateSpace: [...STUDIO, "RemoteAccess"],
  CreateDomain: SETTINGS,
  UpdateDomain: SETTINGS,
  CreateUserProfile: SETTINGS,
  UpdateUserProfile: SETTINGS,
  UpdateTrainingJob: ["EnableRemoteDebug", "InstanceTypes", "KeepAlivePeriod"],
  InvokeEndpoint: ["TargetModel"],
};

/** Tags of a request as aws:RequestTag/… and aws:TagKeys; of a resource as aws:ResourceTag/… and sagemaker:ResourceTag/…. */
export function tagContext(requested: readonly Tag[], existing: readonly Tag[]): Record<string, string | string[]> {
  const context: Record<string, string | string[]> = {};
  for (const { Key, Value } of requested) context[`aws:RequestTag/${Key}`] = String(Value);
  if (requested.length) context["aws:TagKeys"] = requested.map((tag) => tag.Key);
  for (const { Key, Value } of existing) {
    context[`aws:ResourceTag/${Key}`] = Value;
    context[`sagemaker:ResourceTag/${Key}`] = Value;
  }
  return context;
}

/** The sagemaker: keys of a call; `current` are the fields of the model package it is about, if any. */
export function serviceContext(
  front: Pick<Front, "settings">,
  operation: string,
  input: Json,
  current?: Json,
): Record<string, string | string[]> {
  const context: Record<string, string | string[]> = {};
  for (const key of ACTION_KEYS[operation] ?? []) {
    const value = KEYS[key]?.(input, front);
    if (value === undefined) continue;
    context[`sagemaker:${key}`] = value;
    if (ALIASES[key]) context[`sagemaker:${ALIASES[key]}`] = value;
  }
  const properties = (prefix: string, map: unknown): void => {
    for (const [key, value] of Object.entries((map ?? {}) as Json))
      context[`sagemaker:${prefix}/${key}`] = String(value);
  };
  if (operation === "CreateModelPackage" || operation === "UpdateModelPackage")
    properties("CustomerMetadataProperties", input.CustomerMetadataProperties);
  if (current) {
    properties("CurrentCustomerMetadataProperties", current.CustomerMetadataProperties);
    const stage = current.ModelLifeCycle as Json | undefined;
    if (stage?.Stage) context["sagemaker:CurrentModelLifeCycleStage"] = String(stage.Stage);
    if (stage?.StageStatus) context["sagemaker:CurrentModelLifeCycleStageStatus"] = String(stage.StageStatus);
  }
  return context;
}
