/** Where model data and job inputs are named, per type token, in both providers' spellings. */
import { INFERENCE_COMPONENT, JOB, MODEL, MONITOR, PACKAGE } from "./families.ts";
import type { Reads } from "./subject.ts";

const containers = ["primaryContainer", "containers[]"] as const;

/** Paths at which a model's own bytes are named. */
export const MODEL_DATA: Readonly<Record<string, readonly string[]>> = {
  [MODEL.native]: containers.flatMap((at) => [`${at}.modelDataUrl`, `${at}.modelDataSource.s3DataSource.s3Uri`]),
  [MODEL.classic]: containers.flatMap((at) => [
    `${at}.modelDataUrl`,
    `${at}.modelDataSource.s3DataSources[].s3Uri`,
    `${at}.additionalModelDataSources[].s3DataSources[].s3Uri`,
  ]),
} satisfies Reads;

/** The same where something else than a Model names them. */
export const OTHER_MODEL_DATA: Readonly<Record<string, readonly string[]>> = {
  [INFERENCE_COMPONENT.native]: ["specification.container.artifactUrl", "specifications[].container.artifactUrl"],
  [PACKAGE.native]: [
    "inferenceSpecification.containers[].modelDataUrl",
    "inferenceSpecification.containers[].modelDataSource.s3DataSource.s3Uri",
    "additionalInferenceSpecifications[].containers[].modelDataUrl",
    "additionalInferenceSpecifications[].containers[].modelDataSource.s3DataSource.s3Uri",
    "additionalInferenceSpecificationsToAdd[].containers[].modelDataUrl",
    "additionalInferenceSpecificationsToAdd[].containers[].modelDataSource.s3DataSource.s3Uri",
    "sourceAlgorithmSpecification.sourceAlgorithms[].modelDataUrl",
  ],
} satisfies Reads;

const CHANNELS = "inputDataConfigs[].dataSource.s3DataSource.s3Uri";
const CAPTURED = "batchTransformInput.dataCapturedDestinationS3Uri";
const IN_SCHEDULE = "monitoringScheduleConfig.monitoringJobDefinition";
const baseline = (at: string, ...parts: readonly ("constraints" | "statistics")[]): string[] =>
  parts.map((part) => `${at}.${part}Resource.s3Uri`);

/** Paths at which a job or a monitor names what it reads. */
export const JOB_INPUTS: Readonly<Record<string, readonly string[]>> = {
  [JOB.native]: ["processingInputs[].s3Input.s3Uri"],
  [JOB.training]: [CHANNELS],
  [JOB.tuning]: [`trainingJobDefinition.${CHANNELS}`, `trainingJobDefinitions[].${CHANNELS}`],
  [MONITOR.schedule]: [
    `${IN_SCHEDULE}.monitoringInputs[].${CAPTURED}`,
    ...baseline(`${IN_SCHEDULE}.baselineConfig`, "constraints", "statistics"),
  ],
  [MONITOR.classicSchedule]: [
    `${IN_SCHEDULE}.monitoringInputs.${CAPTURED}`,
    ...baseline(`${IN_SCHEDULE}.baseline`, "constraints", "statistics"),
  ],
  [MONITOR.dataQuality]: [
    `dataQualityJobInput.${CAPTURED}`,
    ...baseline("dataQualityBaselineConfig", "constraints", "statistics"),
  ],
  [MONITOR.classicDataQuality]: [
    `dataQualityJobInput.${CAPTURED}`,
    ...baseline("dataQualityBaselineConfig", "constraints", "statistics"),
  ],
  [MONITOR.modelQuality]: [
    `modelQualityJobInput.${CAPTURED}`,
    ...baseline("modelQualityBaselineConfig", "constraints"),
    "modelQualityJobInput.groundTruthS3Input.s3Uri",
  ],
  [MONITOR.bias]: [
    `modelBiasJobInput.${CAPTURED}`,
    ...baseline("modelBiasBaselineConfig", "constraints"),
    "modelBiasJobInput.groundTruthS3Input.s3Uri",
  ],
  [MONITOR.explainability]: [
    `modelExplainabilityJobInput.${CAPTURED}`,
    ...baseline("modelExplainabilityBaselineConfig", "constraints"),
  ],
} satisfies Reads;
