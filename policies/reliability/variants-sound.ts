/** The variants of an endpoint configuration share its traffic as meant, and one machine's failure is not an outage. */
import { demand, type Row, rowPaths, rows, within } from "../support/demand.ts";
import { ENDPOINT_CONFIG, tokensOf } from "../support/families.ts";
import { numberOf, textOf, valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { reads, rule } from "../support/rule.ts";
import { show } from "../support/show.ts";
import type { Subject } from "../support/subject.ts";
import { tagsOf } from "../support/tags.ts";
import { Unknown } from "../support/unknown.ts";

type Check = "weights" | "names" | "single" | "redundant" | "ssm" | "shadow" | "shape";

const configs = tokensOf(ENDPOINT_CONFIG);
const FIELDS = [
  "variantName",
  "initialVariantWeight",
  "serverlessConfig",
  "initialInstanceCount",
  "managedInstanceScaling.status",
  "managedInstanceScaling.minInstanceCount",
  "enableSsmAccess",
] as const;
type Variant = Row<(typeof FIELDS)[number]>;
const PRODUCTION = "productionVariants";
const SHADOW = "shadowProductionVariants";

export default rule({
  id: "variants-sound",
  group: "reliability",
  severity: "high",
  what: "The variants of an endpoint configuration do not share traffic as meant, or one machine's failure is an outage.",
  why: "Weights and counts fail quietly: a variant of weight 0 serves nobody, a single instance serves nobody while it is replaced.",
  fix: "Give weights above 0 and distinct names, two instances or more in prod, and no shell into what serves.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    weights: "A weight is negative, or no variant has a weight above 0.",
    names: "Two variants have the same name.",
    single: "A serverless endpoint has more than one variant, a shadow variant or data capture, which AWS refuses.",
    redundant: "An instance variant has fewer instances than the stage demands.",
    ssm: "The instances of a variant can be logged into.",
    shadow: "A shadow variant has no end date, or is past it.",
    shape: "The variants are not a list of variants.",
  } satisfies Record<Check, string>,
  outside: [
    { source: "Security Hub", ids: ["SageMaker.4"] },
    { source: "AWS Config", ids: ["sagemaker-endpoint-config-prod-instance-count"] },
    { source: "prowler", ids: ["sagemaker_endpoint_config_prod_variant_instances"] },
  ],
  settings: ["tagPrefix", "minInstances", "ssmAccess"],
  resource: {
    reads: reads(
      configs,
      ...rowPaths(PRODUCTION, FIELDS),
      ...rowPaths(SHADOW, FIELDS),
      "dataCaptureConfig",
      "asyncInferenceConfig",
      "tags",
    ),
    judge(subject, { settings, report }) {
      const production = rows(subject, PRODUCTION, FIELDS);
      const shadow = rows(subject, SHADOW, FIELDS);
      for (const reading of [...production.unseen, ...shadow.unseen]) {
        const fix = "Write the variants out.";
        demand(reading, { check: "shape", limit: "a list of variants", fix }, report);
      }
      const seen = production.unseen.length === 0;
      judgeWeights(production.rows, shadow.rows, seen, report);
      judgeNames([...production.rows, ...shadow.rows], report);
      judgeServerless(subject, production.rows, shadow.rows, report);
      for (const variant of [...production.rows, ...shadow.rows]) {
        judgeCount(subject, variant, settings.minInstances, report);
        if (settings.ssmAccess !== "refuse") continue;
        const fix = "Leave it out; read logs and captured data instead.";
        const limit = "absent or false";
        const holds = (value: unknown) => value === false;
        demand(variant.at.enableSsmAccess, { check: "ssm", limit, fix, holds, optional: true }, report);
      }
      if (shadow.rows.length > 0) judgeEnd(subject, `${settings.tagPrefix}shadow-until`, report);
    },
  },
});

