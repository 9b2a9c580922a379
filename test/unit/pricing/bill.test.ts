/** The bill: exact sums in both providers' spellings, proportion, and everything without a price by name. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { bill, isBilled, METERED, usedUsd } from "../../../pricing/bill.ts";
import { PRICES } from "../../../pricing/prices.ts";
import { tableWith } from "../../../pricing/table.ts";
import type { Bill, Billed, Usage } from "../../../pricing/types.ts";

const region = "us-east-1";
const one = (type: string, props: Record<string, unknown> = {}, more: Partial<Billed> = {}): Billed => ({
  urn: `urn:pulumi:dev::frugal::${type}::it`,
  type,
  props,
  region,
  ...more,
});
const named = (name: string, resource: Billed): Billed => ({ ...resource, urn: `urn:pulumi:dev::x::y::${name}` });
/** Not finer than a billionth of a dollar: sums of binary fractions are not exact. */
const close = (actual: number, expected: number, what = "") =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${what} ${actual} is not ${expected}`);
const whys = ({ unpriced }: Bill) => unpriced.map(({ what, why, kind, byTime }) => [what, why, kind, byTime]);

const MONTH = 730;
const variant = (more: Record<string, unknown>) => ({ variantName: "a", modelName: "m", ...more });
const machines = { instanceType: "ml.m5.large", initialInstanceCount: 2 };

/** Type tokens and properties of both providers, and what they cost while nobody uses them. */
const IDLE: readonly (readonly [number, ...(readonly [string, Record<string, unknown>])[]])[] = [
  [
    2 * 0.115 * MONTH,
    ["aws-native:sagemaker:EndpointConfig", { productionVariants: [variant(machines)] }],
    ["aws:sagemaker/endpointConfiguration:EndpointConfiguration", { productionVariants: [variant(machines)] }],
  ],
  [
    3 * 0.115 * MONTH + 2 * 10 * 0.14,
    [
      "aws-native:sagemaker:EndpointConfig",
      {
        productionVariants: [variant({ ...machines, volumeSizeInGb: 10 })],
        shadowProductionVariants: [variant({ ...machines, initialInstanceCount: 1 })],
      },
    ],
  ],
  [
    1 * 0.115 * MONTH,
    [
      "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
      {
        productionVariants: [
          variant({
            ...machines,
            managedInstanceScaling: { status: "ENABLED", minInstanceCount: 1, maxInstanceCount: 4 },
          }),
        ],
      },
    ],
  ],
  [
    0.05 * MONTH + 20 * 0.14,
    ["aws-native:sagemaker:NotebookInstance", { instanceType: "ml.t3.medium", volumeSizeInGb: 20 }],
    ["aws:sagemaker/notebookInstance:NotebookInstance", { instanceType: "ml.t3.medium", volumeSize: "20" }],
  ],
  [
    0.1 * MONTH,
    ["aws-native:sagemaker:App", { resourceSpec: { instanceType: "ml.t3.large" } }],
    ["aws:sagemaker/app:App", { resourceSpec: { instanceType: "ml.t3.large" } }],
  ],
  [0, ["aws-native:sagemaker:App", { resourceSpec: { instanceType: "system" } }]],
  [0.045 * MONTH, ["aws-native:ec2:NatGateway", {}], ["aws:ec2/natGateway:NatGateway", {}]],
  [
    2 * 0.01 * MONTH,
    ["aws-native:ec2:VpcEndpoint", { vpcEndpointType: "Interface", subnetIds: ["a", "b"] }],
    ["aws:ec2/vpcEndpoint:VpcEndpoint", { vpcEndpointType: "Interface", subnetConfigurations: [{}, {}] }],
  ],
  [0, ["aws-native:ec2:VpcEndpoint", { vpcEndpointType: "Gateway" }], ["aws:ec2/vpcEndpoint:VpcEndpoint", {}]],
  [
    0.0225 * MONTH,
    ["aws-native:elasticloadbalancingv2:LoadBalancer", {}],
    ["aws:lb/loadBalancer:LoadBalancer", { loadBalancerType: "network" }],
  ],
  [0.025 * MONTH, ["aws-native:elasticloadbalancing:LoadBalancer", {}], ["aws:elb/loadBalancer:LoadBalancer", {}]],
  [1, ["aws-native:kms:Key", {}], ["aws:kms/key:Key", {}], ["aws:kms/replicaKey:ReplicaKey", {}]],
  [0.4, ["aws-native:secretsmanager:Secret", {}], ["aws:secretsmanager/secret:Secret", {}]],
  [0, ["aws-native:ssm:Parameter", {}], ["aws:ssm/parameter:Parameter", { tier: "Standard" }]],
  [
    0.05,
    ["aws-native:ssm:Parameter", { tier: "Advanced" }],
    ["aws:ssm/parameter:Parameter", { tier: "Intelligent-Tiering" }],
  ],
  [0.1, ["aws-native:cloudwatch:Alarm", { period: 60 }], ["aws:cloudwatch/metricAlarm:MetricAlarm", { period: 300 }]],
  [0.3, ["aws-native:cloudwatch:Alarm", { period: 30 }], ["aws:cloudwatch/metricAlarm:MetricAlarm", { period: 10 }]],
  [
    0.4,
    [
      "aws-native:cloudwatch:Alarm",
      { metrics: [{ expression: "a/b" }, { metricStat: { period: 60 } }, { metricStat: { period: 10 } }] },
    ],
    [
      "aws:cloudwatch/metricAlarm:MetricAlarm",
      { metricQueries: [{ expression: "a/b" }, { metric: { period: 60 } }, { metric: { period: 10 } }] },
    ],
  ],
  [0.5, ["aws-native:cloudwatch:CompositeAlarm", {}], ["aws:cloudwatch/compositeAlarm:CompositeAlarm", {}]],
  [3, ["aws-native:cloudwatch:Dashboard", {}], ["aws:cloudwatch/dashboard:Dashboard", {}]],
  [(0.1 * MONTH) / 24, ["aws-native:budgets:BudgetsAction", {}], ["aws:budgets/budgetAction:BudgetAction", {}]],
  [
    (5 * 0.00065 + 10 * 0.00013) * MONTH,
    ["aws-native:dynamodb:Table", { provisionedThroughput: { writeCapacityUnits: 5, readCapacityUnits: 10 } }],
    ["aws:dynamodb/table:Table", { billingMode: "PROVISIONED", writeCapacity: 5, readCapacity: 10 }],
  ],
  [
    (6 * 0.00065 + 12 * 0.00013) * MONTH,
    [
      "aws:dynamodb/table:Table",
      { writeCapacity: 5, readCapacity: 10, globalSecondaryIndexes: [{ writeCapacity: 1, readCapacity: 2 }] },
    ],
  ],
  [0, ["aws-native:dynamodb:Table", { billingMode: "PAY_PER_REQUEST" }]],
  [0, ["aws-native:lambda:Function", {}], ["aws:s3/bucket:Bucket", {}], ["aws-native:iam:Role", {}]],
];

/** What one unit of a meter costs. */
const USES: readonly (readonly [type: string, props: Record<string, unknown>, Record<string, number | undefined>])[] = [
  [
    "aws-native:sagemaker:EndpointConfig",
    { productionVariants: [variant({ serverlessConfig: { memorySizeInMb: 3072, maxConcurrency: 1 } })] },
    { seconds: 0.00006, data: 0.016 },
  ],
  ["aws:lambda/function:Function", {}, { requests: 0.2e-6, seconds: 0.0000166667 / 8 }],
  [
    "aws-native:lambda:Function",
    { memorySize: 2048, architectures: ["arm64"], ephemeralStorage: { size: 1536 } },
    { requests: 0.2e-6, seconds: 2 * 0.0000133334, "tmp-seconds": 0.0000000309 },
  ],
  ["aws-native:stepfunctions:StateMachine", {}, { transitions: 0.000025 }],
  ["aws:sfn/stateMachine:StateMachine", { type: "EXPRESS" }, { requests: 1e-6, "gb-hours": 0.060012 }],
  ["aws-native:s3:Bucket", {}, { storage: 0.023, writes: 0.000005, reads: 0.0000004, out: 0.09 }],
  [
    "aws:dynamodb/table:Table",
    { billingMode: "PAY_PER_REQUEST" },
    { storage: 0.25, recovery: 0.2, writes: 0.625e-6, reads: 0.125e-6 },
  ],
  [
    "aws-native:dynamodb:Table",
    { billingMode: "PAY_PER_REQUEST", tableClass: "STANDARD_INFREQUENT_ACCESS" },
    { storage: undefined, recovery: 0.2, writes: undefined, reads: undefined },
  ],
  ["aws-native:logs:MetricFilter", {}, { metrics: 0.3 }],
  ["aws-native:sns:Topic", {}, { requests: 0.5e-6, emails: 0.00002 }],
  ["aws:sqs/queue:Queue", { fifoQueue: true }, { requests: 0.5e-6 }],
  ["aws-native:sqs:Queue", {}, { requests: 0.4e-6 }],
  ["aws-native:ses:EmailIdentity", {}, { emails: 0.00016 }],
  ["aws:cloudwatch/logGroup:LogGroup", {}, { in: 0.5, kept: 0.03, queried: 0.005 }],
  [
    "aws-native:logs:LogGroup",
    { logGroupClass: "INFREQUENT_ACCESS" },
    { in: undefined, kept: undefined, queried: undefined },
  ],
  ["aws-native:apigatewayv2:Api", { protocolType: "HTTP" }, { requests: 1e-6 }],
  ["aws:apigatewayv2/api:Api", { protocolType: "WEBSOCKET" }, { messages: 1e-6 }],
  ["aws:apigateway/restApi:RestApi", {}, { requests: undefined }],
  ["aws-native:scheduler:Schedule", {}, { invocations: 1e-6 }],
  ["aws-native:events:EventBus", {}, { events: 1e-6 }],
  ["aws-native:kms:Key", { keySpec: "ECC_NIST_P256" }, { requests: 0.000015 }],
  ["aws:ecr/repository:Repository", {}, { storage: 0.1 }],
  [
    "aws:sagemaker/trainingJob:TrainingJob",
    { resourceConfig: { instanceType: "ml.m5.xlarge", instanceCount: 3 } },
    { hours: 3 * 0.23 },
  ],
  [
    "aws-native:sagemaker:ProcessingJob",
    { processingResources: { clusterConfig: { instanceType: "ml.t3.medium", instanceCount: 1 } } },
    { hours: 0.05 },
  ],
  [
    "aws-native:sagemaker:MonitoringSchedule",
    {
      monitoringScheduleConfig: {
        monitoringJobDefinition: { monitoringResources: { clusterConfig: { instanceType: "ml.x", instanceCount: 1 } } },
      },
    },
    { hours: undefined },
  ],
];

describe("bill", () => {
  it("of resources that stand, to the cent and in both spellings", () => {
    for (const [usd, ...spellings] of IDLE) {
      for (const [type, props] of spellings) {
        const { totalIdle, totalWithUsage, unpriced } = bill([one(type, props)]);
        close(totalIdle, usd, type);
        assert.equal(totalWithUsage, totalIdle);
        assert.deepEqual(unpriced, [], type);
      }
    }
  });

  it("of use, by the meter", () => {
    for (const [type, props, meters] of USES) {
      const { lines, totalIdle, unpriced } = bill([one(type, props)]);
      const perUse = Object.fromEntries(lines[0]?.perUse.map(({ meter, usdPerUnit }) => [meter, usdPerUnit]) ?? []);
      assert.deepEqual(Object.keys(perUse), Object.keys(meters), type);
      for (const [meter, usd] of Object.entries(meters)) {
        if (usd === undefined) assert.equal(perUse[meter], undefined, `${type} ${meter}`);
        else assert.ok(Math.abs((perUse[meter] ?? 0) / usd - 1) < 1e-9, `${type} ${meter} ${perUse[meter]}`);
        // Used, it is either paid or named.
        const used = bill([one(type, props)], [{ on: "it", meter, perMonth: 1000 }]);
        close(used.totalWithUsage - totalIdle, 1000 * (usd ?? 0), `${type} ${meter}`);
        assert.equal(used.unpriced.filter(({ kind }) => kind === "use").length, usd === undefined ? 1 : 0);
        assert.deepEqual(used.unmatched, []);
      }
      assert.deepEqual(unpriced, [], type);
    }
  });

  it("names what has no price, and why", () => {
    const config = (more: Record<string, unknown>) =>
      bill([one("aws-native:sagemaker:EndpointConfig", { productionVariants: [variant(more)] })]);
    const hidden = Symbol("not known");
    assert.deepEqual(whys(config({ instanceType: "ml.p5.48xlarge", initialInstanceCount: 1 })), [
      [
        "ml.p5.48xlarge (variant a)",
        "the price table has no sagemaker.hosting.ml.p5.48xlarge in us-east-1",
        "idle",
        true,
      ],
    ]);
    assert.deepEqual(whys(config({ instanceType: hidden, initialInstanceCount: 1 })), [
      ["machines of variant a", "the instance type is not known yet", "idle", true],
    ]);
    assert.deepEqual(whys(config({ instanceType: "ml.m5.large", initialInstanceCount: hidden })), [
      ["ml.m5.large (variant a)", "how many is not known yet", "idle", true],
    ]);
    assert.deepEqual(whys(config({ instanceType: "ml.m5.large", initialInstanceCount: -1 })), [
      ["ml.m5.large (variant a)", "how many is not known yet", "idle", true],
    ]);
    assert.deepEqual(whys(config({ serverlessConfig: { memorySizeInMb: 1024, provisionedConcurrency: 1 } })), [
      [
        "GB of provisioned concurrency (variant a)",
        "the price table has no sagemaker.serverless.provisioned in us-east-1",
        "idle",
        true,
      ],
    ]);
    const kinds = (resource: Billed) => bill([resource]).unpriced.map(({ kind, byTime }) => [kind, byTime]);
    assert.deepEqual(kinds(one("aws:rds/instance:Instance")), [["unknown", true]]);
    assert.deepEqual(kinds(one("aws:athena/workgroup:Workgroup")), [["unknown", false]]);
    assert.deepEqual(kinds(one("aws-native:index:ExtensionResource", { type: "AWS::RDS::DBInstance" })), [
      ["unknown", true],
    ]);
    assert.deepEqual(kinds(one("aws-native:sagemaker:MlflowTrackingServer")), [["idle", true]]);
    assert.deepEqual(
      kinds(one("aws-native:lambda:Alias", { provisionedConcurrencyConfig: { provisionedConcurrentExecutions: 1 } })),
      [["idle", true]],
    );
    assert.deepEqual(kinds(one("aws-native:lambda:Alias")), []);
    assert.deepEqual(kinds(one("aws-native:dynamodb:GlobalTable", { billingMode: "PROVISIONED", replicas: [{}] })), [
      ["idle", true],
      ["idle", true],
      ["idle", true],
    ]);
  });

  it("has nothing to say of another region, and says so", () => {
    const key = one("aws:kms/key:Key", {}, { region: "eu-west-1" });
    assert.deepEqual(whys(bill([key])), [["key", "the price table has nothing for eu-west-1", "idle", false]]);
    const { region: _, ...nowhere } = key;
    assert.deepEqual(whys(bill([nowhere])), [["key", "its region is not known", "idle", false]]);
    const table = tableWith([
      {
        ...(PRICES[0] as (typeof PRICES)[number]),
        item: "kms.key",
        region: "eu-west-1",
        usd: 2,
        per: 1,
        unit: "month",
      },
    ]);
    close(bill([key], [], table).totalIdle, 2);
  });

  it("counts a config once for each endpoint, and what automatic scaling keeps", () => {
    const config = named(
      "config",
      one("aws-native:sagemaker:EndpointConfig", {
        endpointConfigName: "cfg",
        productionVariants: [variant(machines)],
      }),
    );
    const endpoint = (name: string, of: unknown = "cfg", refs = {}) =>
      named(name, one("aws-native:sagemaker:Endpoint", { endpointName: name, endpointConfigName: of }, { refs }));
    const each = 0.115 * MONTH;
    close(bill([config]).totalIdle, 2 * each);
    close(bill([config, endpoint("a")]).totalIdle, 2 * each);
    close(bill([config, endpoint("a"), endpoint("b")]).totalIdle, 4 * each);
    close(bill([config, endpoint("a", Symbol(), { endpointConfigName: [config.urn] })]).totalIdle, 2 * each);
    assert.deepEqual(whys(bill([endpoint("a", "elsewhere")])), [
      ["endpoint", "its endpoint config is not in this program", "idle", true],
    ]);
    const target = (minCapacity: unknown) =>
      named("target", one("aws:appautoscaling/target:Target", { resourceId: "endpoint/a/variant/a", minCapacity }));
    const policy = named("policy", one("aws:appautoscaling/policy:Policy", { resourceId: "endpoint/a/variant/a" }));
    // Without a policy nothing lowers it; a target alone only raises.
    close(bill([config, endpoint("a"), target(0)]).totalIdle, 2 * each);
    close(bill([config, endpoint("a"), target(3)]).totalIdle, 3 * each);
    close(bill([config, endpoint("a"), target(0), policy]).totalIdle, 0);
    close(bill([config, endpoint("a"), target(1), policy]).totalIdle, each);
    assert.deepEqual(
      bill([config, endpoint("a"), target(Symbol()), policy]).unpriced.map(({ why }) => why),
      ["how many is not known yet"],
    );
    const native = named(
      "policy",
      one("aws-native:applicationautoscaling:ScalingPolicy", {
        scalingTargetId: "endpoint/a/variant/a|sagemaker:variant:DesiredInstanceCount|sagemaker",
      }),
    );
    close(bill([config, endpoint("a"), target(0), native]).totalIdle, 0);
    const part = named("part", one("aws-native:sagemaker:InferenceComponent", { endpointName: "a" }));
    assert.deepEqual(bill([config, endpoint("a"), part]).unpriced, []);
    assert.equal(bill([config, part]).unpriced.length, 1);
  });

  it("takes the dearest of a pool of machines", () => {
    const pool = (...types: string[]) =>
      bill([
        one("aws-native:sagemaker:EndpointConfig", {
          productionVariants: [
            variant({ initialInstanceCount: 1, instancePools: types.map((instanceType) => ({ instanceType })) }),
          ],
        }),
      ]);
    close(pool("ml.m5.large", "ml.g4dn.xlarge", "ml.c5.xlarge").totalIdle, 0.736 * MONTH);
    assert.equal(pool("ml.m5.large", "ml.x", "ml.g4dn.xlarge").unpriced.length, 1);
  });

  it("adds declared usage, of resources and of items, and names usage of nothing", () => {
    const usage: Usage[] = [
      { on: "it", meter: "requests", perMonth: 1_000_000 },
      { on: "urn:pulumi:dev::frugal::aws-native:lambda:Function::it", meter: "requests", perMonth: 1_000_000 },
      { item: "sagemaker.training.ml.m5.large", region, perMonth: 10 },
      { item: "sagemaker.training.ml.m5.large", region: "eu-west-1", perMonth: 10 },
      { on: "other", meter: "requests", perMonth: 1 },
      { on: "it", meter: "kilometres", perMonth: 1 },
    ];
    const result = bill([one("aws-native:lambda:Function")], usage);
    close(result.totalIdle, 0);
    close(result.totalWithUsage, 0.4 + 1.15);
    assert.deepEqual(result.unmatched, usage.slice(4));
    assert.deepEqual(whys(result), [["declared usage", "no price in eu-west-1", "use", false]]);
  });

  it("passes other clouds and components by", () => {
    assert.ok(isBilled("aws:iam/role:Role") && isBilled("aws-native:iam:Role"));
    for (const type of ["azure-native:x:Y", "frugal:flow:Dataset", "pulumi:providers:aws", "awsx:ec2:Vpc"]) {
      assert.equal(isBilled(type), false);
      assert.deepEqual(bill([one(type)]).lines, []);
    }
  });
});

describe("bill, in proportion", () => {
  const any = fc.constantFrom(
    ...IDLE.flatMap(([, ...spellings]) => spellings),
    ...USES.map(([type, props]) => [type, props] as const),
    ["aws:rds/instance:Instance", {}] as const,
  );
  const some = fc.array(any, { maxLength: 12 });
  const stage = (prefix: string, kinds: readonly (readonly [string, Record<string, unknown>])[]) =>
    kinds.map(([type, props], i) => named(`${prefix}${i}`, one(type, props)));

  it("two stages cost together what they cost apart, in any order", () => {
    fc.assert(
      fc.property(some, some, (a, b) => {
        const [first, second] = [stage("a", a), stage("b", b)];
        const [x, y] = [bill(first), bill(second)];
        const both = bill([...second, ...first]);
        close(both.totalIdle, x.totalIdle + y.totalIdle);
        assert.equal(both.unpriced.length, x.unpriced.length + y.unpriced.length);
        assert.equal(both.lines.length, x.lines.length + y.lines.length);
      }),
    );
  });

  it("n times the machines cost n times as much, n times the use too", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 1_000_000 }), (n, perMonth) => {
        const config = (initialInstanceCount: number) =>
          bill([
            one("aws-native:sagemaker:EndpointConfig", {
              productionVariants: [variant({ instanceType: "ml.m5.large", initialInstanceCount })],
            }),
          ]).totalIdle;
        assert.ok(Math.abs(config(n) - n * config(1)) < 1e-6);
        const used = (quantity: number) =>
          bill([one("aws-native:lambda:Function")], [{ on: "it", meter: "requests", perMonth: quantity }])
            .totalWithUsage;
        assert.ok(Math.abs(used(n * perMonth) - n * used(perMonth)) < 1e-6);
      }),
    );
  });

  it("is never below zero, never NaN, and adds up, whatever the properties are", () => {
    const types = [...Object.keys(METERED), "aws-native:sagemaker:Unheard", "aws:rds/instance:Instance"];
    const paths = [
      ...new Set(
        Object.values(METERED)
          .flat()
          .flatMap((path) => path.replaceAll("[]", "").split(".")),
      ),
    ];
    const value = fc.letrec((tie) => ({
      leaf: fc.oneof(
        fc.string({ maxLength: 6 }),
        fc.constantFrom("ml.m5.large", "Interface", "EXPRESS", "PROVISIONED", "ENABLED", "10"),
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        fc.constant(Symbol("not known")),
      ),
      any: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        tie("leaf"),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...paths, "__proto__"), tie("any"), { maxKeys: 5 }),
      ),
    })).any;
    const props = fc.dictionary(fc.constantFrom(...paths), value, { maxKeys: 6 });
    const resources = fc.array(fc.tuple(fc.constantFrom(...types), props), { maxLength: 5 });
    fc.assert(
      fc.property(resources, (list) => {
        const result = bill(stage("r", list as [string, Record<string, unknown>][]));
        assert.ok(result.totalIdle >= 0 && Number.isFinite(result.totalIdle));
        close(
          result.totalIdle,
          result.lines.reduce((sum, line) => sum + line.idleUsdPerMonth, 0),
        );
        assert.ok(result.lines.every((line) => line.idleUsdPerMonth >= 0 && usedUsd(line) === 0));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("bill, what used to be free by silence", () => {
  it("a price of one's own is given under the type itself, where the bill does not know the type", () => {
    const type = "aws:eks/cluster:Cluster";
    const price = { region, per: 1, unit: "hour", source: "AWS pricing page", dated: "2026", confidence: "M" } as const;
    const result = bill([one(type)], [], tableWith([{ item: type, usd: 0.1, ...price }]));
    close(result.totalIdle, 0.1 * MONTH);
    assert.deepEqual(result.unpriced, []);
    assert.equal(result.lines[0]?.byTime, true);
    assert.equal(bill([one(type)]).unpriced.length, 1);
    const elsewhere = tableWith([{ item: type, usd: 0.1, ...price, region: "eu-west-1" }]);
    assert.equal(bill([one(type)], [], elsewhere).unpriced.length, 1);
  });

  it("copies of a secret, and analyzers that are paid by what they look at", () => {
    for (const [type, props, what] of [
      ["aws-native:secretsmanager:Secret", { replicaRegions: [{ region: "eu-west-1" }] }, "replicas"],
      ["aws:secretsmanager/secret:Secret", { replicas: [{ region: "eu-west-1" }] }, "replicas"],
      ["aws-native:accessanalyzer:Analyzer", { type: "ACCOUNT_UNUSED_ACCESS" }, "analyzer"],
      ["aws:accessanalyzer/analyzer:Analyzer", { type: "ORGANIZATION_UNUSED_ACCESS" }, "analyzer"],
    ] as const) {
      assert.deepEqual(
        bill([one(type, props)]).unpriced.map((found) => found.what),
        [what],
        type,
      );
    }
    for (const type of ["aws-native:accessanalyzer:Analyzer", "aws:accessanalyzer/analyzer:Analyzer"]) {
      for (const props of [{}, { type: "ACCOUNT" }, { type: "ORGANIZATION" }])
        assert.deepEqual(bill([one(type, props)]), bill([]));
    }
  });

  it("a scalable target is held at the most that its clock ever sets as its least", () => {
    const id = "endpoint/live/variant/a";
    const standing = (scheduledActions: unknown) =>
      bill([
        named(
          "cfg",
          one("aws-native:sagemaker:EndpointConfig", {
            endpointConfigName: "c",
            productionVariants: [variant(machines)],
          }),
        ),
        named("live", one("aws-native:sagemaker:Endpoint", { endpointName: "live", endpointConfigName: "c" })),
        named(
          "t",
          one("aws-native:applicationautoscaling:ScalableTarget", { resourceId: id, minCapacity: 0, scheduledActions }),
        ),
        named("p", one("aws-native:applicationautoscaling:ScalingPolicy", { resourceId: id })),
      ]);
    const at = (...counts: readonly unknown[]) =>
      counts.map((minCapacity) => ({ scalableTargetAction: { minCapacity } }));
    close(standing(undefined).totalIdle, 0);
    close(standing(at(0, 5, 1)).totalIdle, 5 * 0.115 * MONTH);
    assert.equal(standing(at(Symbol("not known"))).unpriced.length, 1);
    assert.equal(standing(Symbol("not known")).unpriced.length, 1);
  });
});
