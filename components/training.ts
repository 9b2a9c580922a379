/** Training: the machine that trains, the role that its jobs run with, and what a data scientist may do. */
import * as iam from "@pulumi/aws-native/iam/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { allow, arnOf, type Statement } from "../contracts/iam.ts";
import { parameterPath } from "../contracts/parameters.ts";
import { checkpointsPrefix, runsPrefix, sourcesPrefix, trainingPrefix } from "../contracts/paths.ts";
import { trainingJobPrefix } from "../contracts/training-job.ts";
import type { TrainingLimits } from "../contracts/training-record.ts";
import { grants as planGrants } from "../functions/plan-training/grants.ts";
import { grants as recordGrants } from "../functions/record-training/grants.ts";
import { definition, grants, type TrainingRefs } from "../workflow/training.ts";
import type { Dataset } from "./dataset.ts";
import type { Notices } from "./notices.ts";
import type { Registry } from "./registry.ts";
import { FlowComponent } from "./shared/component.ts";
import { keyGrants } from "./shared/encryption.ts";
import { type CodeSource, FrugalFunction } from "./shared/function.ts";
import { inlinePolicy } from "./shared/grants.ts";
import { readObjects, runGrants, writeObjects } from "./shared/job-grants.ts";
import { physicalName, type Site } from "./shared/naming.ts";
import { type ServiceRole, serviceRole } from "./shared/role.ts";
import type { StageSettings } from "./shared/settings.ts";
import { flowMachine, stateMachineArn } from "./shared/state-machine.ts";
import { apiTags } from "./shared/tags.ts";

export interface TrainingArgs {
  readonly site: Site;
  readonly code: CodeSource;
  readonly notices: Notices;
  readonly dataset: Dataset;
  readonly registry: Registry;
  readonly settings: Pick<StageSettings, "training" | "logRetentionDays">;
}

export class Training extends FlowComponent {
  /** Role of training jobs; known before it exists. */
  readonly roleArn: string;
  /** ARN of the state machine that a training request starts; known before it exists. */
  readonly stateMachineArn: string;
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: TrainingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("training", name, args.site, opts);
    const role = this.jobRole(args);
    const machine = this.machine(args, role);
    this.roleArn = role.arn;
    this.stateMachineArn = machine.arn;
    this.ready = [role.resource, machine.resource, this.scientistPolicy(args)];
    this.registerOutputs({ roleArn: this.roleArn, stateMachineArn: this.stateMachineArn });
  }

  /** A job reads published data and its own source, and writes its model and its checkpoints; nothing else. */
  private jobRole({ site, dataset, registry }: TrainingArgs): ServiceRole {
    return serviceRole(this, "training", {
      service: "sagemaker",
      description: `What training jobs of stage ${site.stage} may do`,
      grants: [
        ...readObjects(site, "Datasets", dataset.bucketName, ["datasets/*"]),
        ...readObjects(site, "Sources", registry.bucketName, [`${sourcesPrefix}*`, `${checkpointsPrefix}*`]),
        ...writeObjects(site, "Models", registry.bucketName, [`${runsPrefix}*`, `${checkpointsPrefix}*`]),
        ...runGrants(site),
      ],
    });
  }

  private machine(args: TrainingArgs, role: ServiceRole) {
    const { site, notices, dataset, registry, settings } = args;
    const places = { dataBucket: dataset.bucketName, artifactBucket: registry.bucketName };
    const jobPrefix = trainingJobPrefix(site.stage);
    const limits: TrainingLimits = {
      instanceTypes: [...settings.training.instanceTypes],
      maxRuntimeSeconds: settings.training.maxRuntimeMinutes * 60,
      spot: settings.training.spot,
      spotWaitSeconds: settings.training.spotWaitMinutes * 60,
    };
    const plan = new FrugalFunction(this, {
      code: args.code,
      name: "plan-training",
      environment: {
        DATA_BUCKET: places.dataBucket,
        ARTIFACT_BUCKET: places.artifactBucket,
        LIMITS: JSON.stringify(limits),
      },
      grants: planGrants({ ...site, ...places, jobPrefix }),
      logRetentionDays: settings.logRetentionDays,
    });
    const record = new FrugalFunction(this, {
      code: args.code,
      name: "record-training",
      environment: { ARTIFACT_BUCKET: places.artifactBucket },
      grants: recordGrants({ ...site, artifactBucket: places.artifactBucket, jobPrefix }),
      logRetentionDays: settings.logRetentionDays,
    });
    const refs: TrainingRefs = {
      account: site.account,
      region: site.region,
      partition: site.partition,
      stage: site.stage,
      functions: { planTraining: plan.ref, recordTraining: record.ref },
      artifactBucket: places.artifactBucket,
      trainingRoleArn: role.arn,
      topicArn: notices.topicArn,
      keyArn: site.key?.aliasArn,
      maxRuntimeMinutes: settings.training.maxRuntimeMinutes,
      spotWaitMinutes: settings.training.spotWaitMinutes,
      tags: apiTags(this.tagMap()),
    };
    return flowMachine(this, "training", {
      definition: definition(refs),
      grants: grants(refs),
      logData: true,
      logRetentionDays: settings.logRetentionDays,
      notices,
      dependsOn: [plan.resource, record.resource, role.resource, ...dataset.ready, ...registry.ready],
    });
  }

  /** For people: attach it to whatever role they sign in with. It can publish, ask for trainings, and submit. */
  private scientistPolicy(args: TrainingArgs): iam.ManagedPolicy {
    const grants = this.scientistGrants(args);
    return new iam.ManagedPolicy(
      "scientist-policy",
      {
        managedPolicyName: physicalName(args.site, "managedPolicy", "scientist"),
        description: `What a data scientist may do in stage ${args.site.stage}: publish data, train, submit`,
        policyDocument: inlinePolicy([...grants, ...keyGrants(args.site, grants)]),
      },
      this.part(),
    );
  }

  /** Jobs are started by the training machine, within the stage's limits; of their own, people start them in the sandbox. */
  private scientistGrants({ site, dataset, registry }: TrainingArgs): Statement[] {
    const machines = ["training", "submission"].map((purpose) => stateMachineArn(this, purpose));
    const runs = machines.map((machine) => `${machine.replace(":stateMachine:", ":execution:")}:*`);
    return [
      ...readObjects(site, "Datasets", dataset.bucketName, ["datasets/*"]),
      ...writeObjects(site, "Datasets", dataset.bucketName, ["datasets/*"]),
      ...readObjects(site, "Runs", registry.bucketName, [`${sourcesPrefix}*`, `${runsPrefix}*`, `${trainingPrefix}*`]),
      ...writeObjects(site, "Sources", registry.bucketName, [`${sourcesPrefix}*`]),
      allow("TrainAndSubmit", "states:StartExecution", machines),
      allow("FollowRuns", ["states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution"], runs),
      allow(
        "FollowJobs",
        ["sagemaker:DescribeTrainingJob", "sagemaker:ListTags"],
        arnOf(site, "sagemaker", "training-job/*"),
      ),
      allow("FindStage", "ssm:GetParametersByPath", arnOf(site, "ssm", `parameter${parameterPath(site.stage)}`)),
      allow("ReadExpectations", "ssm:GetParameter", arnOf(site, "ssm", `parameter${parameterPath(site.stage)}/*`)),
    ];
  }
}
