/** Machines that run for somebody: notebooks, Studio, clusters, tracking servers; and jobs, which are paid by the hour they run. */
import type { Meter } from "../meter.ts";
import { type Reader, type Seen, UNSEEN } from "../reader.ts";
import { type Family, family } from "./family.ts";

/** Studio's own small machine for the Jupyter server, which is not billed (SageMaker API reference, ResourceSpec). */
const SYSTEM = "system";
/** Gigabytes of a notebook's disk when nothing is said (SageMaker API reference, CreateNotebookInstance). */
const NOTEBOOK_GB = 5;

const why = (type: Seen<string>): string =>
  type === UNSEEN ? "the instance type is not known yet" : "no instance type is written";

function machine(meter: Meter, use: string, type: Seen<string>, count: Seen<number>, label: string): void {
  if (typeof type !== "string") meter.unpriced(label, why(type), true);
  else meter.always(type, `sagemaker.${use}.${type}`, count, true);
}

/** Machines of a job, paid while it runs. */
function job(meter: Meter, use: string, type: Seen<string>, count: Seen<number>): void {
  if (typeof type === "string") meter.perUse("hours", `sagemaker.${use}.${type}`, "hour", count ?? 1);
  else if (type === UNSEEN) meter.perUse("hours", `sagemaker.${use}.(not known)`, "hour", UNSEEN);
}

const cluster = (prefix: string): string[] => [
  `${prefix}.clusterConfig.instanceType`,
  `${prefix}.clusterConfig.instanceCount`,
];
const processing =
  (prefix: string) =>
  (meter: Meter): void =>
    job(
      meter,
      "processing",
      meter.props.text(`${prefix}.clusterConfig.instanceType`),
      meter.props.number(`${prefix}.clusterConfig.instanceCount`),
    );

function training(meter: Meter, config: Reader, prefix: string): void {
  const groups = config.list(`${prefix}.instanceGroups`);
  if (groups === UNSEEN) job(meter, "training", UNSEEN, UNSEEN);
  else if (groups.length > 0) {
    for (const group of groups) job(meter, "training", group.text("instanceType"), group.number("instanceCount"));
  } else job(meter, "training", config.text(`${prefix}.instanceType`), config.number(`${prefix}.instanceCount`));
}

const trainingPaths = (prefix: string): string[] =>
  ["instanceType", "instanceCount", "instanceGroups[].instanceType", "instanceGroups[].instanceCount"].map(
    (path) => `${prefix}.resourceConfig.${path}`,
  );

const SCHEDULE = "monitoringScheduleConfig.monitoringJobDefinition.monitoringResources";
const DEFINITIONS = [
  "aws-native:sagemaker:DataQualityJobDefinition",
  "aws-native:sagemaker:ModelQualityJobDefinition",
  "aws-native:sagemaker:ModelBiasJobDefinition",
  "aws-native:sagemaker:ModelExplainabilityJobDefinition",
  "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
];

