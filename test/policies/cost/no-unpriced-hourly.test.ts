import rule from "../../../policies/cost/no-unpriced-hourly.ts";
import { startRun } from "../../../policies/support/run.ts";
import { broken, compliant, PROVIDERS, type Provider } from "../support/fixtures.ts";
import { analyzeStack, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const MISSING = "Take what has a price, or give the price in ownPrices, with its source and date.";
const SAY = "Say why it stands and its last day, as in: load test until 2027-01-31.";
const LIMIT = "a reason and a last day (YYYY-MM-DD)";
const price = (what: string, why: string) =>
  `no-unpriced-hourly/price: ${what} is without a price (${why}), must be priced by the hour. ${MISSING}`;
const none = (item: string) => `the price table has no ${item} in us-east-1`;

/** A resource of a type that has no fixture. */
const bare = (provider: Provider, type: string, props: Record<string, unknown> = {}): Resource => ({
  ...compliant(provider, "bucket"),
  type,
  name: "x",
  props,
});

describe("no-unpriced-hourly", () => {
  afterEach(() => void startRun());

  for (const provider of PROVIDERS) {
    const judge = (resources: Resource[], config: Record<string, unknown> = {}) =>
      analyzeStack(rule, resources, { config });
    const config = compliant(provider, "instanceConfig");
    const tag = (resource: Resource, value: unknown): Resource => {
      const { tags } = resource.props;
      const key = "frugal:hourly-reason";
      const more = Array.isArray(tags) ? [...tags, { key, value }] : { ...(tags as object), [key]: value };
      return broken(resource, "tags", more);
    };

    it(`${provider}: machines of a variant`, async () => {
      violates(await judge([config]));
      const at = (path: string, value: unknown) => judge([broken(config, `productionVariants[0].${path}`, value)]);
      violates(
        await at("instanceType", "ml.p5.48xlarge"),
        price("ml.p5.48xlarge (variant champion)", none("sagemaker.hosting.ml.p5.48xlarge")),
      );
      violates(
        await at("instanceType", UNKNOWN),
        price("machines of variant champion", "the instance type is not known yet"),
      );
      violates(
        await at("instanceType", undefined),
        price("machines of variant champion", "no instance type is written"),
      );
      violates(
        await at("initialInstanceCount", UNKNOWN),
        price("ml.m5.large (variant champion)", "how many is not known yet"),
      );
      violates(
        await judge([broken(config, "productionVariants", UNKNOWN)]),
        price("productionVariants", "not known yet"),
      );
    });

    it(`${provider}: capacity kept ready behind a serverless variant`, async () => {
      const serverless = compliant(provider, "endpointConfig");
      violates(await judge([serverless]));
      const ready = broken(serverless, "productionVariants[0].serverlessConfig.provisionedConcurrency", 2);
      violates(
        await judge([ready]),
        price("GB of provisioned concurrency (variant champion)", none("sagemaker.serverless.provisioned")),
      );
    });

    it(`${provider}: an endpoint whose config is not here`, async () => {
      const endpoint = compliant(provider, "endpoint");
      const alone = price("endpoint", "its endpoint config is not in this program");
      violates(await judge([endpoint]), alone);
      violates(await judge([endpoint, compliant(provider, "endpointConfig")]));
      const hidden = broken(endpoint, "endpointConfigName", UNKNOWN);
      violates(await judge([hidden, config]), alone);
      violates(await judge([{ ...hidden, propertyDependencies: { endpointConfigName: [config.name] } }, config]));
    });

    it(`${provider}: what stands by the hour, known and unknown`, async () => {
      const native = provider === "native";
      const types: readonly (readonly [string, Record<string, unknown>, string, string])[] = [
        [
          native
            ? "aws-native:sagemaker:MlflowTrackingServer"
            : "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer",
          {},
          "Small tracking server",
          none("sagemaker.mlflow.small"),
        ],
        [
          native ? "aws-native:ec2:VpcEndpoint" : "aws:ec2/vpcEndpoint:VpcEndpoint",
          { vpcEndpointType: "Interface", subnetIds: UNKNOWN },
          "interface endpoint, by zone",
          "how many is not known yet",
        ],
        [
          native ? "aws-native:elasticloadbalancingv2:LoadBalancer" : "aws:lb/loadBalancer:LoadBalancer",
          { [native ? "type" : "loadBalancerType"]: "gateway" },
          "gateway load balancer",
          none("network.balancer.gateway"),
        ],
        [
          native ? "aws-native:lambda:Alias" : "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
          native
            ? { provisionedConcurrencyConfig: { provisionedConcurrentExecutions: 1 } }
            : { provisionedConcurrentExecutions: 1 },
          "provisioned concurrency",
          "the price table has no lambda.provisioned",
        ],
        [
          native ? "aws-native:rds:DbInstance" : "aws:rds/instance:Instance",
          {},
          "resource",
          "it is paid by the hour and has no price here",
        ],
        [
          native ? "aws-native:cloudformation:Stack" : "aws:cloudformation/stack:Stack",
          {},
          "resource",
          "what it makes is not seen here",
        ],
        [
          native ? "aws-native:sagemaker:InferenceExperiment" : "aws:sagemaker/fleet:Fleet",
          { modelVariants: [{ infrastructureConfig: { realTimeInferenceConfig: { instanceType: "ml.m5.large" } } }] },
          "resource",
          "the bill does not know this type, and it names instances",
        ],
      ];
      for (const [type, props, what, why] of types)
        violates(await judge([bare(provider, type, props)]), price(what, why));
      // Of a type that names no machines it is the bill that speaks.
      const quiet = native ? "aws-native:sagemaker:MlflowApp" : "aws:sagemaker/mlflowApp:MlflowApp";
      violates(await judge([bare(provider, quiet)]));
    });

    it(`${provider}: a reason and a last day, where they are asked for`, async () => {
      startRun({ today: "2026-11-23" });
      const asked = { hourlyReason: "demand" };
      const path = provider === "native" ? /^\D+/ : undefined;
      const list = config.props.tags as unknown[];
      const here = path ? `tags[${list.length}].value` : 'tags["frugal:hourly-reason"]';
      const reason = (at: string, value: string) =>
        `no-unpriced-hourly/reason: ${at} is ${value}, must be ${LIMIT}. ${SAY}`;
      violates(await judge([config], asked), reason("tags frugal:hourly-reason", "absent"));
      for (const [value, shown] of [
        ["load test", '"load test"'],
        ["2027-01-31", '"2027-01-31"'],
        ["load test until 2027-13-31", '"load test until 2027-13-31"'],
        ["", "empty"],
        [7, "7"],
        ["2027-01-31: 1 + 1", '"2027-01-31: 1 + 1"'],
      ] as const) {
        violates(await judge([tag(config, value)], asked), reason(here, shown));
      }
      for (const value of [
        "load test until 2026-11-23",
        "shadow: 2026-01-01 to 2027-01-31",
        "2027-01-31, asked 2026-01-01",
      ])
        violates(await judge([tag(config, value)], asked));
      violates(
        await judge([tag(config, "load test until 2026-11-22")], asked),
        `no-unpriced-hourly/overdue: ${here} is "load test until 2026-11-22", must be a day that is not over. Take it down, or say a later day.`,
      );
      const waits = (at: string) =>
        `no-unpriced-hourly/waits: ${at} is not known yet, must be ${LIMIT}. It is judged again when the update has made it known.`;
      notes(await judge([tag(config, UNKNOWN)], asked), waits(here));
      notes(await judge([broken(config, "tags", UNKNOWN)], asked), waits("tags"));
      // Other prefixes, and what does not stand by the hour.
      violates(await judge([compliant(provider, "alarm"), compliant(provider, "bucket")], asked));
      const other = { ...asked, tagPrefix: "acme:" };
      violates(
        await judge([tag(config, "load test until 2027-01-31")], other),
        reason("tags acme:hourly-reason", "absent"),
      );
    });

    it(`${provider}: a price of one's own`, async () => {
      const own = {
        item: "sagemaker.hosting.ml.p5.48xlarge",
        region: "us-east-1",
        usd: 60,
        per: 1,
        unit: "hour",
        source: "our agreement",
        dated: "2026-11",
        confidence: "H",
      };
      const big = broken(config, "productionVariants[0].instanceType", "ml.p5.48xlarge");
      violates(await judge([big], { ownPrices: [own] }));
    });
  }

  it("native: machines of a pool, of a cluster, and an inference component without its endpoint", async () => {
    const config = compliant("native", "instanceConfig");
    const pool = (...types: unknown[]) =>
      analyzeStack(rule, [
        broken(
          broken(config, "productionVariants[0].instanceType", undefined),
          "productionVariants[0].instancePools",
          types.map((instanceType) => ({ instanceType, priority: 1 })),
        ),
      ]);
    violates(await pool("ml.m5.large", "ml.c5.xlarge"));
    violates(
      await pool("ml.m5.large", "ml.x", "ml.c5.xlarge"),
      price("ml.x (variant champion)", none("sagemaker.hosting.ml.x")),
    );
    violates(await pool(UNKNOWN), price("machines of variant champion", "the instance type is not known yet"));
    const cluster = (group: Record<string, unknown>) =>
      analyzeStack(rule, [bare("native", "aws-native:sagemaker:Cluster", { instanceGroups: [group] })]);
    violates(
      await cluster({ instanceType: "ml.m5.large", instanceCount: 1 }),
      price("ml.m5.large", none("sagemaker.cluster.ml.m5.large")),
    );
    violates(await cluster({ instanceCount: 1 }), price("machines of a cluster", "no instance type is written"));
    const part = compliant("native", "inferenceComponent");
    violates(
      await analyzeStack(rule, [part]),
      price("inference component", "the endpoint whose machines it runs on is not in this program"),
    );
  });
});
