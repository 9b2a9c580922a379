/** The page behind the approvers' links, and the route for decisions from elsewhere: an HTTP API before one function. */
import * as apigateway from "@pulumi/aws-native/apigatewayv2/index.js";
import * as pulumi from "@pulumi/pulumi";
import { approvalPath, decisionPath } from "../contracts/approvals.ts";
import { arnOf } from "../contracts/iam.ts";
import type { FlowComponent } from "./shared/component.ts";
import type { FrugalFunction } from "./shared/function.ts";
import { logGroup } from "./shared/log-group.ts";
import { physicalName } from "./shared/naming.ts";

/** Requests a second and at once; a page that a handful of people open (AWS: targets, not ceilings). */
const RATE = 10;
const BURST = 20;
/** Longest time that the API waits for the function; 30,000 ms is the gateway's own limit. */
const WAIT_MS = 29_000;

interface RouteSpec {
  /** Logical name. */
  readonly name: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly authorization: "NONE" | "AWS_IAM";
}

/**
 * GET shows and POST decides; both check the link themselves, so the gateway asks for nothing else. Decisions that another
 * program sends carry no link: there IAM says who may call, by execute-api:Invoke on this route.
 */
const ROUTES: readonly RouteSpec[] = [
  { name: "approval-get", method: "GET", path: `${approvalPath}{token}`, authorization: "NONE" },
  { name: "approval-post", method: "POST", path: `${approvalPath}{token}`, authorization: "NONE" },
  { name: "decision-post", method: "POST", path: `${decisionPath}{submissionId}`, authorization: "AWS_IAM" },
];

/** The path holds the link's token, so it stands in no log: the route names the pattern. */
const ACCESS_LOG = JSON.stringify({
  requestId: "$context.requestId",
  requestTime: "$context.requestTime",
  sourceIp: "$context.identity.sourceIp",
  routeKey: "$context.routeKey",
  status: "$context.status",
  responseLength: "$context.responseLength",
  integrationError: "$context.integrationErrorMessage",
});

export class ApprovalPage extends pulumi.ComponentResource {
  /** `https://<id>.execute-api.<region>.amazonaws.com`, without a path. */
  readonly url: pulumi.Output<string>;
  /** What must exist before a link works. */
  readonly ready: readonly pulumi.Resource[];

  constructor(approval: FlowComponent, args: { readonly decide: FrugalFunction; readonly logRetentionDays: number }) {
    super("frugal:flow:ApprovalPage", "approval-page", {}, { parent: approval });
    const api = new apigateway.Api(
      "approval-api",
      {
        name: physicalName(approval.site, "httpApi", "approval"),
        description: `Approvals of stage ${approval.site.stage}: opened by the link in the message`,
        protocolType: "HTTP",
        tags: approval.tagMap(),
      },
      { parent: this },
    );
    const routes = this.routes(approval, api, args.decide);
    const stage = this.stage(approval, api, args.logRetentionDays);
    this.url = api.apiEndpoint;
    this.ready = [...routes, stage];
    this.registerOutputs({ url: this.url });
  }

  private routes(approval: FlowComponent, api: apigateway.Api, decide: FrugalFunction): pulumi.Resource[] {
    const { site } = approval;
    const integration = new apigateway.Integration(
      "approval-integration",
      {
        apiId: api.apiId,
        integrationType: "AWS_PROXY",
        integrationUri: decide.functionArn,
        payloadFormatVersion: "2.0",
        timeoutInMillis: WAIT_MS,
      },
      { parent: this, dependsOn: [decide.resource] },
    );
    return ROUTES.flatMap(({ name, method, path, authorization }) => {
      const source = pulumi.interpolate`${arnOf(site, "execute-api", "")}${api.apiId}/*/${method}${path}`;
      return [
        new apigateway.Route(
          name,
          {
            apiId: api.apiId,
            routeKey: `${method} ${path}`,
            authorizationType: authorization,
            target: pulumi.interpolate`integrations/${integration.integrationId}`,
          },
          { parent: this },
        ),
        decide.allowCaller(name, "apigateway.amazonaws.com", source),
      ];
    });
  }

  private stage(approval: FlowComponent, api: apigateway.Api, retentionDays: number): apigateway.Stage {
    const { site } = approval;
    const logGroupName = `/aws/vendedlogs/http-api/${physicalName(site, "httpApi", "approval")}`;
    const log = logGroup(approval, "approval-api-log", { logGroupName, retentionDays }, this);
    return new apigateway.Stage(
      "approval-stage",
      {
        apiId: api.apiId,
        stageName: "$default",
        autoDeploy: true,
        defaultRouteSettings: { throttlingRateLimit: RATE, throttlingBurstLimit: BURST },
        accessLogSettings: { destinationArn: arnOf(site, "logs", `log-group:${logGroupName}`), format: ACCESS_LOG },
        tags: approval.tagMap(),
      },
      { parent: this, dependsOn: [log] },
    );
  }
}
