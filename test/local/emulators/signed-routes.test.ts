/** An HTTP API's routes of type AWS_IAM: only signed for API Gateway, by whoever may invoke the very route. */
import assert from "node:assert/strict";
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { send } from "../../../local/walkthrough/browser.ts";
import { signed } from "../approval/sign.ts";
import { ACCOUNT, type Bench, clientConfig, nodeFunction, role, session, startBench, until } from "./support.ts";

describe("signed routes of an HTTP API", function () {
  this.timeout(30_000);
  let bench: Bench;
  let url: string;
  let api: string;
  before(async () => {
    bench = await startBench();
    const fn = await nodeFunction(bench, "return { iam: event.requestContext.authorizer?.iam ?? null };");
    const client = new CloudFormationClient(clientConfig(bench));
    const route = (key: string, AuthorizationType: string) => ({
      Type: "AWS::ApiGatewayV2::Route",
      Properties: {
        ApiId: { Ref: "Api" },
        RouteKey: key,
        AuthorizationType,
        Target: { "Fn::Join": ["", ["integrations/", { Ref: "Integration" }]] },
      },
    });
    await client.send(
      new CreateStackCommand({
        StackName: "signed",
        TemplateBody: JSON.stringify({
          Resources: {
            Api: { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "signed", ProtocolType: "HTTP" } },
            Integration: {
              Type: "AWS::ApiGatewayV2::Integration",
              Properties: {
                ApiId: { Ref: "Api" },
                IntegrationType: "AWS_PROXY",
                IntegrationUri: fn,
                PayloadFormatVersion: "2.0",
              },
            },
            Open: route("POST /open", "NONE"),
            Closed: route("POST /closed/{id}", "AWS_IAM"),
            Stage: {
              Type: "AWS::ApiGatewayV2::Stage",
              Properties: { ApiId: { Ref: "Api" }, StageName: "$default", AutoDeploy: true },
            },
            Permission: {
              Type: "AWS::Lambda::Permission",
              Properties: {
                Action: "lambda:InvokeFunction",
                FunctionName: fn,
                Principal: "apigateway.amazonaws.com",
                SourceArn: { "Fn::Join": ["", [`arn:aws:execute-api:us-east-1:${ACCOUNT}:`, { Ref: "Api" }, "/*"]] },
              },
            },
          },
          Outputs: { Id: { Value: { Ref: "Api" } } },
        }),
      }),
    );
    await until("the API", async () => {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: "signed" }));
      api = Stacks?.[0]?.Outputs?.[0]?.OutputValue ?? "";
      return api !== "";
    });
    url = `http://${api}.execute-api.localhost:${new URL(bench.ministack).port}`;
  });
  after(() => bench?.stop());

  const caller = async (resources: string[]) => {
    const grants = resources.map((resource) => ({
      Action: "execute-api:Invoke",
      Resource: `arn:aws:execute-api:us-east-1:${ACCOUNT}:${resource}`,
    }));
    const roleArn = await role(bench, "lambda.amazonaws.com", grants);
    return { roleArn, credentials: await session(bench, roleArn, "lambda.amazonaws.com") };
  };
  const post = (path: string, headers: Record<string, string>, body = "{}") =>
    send(`${url}${path}`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });

  it("lets in who may invoke the route, and says who it is", async () => {
    const { roleArn, credentials } = await caller([`${api}/*/POST/closed/*`]);
    const answer = await post("/closed/1", signed(`${url}/closed/1`, "{}", credentials));
    assert.equal(answer.status, 200, answer.text);
    const { iam } = JSON.parse(answer.text) as { iam: Record<string, string> };
    assert.equal(iam.userArn, `arn:aws:sts::${ACCOUNT}:assumed-role/${roleArn.split("/")[1]}/test`);
    assert.equal(iam.accountId, ACCOUNT);
  });

  const refusals: [string, string[]][] = [
    ["nothing", []],
    ["another API", ["0123456789/*/POST/closed/*"]],
    ["another method", ["$API/*/GET/closed/*"]],
    ["another path", ["$API/*/POST/open"]],
  ];
  for (const [what, resources] of refusals) {
    it(`keeps out who may invoke ${what}`, async () => {
      const { credentials } = await caller(resources.map((one) => one.replace("$API", api)));
      const answer = await post("/closed/1", signed(`${url}/closed/1`, "{}", credentials));
      assert.deepEqual([answer.status, answer.text], [403, '{"message":"Forbidden"}']);
    });
  }

  it("keeps out what is not signed, signed wrongly, or signed for something else, in the same words", async () => {
    const { credentials } = await caller([`${api}/*/POST/closed/*`]);
    const target = `${url}/closed/1`;
    const headers: Record<string, string>[] = [
      {},
      { authorization: "Bearer x" },
      { authorization: "AWS4-HMAC-SHA256 nonsense" },
      signed(target, "{}", credentials, { service: "s3" }),
      signed(target, "{}", { ...credentials, secretAccessKey: "wrong" }),
      signed(target, '{"other":1}', credentials),
      signed(`${url}/closed/2`, "{}", credentials),
      signed(target, "{}", { ...credentials, sessionToken: undefined }),
    ];
    for (const one of headers) {
      const answer = await post("/closed/1", one);
      assert.deepEqual([answer.status, answer.text], [403, '{"message":"Forbidden"}'], JSON.stringify(one));
    }
  });

  it("asks nobody for a signature on an open route", async () => {
    assert.equal((await post("/open", {})).status, 200);
  });
});
