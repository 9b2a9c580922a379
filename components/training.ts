/** Training: the role that jobs run with, and what a data scientist may do. */
import * as iam from "@pulumi/aws-native/iam/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { allow, arnOf, type Statement } from "../contracts/iam.ts";
import { lineageKeys } from "../contracts/lineage.ts";
import { parameterPath } from "../contracts/parameters.ts";
import { passRole } from "../workflow/calls.ts";
import type { Dataset } from "./dataset.ts";
import { type Registry, runsPrefix, sourcesPrefix } from "./registry.ts";
import { FlowComponent } from "./shared/component.ts";
import { inlinePolicy } from "./shared/grants.ts";
import { readObjects, runGrants, writeObjects } from "./shared/job-grants.ts";
import { physicalName, type Site } from "./shared/naming.ts";
import { serviceRole } from "./shared/role.ts";
import type { StageSettings } from "./shared/settings.ts";
import { stateMachineArn } from "./shared/state-machine.ts";

export interface TrainingArgs {
  readonly site: Site;
  readonly dataset: Dataset;
  readonly registry: Registry;
  readonly training: StageSettings["training"];
}

export class Training extends FlowComponent {
  /** Role of training jobs; known before it exists. */
  readonly roleArn: string;
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: TrainingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("training", name, args.site, opts);
    const role = this.jobRole(args);
    this.roleArn = role.arn;
    this.ready = [role.resource, this.scientistPolicy(args)];
    this.registerOutputs({ roleArn: this.roleArn });
  }

  /** A job reads published data and its own source, and writes its model; nothing else. */
  private jobRole({ site, dataset, registry }: TrainingArgs) {
    return serviceRole(this, "training", {
      service: "sagemaker",
      description: `What training jobs of stage ${site.stage} may do`,
      grants: [
        ...readObjects(site, "Datasets", dataset.bucketName, ["datasets/*"]),
        ...readObjects(site, "Sources", registry.bucketName, [`${sourcesPrefix}*`]),
        ...writeObjects(site, "Models", registry.bucketName, [`${runsPrefix}*`]),
        ...runGrants(site),
      ],
    });
  }

  /** For people: attach it to whatever role they sign in with. It can publish, train within limits, and submit. */
  private scientistPolicy(args: TrainingArgs): iam.ManagedPolicy {
    return new iam.ManagedPolicy(
      "scientist-policy",
      {
        managedPolicyName: physicalName(args.site, "managedPolicy", "scientist"),
        description: `What a data scientist may do in stage ${args.site.stage}: publish data, train, submit`,
        policyDocument: inlinePolicy(this.scientistGrants(args)),
      },
      this.part(),
    );
  }

  private scientistGrants({ site, dataset, registry, training }: TrainingArgs): Statement[] {
    const jobs = arnOf(site, "sagemaker", "training-job/*");
    const submission = stateMachineArn(this, "submission");
    return [
      ...readObjects(site, "Datasets", dataset.bucketName, ["datasets/*"]),
      ...writeObjects(site, "Datasets", dataset.bucketName, ["datasets/*"]),
      ...readObjects(site, "Runs", registry.bucketName, [`${sourcesPrefix}*`, `${runsPrefix}*`]),
      ...writeObjects(site, "Sources", registry.bucketName, [`${sourcesPrefix}*`]),
      allow("TrainTraced", "sagemaker:CreateTrainingJob", jobs, {
        // Absent instance types would pass a "for all values"; `Null` asks that there are some.
        "ForAllValues:StringEquals": { "sagemaker:InstanceTypes": [...training.instanceTypes] },
        Null: { "sagemaker:InstanceTypes": "false" },
        NumericLessThanEquals: { "sagemaker:MaxRuntimeInSeconds": String(training.maxRuntimeMinutes * 60) },
        StringLike: { [`aws:RequestTag/${lineageKeys.datasetVersion}`]: "*@sha256:*" },
      }),
      allow(
        "FollowTraining",
        ["sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob", "sagemaker:AddTags", "sagemaker:ListTags"],
        jobs,
      ),
      passRole("PassTrainingRole", this.roleArn),
      allow("Submit", "states:StartExecution", submission),
      allow("FollowSubmission", "states:DescribeExecution", `${submission.replace(":stateMachine:", ":execution:")}:*`),
      allow("FindStage", "ssm:GetParametersByPath", arnOf(site, "ssm", `parameter${parameterPath(site.stage)}`)),
    ];
  }
}
