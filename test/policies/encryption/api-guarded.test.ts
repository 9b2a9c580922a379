import rule from "../../../policies/encryption/api-guarded.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyze, notes, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const TYPES = '"AWS_IAM", "JWT" or "CUSTOM"';
const AUTHORIZE = "Give it an authorizer, or list the route in openRoutes if its function checks a signed link.";
const LOWER = "Set it, or raise the pack's limit: each request is billed, and runs a function.";

describe("api-guarded", () => {
  for (const provider of PROVIDERS) {
    const route = compliant(provider, "route");
    const page = compliant(provider, "openRoute");
    const stage = compliant(provider, "apiStage");
    const api = compliant(provider, "api");
    const url = compliant(provider, "functionUrl");

    it(`${provider}: a route without an authorizer`, async () => {
      for (const [value, shown] of [
        [undefined, "absent"],
        ["NONE", '"NONE"'],
        ["none", '"none"'],
        [7, "7"],
      ] as const) {
        violates(
          await analyze(rule, broken(route, "authorizationType", value)),
          `api-guarded/route: authorizationType is ${shown}, must be ${TYPES}. ${AUTHORIZE}`,
        );
      }
      for (const value of ["AWS_IAM", "JWT", "CUSTOM"])
        violates(await analyze(rule, broken(route, "authorizationType", value)));
      notes(
        await analyze(rule, broken(route, "authorizationType", UNKNOWN)),
        `api-guarded/waits: authorizationType is not known yet, must be ${TYPES}. ${LATER}`,
      );
    });

    it(`${provider}: routes that check a signed link are listed, each by its whole key`, async () => {
      violates(await analyze(rule, broken(page, "authorizationType", undefined)));
      for (const key of ["ANY /approvals/{token}", "GET /approvals/{token}/x", "$default", "get /approvals/{token}"]) {
        violates(
          await analyze(rule, broken(page, "routeKey", key)),
          `api-guarded/route: authorizationType is "NONE", must be ${TYPES}. ${AUTHORIZE}`,
        );
      }
      notes(
        await analyze(rule, broken(page, "routeKey", UNKNOWN)),
        `api-guarded/waits: routeKey is not known yet, must be one of openRoutes, as the route has no authorizer. ${LATER}`,
      );
      violates(
        await analyze(rule, page, { config: { openRoutes: [] } }),
        `api-guarded/route: authorizationType is "NONE", must be ${TYPES}. ${AUTHORIZE}`,
      );
    });

    for (const [field, most, setting] of [
      ["throttlingRateLimit", 100, "apiRate"],
      ["throttlingBurstLimit", 200, "apiBurst"],
    ] as const) {
      it(`${provider}: ${field}`, async () => {
        const path = `defaultRouteSettings.${field}`;
        for (const [value, shown] of [
          [undefined, "absent"],
          [most + 1, String(most + 1)],
          [-1, "-1"],
          ["1", '"1"'],
        ] as const) {
          violates(
            await analyze(rule, broken(stage, path, value)),
            `api-guarded/throttle: ${path} is ${shown}, must be ${most} or less. ${LOWER}`,
          );
        }
        violates(await analyze(rule, broken(stage, path, most)));
        violates(await analyze(rule, broken(stage, path, most + 1), { config: { [setting]: most + 1 } }));
        notes(
          await analyze(rule, broken(stage, path, UNKNOWN)),
          `api-guarded/waits: ${path} is not known yet, must be ${most} or less. ${LATER}`,
        );
      });

      it(`${provider}: ${field} of one route`, async () => {
        const native = provider === "native";
        const key = native ? `T${field.slice(1)}` : field;
        const settings = (value: unknown) =>
          native ? { "GET /x": { [key]: value } } : [{ routeKey: "GET /x", [key]: value }];
        const path = native ? `routeSettings["GET /x"].${key}` : `routeSettings[0].${key}`;
        violates(
          await analyze(rule, broken(stage, "routeSettings", settings(most + 1))),
          `api-guarded/throttle: ${path} is ${most + 1}, must be ${most} or less. ${LOWER}`,
        );
        violates(await analyze(rule, broken(stage, "routeSettings", settings(1))));
        notes(
          await analyze(rule, broken(stage, "routeSettings", settings(UNKNOWN))),
          `api-guarded/waits: ${path} is not known yet, must be ${most} or less. ${LATER}`,
        );
      });
    }

    it(`${provider}: a stage without an access log`, async () => {
      const fix = "Log who called what, into a group that ends.";
      for (const part of ["destinationArn", "format"]) {
        for (const [value, shown] of [
          [undefined, "absent"],
          ["", "empty"],
        ] as const) {
          violates(
            await analyze(rule, broken(stage, `accessLogSettings.${part}`, value)),
            `api-guarded/log: accessLogSettings.${part} is ${shown}, must be given. ${fix}`,
          );
        }
      }
      violates(
        await analyze(rule, broken(stage, "accessLogSettings", undefined)),
        ...["destinationArn", "format"].map(
          (part) => `api-guarded/log: accessLogSettings.${part} is absent, must be given. ${fix}`,
        ),
      );
    });

    it(`${provider}: pages of any origin`, async () => {
      const fix = "Name the origins, or leave CORS out: the approval page needs none.";
      for (const origin of ["*", "https://*"]) {
        violates(
          await analyze(rule, broken(api, "corsConfiguration", { allowOrigins: ["https://example.com", origin] })),
          `api-guarded/cors: corsConfiguration.allowOrigins[1] is "${origin}", must be a named origin. ${fix}`,
        );
      }
      violates(await analyze(rule, broken(api, "corsConfiguration", undefined)));
      notes(
        await analyze(rule, broken(api, "corsConfiguration", UNKNOWN)),
        `api-guarded/waits: corsConfiguration is not known yet, must be a named origin. ${LATER}`,
      );
    });

    it(`${provider}: routes that stand in the API itself`, async () => {
      for (const path of ["routeKey", "target", "body", ...(provider === "native" ? ["bodyS3Location"] : [])]) {
        violates(
          await analyze(rule, broken(api, path, "x")),
          `api-guarded/hidden: ${path} is "x", must be absent. Declare routes as resources of their own, where each is judged.`,
        );
        notes(
          await analyze(rule, broken(api, path, UNKNOWN)),
          `api-guarded/waits: ${path} is not known yet, must be absent. ${LATER}`,
        );
      }
    });

    it(`${provider}: a function URL for anyone`, async () => {
      const path = provider === "native" ? "authType" : "authorizationType";
      violates(await analyze(rule, broken(url, path, "AWS_IAM")));
      for (const [value, shown] of [
        [undefined, "absent"],
        ["NONE", '"NONE"'],
      ] as const) {
        violates(
          await analyze(rule, broken(url, path, value)),
          `api-guarded/url: ${path} is ${shown}, must be "AWS_IAM". Let callers sign with IAM, or put an HTTP API with an authorizer in front.`,
        );
      }
      notes(
        await analyze(rule, broken(url, path, UNKNOWN)),
        `api-guarded/waits: ${path} is not known yet, must be "AWS_IAM". ${LATER}`,
      );
    });
  }

  it("native: settings by route of no shape", async () => {
    const stage = compliant("native", "apiStage");
    violates(await analyze(rule, broken(stage, "routeSettings", { "GET /x": { DetailedMetricsEnabled: true } })));
    notes(
      await analyze(rule, broken(stage, "routeSettings", { "GET /x": UNKNOWN })),
      `api-guarded/waits: routeSettings["GET /x"] is not known yet, must be settings of a route. ${LATER}`,
    );
    violates(
      await analyze(rule, broken(compliant("native", "apiStage"), "routeSettings", "x")),
      'api-guarded/throttle: routeSettings is "x", must be settings by route key. Correct it.',
    );
    violates(
      await analyze(rule, broken(compliant("native", "apiStage"), "routeSettings", { "GET /x": 7 })),
      'api-guarded/throttle: routeSettings["GET /x"] is 7, must be settings of a route. Correct it.',
    );
  });
});
