import rule from "../../../policies/observability/endpoint-captured.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyzeStack, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const AGAIN = "It is judged again when the update has made it known.";
const ROAD = 'endpointConfigName > "instanceConfig" dataCaptureConfig';
const waits = (path: string, limit: string) =>
  `endpoint-captured/waits: ${path} is not known yet, must be ${limit}. ${AGAIN}`;
const off = (shown: string) =>
  `endpoint-captured/off: ${ROAD}.enableCapture is ${shown}, must be true. Turn capture on.`;
const BELOW = "below an address in a bucket whose lifecycle removes what lies there";
const destination = (shown: string, fix = "Let it expire there, or list the bucket in expiringBuckets.") =>
  `endpoint-captured/destination: ${ROAD}.destinationS3Uri is ${shown}, must be ${BELOW}. ${fix}`;
const URI = "s3://frugal-prod-capture-111122223333/live";
const KEPT = `"${URI}", in a bucket that keeps it for ever`;

describe("endpoint-captured", () => {
  for (const provider of PROVIDERS) {
    const isNative = provider === "native";
    const endpoint = compliant(provider, "liveEndpoint");
    const config = compliant(provider, "instanceConfig");
    const bucket = compliant(provider, "captureBucket");
    /** Where the bucket's lifecycle rules stand. */
    const lifecycle = isNative ? bucket : compliant("classic", "captureBucketLifecycle");
    const rules = isNative ? "lifecycleConfiguration.rules" : "rules";
    const judge = (...resources: Resource[]) => analyzeStack(rule, resources);
    const stored = (changed: Resource): Resource[] => (isNative ? [changed] : [bucket, changed]);
    /** The endpoint with its configuration changed, and the bucket as it should be. */
    const with_ = (path: string, value: unknown, more: Partial<Resource> = {}) =>
      judge(endpoint, { ...broken(config, `dataCaptureConfig${path}`, value), ...more }, ...stored(lifecycle));

    it(`${provider}: machines that capture nothing`, async () => {
      violates(await judge(endpoint, config, ...stored(lifecycle)));
      violates(await with_("", undefined), off("absent"));
      violates(await with_(".enableCapture", undefined), off("absent"));
      violates(await with_(".enableCapture", false), off("false"));
      notes(await with_("", UNKNOWN), waits(ROAD, "true"));
      notes(await with_(".enableCapture", UNKNOWN), waits(`${ROAD}.enableCapture`, "true"));
    });

    it(`${provider}: too small a part`, async () => {
      const sample = (shown: string) =>
        `endpoint-captured/sample: ${ROAD}.initialSamplingPercentage is ${shown}, must be 10 to 100. Capture enough for drift to show.`;
      violates(await with_(".initialSamplingPercentage", 10));
      for (const [value, shown] of [
        [9, "9"],
        [101, "101"],
        [undefined, "absent"],
        ["100", '"100"'],
      ] as const)
        violates(await with_(".initialSamplingPercentage", value), sample(shown));
      notes(
        await with_(".initialSamplingPercentage", UNKNOWN),
        waits(`${ROAD}.initialSamplingPercentage`, "10 to 100"),
      );
      const all = { config: { capturePercent: 100 } };
      violates(await analyzeStack(rule, [endpoint, config, ...stored(lifecycle)], all));
    });

    it(`${provider}: inputs without outputs, or the other way`, async () => {
      const mode = (shown: string) =>
        `endpoint-captured/mode: ${ROAD}.captureOptions is ${shown}, must be Input and Output. Capture both; either alone explains nothing.`;
      violates(await with_(".captureOptions", [{ captureMode: "InputAndOutput" }]));
      for (const [value, shown] of [
        [[], "empty"],
        [[{ captureMode: "Input" }], '["Input"]'],
        [[{ captureMode: "Output" }, {}], '["Output","absent"]'],
        [[{ captureMode: "input" }, { captureMode: "output" }], '["input","output"]'],
        [undefined, "absent"],
        ["Input", '"Input"'],
      ] as const)
        violates(await with_(".captureOptions", value), mode(shown));
      notes(
        await with_(".captureOptions[1].captureMode", UNKNOWN),
        waits(`${ROAD}.captureOptions[1].captureMode`, "Input and Output"),
      );
    });

    it(`${provider}: a bucket that is not there, or elsewhere`, async () => {
      const strange = "Name an address as s3://bucket/prefix.";
      violates(await with_(".destinationS3Uri", undefined), destination("absent", strange));
      violates(await with_(".destinationS3Uri", "x"), destination('"x"', strange));
      const uri = "s3://elsewhere/live";
      const far = broken(config, "dataCaptureConfig.destinationS3Uri", uri);
      violates(await judge(endpoint, far), destination(`"${uri}", in a bucket that this program does not declare`));
      violates(await analyzeStack(rule, [endpoint, far], { config: { expiringBuckets: ["elsewhere"] } }));
    });

    it(`${provider}: a bucket that keeps what is captured`, async () => {
      const expiry = isNative ? "expirationInDays" : "expiration";
      const changed = (path: string, value: unknown) =>
        judge(endpoint, config, ...stored(broken(lifecycle, `${rules}[1]${path}`, value)));
      violates(
        await judge(endpoint, config, ...stored(broken(lifecycle, `${rules}[1]`, undefined))),
        destination(KEPT),
      );
      violates(await changed(`.${expiry}`, undefined), destination(KEPT));
      violates(await changed(`.${expiry}`, isNative ? 0 : { days: 0 }), destination(KEPT));
      violates(await changed(".status", "Disabled"), destination(KEPT));
      violates(await changed(".status", undefined), destination(KEPT));
      // Rules for a part of the bucket.
      const prefixed = (prefix: string) => changed(isNative ? ".prefix" : ".filter", isNative ? prefix : { prefix });
      violates(await prefixed("live/"));
      violates(await prefixed("li"));
      violates(await prefixed("live/other"), destination(KEPT));
      violates(await prefixed("other/"), destination(KEPT));
      const tag = { key: "a", value: "b" };
      violates(await changed(isNative ? ".tagFilters" : ".filter", isNative ? [tag] : { tag }), destination(KEPT));
      // What narrows nothing.
      const narrowing: [string, unknown][] = isNative
        ? [
            [".tagFilters", []],
            [".objectSizeGreaterThan", ""],
          ]
        : [
            [".filter", { tag: {} }],
            [".filter", { objectSizeGreaterThan: 0 }],
          ];
      for (const [path, value] of narrowing) violates(await changed(path, value));
      const large = { objectSizeGreaterThan: 1 };
      violates(
        await changed(isNative ? ".objectSizeGreaterThan" : ".filter", isNative ? "1" : large),
        destination(KEPT),
      );
      const at = `${ROAD}.destinationS3Uri`;
      notes(await changed(`.${expiry}`, UNKNOWN), waits(at, BELOW));
      notes(await changed(".status", UNKNOWN), waits(at, BELOW));
      notes(await changed("", UNKNOWN), waits(at, BELOW));
      if (isNative) return;
      violates(await changed(".filter", { and: { prefix: "live/", tags: { a: "b" } } }), destination(KEPT));
      violates(await changed(".filter", { and: { prefix: "live/" } }));
      violates(await judge(endpoint, config, bucket), destination(KEPT));
      const inline = broken(bucket, "lifecycleRules", [{ enabled: true, expiration: { days: 30 } }]);
      violates(await judge(endpoint, config, inline));
      violates(await judge(endpoint, config, broken(inline, "lifecycleRules[0].enabled", false)), destination(KEPT));
    });

    it(`${provider}: the bucket by reference`, async () => {
      const at = `${ROAD}.destinationS3Uri`;
      notes(await with_(".destinationS3Uri", UNKNOWN), waits(at, BELOW));
      const referring = { propertyDependencies: { dataCaptureConfig: ["captureBucket"] } };
      violates(await with_(".destinationS3Uri", UNKNOWN, referring));
      const strange = "Name an address as s3://bucket/prefix.";
      violates(await with_(".destinationS3Uri", undefined, referring), destination("absent", strange));
      // Of several each must let it expire.
      const other = { ...broken(bucket, isNative ? "bucketName" : "bucket", "another"), name: "other" };
      const keeping = isNative ? broken(other, rules, []) : other;
      const both = {
        ...broken(config, "dataCaptureConfig.destinationS3Uri", UNKNOWN),
        propertyDependencies: { dataCaptureConfig: ["captureBucket", "other"] },
      };
      notes(await judge(endpoint, both, ...stored(lifecycle), keeping), waits(at, BELOW));
      const hidden = { ...broken(config, "dataCaptureConfig.destinationS3Uri", UNKNOWN), ...referring };
      const off_ = broken(lifecycle, `${rules}[1].status`, "Disabled");
      notes(await judge(endpoint, hidden, ...stored(off_)), waits(at, BELOW));
    });

    it(`${provider}: a configuration that cannot be seen`, async () => {
      violates(
        await judge(endpoint),
        'endpoint-captured/dangling: endpointConfigName is "churn-prod-3-machine-cfg", which this program does not declare, must be the name of an endpoint configuration of this program. Declare endpoint and configuration in one program, so that what serves can be seen.',
      );
      notes(
        await judge(broken(endpoint, "endpointConfigName", UNKNOWN)),
        waits("endpointConfigName", "the name of an endpoint configuration of this program"),
      );
    });

    describe(`${provider}: serverless`, () => {
      const serverless = compliant(provider, "endpoint");
      const behind = compliant(provider, "endpointConfig");
      const router = compliant(provider, "router");
      const at = 'endpointConfigName > "endpointConfig" productionVariants[].serverlessConfig';
      const ROUTED = "behind a function tagged frugal:role = router that names this endpoint";
      const ALONE = "granted to the router's role alone";
      const ARN = "arn:aws:sagemaker:us-east-1:111122223333:endpoint/churn-prod";
      const holder = compliant(provider, "role");
      const roleName = isNative ? "roleName" : "name";
      const inline = isNative ? "policies" : "inlinePolicies";
      const document = isNative ? "policyDocument" : "policy";
      /** A role of that name with one statement. */
      const role = (statement: Record<string, unknown>, name = "caller", tag?: string): Resource => {
        const body = { Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] };
        const text = isNative ? body : JSON.stringify(body);
        const tags = isNative ? [{ key: "frugal:role", value: tag ?? "" }] : { "frugal:role": tag ?? "" };
        const named = broken(broken(holder, roleName, name), "tags", tags);
        return { ...broken(named, inline, [{ [document]: text }]), name: "caller" };
      };
      const invoking = (action: unknown, resource: unknown = ARN) => ({ Action: action, Resource: resource });
      const path = `Role "caller" ${inline}[0].${document}.Statement[0]`;
      const bypass = (shown: string, where = `${path}.Action`, who = 'role "caller"') =>
        `endpoint-captured/bypass: ${where} is ${shown} in ${who}, must be ${ALONE}. Send callers to the router, or name the role in invokingRoles; what passes the router by is not captured.`;

      it("needs a router", async () => {
        violates(await judge(serverless, behind, router));
        violates(
          await judge(serverless, behind),
          `endpoint-captured/router: ${at} is without a router, must be ${ROUTED}. Put a router before it that captures, or use instances.`,
        );
        notes(
          await judge(serverless, behind, broken(router, "environment", UNKNOWN)),
          waits(at, `${ROUTED}; function "router" may be it`),
        );
        const hidden = broken(router, "environment", UNKNOWN);
        notes(
          await judge(serverless, behind, hidden, { ...hidden, name: "b" }),
          waits(at, `${ROUTED}; function "router", function "b" may be it`),
        );
        const roles = { config: { routerRoles: ["router", "gate"] } };
        violates(
          await analyzeStack(rule, [serverless, behind], roles),
          `endpoint-captured/router: ${at} is without a router, must be behind a function tagged frugal:role = router or gate that names this endpoint. Put a router before it that captures, or use instances.`,
        );
      });

      it("is invoked by nobody else, in whatever words that is granted", async () => {
        for (const action of [
          "sagemaker:InvokeEndpoint",
          "sagemaker:invokeendpoint",
          "sagemaker:InvokeEndpointAsync",
          "sagemaker:InvokeEndpointWithResponseStream",
          "sagemaker:InvokeEndpointWithBidirectionalStream",
          "sagemaker:Invoke*",
          "sagemaker:*",
          "*",
        ])
          violates(await judge(serverless, behind, router, role(invoking(action))), bypass(JSON.stringify(action)));
        const listed = role(invoking(["s3:GetObject", "sagemaker:InvokeEndpoint"]));
        violates(
          await judge(serverless, behind, router, listed),
          bypass('"sagemaker:InvokeEndpoint"', `${path}.Action[1]`),
        );
        violates(
          await judge(serverless, behind, router, role({ NotAction: "s3:*", Resource: "*" })),
          bypass('"s3:*"', `${path}.NotAction`),
        );
        for (const other of ["sagemaker:DescribeEndpoint", "s3:*"])
          violates(await judge(serverless, behind, router, role(invoking(other))));
        violates(await judge(serverless, behind, router, role({ ...invoking("sagemaker:*"), Effect: "Deny" })));
      });

      it("is reached by whatever names it", async () => {
        for (const resource of [
          "*",
          "arn:aws:sagemaker:*:*:endpoint/*",
          "arn:*:sagemaker:*:*:endpoint/CHURN-*",
          "arn:aws:sagemaker:*",
          [`${ARN}-2`, ARN],
        ])
          violates(
            await judge(serverless, behind, router, role(invoking("sagemaker:InvokeEndpoint", resource))),
            bypass('"sagemaker:InvokeEndpoint"'),
          );
        for (const resource of [
          `${ARN}-2`,
          "arn:aws:sagemaker:us-east-1:111122223333:endpoint-config/churn-prod",
          "arn:aws:s3:::churn-prod",
        ])
          violates(await judge(serverless, behind, router, role(invoking("sagemaker:InvokeEndpoint", resource))));
        const but = (NotResource: string) => role({ Action: "sagemaker:InvokeEndpoint", NotResource });
        violates(await judge(serverless, behind, router, but(`${ARN}-2`)), bypass('"sagemaker:InvokeEndpoint"'));
        violates(await judge(serverless, behind, router, but(ARN)));
        const named = { Action: "sagemaker:InvokeEndpoint", Resource: [`${ARN}-2`, ARN.toUpperCase()] };
        violates(await judge(serverless, behind, router, role(named)), bypass('"sagemaker:InvokeEndpoint"'));
      });

      it("may be invoked by the router's role, by name or reference, and by those that are listed", async () => {
        const grant = invoking("sagemaker:InvokeEndpoint");
        violates(await judge(serverless, behind, router, role(grant, "frugal-prod-router")));
        const referring = { ...broken(router, "role", UNKNOWN), propertyDependencies: { role: ["caller"] } };
        violates(await judge(serverless, behind, referring, role(grant)));
        violates(await judge(serverless, behind, referring, broken(role(grant), roleName, UNKNOWN)));
      });

      it("a tag does not make a role the router's", async () => {
        const grant = invoking("sagemaker:InvokeEndpoint");
        const posing = role(grant, "caller", "router");
        violates(await judge(serverless, behind, router, posing), bypass('"sagemaker:InvokeEndpoint"'));
        const config = { invokingRoles: ["smoke-test"] };
        violates(await analyzeStack(rule, [serverless, behind, router, role(grant, "smoke-test")], { config }));
        violates(await analyzeStack(rule, [serverless, behind, router, role(grant, "c", "smoke-test")], { config }));
        violates(
          await analyzeStack(rule, [serverless, behind, router, role(grant)], { config }),
          bypass('"sagemaker:InvokeEndpoint"'),
        );
      });

      it("documents beside the role, and those that are no role's own", async () => {
        const body = {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", ...invoking("sagemaker:InvokeEndpoint") }],
        };
        const text = isNative ? body : JSON.stringify(body);
        const beside = broken(compliant(provider, "rolePolicy"), isNative ? "policyDocument" : "policy", text);
        const property = isNative ? "roleName" : "role";
        const where = `RolePolicy "rolePolicy" ${isNative ? "policyDocument" : "policy"}.Statement[0].Action`;
        violates(await judge(serverless, behind, router, broken(beside, property, "frugal-prod-router")));
        violates(
          await judge(serverless, behind, router, broken(beside, property, "caller")),
          bypass('"sagemaker:InvokeEndpoint"', where),
        );
        const shared = broken(
          compliant(provider, isNative ? "managedPolicy" : "policy"),
          isNative ? "policyDocument" : "policy",
          text,
        );
        violates(
          await judge(serverless, behind, router, shared),
          bypass(
            '"sagemaker:InvokeEndpoint"',
            `${isNative ? "ManagedPolicy" : "Policy"} "${shared.name}" ${isNative ? "policyDocument" : "policy"}.Statement[0].Action`,
            "a document that is no role's own",
          ),
        );
        // A boundary grants nothing.
        const boundary = broken(shared, isNative ? "managedPolicyName" : "name", "frugal-prod-boundary");
        violates(await judge(serverless, behind, router, boundary));
      });

      it("grants that are not known yet", async () => {
        const grant = invoking("sagemaker:InvokeEndpoint");
        notes(
          await judge(serverless, behind, router, broken(role(grant), `${inline}[0].${document}`, UNKNOWN)),
          waits(`Role "caller" ${inline}[0].${document}`, ALONE),
        );
        const name = isNative ? "endpointName" : "name";
        const hidden = broken(serverless, name, UNKNOWN);
        const naming = {
          ...broken(router, "environment", UNKNOWN),
          propertyDependencies: { environment: ["endpoint"] },
        };
        notes(await judge(hidden, behind, naming, role(grant)), waits(`${path}.Action`, ALONE));
        violates(
          await judge(hidden, behind, naming, role(invoking("sagemaker:InvokeEndpoint", "*"))),
          bypass('"sagemaker:InvokeEndpoint"'),
        );
        violates(await judge(hidden, behind, naming, role(invoking("sagemaker:InvokeEndpoint", "arn:aws:s3:::x"))));
        const beside = {
          ...compliant(provider, "rolePolicy"),
          props: {
            ...(isNative ? { roleName: UNKNOWN } : { role: UNKNOWN }),
            [document]: JSON.stringify({ Statement: { Effect: "Allow", ...grant } }),
          },
        };
        notes(
          await judge(serverless, behind, router, beside),
          waits(`RolePolicy "rolePolicy" ${document}.Statement.Action`, ALONE),
        );
        if (!isNative) return;
        notes(
          await judge(serverless, behind, router, broken(role(grant), "policies[0].policyDocument.Statement", UNKNOWN)),
          waits('Role "caller" policies[0].policyDocument.Statement', ALONE),
        );
        const spared = role({ Action: "sagemaker:InvokeEndpoint", NotResource: UNKNOWN });
        notes(await judge(serverless, behind, router, spared), waits(`${path}.Action`, ALONE));
        notes(await judge(serverless, behind, router, role(invoking(UNKNOWN))), waits(`${path}.Action`, ALONE));
        const later = role(invoking("sagemaker:InvokeEndpoint", UNKNOWN));
        notes(await judge(serverless, behind, router, later), waits(`${path}.Action`, ALONE));
        const referring = { ...later, propertyDependencies: { policies: ["endpoint"] } };
        violates(await judge(serverless, behind, router, referring), bypass('"sagemaker:InvokeEndpoint"'));
      });
    });
  }
});
