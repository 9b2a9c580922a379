/** Lineage: recorded from SageMaker's own events, whoever caused them. */
import type * as pulumi from "@pulumi/pulumi";
import type { SageMakerEvent } from "../contracts/events.ts";
import { parseModelPackageArn } from "../contracts/lineage.ts";
import { grants } from "../functions/record-lineage/grants.ts";
import type { Dataset } from "./dataset.ts";
import type { Notices } from "./notices.ts";
import type { Registry } from "./registry.ts";
import { FlowComponent } from "./shared/component.ts";
import { functionRule } from "./shared/event-rule.ts";
import { type CodeSource, FrugalFunction } from "./shared/function.ts";
import type { Site } from "./shared/naming.ts";

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

export class Lineage extends FlowComponent {
  constructor(name: string, args: LineageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lineage", name, args.site, opts);
    const recorder = this.recorder(args);
    const { dataset, registry, servingPrefix } = args;
    this.rule(args, recorder, "lineage-training", "SageMaker Training Job State Change", {
      // Jobs of other stages write elsewhere; they have a recorder of their own.
      OutputDataConfig: { S3OutputPath: [{ prefix: `s3://${registry.bucketName}/` }] },
    });
    this.rule(args, recorder, "lineage-package", "SageMaker Model Package State Change", {
      ModelPackageGroupName: [registry.groupName],
    });
    this.rule(args, recorder, "lineage-endpoint", "SageMaker Endpoint State Change", {
      EndpointName: [servingPrefix],
    });
    this.registerOutputs({ dataBucket: dataset.bucketName });
  }

  private recorder(args: LineageArgs): FrugalFunction {
    const groups = [args.registry.groupName];
    if (args.servedPackageArn !== undefined) groups.push(parseModelPackageArn(args.servedPackageArn).group);
    return new FrugalFunction(this, {
      code: args.code,
      name: "record-lineage",
      environment: {
        DATA_BUCKET: args.dataset.bucketName,
        ARTIFACT_BUCKET: args.registry.bucketName,
        ENDPOINT_PREFIX: args.servingPrefix,
      },
      grants: grants({
        ...args.site,
        modelPackageGroups: [...new Set(groups)],
        endpointPrefix: args.servingPrefix,
      }),
      failureQueueArn: args.notices.failedEventsArn,
      logRetentionDays: args.logRetentionDays,
      dependsOn: args.notices.ready,
    });
  }

  /** One event, one rule: what it listens to can be read at a glance, and by a policy. */
  private rule(
    args: LineageArgs,
    target: FrugalFunction,
    purpose: string,
    detailType: DetailType,
    detail: Readonly<Record<string, unknown>>,
  ): void {
    functionRule(this, purpose, {
      description: `${detailType}: recorded as lineage of stage ${args.site.stage}`,
      pattern: { source: ["aws.sagemaker"], "detail-type": [detailType], detail },
      target,
      failedEventsArn: args.notices.failedEventsArn,
    });
  }
}
