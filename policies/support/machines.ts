/** Where a resource says which machines it runs on, and how many, per type token. */
import { ENDPOINT_CONFIG, JOB, MONITOR, NOTEBOOK, STUDIO } from "./families.ts";

const below = (prefix: string, ...paths: readonly string[]): string[] => paths.map((path) => `${prefix}.${path}`);

const counts = [
  "initialInstanceCount",
  "managedInstanceScaling.minInstanceCount",
  "managedInstanceScaling.maxInstanceCount",
];
const variants = (...paths: readonly string[]): string[] =>
  ["productionVariants[]", "shadowProductionVariants[]"].flatMap((list) =>
    below(list, "instanceType", ...counts, ...paths),
  );

const training = (prefix: string): string[] =>
  below(
    prefix,
    "instanceType",
    "instanceCount",
    "instanceGroups[].instanceType",
    "instanceGroups[].instanceCount",
    "instancePlacementConfig.placementSpecifications[].instanceCount",
  );
const tuning = (prefix: string): string[] => [
  ...training(`${prefix}.resourceConfig`),
  ...below(
    `${prefix}.hyperParameterTuningResourceConfig`,
    "instanceType",
    "instanceCount",
    "instanceConfigs[].instanceType",
    "instanceConfigs[].instanceCount",
  ),
];

const SPACE_APPS = ["jupyterLabApp", "jupyterServerApp", "kernelGatewayApp"];
const NATIVE_APPS = [...SPACE_APPS, "codeEditorApp"];
const CLASSIC_APPS = [...NATIVE_APPS, "rSessionApp", "tensorBoardApp"];
const apps = (prefix: string, names: readonly string[]): string[] =>
  names.map((app) => `${prefix}.${app}Settings.defaultResourceSpec.instanceType`);
const domain = (userApps: readonly string[]): string[] => [
  ...apps("defaultSpaceSettings", SPACE_APPS),
  ...apps("defaultUserSettings", userApps),
  "domainSettings.rStudioServerProDomainSettings.defaultResourceSpec.instanceType",
];

const cluster = (prefix: string): string[] => below(`${prefix}.clusterConfig`, "instanceType", "instanceCount");
const schedule = cluster("monitoringScheduleConfig.monitoringJobDefinition.monitoringResources");

/** Leaves end in `instanceType`, `acceleratorType(s)` or a count. */
export const MACHINES: Readonly<Record<string, readonly string[]>> = {
  [ENDPOINT_CONFIG.native]: variants("instancePools[].instanceType"),
  [ENDPOINT_CONFIG.classic]: variants("acceleratorType"),
  [NOTEBOOK.native]: ["instanceType", "acceleratorTypes[]"],
  [NOTEBOOK.classic]: ["instanceType"],
  [JOB.native]: cluster("processingResources"),
  [JOB.training]: [
    ...training("resourceConfig"),
    "debugRuleConfigurations[].instanceType",
    "profilerRuleConfigurations[].instanceType",
  ],
  [JOB.tuning]: [...tuning("trainingJobDefinition"), ...tuning("trainingJobDefinitions[]")],
  [MONITOR.schedule]: schedule,
  [MONITOR.classicSchedule]: schedule,
  ...Object.fromEntries(
    [MONITOR.dataQuality, MONITOR.modelQuality, MONITOR.bias, MONITOR.explainability, MONITOR.classicDataQuality].map(
      (type) => [type, cluster("jobResources")],
    ),
  ),
  [STUDIO.domain]: domain([...NATIVE_APPS, "rSessionApp"]),
  [STUDIO.classicDomain]: domain(CLASSIC_APPS),
  [STUDIO.userProfile]: apps("userSettings", NATIVE_APPS),
  [STUDIO.classicUserProfile]: apps("userSettings", CLASSIC_APPS),
  [STUDIO.space]: apps("spaceSettings", NATIVE_APPS),
  [STUDIO.classicSpace]: apps("spaceSettings", NATIVE_APPS),
  [STUDIO.app]: ["resourceSpec.instanceType"],
  [STUDIO.classicApp]: ["resourceSpec.instanceType"],
};
