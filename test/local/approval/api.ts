/** The HTTP API before the page, as components/approval-page.ts declares it. */
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { approvalPath, decisionPath } from "../../../contracts/approvals.ts";
import { arnOf, type Scope } from "../../../contracts/iam.ts";
import { eventually } from "../../../local/walkthrough/life.ts";
import type { Credentials } from "./sign.ts";

interface Config {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
}

/** @returns the address of the API, without a path */
export async function approvalApi(config: Config, site: Scope, functionName: string): Promise<string> {
  const fn = arnOf(site, "lambda", `function:${functionName}`);
  const route = (method: string, path: string, authorization: string) => ({
    Type: "AWS::ApiGatewayV2::Route",
    Properties: {
      ApiId: { Ref: "Api" },
      RouteKey: `${method} ${path}`,
      AuthorizationType: authorization,
      Target: { "Fn::Join": ["", ["integrations/", { Ref: "Integration" }]] },
    },
  });
  const cloudformation = new CloudFormationClient(config);
  await cloudformation.send(
    new CreateStackCommand({
      StackName: "approval-api",
      TemplateBody: JSON.stringify({
        Resources: {
          Api: { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "approval", ProtocolType: "HTTP" } },
          Integration: {
            Type: "AWS::ApiGatewayV2::Integration",
            Properties: {
              ApiId: { Ref: "Api" },
              IntegrationType: "AWS_PROXY",
              IntegrationUri: fn,
              PayloadFormatVersion: "2.0",
            },
          },
          Get: route("GET", `${approvalPath}{token}`, "NONE"),
          Post: route("POST", `${approvalPath}{token}`, "NONE"),
          Decide: route("POST", `${decisionPath}{submissionId}`, "AWS_IAM"),
          Stage: {
            Type: "AWS::ApiGatewayV2::Stage",
            Properties: { ApiId: { Ref: "Api" }, StageName: "$default", AutoDeploy: true },
          },
          Permission: {
            Type: "AWS::Lambda::Permission",
            Properties: {
              Action: "lambda:InvokeFunction",
              FunctionName: functionName,
              Principal: "apigateway.amazonaws.com",
              SourceArn: {
                "Fn::Join": ["", [arnOf(site, "execute-api", ""), { Ref: "Api" }, "/*"]],
              },
            },
          },
        },
        Outputs: { Id: { Value: { Ref: "Api" } } },
      }),
    }),
  );
  const id = await eventually("the API", async () => {
    const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName: "approval-api" }));
    if (Stacks?.[0]?.StackStatus?.includes("FAILED")) throw new Error(Stacks[0].StackStatusReason);
    return Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === "Id")?.OutputValue;
  });
  return `http://${id}.execute-api.localhost:${new URL(config.endpoint).port}`;
}
