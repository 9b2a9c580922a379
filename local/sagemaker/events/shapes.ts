/**
 * Details of SageMaker's EventBridge events, with AWS's looseness kept: times are ISO text in package events, strings of
 * digits in training events and numbers of milliseconds elsewhere; endpoint status is UPPER_SNAKE; Tags is an object
 * (AWS: "Events that SageMaker AI sends to EventBridge", samples).
 */
import type { Entry } from "../control/store.ts";
import type { Json } from "../server/front.ts";
import type { SageMakerEvent } from "./bus.ts";

const millis = (seconds: unknown): number => Math.round(Number(seconds) * 1000);

const iso = (seconds: unknown): string => new Date(millis(seconds)).toISOString().replace(/\.\d+Z$/, "Z");

const tags = (entry: Entry): Json => Object.fromEntries(entry.tags.map(({ Key, Value }) => [Key, Value]));

/** The named fields that are there. */
function pick(fields: Json, ...names: string[]): Json {
  return Object.fromEntries(names.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]));
}

/** InService → IN_SERVICE. */
export const upperSnake = (status: string): string => status.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();

/** `updated` names what an update changed; on creation there is no such list. */
export function packageEvent(entry: Entry, updated?: readonly string[]): SageMakerEvent {
  const { fields } = entry;
  return {
    detailType: "SageMaker Model Package State Change",
    resource: entry.arn,
    detail: {
      ...pick(
        fields,
        "ModelPackageGroupName",
        "ModelPackageVersion",
        "ModelPackageName",
        "ModelPackageArn",
        "ModelPackageStatus",
      ),
      ...pick(fields, "ModelApprovalStatus", "ApprovalDescription"),
      CreationTime: iso(fields.CreationTime),
      ...(fields.LastModifiedTime ? { LastModifiedTime: iso(fields.LastModifiedTime) } : {}),
      ...pick(fields, "InferenceSpecification"),
      ModelMetrics: fields.ModelMetrics ?? {},
      MetadataProperties: fields.MetadataProperties ?? {},
      ...(updated ? { UpdatedModelPackageFields: [...updated] } : {}),
    },
  };
}

export function trainingEvent(entry: Entry): SageMakerEvent {
  const { fields } = entry;
  const failed = fields.TrainingJobStatus === "Failed";
  return {
    detailType: "SageMaker Training Job State Change",
    resource: entry.arn,
    detail: {
      ...pick(fields, "TrainingJobName", "TrainingJobArn", "TrainingJobStatus", "SecondaryStatus"),
      HyperParameters: fields.HyperParameters ?? {},
      ...pick(fields, "AlgorithmSpecification", "RoleArn", "InputDataConfig", "OutputDataConfig", "ModelArtifacts"),
      ...pick(fields, "ResourceConfig", "StoppingCondition"),
      ...(failed ? pick(fields, "FailureReason") : {}),
      CreationTime: String(millis(fields.CreationTime)),
      ...(fields.TrainingEndTime ? { TrainingEndTime: String(millis(fields.TrainingEndTime)) } : {}),
      SecondaryStatusTransitions: ((fields.SecondaryStatusTransitions ?? []) as Json[]).map((step) => ({
        ...step,
        StartTime: millis(step.StartTime),
        ...(step.EndTime ? { EndTime: millis(step.EndTime) } : {}),
      })),
      Tags: tags(entry),
    },
  };
}

export function processingEvent(entry: Entry): SageMakerEvent {
  const { fields } = entry;
  const failed = fields.ProcessingJobStatus === "Failed";
  return {
    detailType: "SageMaker Processing Job State Change",
    resource: entry.arn,
    detail: {
      ...pick(fields, "ProcessingJobName", "ProcessingJobArn", "ProcessingJobStatus"),
      ...(failed ? pick(fields, "FailureReason") : {}),
      ...pick(fields, "ProcessingInputs", "ProcessingOutputConfig", "AppSpecification", "RoleArn"),
      ExperimentConfig: fields.ExperimentConfig ?? {},
      CreationTime: millis(fields.CreationTime),
      ...(fields.ProcessingEndTime ? { ProcessingEndTime: millis(fields.ProcessingEndTime) } : {}),
    },
  };
}

export function transformEvent(entry: Entry): SageMakerEvent {
  const { fields } = entry;
  const failed = fields.TransformJobStatus === "Failed";
  return {
    detailType: "SageMaker Transform Job State Change",
    resource: entry.arn,
    detail: {
      ...pick(fields, "TransformJobName", "TransformJobArn", "TransformJobStatus", "ModelName"),
      ...(failed ? pick(fields, "FailureReason") : {}),
      ...pick(fields, "TransformInput", "TransformOutput"),
      CreationTime: millis(fields.CreationTime),
      Tags: tags(entry),
    },
  };
}

export function endpointEvent(entry: Entry, status = String(entry.fields.EndpointStatus)): SageMakerEvent {
  const { fields } = entry;
  return {
    detailType: "SageMaker Endpoint State Change",
    resource: entry.arn,
    detail: {
      ...pick(fields, "EndpointName", "EndpointArn", "EndpointConfigName"),
      EndpointStatus: upperSnake(status),
      ...(status === "Failed" ? pick(fields, "FailureReason") : {}),
      ProductionVariants: ((fields.ProductionVariants ?? []) as Json[]).map((variant) =>
        pick(variant, "DesiredWeight", "DesiredInstanceCount"),
      ),
      CreationTime: millis(fields.CreationTime),
      LastModifiedTime: millis(fields.LastModifiedTime),
      Tags: tags(entry),
    },
  };
}

/** While a deployment runs: EndpointConfigName is the old one, the new one is in PendingDeploymentSummary. */
export function deploymentEvent(entry: Entry): SageMakerEvent {
  const { fields } = entry;
  const pending = fields.PendingDeploymentSummary as Json | undefined;
  return {
    detailType: "SageMaker Endpoint Deployment State Change",
    resource: entry.arn,
    detail: {
      ...pick(fields, "EndpointName", "EndpointArn", "EndpointConfigName"),
      EndpointStatus: upperSnake(String(fields.EndpointStatus)),
      ...(pending
        ? {
            PendingDeploymentSummary: {
              EndpointConfigName: pending.EndpointConfigName,
              StartTime: millis(pending.StartTime),
              ProductionVariants: ((pending.ProductionVariants ?? []) as Json[]).map((variant) => ({
                ...pick(variant, "VariantName", "CurrentWeight", "DesiredInstanceCount"),
                VariantStatus: ((variant.VariantStatus ?? []) as Json[]).map((step) => ({
                  ...pick(step, "Status", "StatusMessage"),
                  StartTime: millis(step.StartTime),
                })),
              })),
            },
          }
        : {}),
      Tags: tags(entry),
    },
  };
}

/** Sent when a model is created and when it is deleted. */
export function modelEvent(entry: Entry): SageMakerEvent {
  return {
    detailType: "SageMaker Model State Change",
    resource: entry.arn,
    detail: {
      ...pick(entry.fields, "ModelName", "ModelArn", "ExecutionRoleArn", "PrimaryContainer"),
      CreationTime: millis(entry.fields.CreationTime),
      Tags: tags(entry),
    },
  };
}

export function endpointConfigEvent(entry: Entry): SageMakerEvent {
  return {
    detailType: "SageMaker Endpoint Config State Change",
    resource: entry.arn,
    detail: {
      ...pick(entry.fields, "EndpointConfigName", "EndpointConfigArn", "ProductionVariants"),
      CreationTime: millis(entry.fields.CreationTime),
      Tags: tags(entry),
    },
  };
}
