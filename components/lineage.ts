/** Lineage: recorded from SageMaker's own events, whoever caused them, and compared with the truth on a schedule. */
import * as scheduler from "@pulumi/aws-native/scheduler/index.js";
import type * as pulumi from "@pulumi/pulumi";
import type { SageMakerEvent } from "../contracts/events.ts";
import { allow } from "../contracts/iam.ts";
import { parseModelPackageArn } from "../contracts/lineage.ts";
import { RECONCILE_HOURS } from "../contracts/lineage-schedule.ts";
import { grants as reconcileGrants } from "../functions/reconcile-lineage/grants.ts";
import { grants as recordGrants } from "../functions/record-lineage/grants.ts";
import type { Dataset } from "./dataset.ts";
import type { Notices } from "./notices.ts";
import type { Registry } from "./registry.ts";
import { FlowComponent } from "./shared/component.ts";
import { functionRule } from "./shared/event-rule.ts";
import { type CodeSource, FrugalFunction } from "./shared/function.ts";
import { physicalName, type Site } from "./shared/naming.ts";
import { serviceRole } from "./shared/role.ts";

export interface LineageArgs {
  readonly site: Site;
  readonly code: CodeSource;
  readonly notices: Notices;
  readonly dataset: Dataset;
  readonly registry: Registry;
  /** The endpoint's name, and what the names of its configurations start with. */
  readonly servingPrefix: string;
  /** A package of another stage that this one serves. @default none */
  readonly servedPackageArn?: string;
  readonly logRetentionDays: number;
}

type DetailType = SageMakerEvent["detail-type"];

/** Minutes within which Scheduler may start a round: nobody waits for it. */
const WINDOW_MINUTES = 60;

export class Lineage extends FlowComponent {
  constructor(name: string, args: LineageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lineage", name, args.site, opts);
    const groups = groupsOf(args);
    const recorder = this.recorder(args, groups);
    const { dataset, registry, servingPrefix } = args;
    // Interactive jobs write where they like, so what belongs to the stage is decided by the function, from tags and buckets.
    this.rule(args, recorder, "lineage-training", "SageMaker Training Job State Change");
    this.rule(args, recorder, "lineage-processing", "SageMaker Processing Job State Change");
    this.rule(args, recorder, "lineage-transform", "SageMaker Transform Job State Change");
    this.rule(args, recorder, "lineage-package", "SageMaker Model Package State Change", {
      ModelPackageGroupName: [registry.groupName],
    });
    this.rule(args, recorder, "lineage-endpoint", "SageMaker Endpoint State Change", {
      EndpointName: [servingPrefix],
    });
    this.schedule(args, this.reconciler(args, groups));
    this.registerOutputs({ dataBucket: dataset.bucketName });
  }

  private recorder(args: LineageArgs, modelPackageGroups: readonly string[]): FrugalFunction {
    return new FrugalFunction(this, {
      ...this.shared(args),
      name: "record-lineage",
      environment: environment(args),
      grants: recordGrants({
        ...args.site,
        modelPackageGroups,
        endpointPrefix: args.servingPrefix,
        dataBucket: args.dataset.bucketName,
      }),
    });
  }

  private reconciler(args: LineageArgs, modelPackageGroups: readonly string[]): FrugalFunction {
    return new FrugalFunction(this, {
      ...this.shared(args),
      name: "reconcile-lineage",
      // Only the stage's own: a package of another stage is reconciled there, or with the endpoint that serves it.
      environment: { ...environment(args), MODEL_PACKAGE_GROUPS: JSON.stringify([args.registry.groupName]) },
      grants: reconcileGrants({
        ...args.site,
        modelPackageGroups,
        endpointPrefix: args.servingPrefix,
        dataBucket: args.dataset.bucketName,
      }),
    });
  }

  private shared({ code, notices, logRetentionDays }: LineageArgs) {
    return { code, failureQueueArn: notices.failedEventsArn, logRetentionDays, dependsOn: notices.ready };
  }

  /** One event, one rule: what it listens to can be read at a glance, and by a policy. */
  private rule(
    args: LineageArgs,
    target: FrugalFunction,
    purpose: string,
    detailType: DetailType,
    detail?: Readonly<Record<string, unknown>>,
  ): void {
    functionRule(this, purpose, {
      description: `${detailType}: recorded as lineage of stage ${args.site.stage}`,
      pattern: { source: ["aws.sagemaker"], "detail-type": [detailType], ...(detail ? { detail } : {}) },
      target,
      failedEventsArn: args.notices.failedEventsArn,
    });
  }

  /** EventBridge may lose SageMaker's events (they are best effort): a round finds what they left out. */
  private schedule({ notices }: LineageArgs, target: FrugalFunction): void {
    const purpose = "lineage-reconciler";
    const role = serviceRole(this, purpose, {
      service: "scheduler",
      description: `Lets the schedule of stage ${this.site.stage} start the lineage reconciler`,
      grants: [
        allow("StartRound", "lambda:InvokeFunction", target.functionArn),
        allow("KeepFailures", "sqs:SendMessage", notices.failedEventsArn),
      ],
    });
    new scheduler.Schedule(
      `${purpose}-schedule`,
      {
        name: physicalName(this.site, "schedule", purpose),
        description: "Compares the recorded lineage with the truth, and adds what no event brought",
        scheduleExpression: `rate(${RECONCILE_HOURS} hours)`,
        flexibleTimeWindow: { mode: "FLEXIBLE", maximumWindowInMinutes: WINDOW_MINUTES },
        state: "ENABLED",
        target: {
          arn: target.functionArn,
          roleArn: role.arn,
          input: "{}",
          // The next round makes up for one that could not be started.
          retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 3 },
          deadLetterConfig: { arn: notices.failedEventsArn },
        },
      },
      this.part([role.resource, target.resource, ...notices.ready]),
    );
  }
}

/** The stage's own group, and that of a package which it serves from another stage. */
function groupsOf({ registry, servedPackageArn }: LineageArgs): string[] {
  const groups = [registry.groupName];
  if (servedPackageArn !== undefined) groups.push(parseModelPackageArn(servedPackageArn).group);
  return [...new Set(groups)];
}

function environment({ dataset, registry, servingPrefix }: LineageArgs): Record<string, string> {
  return { DATA_BUCKET: dataset.bucketName, ARTIFACT_BUCKET: registry.bucketName, ENDPOINT_PREFIX: servingPrefix };
}
