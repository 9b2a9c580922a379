/** What the sandbox role may do, as plain data: jobs only with their tags, on allowed machines, for allowed times. Pure. */
import { allow, arnOf, type Statement } from "../../contracts/iam.ts";
import { lineageKeys } from "../../contracts/lineage.ts";
import { checkpointsPrefix, runsPrefix, sourcesPrefix, trainingPrefix } from "../../contracts/paths.ts";
import { trainingTags } from "../../contracts/training.ts";
import { trainingJobPrefix } from "../../contracts/training-job.ts";
import { passRole } from "../../workflow/calls.ts";
import { readObjects, writeObjects } from "./job-grants.ts";
import type { Site } from "./naming.ts";
import type { StageSettings } from "./settings.ts";

export interface SandboxRefs {
  readonly dataBucket: string;
  readonly artifactBucket: string;
  readonly trainingRoleArn: string;
  readonly limits: Pick<StageSettings["sandbox"], "instanceTypes" | "maxRuntimeMinutes" | "autoMl">;
}

type Condition = NonNullable<Statement["Condition"]>;

/** The request says which data and which line of work; `Null` and `StringLike` both, so that an empty text is none. */
const tagged: Condition = {
  Null: {
    [`aws:RequestTag/${lineageKeys.datasetVersion}`]: "false",
    [`aws:RequestTag/${lineageKeys.run}`]: "false",
    // The training machine's own mark: nobody else's job passes for one of its.
    [`aws:RequestTag/${trainingTags.key}`]: "true",
  },
  StringLike: {
    [`aws:RequestTag/${lineageKeys.datasetVersion}`]: "?*@sha256:*",
    [`aws:RequestTag/${lineageKeys.run}`]: "?*",
  },
};

const partOfRun: Condition = { StringLike: { [`aws:RequestTag/${lineageKeys.run}`]: "?*" } };

/** Tagged, and on machines and for a time that the stage allows. Absent instance types would pass a "for all values". */
function bounded({ instanceTypes, maxRuntimeMinutes }: SandboxRefs["limits"]): Condition {
  return {
    ...tagged,
    Null: {
      ...tagged.Null,
      "sagemaker:InstanceTypes": "false",
      "sagemaker:MaxRuntimeInSeconds": "false",
    } as Condition[string],
    "ForAllValues:StringEquals": { "sagemaker:InstanceTypes": [...instanceTypes] },
    NumericLessThanEquals: { "sagemaker:MaxRuntimeInSeconds": String(maxRuntimeMinutes * 60) },
  };
}

export function sandboxGrants(site: Site, refs: SandboxRefs): Statement[] {
  const arn = (resource: string) => arnOf(site, "sagemaker", resource);
  const jobs = ["training-job/*", "processing-job/*", ...(refs.limits.autoMl ? ["automl-job/*"] : [])].map(arn);
  const experiments = ["experiment/*", "experiment-trial/*", "experiment-trial-component/*"].map(arn);
  return [
    ...readObjects(site, "Datasets", refs.dataBucket, ["datasets/*"]),
    ...readObjects(
      site,
      "Runs",
      refs.artifactBucket,
      [sourcesPrefix, runsPrefix, checkpointsPrefix, trainingPrefix].map((prefix) => `${prefix}*`),
    ),
    ...writeObjects(site, "Sources", refs.artifactBucket, [`${sourcesPrefix}*`]),
    // Names that the training machine gives: a job of somebody's own never stands in the place of one of its.
    {
      Sid: "LeaveTheMachinesJobs",
      Effect: "Deny",
      Action: ["sagemaker:CreateTrainingJob", "sagemaker:StopTrainingJob"],
      Resource: arn(`training-job/${trainingJobPrefix(site.stage)}*`),
    },
    allow("TracedTraining", "sagemaker:CreateTrainingJob", arn("training-job/*"), bounded(refs.limits)),
    allow("TracedProcessing", "sagemaker:CreateProcessingJob", arn("processing-job/*"), bounded(refs.limits)),
    // AutoML has neither of the two limits' condition keys (AWS: service authorization reference), so a stage decides.
    ...(refs.limits.autoMl
      ? [
          allow(
            "TracedAutoMl",
            ["sagemaker:CreateAutoMLJob", "sagemaker:CreateAutoMLJobV2"],
            arn("automl-job/*"),
            tagged,
          ),
        ]
      : []),
    // Tags come with the job and stay: adding them later could make it say something else.
    allow("TagAtCreation", "sagemaker:AddTags", jobs, {
      StringEquals: {
        "sagemaker:TaggingAction": [
          "CreateTrainingJob",
          "CreateProcessingJob",
          ...(refs.limits.autoMl ? ["CreateAutoMLJob", "CreateAutoMLJobV2"] : []),
        ],
      },
    }),
    allow(
      "FollowJobs",
      [
        "sagemaker:DescribeTrainingJob",
        "sagemaker:StopTrainingJob",
        "sagemaker:DescribeProcessingJob",
        "sagemaker:StopProcessingJob",
        "sagemaker:ListTags",
        ...(refs.limits.autoMl
          ? ["sagemaker:DescribeAutoMLJob", "sagemaker:DescribeAutoMLJobV2", "sagemaker:StopAutoMLJob"]
          : []),
      ],
      jobs,
    ),
    // An experiment is a line of work; what is tried in it is tried on data.
    allow("OpenExperiments", "sagemaker:CreateExperiment", arn("experiment/*"), partOfRun),
    allow("RecordRuns", ["sagemaker:CreateTrial", "sagemaker:CreateTrialComponent"], experiments, tagged),
    allow(
      "WriteIntoRuns",
      [
        "sagemaker:DescribeExperiment",
        "sagemaker:DescribeTrial",
        "sagemaker:DescribeTrialComponent",
        "sagemaker:UpdateTrialComponent",
        "sagemaker:AssociateTrialComponent",
        "sagemaker:BatchPutMetrics",
      ],
      experiments,
    ),
    allow("TagExperiments", "sagemaker:AddTags", experiments, {
      StringEquals: {
        "sagemaker:TaggingAction": ["CreateExperiment", "CreateTrial", "CreateTrialComponent"],
      },
    }),
    passRole("PassTrainingRole", refs.trainingRoleArn),
  ];
}
