/** Nobody reaches a function over HTTP unasked, unlogged, or as often as they please. */
import { demand, within } from "../support/demand.ts";
import { FUNCTION_URL, HTTP_API, isNative } from "../support/families.ts";
import { type Reading, settle, valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import type { Subject } from "../support/subject.ts";
import { isTree, join } from "../support/unknown.ts";

type Check = "route" | "throttle" | "log" | "cors" | "hidden" | "url";

const apis = [HTTP_API.api, HTTP_API.classicApi];
const routes = [HTTP_API.route, HTTP_API.classicRoute];
const stages = [HTTP_API.stage, HTTP_API.classicStage];
const AUTHORIZED: readonly unknown[] = ["AWS_IAM", "JWT", "CUSTOM"];
const LOG_PARTS = ["accessLogSettings.destinationArn", "accessLogSettings.format"];
const OVERRIDES = ["routeSettings[].throttlingRateLimit", "routeSettings[].throttlingBurstLimit"];
/** Routes declared in the API itself, where the rule for routes does not see them. */
const NATIVE_HIDDEN = ["routeKey", "target", "body", "bodyS3Location"];
const CLASSIC_HIDDEN = ["routeKey", "target", "body"];

interface Limits {
  readonly apiRate: number;
  readonly apiBurst: number;
}

export default rule({
  id: "api-guarded",
  group: "encryption",
  severity: "high",
  what: "An HTTP API or function URL can be called by anyone, as often as they please, or without an access log.",
  why: "An open route is an approval or a prediction for anyone, at our cost.",
  fix: "Give each route an authorizer, each stage throttling and an access log, and name the origins that may call.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    route: "A route has no authorizer and is not among those that check a signed link.",
    throttle: "A stage, or one of its routes, has no limit on requests, or one above the pack's.",
    log: "A stage has no access log.",
    cors: "Pages of any origin may call.",
    hidden: "The API holds routes of its own making, which are not seen as routes.",
    url: "A function URL can be called without a signature.",
  } satisfies Record<Check, string>,
  outside: [
    { source: "Security Hub", ids: ["APIGateway.8", "APIGateway.9"] },
    { source: "checkov", ids: ["CKV_AWS_309", "CKV_AWS_95", "CKV_AWS_258"] },
    { source: "cdk-nag", ids: ["AwsSolutions-APIG1", "AwsSolutions-APIG4"] },
  ],
  settings: ["openRoutes", "apiRate", "apiBurst"],
  // Inputs suffice, and what is judged from inputs is stopped before it exists.
  resource: {
    reads: allReads(
      reads(apis, "corsConfiguration.allowOrigins[]"),
      { [HTTP_API.api]: NATIVE_HIDDEN, [HTTP_API.classicApi]: CLASSIC_HIDDEN },
      reads(routes, "routeKey", "authorizationType"),
      reads(
        stages,
        "defaultRouteSettings.throttlingRateLimit",
        "defaultRouteSettings.throttlingBurstLimit",
        ...LOG_PARTS,
      ),
      { [HTTP_API.stage]: ["routeSettings"], [HTTP_API.classicStage]: OVERRIDES },
      { [FUNCTION_URL.native]: ["authType"], [FUNCTION_URL.classic]: ["authorizationType"] },
    ),
    judge(subject, { settings, report }) {
      if (routes.some((type) => type === subject.type)) judgeRoute(subject, settings.openRoutes, report);
      else if (stages.some((type) => type === subject.type)) judgeStage(subject, settings, report);
      else if (apis.some((type) => type === subject.type)) judgeApi(subject, report);
      else {
        const signed = subject.one(isNative(subject.type) ? "authType" : "authorizationType");
        const fix = "Let callers sign with IAM, or put an HTTP API with an authorizer in front.";
        demand(signed, { check: "url", limit: '"AWS_IAM"', fix, holds: (value) => value === "AWS_IAM" }, report);
      }
    },
  },
});

/** Absent means `NONE` (API Gateway v2 API reference, CreateRoute). */
function judgeRoute(subject: Subject, open: readonly string[], report: Reporter<Check>): void {
  const type = subject.one("authorizationType");
  const limit = '"AWS_IAM", "JWT" or "CUSTOM"';
  const fix = "Give it an authorizer, or list the route in openRoutes if its function checks a signed link.";
  const isOpen = type.state === "absent" || valueIn(type) === "NONE";
  if (isOpen) {
    const key = subject.one("routeKey");
    if (key.state === "unknown") {
      report.waits(key.path, "one of openRoutes, as the route has no authorizer");
      return;
    }
    if (open.some((route) => route === valueIn(key))) return;
  }
  demand(type, { check: "route", limit, fix, holds: (value) => AUTHORIZED.includes(value) }, report);
}

function judgeStage(subject: Subject, { apiRate, apiBurst }: Limits, report: Reporter<Check>): void {
  const lower = "Set it, or raise the pack's limit: each request is billed, and runs a function.";
  const cap = (most: number) => ({
    check: "throttle" as const,
    limit: `${most} or less`,
    fix: lower,
    holds: within(0, most),
  });
  demand(subject.one("defaultRouteSettings.throttlingRateLimit"), cap(apiRate), report);
  demand(subject.one("defaultRouteSettings.throttlingBurstLimit"), cap(apiBurst), report);
  for (const path of OVERRIDES.filter((one) => subject.has(one))) {
    const most = path.endsWith("BurstLimit") ? apiBurst : apiRate;
    for (const reading of subject.read(path)) demand(reading, { ...cap(most), optional: true }, report);
  }
  if (subject.has("routeSettings")) {
    const overrides = subject.one("routeSettings");
    const limit = "settings by route key";
    demand(overrides, { check: "throttle", limit, fix: "Correct it.", holds: isTree, optional: true }, report);
    const byRoute = valueIn(overrides);
    for (const [key, value] of isTree(byRoute) ? Object.entries(byRoute) : [])
      judgeOverride(settle(value, join(overrides.path, key)));
  }
  for (const part of LOG_PARTS) {
    const holds = (value: unknown) => typeof value === "string" && value !== "";
    const fix = "Log who called what, into a group that ends.";
    demand(subject.one(part), { check: "log", limit: "given", fix, holds }, report);
  }

  /** aws-native takes them as they are in CloudFormation, with capitals. */
  function judgeOverride(override: Reading): void {
    const fix = "Correct it.";
    demand(override, { check: "throttle", limit: "settings of a route", fix, holds: isTree }, report);
    const settings = valueIn(override);
    if (!isTree(settings)) return;
    for (const [key, limit] of Object.entries(settings)) {
      const name = key.toLowerCase();
      if (name !== "throttlingratelimit" && name !== "throttlingburstlimit") continue;
      const most = name === "throttlingburstlimit" ? apiBurst : apiRate;
      demand(settle(limit, join(override.path, key)), cap(most), report);
    }
  }
}

function judgeApi(subject: Subject, report: Reporter<Check>): void {
  for (const origin of subject.read("corsConfiguration.allowOrigins[]")) {
    const fix = "Name the origins, or leave CORS out: the approval page needs none.";
    const holds = (value: unknown) => typeof value === "string" && !value.includes("*");
    demand(origin, { check: "cors", limit: "a named origin", fix, holds, optional: true }, report);
  }
  for (const path of isNative(subject.type) ? NATIVE_HIDDEN : CLASSIC_HIDDEN) {
    const fix = "Declare routes as resources of their own, where each is judged.";
    demand(subject.one(path), { check: "hidden", limit: "absent", fix, optional: true }, report);
  }
}
