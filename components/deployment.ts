/** Deployment by approval: an approved package is rolled out to the stage's endpoint, without a commit. */
import type * as pulumi from "@pulumi/pulumi";
import { artifactPrefix } from "../contracts/paths.ts";
import { grants as checkGrants } from "../functions/check-package/grants.ts";
import { grants as startGrants } from "../functions/start-rollout/grants.ts";
import { definition, grants, type RolloutRefs } from "../workflow/rollout.ts";
import type { Notices } from "./notices.ts";
import type { Registry } from "./registry.ts";
import { FlowComponent } from "./shared/component.ts";
import { functionRule } from "./shared/event-rule.ts";
import { type CodeSource, FrugalFunction } from "./shared/function.ts";
import { readObjects, runGrants } from "./shared/job-grants.ts";
import type { Site } from "./shared/naming.ts";
import { type ServiceRole, serviceRole } from "./shared/role.ts";
import type { StageSettings } from "./shared/settings.ts";
import { flowMachine, stateMachineArn } from "./shared/state-machine.ts";
import { apiTags } from "./shared/tags.ts";

export interface DeploymentArgs {
  readonly site: Site;
  readonly code: CodeSource;
  readonly notices: Notices;
  readonly registry: Registry;
  /** The endpoint's name, and what the names of its models and configurations start with. */
  readonly servingPrefix: string;
  readonly settings: Pick<StageSettings, "serving" | "logRetentionDays">;
}

export class Deployment extends FlowComponent {
  /** ARN of the state machine that rolls a package out; known before it exists. */
  readonly stateMachineArn: string;

  constructor(name: string, args: DeploymentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("deployment", name, args.site, opts);
    const check = this.checkPackage(args);
    const servingRole = this.servingRole(args);
    const machine = this.machine(args, check, servingRole);
    this.stateMachineArn = machine.arn;
    this.onApproval(args, this.startRollout(args, machine.resource));
    this.registerOutputs({ stateMachineArn: this.stateMachineArn });
  }

  private checkPackage({ site, code, registry, servingPrefix, settings }: DeploymentArgs): FrugalFunction {
    return new FrugalFunction(this, {
      code,
      name: "check-package",
      environment: { SERVING_PREFIX: servingPrefix },
      grants: checkGrants({
        ...site,
        modelPackageGroup: registry.groupName,
        artifactBucket: registry.bucketName,
        endpointName: servingPrefix,
      }),
      logRetentionDays: settings.logRetentionDays,
    });
  }

  /** A served model reads artefacts; which one, its package says. */
  private servingRole({ site, registry }: DeploymentArgs): ServiceRole {
    return serviceRole(this, "serving", {
      service: "sagemaker",
      description: `What the served model of stage ${site.stage} may do`,
      grants: [...readObjects(site, "Artifacts", registry.bucketName, [`${artifactPrefix}*`]), ...runGrants(site)],
    });
  }

  private machine(args: DeploymentArgs, check: FrugalFunction, servingRole: ServiceRole) {
    const { site, notices, registry, servingPrefix, settings } = args;
    const refs: RolloutRefs = {
      account: site.account,
      region: site.region,
      partition: site.partition,
      stage: site.stage,
      checkPackage: check.ref,
      servingPrefix,
      modelPackageGroup: registry.groupName,
      servingRoleArn: servingRole.arn,
      topicArn: notices.topicArn,
      memoryMb: settings.serving.memoryMb,
      maxConcurrency: settings.serving.maxConcurrency,
      tags: apiTags(this.tagMap()),
    };
    return flowMachine(this, "rollout", {
      definition: definition(refs),
      grants: grants(refs),
      logData: true,
      logRetentionDays: settings.logRetentionDays,
      notices,
      dependsOn: [check.resource, servingRole.resource, ...registry.ready],
    });
  }

  private startRollout(
    { site, code, notices, registry, settings }: DeploymentArgs,
    machine: pulumi.Resource,
  ): FrugalFunction {
    const rolloutStateMachineArn = stateMachineArn(this, "rollout");
    return new FrugalFunction(this, {
      code,
      name: "start-rollout",
      environment: { ROLLOUT_STATE_MACHINE_ARN: rolloutStateMachineArn, MODEL_PACKAGE_GROUP: registry.groupName },
      grants: startGrants({ ...site, modelPackageGroup: registry.groupName, rolloutStateMachineArn }),
      failureQueueArn: notices.failedEventsArn,
      logRetentionDays: settings.logRetentionDays,
      dependsOn: [machine, ...notices.ready],
    });
  }

  /**
   * SageMaker sends several events for one change, also for changes of metadata alone, and no previous status with those
   * made by its API: so the rule is loose, and the function, which is idempotent, decides.
   */
  private onApproval({ registry, notices, site }: DeploymentArgs, target: FrugalFunction): void {
    functionRule(this, "approved", {
      description: `An approved package of stage ${site.stage} is rolled out`,
      pattern: {
        source: ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        detail: { ModelPackageGroupName: [registry.groupName], ModelApprovalStatus: ["Approved"] },
      },
      target,
      failedEventsArn: notices.failedEventsArn,
    });
  }
}