export const MACHINES: readonly Family[] = [
  family(
    {
      "aws-native:sagemaker:NotebookInstance": ["instanceType", "volumeSizeInGb", "acceleratorTypes"],
      "aws:sagemaker/notebookInstance:NotebookInstance": ["instanceType", "volumeSize"],
    },
    (meter) => {
      machine(meter, "notebook", meter.props.text("instanceType"), 1, "notebook");
      const gb = meter.props.number("volumeSizeInGb", "volumeSize") ?? NOTEBOOK_GB;
      meter.always("GB of storage", "sagemaker.storage.notebook", gb, true);
      const accelerators = meter.props.list("acceleratorTypes");
      if (accelerators === UNSEEN || accelerators.length > 0)
        meter.unpriced("accelerators", "they have no price", true);
    },
  ),
  family(
    {
      "aws-native:sagemaker:App": ["resourceSpec.instanceType"],
      "aws:sagemaker/app:App": ["resourceSpec.instanceType"],
    },
    (meter) => {
      const type = meter.props.text("resourceSpec.instanceType");
      if (type !== SYSTEM) machine(meter, "studio", type, 1, "Studio app");
    },
  ),
  family(
    {
      "aws-native:sagemaker:Domain": ["domainName"],
      "aws:sagemaker/domain:Domain": ["domainName"],
      "aws-native:sagemaker:UserProfile": ["userProfileName"],
      "aws:sagemaker/userProfile:UserProfile": ["userProfileName"],
    },
    // Home directories lie on a file system that bills what is kept; apps bill themselves.
    (meter) => meter.perUse("home", "efs.storage", "GB-month"),
  ),
  family(
    {
      "aws-native:sagemaker:Space": ["spaceSettings.spaceStorageSettings.ebsStorageSettings.ebsVolumeSizeInGb"],
      "aws:sagemaker/space:Space": ["spaceSettings.spaceStorageSettings.ebsStorageSettings.ebsVolumeSizeInGb"],
    },
    (meter) => {
      const gb = meter.props.number("spaceSettings.spaceStorageSettings.ebsStorageSettings.ebsVolumeSizeInGb");
      if (gb === undefined) meter.perUse("disk", "sagemaker.storage.studio", "GB-month");
      else meter.always("GB of storage", "sagemaker.storage.studio", gb, true);
    },
  ),
  family(
    {
      "aws-native:sagemaker:Cluster": [
        "instanceGroups[].instanceType",
        "instanceGroups[].instanceCount",
        "restrictedInstanceGroups[].instanceType",
        "restrictedInstanceGroups[].instanceCount",
      ],
    },
    (meter) => {
      for (const path of ["instanceGroups", "restrictedInstanceGroups"]) {
        const groups = meter.props.list(path);
        if (groups === UNSEEN) meter.unpriced(path, "not known yet", true);
        else {
          for (const group of groups) {
            machine(
              meter,
              "cluster",
              group.text("instanceType"),
              group.number("instanceCount"),
              "machines of a cluster",
            );
          }
        }
      }
    },
  ),
  family(
    {
      "aws-native:sagemaker:MlflowTrackingServer": ["trackingServerSize"],
      "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": ["trackingServerSize"],
    },
    (meter) => {
      // Small when nothing is said (SageMaker API reference, CreateMlflowTrackingServer).
      const size = meter.props.text("trackingServerSize") ?? "Small";
      if (size === UNSEEN) meter.unpriced("tracking server", "its size is not known yet", true);
      else meter.always(`${size} tracking server`, `sagemaker.mlflow.${size.toLowerCase()}`, 1, true);
    },
  ),
  family({ "aws-native:sagemaker:ProcessingJob": cluster("processingResources") }, processing("processingResources")),
  family({ "aws:sagemaker/trainingJob:TrainingJob": trainingPaths("").map((path) => path.slice(1)) }, (meter) =>
    training(meter, meter.props, "resourceConfig"),
  ),
  family(
    {
      "aws:sagemaker/hyperParameterTuningJob:HyperParameterTuningJob": [
        ...trainingPaths("trainingJobDefinition"),
        ...trainingPaths("trainingJobDefinitions[]"),
      ],
    },
    (meter) => {
      if (meter.props.has("trainingJobDefinition"))
        training(meter, meter.props, "trainingJobDefinition.resourceConfig");
      const definitions = meter.props.list("trainingJobDefinitions");
      if (definitions === UNSEEN) job(meter, "training", UNSEEN, UNSEEN);
      else for (const definition of definitions) training(meter, definition, "resourceConfig");
    },
  ),
  family(
    {
      "aws-native:sagemaker:MonitoringSchedule": cluster(SCHEDULE),
      "aws:sagemaker/monitoringSchedule:MonitoringSchedule": cluster(SCHEDULE),
    },
    processing(SCHEDULE),
  ),
  family(Object.fromEntries(DEFINITIONS.map((type) => [type, cluster("jobResources")])), processing("jobResources")),
];