/** An absent weight is 1 (SageMaker API reference, ProductionVariant). */
function judgeWeights(
  production: readonly Variant[],
  shadow: readonly Variant[],
  allSeen: boolean,
  report: Reporter<Check>,
): void {
  const fix = "Give each variant its share of the traffic.";
  const limit = "a number of 0 or more";
  for (const { at } of [...production, ...shadow]) {
    demand(at.initialVariantWeight, { check: "weights", limit, fix, holds: within(0), optional: true }, report);
  }
  const weights = production.map(({ at }) => at.initialVariantWeight);
  const allZero = weights.every((weight) => numberOf(weight) === 0);
  const [only, second] = weights;
  if (!allSeen || !allZero || only === undefined) return;
  const path = second === undefined ? only.path : PRODUCTION;
  const value = second === undefined ? "0" : "variants whose weights are all 0";
  report.fault({ check: "weights", path, value, limit: "above 0 in sum", fix });
}

function judgeNames(variants: readonly Variant[], report: Reporter<Check>): void {
  const names = new Set<unknown>();
  for (const { at } of variants) {
    const { variantName } = at;
    // The classic provider makes a name up when there is none.
    const fix = "Give it a name of its own.";
    const holds = (value: unknown) => typeof value === "string" && !names.has(value);
    demand(variantName, { check: "names", limit: "a name no other variant has", fix, holds, optional: true }, report);
    names.add(valueIn(variantName));
  }
}

function judgeServerless(
  subject: Subject,
  production: readonly Variant[],
  shadow: readonly Variant[],
  report: Reporter<Check>,
): void {
  if (![...production, ...shadow].some(({ at }) => at.serverlessConfig.state === "known")) return;
  const single = (path: string, value: string, limit: string) => {
    const fix = "Use instances, or put a router in front that splits and captures.";
    report.fault({ check: "single", path, value, limit, fix });
  };
  if (production.length > 1)
    single(PRODUCTION, `${production.length} variants`, "the only variant of a serverless one");
  if (shadow.length > 0) single(SHADOW, `${shadow.length} of them`, "absent beside a serverless variant");
  const capture = subject.one("dataCaptureConfig");
  const limit = "absent beside a serverless variant";
  if (capture.state === "unknown") report.waits(capture.path, limit);
  else if (capture.state !== "absent") single(capture.path, show(capture.value), limit);
}

/** Asynchronous endpoints queue what comes while they have no instance, so theirs may be any number. */
function judgeCount(subject: Subject, { at }: Variant, least: number, report: Reporter<Check>): void {
  const { serverlessConfig } = at;
  const limit = `${least} or more`;
  if (serverlessConfig.state === "unknown") report.waits(serverlessConfig.path, "there, or beside enough instances");
  if (serverlessConfig.state !== "absent" || least <= 1) return;
  const asynchronous = subject.one("asyncInferenceConfig");
  if (asynchronous.state !== "absent") {
    if (asynchronous.state === "unknown") report.waits(asynchronous.path, "there, or absent beside enough instances");
    return;
  }
  // Managed scaling goes down to its own minimum, whatever the endpoint began with.
  const status = at["managedInstanceScaling.status"];
  const minimum = at["managedInstanceScaling.minInstanceCount"];
  const isManaged = minimum.state !== "absent" && textOf(status) !== "DISABLED";
  const fix = "Run at least that many, so that one may fail or be replaced while the others serve.";
  const count = isManaged ? minimum : at.initialInstanceCount;
  demand(count, { check: "redundant", limit, fix, holds: within(least) }, report);
}

function judgeEnd(subject: Subject, key: string, report: Reporter<Check>): void {
  const tags = tagsOf(subject.one("tags"));
  const limit = "a day to come, as YYYY-MM-DD";
  for (const path of tags.unknownKeys) report.waits(path, `tags with ${key}`);
  const fix = "Say when the comparison ends; a shadow costs as much as what serves.";
  const found = tags.byKey.get(key) ?? [];
  if (found.length === 0 && tags.unknownKeys.length === 0) {
    report.fault({ check: "shadow", path: tags.path, value: `without ${key}`, limit: `with ${key}`, fix });
  }
  for (const { path, value } of found) {
    if (value instanceof Unknown) report.waits(path, limit);
    else if (!isToCome(value)) report.fault({ check: "shadow", path, value: show(value), limit, fix });
  }
}

function isToCome(value: unknown): boolean {
  if (typeof value !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  // The whole of the last day still counts.
  return Date.parse(`${value}T23:59:59Z`) >= Date.now();
}
