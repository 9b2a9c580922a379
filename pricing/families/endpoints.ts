/** What serves models: endpoint configs, endpoints, inference components. An endpoint is billed with its config. */
import type { Estate } from "../estate.ts";
import type { Meter } from "../meter.ts";
import { type Reader, type Seen, UNSEEN } from "../reader.ts";
import type { Billed } from "../types.ts";
import { type Family, family } from "./family.ts";

const LISTS = ["productionVariants", "shadowProductionVariants"];
const variant = (...more: readonly string[]): string[] =>
  LISTS.flatMap((list) => [
    list,
    ...[
      "variantName",
      "instanceType",
      "initialInstanceCount",
      "volumeSizeInGb",
      "managedInstanceScaling.status",
      "managedInstanceScaling.minInstanceCount",
      "serverlessConfig.memorySizeInMb",
      "serverlessConfig.provisionedConcurrency",
      ...more,
    ].map((path) => `${list}[].${path}`),
  ]);

const MB = 1024;

function meterConfig(meter: Meter, estate: Estate): void {
  // A config that nothing of this program uses is billed once: something outside may serve it.
  const endpoints: readonly (Billed | undefined)[] = estate.endpointsOf(meter.resource);
  for (const list of LISTS) {
    const variants = meter.props.list(list);
    if (variants === UNSEEN) meter.unpriced(list, "not known yet", true);
    else {
      for (const one of variants) {
        meterVariant(
          meter,
          one,
          (endpoints.length === 0 ? [undefined] : endpoints).map((endpoint) => ({ endpoint, estate })),
        );
      }
    }
  }
}

interface Use {
  readonly endpoint: Billed | undefined;
  readonly estate: Estate;
}

function meterVariant(meter: Meter, one: Reader, uses: readonly Use[]): void {
  const name = one.text("variantName");
  const label = typeof name === "string" ? `variant ${name}` : "a variant";
  if (!one.isObject) meter.unpriced(label, "not known yet", true);
  else if (one.has("serverlessConfig")) meterServerless(meter, one, label, uses.length);
  else {
    const type = dearest(meter, one);
    if (typeof type !== "string") {
      meter.unpriced(
        `machines of ${label}`,
        type === UNSEEN ? "the instance type is not known yet" : "no instance type is written",
        true,
      );
      return;
    }
    const count = sum(uses.map((use) => standing(one, name, use)));
    meter.always(`${type} (${label})`, `sagemaker.hosting.${type}`, count, true);
    const volume = one.number("volumeSizeInGb");
    if (volume !== undefined) {
      const gb = volume === UNSEEN || count === UNSEEN ? UNSEEN : volume * count;
      meter.always(`GB of storage (${label})`, "sagemaker.storage.hosting", gb, true);
    }
    meter.perUse("hours", `sagemaker.hosting.${type}`, "hour");
  }
}

/** The variant's instance type; of a pool, the dearest, and before all others one that has no price. */
function dearest(meter: Meter, one: Reader): Seen<string> {
  const pools = one.list("instancePools");
  if (pools === UNSEEN) return UNSEEN;
  if (pools.length === 0) return one.text("instanceType");
  let found: { type: string; usd: number } | undefined;
  for (const pool of pools) {
    const type = pool.text("instanceType");
    if (typeof type !== "string") return UNSEEN;
    const usd = meter.monthly(`sagemaker.hosting.${type}`) ?? Number.POSITIVE_INFINITY;
    if (!found || usd > found.usd) found = { type, usd };
  }
  return found?.type;
}

/** Instances that stand while nobody asks. */
function standing(one: Reader, name: Seen<string>, { endpoint, estate }: Use): number | typeof UNSEEN {
  if (one.has("managedInstanceScaling")) {
    const status = one.text("managedInstanceScaling.status");
    if (status === "ENABLED") return one.number("managedInstanceScaling.minInstanceCount") ?? UNSEEN;
    if (status !== "DISABLED" && status !== undefined) return UNSEEN;
  }
  const initial = one.number("initialInstanceCount") ?? UNSEEN;
  const scaling = endpoint && estate.scalingOf(endpoint, name);
  if (!scaling) return initial;
  const { least, hasPolicy } = scaling;
  if (least === UNSEEN || least === undefined) return UNSEEN;
  if (hasPolicy) return least;
  return initial === UNSEEN ? UNSEEN : Math.max(initial, least);
}

function meterServerless(meter: Meter, one: Reader, label: string, times: number): void {
  const memory = one.number("serverlessConfig.memorySizeInMb") ?? UNSEEN;
  const gb = memory === UNSEEN ? UNSEEN : memory / MB;
  meter.perUse("seconds", "sagemaker.serverless.compute", "second", gb);
  meter.perUse("data", "sagemaker.serverless.data", "GB");
  const ready = one.number("serverlessConfig.provisionedConcurrency");
  if (ready === undefined || ready === 0) return;
  const kept = ready === UNSEEN || gb === UNSEEN ? UNSEEN : ready * times * gb;
  meter.always(`GB of provisioned concurrency (${label})`, "sagemaker.serverless.provisioned", kept, true);
}

const sum = (counts: readonly (number | typeof UNSEEN)[]): number | typeof UNSEEN =>
  counts.reduce((total, count) => (total === UNSEEN || count === UNSEEN ? UNSEEN : total + count), 0);

export const ENDPOINTS: readonly Family[] = [
  family(
    {
      "aws-native:sagemaker:EndpointConfig": ["endpointConfigName", ...variant("instancePools[].instanceType")],
      "aws:sagemaker/endpointConfiguration:EndpointConfiguration": ["name", ...variant()],
    },
    meterConfig,
  ),
  family(
    {
      "aws-native:sagemaker:Endpoint": ["endpointName", "endpointConfigName"],
      "aws:sagemaker/endpoint:Endpoint": ["name", "endpointConfigName"],
    },
    (meter, estate) => {
      if (estate.configsOf(meter.resource).length > 0) return;
      meter.unpriced("endpoint", "its endpoint config is not in this program", true);
    },
  ),
  family({ "aws-native:sagemaker:InferenceComponent": ["endpointName"] }, (meter, estate) => {
    if (estate.hasEndpoint(meter.resource)) return;
    meter.unpriced("inference component", "the endpoint whose machines it runs on is not in this program", true);
  }),
  family(
    {
      "aws-native:applicationautoscaling:ScalableTarget": [
        "resourceId",
        "minCapacity",
        "scheduledActions[].scalableTargetAction.minCapacity",
      ],
      "aws:appautoscaling/target:Target": ["resourceId", "minCapacity"],
      "aws-native:applicationautoscaling:ScalingPolicy": ["resourceId", "scalingTargetId"],
      "aws:appautoscaling/policy:Policy": ["resourceId"],
    },
    () => {},
  ),
];
