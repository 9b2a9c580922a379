/**
 * Code that works on models and data has no network of its own, and what several instances say to one another is encrypted.
 *
 * A model behind a serverless variant cannot be isolated (SageMaker developer guide, Serverless Inference: network isolation
 * is not supported), and only the whole stack shows which variants a model has: that is the stack half. A network of the
 * stage's own (`vpcConfig`) is not enough: the role's credentials still reach every service in it.
 */
import { demand, type Row, rowPaths, rows } from "../support/demand.ts";
import { ENDPOINT_CONFIG, INFERENCE_COMPONENT, JOB, MODEL, MONITOR, tokensOf } from "../support/families.ts";
import type { Node } from "../support/graph.ts";
import { perGraph } from "../support/per-graph.ts";
import { type Reading, rootOf, valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import type { Subject } from "../support/subject.ts";

type Check = "model" | "job" | "traffic";

const models = tokensOf(MODEL);
const endpointConfigs = tokensOf(ENDPOINT_CONFIG);
const ISOLATION = "enableNetworkIsolation";
const TRAFFIC = "enableInterContainerTrafficEncryption";
const FIX = "Set it; SageMaker itself fetches the data and writes the results.";
const SCHEDULED = "monitoringScheduleConfig.monitoringJobDefinition";

interface Work {
  readonly isolation: string;
  readonly traffic: string;
  /** How many instances; several readings are added up. */
  readonly counts: readonly string[];
  /** Must be there for the work to be declared here at all. */
  readonly within?: string | undefined;
}

const work = (network: string, counts: readonly string[], within?: string): Work => ({
  isolation: `${network}${ISOLATION}`,
  traffic: `${network}${TRAFFIC}`,
  counts,
  within,
});
const TRAINING = ["resourceConfig.instanceCount", "resourceConfig.instanceGroups[].instanceCount"];
const monitor = work("networkConfig.", ["jobResources.clusterConfig.instanceCount"]);
const schedule = work(
  `${SCHEDULED}.networkConfig.`,
  [`${SCHEDULED}.monitoringResources.clusterConfig.instanceCount`],
  SCHEDULED,
);
const WORK: Readonly<Record<string, Work>> = {
  [JOB.native]: work("networkConfig.", ["processingResources.clusterConfig.instanceCount"]),
  [JOB.training]: work("", TRAINING),
  [JOB.tuning]: work(
    "trainingJobDefinition.",
    TRAINING.map((path) => `trainingJobDefinition.${path}`),
    "trainingJobDefinition",
  ),
  [MONITOR.schedule]: schedule,
  [MONITOR.classicSchedule]: schedule,
  ...Object.fromEntries(
    [MONITOR.dataQuality, MONITOR.classicDataQuality, MONITOR.modelQuality, MONITOR.bias, MONITOR.explainability].map(
      (type) => [type, monitor],
    ),
  ),
};
/** The definitions of a tuning job over several algorithms. */
const SEVERAL = "trainingJobDefinitions";
const SEVERAL_FIELDS = [ISOLATION, TRAFFIC, "resourceConfig.instanceCount"] as const;

const VARIANTS = ["productionVariants", "shadowProductionVariants"] as const;
const VARIANT_FIELDS = ["modelName", "serverlessConfig"] as const;

const COMPONENT_MODELS = ["specification.modelName", "specifications[].modelName"];

export default rule({
  id: "workload-isolated",
  group: "encryption",
  severity: "high",
  what: "A model or a job reaches the network, or the instances of a job talk to one another in clear.",
  why: "Model code is code from outside; isolation keeps it from the network and from the role's credentials.",
  fix: "Set enableNetworkIsolation, and enableInterContainerTrafficEncryption where there is more than one instance.",
  levels: { dev: "advisory", prod: "mandatory" },
  checks: {
    model: "A model that has not only serverless variants is not isolated.",
    job: "A job is not isolated.",
    traffic: "Several instances talk to one another in clear.",
  } satisfies Record<Check, string>,
  outside: [
    {
      source: "Security Hub",
      ids: [
        "SageMaker.5",
        "SageMaker.9",
        "SageMaker.10",
        "SageMaker.11",
        "SageMaker.13",
        "SageMaker.14",
        "SageMaker.15",
      ],
      note: "all but the first read on a third party's page",
    },
    { source: "AWS Config", ids: ["sagemaker-model-isolation-enabled"] },
    { source: "checkov", ids: ["CKV_AWS_370", "CKV_AWS_369"], note: "they ask models behind serverless endpoints too" },
    {
      source: "prowler",
      ids: [
        "sagemaker_models_network_isolation_enabled",
        "sagemaker_training_jobs_network_isolation_enabled",
        "sagemaker_training_jobs_intercontainer_encryption_enabled",
      ],
    },
  ],
  resource: {
    reads: allReads(
      Object.fromEntries(
        Object.entries(WORK).map(([type, { isolation, traffic, counts, within }]) => [
          type,
          [isolation, traffic, ...counts, ...(within === undefined ? [] : [within])],
        ]),
      ),
      { [JOB.tuning]: rowPaths(SEVERAL, SEVERAL_FIELDS) },
    ),
    judge(subject, { report }) {
      const places = WORK[subject.type];
      if (!places) return;
      if (places.within === undefined || subject.one(places.within).state !== "absent") {
        const counts = places.counts.flatMap((path) => subject.read(path));
        judgeWork(subject.one(places.isolation), subject.one(places.traffic), counts, report);
      }
      if (subject.has(`${SEVERAL}[]`)) judgeSeveral(subject, report);
    },
  },
  stack: {
    types: models,
    reads: allReads(
      reads(models, ISOLATION),
      { [MODEL.native]: ["modelName"], [MODEL.classic]: ["name"] },
      reads(tokensOf(INFERENCE_COMPONENT), ...COMPONENT_MODELS),
      reads(endpointConfigs, ...VARIANTS.flatMap((list) => rowPaths(list, VARIANT_FIELDS))),
    ),
    judge(model, { report, graph }) {
      const { serverless, others } = variantsOf(graph);
      const name = model.one(model.type === MODEL.native ? "modelName" : "name");
      const isIn = ({ names, urns }: Found) => urns.has(model.urn) || names.has(valueIn(name));
      if (isIn(serverless) && !isIn(others)) return;
      const limit = "true, or the model behind serverless variants only";
      const holds = (value: unknown) => value === true;
      demand(model.one(ISOLATION), { check: "model", limit, fix: FIX, holds }, report);
    },
  },
});

function judgeSeveral(subject: Subject, report: Reporter<Check>): void {
  const several = rows(subject, SEVERAL, SEVERAL_FIELDS);
  for (const reading of several.unseen) {
    demand(reading, { check: "job", limit: "a training job that is isolated", fix: FIX }, report);
  }
  for (const { at } of several.rows) {
    judgeWork(at[SEVERAL_FIELDS[0]], at[SEVERAL_FIELDS[1]], [at[SEVERAL_FIELDS[2]]], report);
  }
}

function judgeWork(isolation: Reading, traffic: Reading, counts: readonly Reading[], report: Reporter<Check>): void {
  const isTrue = (value: unknown) => value === true;
  demand(isolation, { check: "job", limit: "true", fix: FIX, holds: isTrue }, report);
  if (valueIn(traffic) === true) return;
  const known = counts.map((reading) => ("value" in reading ? countOf(reading.value) : 0));
  const sum = known.reduce((total, count) => total + count, 0);
  const unknown = counts.find(({ state }) => state === "unknown");
  // What is no number is as good as many.
  if (sum > 1 || Number.isNaN(sum)) {
    const limit = `true, as there are ${Number.isNaN(sum) ? "several" : sum} instances`;
    const fix = "Set it; what the instances exchange is data and gradients of it.";
    demand(traffic, { check: "traffic", limit, fix, holds: isTrue }, report);
  } else if (unknown && unknown.path !== isolation.path) {
    report.waits(unknown.path, `1, or ${traffic.path} true`);
  }
}

const countOf = (value: unknown): number =>
  typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;

interface Found {
  readonly names: Set<unknown>;
  readonly urns: Set<string>;
}
interface Variants {
  readonly serverless: Found;
  readonly others: Found;
}

/** Which models stand behind serverless variants, and which behind others, once for the stack. */
const variantsOf = perGraph((graph): Variants => {
  const found = {
    serverless: { names: new Set(), urns: new Set<string>() },
    others: { names: new Set(), urns: new Set<string>() },
  };
  for (const config of graph.ofTypes(endpointConfigs)) {
    for (const list of VARIANTS) {
      for (const row of rows(config, list, VARIANT_FIELDS).rows) addVariant(config, list, row, found);
    }
  }
  // A component runs on instances, whatever else the model stands behind.
  for (const component of graph.ofTypes(tokensOf(INFERENCE_COMPONENT))) {
    for (const reading of COMPONENT_MODELS.flatMap((path) => component.read(path))) {
      if (reading.state === "known") found.others.names.add(reading.value);
      else if (reading.state === "unknown")
        for (const { urn } of component.referredBy(rootOf(reading.path), models)) found.others.urns.add(urn);
    }
  }
  return found;
});

function addVariant(
  config: Node,
  list: (typeof VARIANTS)[number],
  { at: { modelName, serverlessConfig } }: Row<(typeof VARIANT_FIELDS)[number]>,
  { serverless, others }: Variants,
): void {
  // Only what is known to be serverless excuses a model.
  const into = serverlessConfig.state === "known" ? serverless : others;
  if (modelName.state === "known") into.names.add(modelName.value);
  else for (const model of config.referredBy(list, models)) into.urns.add(model.urn);
}
