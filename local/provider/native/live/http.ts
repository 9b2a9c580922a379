/** Live state of HTTP APIs: API, integration, route, stage. */
import { type Reader, tagMap } from "./reader.ts";

/** API Gateway answers in camel case; the spec is matched whatever the case. */
function part(kind: "integrations" | "routes" | "stages", covers: readonly string[]): Reader {
  return {
    covers,
    async read(client, [api = "", id = ""]) {
      const found = await client.rest("apigateway", { path: `/v2/apis/${api}/${kind}/${encodeURIComponent(id)}` });
      return { ...found, ApiId: api, Tags: tagMap(found.tags), tags: undefined };
    },
  };
}

const api: Reader = {
  covers: ["Name", "Description", "CorsConfiguration", "DisableExecuteApiEndpoint", "Tags"],
  async read(client, [id = ""]) {
    const found = await client.rest("apigateway", { path: `/v2/apis/${id}` });
    const { region, accountId } = client.place;
    return {
      ...found,
      Tags: tagMap(found.tags),
      tags: undefined,
      ExecuteApiArn: `arn:aws:execute-api:${region}:${accountId}:${id}`,
    };
  },
};

export const http: Readonly<Record<string, Reader>> = {
  "AWS::ApiGatewayV2::Api": api,
  "AWS::ApiGatewayV2::Integration": part("integrations", [
    "IntegrationUri",
    "IntegrationType",
    "PayloadFormatVersion",
    "TimeoutInMillis",
    "Description",
  ]),
  "AWS::ApiGatewayV2::Route": part("routes", ["RouteKey", "Target", "AuthorizationType", "AuthorizerId"]),
  "AWS::ApiGatewayV2::Stage": part("stages", ["AutoDeploy", "Description", "DefaultRouteSettings", "StageVariables"]),
};
