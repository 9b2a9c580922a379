/** A function: its code, its log group, its role and itself, from one place. */
import * as aws from "@pulumi/aws/s3/index.js";
import * as lambda from "@pulumi/aws-native/lambda/index.js";
import * as pulumi from "@pulumi/pulumi";
import { allow, arnOf, type Statement } from "../../contracts/iam.ts";
import { type FunctionName, functionEntry } from "../../functions/catalogue.ts";
import type { FunctionRef } from "../../workflow/calls.ts";
import { type Bundle, HANDLER, RUNTIME } from "./bundle.ts";
import type { FlowComponent } from "./component.ts";
import { logGrants } from "./grants.ts";
import { logGroup } from "./log-group.ts";
import { physicalName } from "./naming.ts";
import { serviceRole } from "./role.ts";

/** Where function code comes from. */
export interface CodeSource {
  /** Bucket that the zips are put into. */
  readonly bucketName: string;
  /** What must exist before a zip can be put there. */
  readonly ready: readonly pulumi.Resource[];
  /** Zips by function name. */
  readonly bundles: ReadonlyMap<string, Bundle>;
}

export interface FunctionArgs {
  readonly code: CodeSource;
  /** Which one; its description, time limit and memory stand in functions/catalogue.ts. */
  readonly name: FunctionName;
  /** Environment variables besides the common ones. Never a secret: whoever may describe the function reads them. */
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  readonly grants: readonly Statement[];
  readonly logRetentionDays: number;
  /** At most so many at once; for functions that can be reached from outside. @default the account's pool */
  readonly reservedConcurrency?: number;
  /** Queue that takes the events which the function failed for good; for functions that are called asynchronously. */
  readonly failureQueueArn?: string;
  /** What must exist before the function is of use, besides its own parts. */
  readonly dependsOn?: readonly pulumi.Resource[];
}

/** Asynchronous calls: tries after the first, and the age at which an event is given up (AWS: Lambda, asynchronous invocation). */
const ASYNC_RETRIES = 2;
const ASYNC_AGE_SECONDS = 3600;

export class FrugalFunction extends pulumi.ComponentResource {
  /** Physical name, known before the function exists. */
  readonly functionName: string;
  /** ARN, known before the function exists; whoever uses it depends on `resource`. */
  readonly functionArn: string;
  readonly resource: lambda.Function;
  /** How a state machine knows it. */
  readonly ref: FunctionRef;
  readonly #part: string;

  constructor(component: FlowComponent, args: FunctionArgs) {
    super("frugal:shared:Function", args.name, {}, { parent: component });
    const { site } = component;
    const entry = functionEntry(args.name);
    this.#part = args.name;
    this.functionName = physicalName(site, "function", args.name);
    this.functionArn = arnOf(site, "lambda", `function:${this.functionName}`);
    this.ref = { arn: this.functionArn, timeoutSeconds: entry.timeoutSeconds };

    const logGroup = this.logGroup(component, args);
    const role = this.role(component, args);
    const code = this.code(component, args);
    this.resource = new lambda.Function(
      args.name,
      {
        functionName: this.functionName,
        description: entry.description,
        runtime: RUNTIME,
        // A fifth cheaper than x86 for the same seconds (AWS: Lambda pricing).
        architectures: ["arm64"],
        handler: HANDLER,
        code: { s3Bucket: args.code.bucketName, s3Key: code.key },
        role: role.arn,
        timeout: entry.timeoutSeconds,
        memorySize: entry.memoryMb,
        reservedConcurrentExecutions: args.reservedConcurrency,
        environment: {
          variables: {
            STAGE: site.stage,
            POWERTOOLS_SERVICE_NAME: args.name,
            POWERTOOLS_LOG_LEVEL: "INFO",
            ...args.environment,
          },
        },
        loggingConfig: {
          logGroup: logGroup.name,
          logFormat: "JSON",
          applicationLogLevel: "INFO",
          systemLogLevel: "WARN",
        },
        tags: component.tags({ role: args.name }),
      },
      {
        parent: this,
        dependsOn: [logGroup.resource, role.resource, code.resource, ...(args.dependsOn ?? [])],
      },
    );
    if (args.failureQueueArn) this.keepFailures(args.failureQueueArn);
    this.registerOutputs({ functionName: this.functionName });
  }

  /**
   * Lets one thing of this account call the function.
   *
   * @param caller the thing, in a word; stands in the permission's logical name
   * @param sourceArn its ARN, which names the account: a service alone would be anybody's. No `sourceAccount` beside it,
   * since not every service is known to send it, and a condition on what is not sent refuses the call.
   */
  allowCaller(
    caller: string,
    principal: "apigateway.amazonaws.com" | "events.amazonaws.com",
    sourceArn: pulumi.Input<string>,
  ): lambda.Permission {
    return new lambda.Permission(
      `${caller}-calls-${this.#part}`,
      { action: "lambda:InvokeFunction", functionName: this.functionName, principal, sourceArn },
      { parent: this, dependsOn: [this.resource] },
    );
  }

  private logGroup(component: FlowComponent, args: FunctionArgs) {
    const name = `/aws/lambda/${this.functionName}`;
    const resource = logGroup(
      component,
      `${args.name}-log`,
      { logGroupName: name, retentionDays: args.logRetentionDays },
      this,
    );
    return { name, resource };
  }

  private role(component: FlowComponent, args: FunctionArgs) {
    const logGroupArn = arnOf(component.site, "logs", `log-group:/aws/lambda/${this.functionName}`);
    return serviceRole(
      component,
      args.name,
      {
        service: "lambda",
        description: `What the function ${args.name} of stage ${component.site.stage} may do`,
        grants: [
          ...args.grants,
          ...logGrants(logGroupArn),
          ...(args.failureQueueArn ? [allow("KeepFailures", "sqs:SendMessage", args.failureQueueArn)] : []),
        ],
      },
      this,
    );
  }

  /** The key carries the zip's digest, so new code is a new object and the function is updated by it. */
  private code(component: FlowComponent, args: FunctionArgs) {
    const bundle = args.code.bundles.get(args.name);
    if (!bundle) throw new Error(`no bundle was made for the function ${args.name}: hand its name to bundleFunctions`);
    const key = `functions/${args.name}/${bundle.sha256}.zip`;
    const resource = new aws.BucketObjectv2(
      `${args.name}-code`,
      {
        bucket: args.code.bucketName,
        key,
        source: new pulumi.asset.FileAsset(bundle.path),
        contentType: "application/zip",
        tags: component.tagMap(),
      },
      { parent: this, dependsOn: [...args.code.ready] },
    );
    return { key, resource };
  }

  private keepFailures(queueArn: string): void {
    new lambda.EventInvokeConfig(
      `${this.#part}-failures`,
      {
        functionName: this.functionName,
        qualifier: "$LATEST",
        maximumRetryAttempts: ASYNC_RETRIES,
        maximumEventAgeInSeconds: ASYNC_AGE_SECONDS,
        destinationConfig: { onFailure: { destination: queueArn } },
      },
      { parent: this, dependsOn: [this.resource] },
    );
  }
}
