import rule from "../../../policies/reliability/endpoint-update-guarded.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyzeStack, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const AGAIN = "It is judged again when the update has made it known.";
const BRAKE = "an alarm on this endpoint's errors or latency";
const ALARMS = "deploymentConfig.autoRollbackConfiguration.alarms";
const TRAFFIC = "deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration";
const waits = (path: string, limit: string) =>
  `endpoint-update-guarded/waits: ${path} is not known yet, must be ${limit}. ${AGAIN}`;
const unbraked = (path: string, shown: string) =>
  `endpoint-update-guarded/alarms: ${path} is ${shown}, must be ${BRAKE}. Name alarms on what a bad model does; without them SageMaker never rolls back.`;
const missing = (shown: string) =>
  `endpoint-update-guarded/alarm-missing: ${ALARMS}[0].alarmName is ${shown}, must be ${BRAKE}. Declare the alarm beside the endpoint, on its errors or its latency.`;

describe("endpoint-update-guarded", () => {
  for (const provider of PROVIDERS) {
    const isNative = provider === "native";
    const endpoint = compliant(provider, "liveEndpoint");
    const config = compliant(provider, "instanceConfig");
    const alarm = compliant(provider, "liveAlarm");
    const nameOf = isNative ? "endpointName" : "name";
    const configName = isNative ? "endpointConfigName" : "name";
    const alarmName = isNative ? "alarmName" : "name";
    const dimension = isNative ? "dimensions[0].value" : "dimensions.EndpointName";
    const judge = (...resources: Resource[]) => analyzeStack(rule, resources);

    it(`${provider}: machines without an alarm that takes an update back`, async () => {
      violates(await judge(endpoint, config, alarm));
      for (const [value, path, shown] of [
        [undefined, `${ALARMS}`, "absent"],
        [[], ALARMS, "empty"],
        ["x", ALARMS, '"x"'],
        [[{}], `${ALARMS}[0].alarmName`, "absent"],
        [[7], `${ALARMS}[0]`, "7"],
      ] as const)
        violates(await judge(broken(endpoint, ALARMS, value), config, alarm), unbraked(path, shown));
    });

    it(`${provider}: an alarm that is not there, or watches something else`, async () => {
      violates(
        await judge(endpoint, config),
        missing('"frugal-prod-live-errors", which this program does not declare'),
      );
      const else_ = '"frugal-prod-live-errors", which watches something else';
      const wrong: [string, unknown][] = [
        ["namespace", "AWS/Lambda"],
        ["namespace", undefined],
        ["metricName", "Invocations"],
        ["metricName", "ErrorsIgnored"],
        ["metricName", undefined],
        ["dimensions", undefined],
        [dimension, "churn-prod"],
        [isNative ? "dimensions[0].name" : "dimensions", isNative ? "VariantName" : { VariantName: "churn-prod-live" }],
      ];
      for (const [path, value] of wrong)
        violates(await judge(endpoint, config, broken(alarm, path, value)), missing(else_));
      for (const metric of [
        "ModelLatency",
        "Invocation4XXErrors",
        "InvocationModelErrors",
        "InvocationFailures",
        "TotalProcessingTime",
      ])
        violates(await judge(endpoint, config, broken(alarm, "metricName", metric)));
    });

    it(`${provider}: an alarm computed from several metrics, or made of other alarms`, async () => {
      const dimensions = isNative
        ? [{ name: "EndpointName", value: "churn-prod-live" }]
        : { EndpointName: "churn-prod-live" };
      const metric = { namespace: "AWS/SageMaker", metricName: "ModelLatency", dimensions, period: 60, stat: "p99" };
      const query = isNative ? { id: "m", metricStat: { metric } } : { id: "m", metric };
      const bare = ["namespace", "metricName", "dimensions"].reduce((one, path) => broken(one, path, undefined), alarm);
      const queries = isNative ? "metrics" : "metricQueries";
      const sum = { id: "e", expression: "m * 2" };
      violates(await judge(endpoint, config, broken(bare, queries, [sum, query])));
      const else_ = missing('"frugal-prod-live-errors", which watches something else');
      violates(await judge(endpoint, config, broken(bare, queries, [sum])), else_);
      notes(await judge(endpoint, config, broken(bare, queries, [UNKNOWN])), waits(`${ALARMS}[0].alarmName`, BRAKE));
      notes(await judge(endpoint, config, broken(bare, queries, UNKNOWN)), waits(`${ALARMS}[0].alarmName`, BRAKE));

      const composite = broken(compliant(provider, "compositeAlarm"), "alarmName", "frugal-prod-live-errors");
      const inner = broken(alarm, alarmName, "inner");
      violates(await judge(endpoint, config, inner, broken(composite, "alarmRule", "ALARM(inner)")));
      violates(await judge(endpoint, config, inner, broken(composite, "alarmRule", "ALARM(other)")), else_);
      // One that holds itself ends.
      violates(await judge(endpoint, config, broken(composite, "alarmRule", "ALARM(frugal-prod-live-errors)")), else_);
      notes(
        await judge(endpoint, config, inner, broken(composite, "alarmRule", UNKNOWN)),
        waits(`${ALARMS}[0].alarmName`, BRAKE),
      );
    });

    it(`${provider}: alarms and endpoint by reference, where names are not known yet`, async () => {
      const hidden = broken(endpoint, `${ALARMS}[0].alarmName`, UNKNOWN);
      notes(await judge(hidden, config, alarm), waits(`${ALARMS}[0].alarmName`, BRAKE));
      const referring = { ...hidden, propertyDependencies: { deploymentConfig: ["liveAlarm"] } };
      violates(await judge(referring, config, broken(alarm, alarmName, UNKNOWN)));
      violates(
        await judge(referring, config, broken(alarm, "metricName", "Invocations")),
        missing('"liveAlarm", which watches something else'),
      );
      const unnamed = broken(endpoint, nameOf, UNKNOWN);
      notes(await judge(unnamed, config, alarm), waits(`${ALARMS}[0].alarmName`, BRAKE));
      const later = broken(alarm, dimension, UNKNOWN);
      notes(await judge(unnamed, config, later), waits(`${ALARMS}[0].alarmName`, BRAKE));
      violates(await judge(unnamed, config, { ...later, propertyDependencies: { dimensions: ["liveEndpoint"] } }));
      for (const path of ["namespace", "metricName", "dimensions"])
        notes(await judge(endpoint, config, broken(alarm, path, UNKNOWN)), waits(`${ALARMS}[0].alarmName`, BRAKE));
    });

    it(`${provider}: traffic goes in steps, with time to see`, async () => {
      const traffic = (path: string, shown: string, limit: string, fix: string) =>
        `endpoint-update-guarded/traffic: ${path} is ${shown}, must be ${limit}. ${fix}`;
      const all = (shown: string) =>
        traffic(
          `${TRAFFIC}.type`,
          shown,
          "CANARY or LINEAR, or beside rollingUpdatePolicy",
          "Let a part of the traffic go first.",
        );
      const short = (path: string, shown: string, least = 300) =>
        traffic(path, shown, `${least} seconds or more`, "Leave time to see how it does.");
      violates(await judge(broken(endpoint, `${TRAFFIC}.type`, "LINEAR"), config, alarm));
      violates(await judge(broken(endpoint, `${TRAFFIC}.type`, "ALL_AT_ONCE"), config, alarm), all('"ALL_AT_ONCE"'));
      violates(
        await judge(broken(endpoint, "deploymentConfig.blueGreenUpdatePolicy", undefined), config, alarm),
        all("absent"),
      );
      const wait = `${TRAFFIC}.waitIntervalInSeconds`;
      violates(await judge(broken(endpoint, wait, 300), config, alarm));
      violates(await judge(broken(endpoint, wait, 299), config, alarm), short(wait, "299"));
      violates(await judge(broken(endpoint, wait, undefined), config, alarm), short(wait, "absent"));
      violates(
        await analyzeStack(rule, [endpoint, config, alarm], { config: { bakeSeconds: 601 } }),
        short(wait, "600", 601),
      );
      notes(await judge(broken(endpoint, wait, UNKNOWN), config, alarm), waits(wait, "300 seconds or more"));
      notes(
        await judge(broken(endpoint, `${TRAFFIC}.type`, UNKNOWN), config, alarm),
        waits(`${TRAFFIC}.type`, "CANARY or LINEAR, or beside rollingUpdatePolicy"),
      );
      const rolling = broken(endpoint, "deploymentConfig.blueGreenUpdatePolicy", undefined);
      const at = "deploymentConfig.rollingUpdatePolicy";
      violates(await judge(broken(rolling, at, { waitIntervalInSeconds: 300 }), config, alarm));
      violates(
        await judge(broken(rolling, at, { waitIntervalInSeconds: 0 }), config, alarm),
        short(`${at}.waitIntervalInSeconds`, "0"),
      );
      notes(await judge(broken(rolling, at, UNKNOWN), config, alarm), waits(at, "300 seconds or more"));
    });

    it(`${provider}: a configuration that cannot be seen`, async () => {
      const dangling = (shown: string) =>
        `endpoint-update-guarded/dangling: endpointConfigName is ${shown}, must be the name of an endpoint configuration of this program. Declare endpoint and configuration in one program, so that what serves can be seen.`;
      violates(await judge(endpoint), dangling('"churn-prod-3-machine-cfg", which this program does not declare'));
      violates(await judge(broken(endpoint, "endpointConfigName", "")), dangling("empty"));
      violates(await judge(broken(endpoint, "endpointConfigName", undefined)), dangling("absent"));
      const hidden = broken(endpoint, "endpointConfigName", UNKNOWN);
      notes(
        await judge(hidden, config),
        waits("endpointConfigName", "the name of an endpoint configuration of this program"),
      );
      const referring = { ...hidden, propertyDependencies: { endpointConfigName: ["instanceConfig"] } };
      violates(
        await judge(referring, broken(config, configName, UNKNOWN)),
        missing('"frugal-prod-live-errors", which this program does not declare'),
      );
      const kind = broken(config, "productionVariants[0].serverlessConfig", UNKNOWN);
      notes(
        await judge(endpoint, kind, alarm),
        waits(
          'endpointConfigName > "instanceConfig" productionVariants[0].serverlessConfig',
          "known, as it says what serves",
        ),
      );
    });

    it(`${provider}: nothing is deleted before its successor stands`, async () => {
      const model = compliant(provider, "model");
      for (const one of [endpoint, config, model]) {
        const stack = [endpoint, config, model, alarm].map((other) =>
          other === one ? { ...one, opts: { deleteBeforeReplace: true } } : other,
        );
        violates(
          await judge(...stack),
          "endpoint-update-guarded/replace: opts.deleteBeforeReplace is true, must be false or absent. Let the successor stand before the old one goes; nobody is served in between.",
        );
      }
      violates(await judge({ ...model, opts: { deleteBeforeReplace: false } }));
    });

    it(`${provider}: a configuration's name changes with what it holds`, async () => {
      const limit =
        "a name that changes with the content: with the name of each model and its version in it, or with a hash";
      const fixed = (shown: string) =>
        `endpoint-update-guarded/replace: ${configName} is ${shown}, must be ${limit}. Derive it from what it holds; AWS refuses a second one of the same name.`;
      for (const name of [
        "churn-prod-3-machine",
        "x-churn-prod-3-machine-x",
        "churn-1a2b3c4",
        "0123456789abcdef-churn",
        undefined,
      ])
        violates(await judge(broken(config, configName, name)));
      for (const name of ["churn-prod", "churn-prod-3", "churn-prod-3-machine1a2b", "churn-1a2b3", "churn-v3"])
        violates(await judge(broken(config, configName, name)), fixed(JSON.stringify(name)));
      violates(await judge(broken(config, configName, 7)), fixed("7"));
      const bare = broken(broken(config, configName, "churn-prod"), "productionVariants", []);
      violates(await judge(bare), fixed('"churn-prod"'));
      // Each of its models counts, and one whose own name never changes proves nothing.
      violates(
        await judge(broken(config, "productionVariants[1].modelName", "churn-prod-4")),
        fixed('"churn-prod-3-machine-cfg"'),
      );
      const still = broken(
        broken(config, "productionVariants[0].modelName", "churn"),
        "productionVariants[1].modelName",
        "churn",
      );
      violates(await judge(broken(still, configName, "churn-machines")), fixed('"churn-machines"'));
      notes(
        await judge(broken(config, "productionVariants[1].modelName", UNKNOWN)),
        waits("productionVariants[1].modelName", "known, as the configuration's name must hold it"),
      );
      const hidden = broken(config, configName, UNKNOWN);
      violates(await judge(hidden));
      const bucket = compliant(provider, "bucket");
      notes(
        await judge({ ...hidden, propertyDependencies: { [configName]: ["bucket"] } }, bucket),
        waits(configName, limit),
      );
      const model = compliant(provider, "model");
      violates(await judge({ ...hidden, propertyDependencies: { [configName]: ["model"] } }, model));
    });

    describe(`${provider}: serverless`, () => {
      const serverless = compliant(provider, "endpoint");
      const behind = compliant(provider, "endpointConfig");
      const router = compliant(provider, "router");
      const errors = compliant(provider, "churnAlarm");
      const at = 'endpointConfigName > "endpointConfig" productionVariants[].serverlessConfig';
      const ROUTED = "behind a function tagged frugal:role = router that names this endpoint";
      const unrouted = `endpoint-update-guarded/router: ${at} is without a router, must be ${ROUTED}. Put a router before it that splits traffic between champion and candidate, or use instances.`;
      const ROLLED = `behind a router whose rollback hangs on ${BRAKE} or the router's`;
      const loose = `endpoint-update-guarded/alarms: ${at} is behind "router" without such an alarm, must be ${ROLLED}. Let the router or the state machine that shifts traffic read an alarm, and go back when it goes off.`;
      const tag = isNative ? "tags[4].value" : 'tags["frugal:role"]';
      const env = (text: unknown) =>
        broken(router, "environment.variables", { ENDPOINTS: text, ALARM: "frugal-prod-churn-errors" });

      it("needs a router that names it", async () => {
        violates(await judge(serverless, behind, router, errors));
        violates(await judge(serverless, behind, errors), unrouted);
        violates(await judge(serverless, behind, broken(router, tag, "gate"), errors), unrouted);
        violates(await judge(serverless, behind, broken(router, "tags", undefined), errors), unrouted);
        for (const text of ["churn-prod-2", "xchurn-prod", "a-churn-prod", "", 7])
          violates(await judge(serverless, behind, env(text), errors), unrouted);
        violates(await judge(serverless, behind, broken(router, "environment", undefined), errors), unrouted);
        violates(await judge(serverless, behind, env('{"a":["churn-prod-2","churn-prod"]}'), errors));
        const config = { routerRoles: ["gate"] };
        violates(await analyzeStack(rule, [serverless, behind, broken(router, tag, "gate"), errors], { config }));
        violates(
          await analyzeStack(rule, [serverless, behind, errors], { config: { routerRoles: ["router", "gate"] } }),
          unrouted.replace("= router that", "= router or gate that"),
        );
      });

      it("follows the router where it is not known yet", async () => {
        const may = waits(at, `${ROUTED}; function "router" may be it`);
        notes(await judge(serverless, behind, env(UNKNOWN), errors), may);
        const second = { ...env(UNKNOWN), name: "b" };
        const either = `${ROUTED}; function "router", function "b" may be it`;
        notes(await judge(serverless, behind, env(UNKNOWN), second, errors), waits(at, either));
        notes(await judge(serverless, behind, broken(router, "environment", UNKNOWN), errors), may);
        notes(await judge(serverless, behind, broken(router, tag, UNKNOWN), errors), may);
        notes(await judge(serverless, behind, broken(router, "tags", UNKNOWN), errors), may);
        const referring = { ...env(UNKNOWN), propertyDependencies: { environment: ["endpoint"] } };
        violates(
          await judge(broken(serverless, nameOf, UNKNOWN), behind, referring, {
            ...broken(errors, "dimensions", UNKNOWN),
            propertyDependencies: { dimensions: ["endpoint"] },
          }),
        );
        notes(await judge(broken(serverless, nameOf, UNKNOWN), behind, router, errors), may);
      });

      it("needs an alarm on which the way back hangs", async () => {
        violates(await judge(serverless, behind, router), loose);
        violates(
          await judge(serverless, behind, router, { ...router, name: "b" }),
          loose.replace('behind "router" without', 'behind "router", "b" without'),
        );
        violates(await judge(serverless, behind, router, broken(errors, "metricName", "Invocations")), loose);
        const unused = broken(router, "environment.variables", { ENDPOINTS: "churn-prod" });
        violates(await judge(serverless, behind, unused, errors), loose);
        notes(await judge(serverless, behind, router, broken(errors, "namespace", UNKNOWN)), waits(at, ROLLED));
        const later = broken(errors, "dimensions", UNKNOWN);
        notes(await judge(serverless, behind, router, later), waits(at, ROLLED));
        violates(
          await judge(serverless, behind, router, { ...later, propertyDependencies: { dimensions: ["endpoint"] } }),
        );
        const live = [endpoint, config, alarm];
        violates(
          await judge(serverless, behind, router, ...live, {
            ...later,
            propertyDependencies: { dimensions: ["liveEndpoint"] },
          }),
          loose,
        );
        if (isNative) {
          for (const dimensions of [[UNKNOWN], [{ name: UNKNOWN, value: "churn-prod" }]]) {
            const hidden = broken(errors, "dimensions", dimensions);
            notes(await judge(serverless, behind, router, hidden), waits(at, ROLLED));
          }
        }
        const computed = broken(
          broken(errors, "dimensions", undefined),
          isNative ? "metrics" : "metricQueries",
          UNKNOWN,
        );
        notes(await judge(serverless, behind, router, computed), waits(at, ROLLED));
        // The router names its alarm by reference.
        const unnamed = { ENDPOINTS: "churn-prod", ALARM: UNKNOWN };
        const asking = broken(router, "environment.variables", unnamed);
        notes(await judge(serverless, behind, asking, errors), waits(at, ROLLED));
        const other = { ...asking, propertyDependencies: { environment: ["liveAlarm"] } };
        violates(await judge(serverless, behind, other, errors, ...live), loose);
        violates(
          await judge(serverless, behind, { ...asking, propertyDependencies: { environment: ["churnAlarm"] } }, errors),
        );
        // The router's own errors and what it counts itself do as well.
        const own = isNative
          ? [{ name: "FunctionName", value: "frugal-prod-router" }]
          : { FunctionName: "frugal-prod-router" };
        const lambda = broken(broken(errors, "namespace", "AWS/Lambda"), "metricName", "Errors");
        const routed = broken(lambda, "dimensions", own);
        for (const metric of ["Errors", "Duration", "Throttles"])
          violates(await judge(serverless, behind, router, broken(routed, "metricName", metric)));
        violates(await judge(serverless, behind, router, broken(routed, "metricName", "Invocations")), loose);
        violates(await judge(serverless, behind, router, broken(routed, "namespace", "AWS/Billing")), loose);
        violates(await judge(serverless, behind, router, lambda), loose);
        violates(
          await judge(serverless, behind, router, broken(broken(errors, "namespace", "Frugal"), "metricName", "Wrong")),
        );
      });

      it("knows an alarm that is made of others, through several floors", async () => {
        const composite = (name: string, rule: unknown, called: string) => ({
          ...broken(broken(compliant(provider, "compositeAlarm"), "alarmName", called), "alarmRule", rule),
          name,
        });
        const inner = broken(errors, alarmName, "inner");
        const middle = composite("middle", "ALARM(inner) OR ALARM(elsewhere)", "middle");
        const outer = composite("outer", 'ALARM("middle")', "frugal-prod-churn-errors");
        violates(await judge(serverless, behind, router, inner, middle, outer));
        violates(
          await judge(serverless, behind, router, broken(inner, "metricName", "Invocations"), middle, outer),
          loose,
        );
        violates(
          await judge(serverless, behind, router, inner, composite("middle", "ALARM(x)", "middle"), outer),
          loose,
        );
        const waiting = waits(at, ROLLED);
        notes(await judge(serverless, behind, router, inner, composite("middle", UNKNOWN, "middle"), outer), waiting);
        notes(
          await judge(serverless, behind, router, composite("outer", UNKNOWN, "frugal-prod-churn-errors")),
          waiting,
        );
      });

      it("knows the alarm that a state machine reads", async () => {
        const unused = broken(router, "environment.variables", { ENDPOINTS: "churn-prod" });
        const look = {
          Type: "Task",
          Resource: "arn:aws:states:::aws-sdk:cloudwatch:describeAlarms",
          Arguments: { AlarmNames: ["frugal-prod-churn-errors"] },
          End: true,
        };
        const definition = { StartAt: "Look", States: { Look: look } };
        const machine = broken(
          compliant(provider, "stateMachine"),
          "definition",
          isNative ? definition : JSON.stringify(definition),
        );
        violates(await judge(serverless, behind, unused, errors, machine));
        violates(await judge(serverless, behind, unused, broken(errors, alarmName, "x"), machine), loose);
      });
    });
  }
});
