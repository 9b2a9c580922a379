import rule from "../../../policies/cost/async-scales-to-zero.ts";
import { broken, compliant, PROVIDERS, type Provider } from "../support/fixtures.ts";
import { analyzeStack, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const AGAIN = "It is judged again when the update has made it known.";
const DECLARE = "Declare it beside the endpoint.";
const NAME = "frugal-prod-images";
const ID = `endpoint/${NAME}/variant/champion`;
const AT = "productionVariants[0].variantName";
const TARGET = `scaled by a scalable target of ${ID} (sagemaker:variant:DesiredInstanceCount)`;
const WAKE = "woken by a policy of type StepScaling on target that an alarm on HasBacklogWithoutCapacity fires";
const SLEEP = "scaled in by a policy on target";
const noTarget = (limit = TARGET) =>
  `async-scales-to-zero/target: ${AT} is scaled by none, must be ${limit}. ${DECLARE}`;
const noWake = `async-scales-to-zero/wake: ${AT} is woken by nothing, must be ${WAKE}. ${DECLARE}`;
const noSleep = `async-scales-to-zero/sleep: ${AT} is scaled in by none, must be ${SLEEP}. ${DECLARE}`;
const waits = (path: string, limit: string) =>
  `async-scales-to-zero/waits: ${path} is not known yet, must be ${limit}. ${AGAIN}`;

/** An asynchronous endpoint that sleeps and wakes, in the provider's spelling. */
function sleeper(provider: Provider): Record<"config" | "endpoint" | "target" | "wake" | "sleep" | "alarm", Resource> {
  const native = provider === "native";
  const base = compliant(provider, "endpointConfig");
  const bare = (name: string, type: string, props: Record<string, unknown>): Resource => ({
    ...base,
    name,
    type,
    props,
  });
  const about = {
    resourceId: ID,
    scalableDimension: "sagemaker:variant:DesiredInstanceCount",
    serviceNamespace: "sagemaker",
  };
  const policy = (name: string, props: Record<string, unknown>) =>
    native
      ? bare(name, "aws-native:applicationautoscaling:ScalingPolicy", { policyName: name, ...about, ...props })
      : bare(name, "aws:appautoscaling/policy:Policy", { name, ...about, ...props });
  return {
    config: bare("config", base.type, {
      [native ? "endpointConfigName" : "name"]: "images-cfg",
      productionVariants: [
        { variantName: "champion", modelName: "m", instanceType: "ml.m5.large", initialInstanceCount: 1 },
      ],
      asyncInferenceConfig: {
        outputConfig: { s3OutputPath: "s3://frugal-prod-out/async/", s3FailurePath: "s3://frugal-prod-out/failed/" },
      },
    }),
    endpoint: bare("endpoint", compliant(provider, "endpoint").type, {
      [native ? "endpointName" : "name"]: NAME,
      endpointConfigName: "images-cfg",
    }),
    target: bare(
      "target",
      native ? "aws-native:applicationautoscaling:ScalableTarget" : "aws:appautoscaling/target:Target",
      {
        ...about,
        minCapacity: 0,
        maxCapacity: 2,
      },
    ),
    wake: policy("wake", {
      policyType: "StepScaling",
      stepScalingPolicyConfiguration: {
        adjustmentType: "ChangeInCapacity",
        stepAdjustments: [{ metricIntervalLowerBound: native ? 0 : "0", scalingAdjustment: 1 }],
      },
    }),
    sleep: policy("sleep", {
      policyType: "TargetTrackingScaling",
      targetTrackingScalingPolicyConfiguration: {
        targetValue: 5,
        customizedMetricSpecification: {
          metricName: "ApproximateBacklogSizePerInstance",
          namespace: "AWS/SageMaker",
          statistic: "Average",
        },
      },
    }),
    alarm: bare("alarm", compliant(provider, "alarm").type, {
      [native ? "alarmName" : "name"]: "wake-up",
      metricName: "HasBacklogWithoutCapacity",
      namespace: "AWS/SageMaker",
      dimensions: native ? [{ name: "EndpointName", value: NAME }] : { EndpointName: NAME },
      alarmActions: [
        `arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:11111111-2222:resource/sagemaker/${ID}:policyName/wake`,
      ],
    }),
  };
}

describe("async-scales-to-zero", () => {
  for (const provider of PROVIDERS) {
    const all = sleeper(provider);
    type Part = keyof typeof all;
    const judge = (changed: Partial<Record<Part, Resource | undefined>> = {}, config: Record<string, unknown> = {}) => {
      const resources = Object.values({ ...all, ...changed }).filter((one): one is Resource => one !== undefined);
      return analyzeStack(rule, resources, { config });
    };
    const change = (part: Part, path: string, value: unknown) => judge({ [part]: broken(all[part], path, value) });

    it(`${provider}: sleeps and wakes`, async () => {
      violates(await judge());
      // Not asynchronous: another rule's matter.
      violates(
        await analyzeStack(rule, [compliant(provider, "endpointConfig"), compliant(provider, "instanceConfig")]),
      );
    });

    it(`${provider}: failures are written somewhere`, async () => {
      const path = "asyncInferenceConfig.outputConfig.s3FailurePath";
      const fault = (shown: string) =>
        `async-scales-to-zero/failure-path: ${path} is ${shown}, must be a place in S3. Say where failures go: otherwise a request that fails is silent.`;
      violates(await change("config", path, undefined), fault("absent"));
      violates(await change("config", path, "failed/"), fault('"failed/"'));
      violates(await change("config", path, 7), fault("7"));
      notes(await change("config", path, UNKNOWN), waits(path, "a place in S3"));
    });

    it(`${provider}: each variant has its scalable target`, async () => {
      violates(await judge({ target: undefined }), noTarget());
      for (const [path, value] of [
        ["resourceId", `endpoint/${NAME}/variant/other`],
        ["resourceId", "endpoint/other/variant/champion"],
        ["resourceId", "table/x"],
        ["resourceId", undefined],
        ["scalableDimension", "sagemaker:variant:DesiredProvisionedConcurrency"],
        ["scalableDimension", undefined],
      ] as const) {
        violates(await change("target", path, value), noTarget());
      }
      notes(await change("target", "resourceId", UNKNOWN), waits(AT, TARGET));
      notes(await change("target", "scalableDimension", UNKNOWN), waits(AT, TARGET));
      const second = { variantName: "second", modelName: "m", instanceType: "ml.m5.large", initialInstanceCount: 1 };
      const list = all.config.props.productionVariants as unknown[];
      violates(
        await judge({ config: broken(all.config, "productionVariants", [...list, second]) }),
        `async-scales-to-zero/target: productionVariants[1].variantName is scaled by none, must be scaled by a scalable target of endpoint/${NAME}/variant/second (sagemaker:variant:DesiredInstanceCount). ${DECLARE}`,
      );
    });

    it(`${provider}: another configuration's endpoint is another's`, async () => {
      const name = provider === "native" ? "endpointName" : "name";
      const other = {
        ...broken(broken(all.endpoint, name, "other"), "endpointConfigName", "other-cfg"),
        name: "other",
      };
      violates(await analyzeStack(rule, [...Object.values(all), other]));
      const hidden = broken(other, "endpointConfigName", UNKNOWN);
      violates(await analyzeStack(rule, [...Object.values(all), hidden]));
      const config = compliant(provider, "instanceConfig");
      const referring = { ...hidden, propertyDependencies: { endpointConfigName: [config.name] } };
      violates(await analyzeStack(rule, [...Object.values(all), config, referring]));
      // One that reads both may serve either.
      const both = { ...hidden, propertyDependencies: { endpointConfigName: [config.name, all.config.name] } };
      violates(
        await analyzeStack(rule, [...Object.values(all), config, both]),
        noTarget(TARGET.replace(ID, "endpoint/other/variant/champion")),
      );
    });

    it(`${provider}: down to zero`, async () => {
      const fault = (shown: string) =>
        `async-scales-to-zero/minimum: target: minCapacity is ${shown}, must be 0. Let it sleep, or list the endpoint in warmEndpoints, where its cost is in the bill.`;
      for (const [value, shown] of [
        [1, "1"],
        ["0", '"0"'],
        [undefined, "absent"],
      ] as const) {
        violates(await change("target", "minCapacity", value), fault(shown));
      }
      notes(await change("target", "minCapacity", UNKNOWN), waits("target: minCapacity", "0"));
      const kept = {
        target: broken(all.target, "minCapacity", 1),
        wake: undefined,
        sleep: undefined,
        alarm: undefined,
      };
      violates(await judge(kept, { warmEndpoints: [NAME] }));
      violates(await judge(kept, { warmEndpoints: ["other"] }), fault("1"), noWake, noSleep);
    });

    it(`${provider}: woken by an alarm on what waits`, async () => {
      violates(await judge({ wake: undefined }), noWake);
      violates(await judge({ alarm: undefined }), noWake);
      const step = "stepScalingPolicyConfiguration.stepAdjustments[0].scalingAdjustment";
      for (const [part, path, value] of [
        ["wake", "policyType", "SimpleScaling"],
        ["wake", "policyType", undefined],
        ["wake", "resourceId", "endpoint/other/variant/champion"],
        ["wake", step, 0],
        ["wake", step, -1],
        ["wake", "stepScalingPolicyConfiguration", undefined],
        ["alarm", "metricName", "ApproximateBacklogSize"],
        ["alarm", "namespace", "Mine"],
        ["alarm", "actionsEnabled", false],
        ["alarm", "alarmActions", []],
        ["alarm", "alarmActions", ["arn:aws:sns:us-east-1:111122223333:notices"]],
        ["alarm", "dimensions", undefined],
        ["alarm", "dimensions", provider === "native" ? [{ name: "EndpointName", value: "x" }] : { EndpointName: "x" }],
      ] as const) {
        violates(await change(part, path, value), noWake);
      }
      violates(await change("alarm", "actionsEnabled", true));
      for (const [part, path] of [
        ["wake", "policyType"],
        ["wake", "stepScalingPolicyConfiguration"],
        ["wake", step],
        ["alarm", "metricName"],
        ["alarm", "namespace"],
        ["alarm", "actionsEnabled"],
        ["alarm", "dimensions"],
      ] as const) {
        notes(await change(part, path, UNKNOWN), waits(AT, WAKE));
      }
    });

    it(`${provider}: scaled in again`, async () => {
      violates(await judge({ sleep: undefined }), noSleep);
      const tracking = "targetTrackingScalingPolicyConfiguration";
      violates(await change("sleep", `${tracking}.disableScaleIn`, true), noSleep);
      violates(await change("sleep", `${tracking}.disableScaleIn`, false));
      violates(await change("sleep", tracking, undefined), noSleep);
      violates(await change("sleep", "policyType", "PredictiveScaling"), noSleep);
      for (const path of ["policyType", tracking, `${tracking}.disableScaleIn`])
        notes(await change("sleep", path, UNKNOWN), waits(AT, SLEEP));
      // Steps downwards will do as well.
      const down = broken(all.wake, "stepScalingPolicyConfiguration.stepAdjustments[0].scalingAdjustment", -1);
      violates(await judge({ sleep: { ...down, name: "sleep" } }));
    });

    it(`${provider}: names that are not known yet are followed`, async () => {
      const endpointName = provider === "native" ? "endpointName" : "name";
      const hidden = {
        endpoint: {
          ...broken(broken(all.endpoint, endpointName, UNKNOWN), "endpointConfigName", UNKNOWN),
          propertyDependencies: { endpointConfigName: ["config"] },
        },
        target: { ...broken(all.target, "resourceId", UNKNOWN), propertyDependencies: { resourceId: ["endpoint"] } },
        wake: { ...broken(all.wake, "resourceId", UNKNOWN), propertyDependencies: { resourceId: ["target"] } },
        sleep: { ...broken(all.sleep, "resourceId", UNKNOWN), propertyDependencies: { resourceId: ["target"] } },
        alarm: {
          ...broken(
            broken(all.alarm, "alarmActions", [UNKNOWN]),
            provider === "native" ? "dimensions[0].value" : "dimensions.EndpointName",
            UNKNOWN,
          ),
          propertyDependencies: { alarmActions: ["wake"], dimensions: ["endpoint"] },
        },
      };
      violates(await judge(hidden));
      const { propertyDependencies: _, ...loose } = hidden.alarm;
      violates(await judge({ ...hidden, alarm: loose }), noWake);
      const elsewhere = { ...hidden.alarm, propertyDependencies: { alarmActions: ["wake"] } };
      notes(await judge({ ...hidden, alarm: elsewhere }), waits(AT, WAKE));
    });

    it(`${provider}: a config that nothing here serves is judged by its variant`, async () => {
      violates(await judge({ endpoint: undefined }));
      violates(
        await judge({ endpoint: undefined, target: undefined }),
        noTarget("scaled by a scalable target of endpoint/…/variant/champion (sagemaker:variant:DesiredInstanceCount)"),
      );
    });

    it(`${provider}: what of the config is not known yet`, async () => {
      notes(
        await change("config", "asyncInferenceConfig", UNKNOWN),
        waits("asyncInferenceConfig", "known, as an asynchronous endpoint must scale to zero"),
      );
      for (const path of ["productionVariants", "productionVariants[0]", AT])
        notes(await change("config", path, UNKNOWN), waits(path, "known, as each variant must scale to zero"));
    });
  }

  it("native: a policy may name its target instead of the resource", async () => {
    const all = sleeper("native");
    const by = (resource: Resource, value: unknown) =>
      broken(broken(resource, "resourceId", undefined), "scalingTargetId", value);
    const id = `${ID}|sagemaker:variant:DesiredInstanceCount|sagemaker`;
    const judge = (wake: Resource, sleep: Resource) => analyzeStack(rule, Object.values({ ...all, wake, sleep }));
    violates(await judge(by(all.wake, id), by(all.sleep, id)));
    violates(await judge(by(all.wake, "table/x|dynamodb:table:ReadCapacityUnits|dynamodb"), all.sleep), noWake);
    const dependencies = { propertyDependencies: { scalingTargetId: ["target"] } };
    violates(
      await judge({ ...by(all.wake, UNKNOWN), ...dependencies }, { ...by(all.sleep, UNKNOWN), ...dependencies }),
    );
  });

  for (const provider of PROVIDERS) {
    const steps = (by: number, more: Record<string, unknown> = {}) => ({
      policyType: "StepScaling",
      targetTrackingScalingPolicyConfiguration: undefined,
      stepScalingPolicyConfiguration: { stepAdjustments: [{ scalingAdjustment: by }], ...more },
    });
    const asleep = (by: number, more: Record<string, unknown>, actions: readonly string[] | undefined, on = true) => {
      const all = sleeper(provider);
      const sleep = { ...all.sleep, props: { ...all.sleep.props, ...steps(by, more) } };
      const name = all.sleep.props[provider === "native" ? "policyName" : "name"];
      const arn = `arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:1:resource/sagemaker/${ID}:policyName/${name}`;
      const quiet = {
        ...all.alarm,
        name: "quiet",
        props: { ...all.alarm.props, alarmActions: [arn], actionsEnabled: on },
      };
      return analyzeStack(rule, Object.values({ ...all, sleep, ...(actions ? { quiet } : {}) }));
    };

    it(`${provider}: steps that nothing fires do not scale in`, async () => {
      violates(await asleep(-1, {}, undefined), noSleep);
      violates(await asleep(-1, {}, ["fired"], false), noSleep);
      violates(await asleep(-1, {}, ["fired"]));
    });

    it(`${provider}: down to exactly none is scaling in, to exactly one is not`, async () => {
      violates(await asleep(0, { adjustmentType: "ExactCapacity" }, ["fired"]));
      violates(await asleep(1, { adjustmentType: "ExactCapacity" }, ["fired"]), noSleep);
      violates(await asleep(0, { adjustmentType: "ChangeInCapacity" }, ["fired"]), noSleep);
      const waiting = { adjustmentType: UNKNOWN };
      notes(await asleep(-1, waiting, ["fired"]), waits(AT, SLEEP));
    });
  }
});
