/**
 * What instances hold, and what jobs and endpoints write, is under a key of the stage's own.
 *
 * Instances with storage of their own encrypt it themselves: there a job must not name a key (AWS refuses it), and an
 * endpoint's key would protect nothing, so none is demanded.
 */
import { demand, rowPaths, rows } from "../support/demand.ts";
import { ENDPOINT_CONFIG, isNative, JOB, MONITOR, NOTEBOOK, STUDIO, tokensOf } from "../support/families.ts";
import { hasLocalStorage } from "../support/local-storage.ts";
import { isOwnKey } from "../support/own-key.ts";
import { type Reading, textOf, valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { show } from "../support/show.ts";
import type { Subject } from "../support/subject.ts";

type Check = "volume" | "output" | "refused";

const LIMIT = "a key of the stage's own";
const VARIANTS = ["productionVariants[].instanceType", "shadowProductionVariants[].instanceType"];
const ASYNC = ["asyncInferenceConfig", "asyncInferenceConfig.outputConfig.kmsKeyId"] as const;
const CAPTURE = ["dataCaptureConfig", "dataCaptureConfig.kmsKeyId", "dataCaptureConfig.enableCapture"] as const;
const TRAINING = "resourceConfig";
const SCHEDULED = "monitoringScheduleConfig.monitoringJobDefinition";

/** One kind of work: where its key, its instance types and what it writes stand. */
interface Work {
  readonly key: string;
  readonly types: readonly string[];
  /** The block of what it writes, which may be absent, and the key in it. */
  readonly output?: readonly [block: string, key: string];
  /** AWS refuses a key beside instances with storage of their own. */
  readonly refuses: boolean;
}

const monitor = (cluster: string, output: string): Work => ({
  key: `${cluster}.clusterConfig.volumeKmsKeyId`,
  types: [`${cluster}.clusterConfig.instanceType`],
  output: [output, `${output}.kmsKeyId`],
  refuses: false,
});
const training = (at: string): Work => ({
  key: `${at}${TRAINING}.volumeKmsKeyId`,
  types: [`${at}${TRAINING}.instanceType`, `${at}${TRAINING}.instanceGroups[].instanceType`],
  output: [`${at}outputDataConfig`, `${at}outputDataConfig.kmsKeyId`],
  refuses: true,
});
const WORK: Readonly<Record<string, Work>> = {
  [JOB.native]: {
    key: "processingResources.clusterConfig.volumeKmsKeyId",
    types: ["processingResources.clusterConfig.instanceType"],
    output: ["processingOutputConfig", "processingOutputConfig.kmsKeyId"],
    refuses: true,
  },
  [JOB.training]: training(""),
  [JOB.tuning]: training("trainingJobDefinition."),
  [MONITOR.schedule]: monitor(`${SCHEDULED}.monitoringResources`, `${SCHEDULED}.monitoringOutputConfig`),
  [MONITOR.classicSchedule]: monitor(`${SCHEDULED}.monitoringResources`, `${SCHEDULED}.monitoringOutputConfig`),
  [MONITOR.dataQuality]: monitor("jobResources", "dataQualityJobOutputConfig"),
  [MONITOR.classicDataQuality]: monitor("jobResources", "dataQualityJobOutputConfig"),
  [MONITOR.modelQuality]: monitor("jobResources", "modelQualityJobOutputConfig"),
  [MONITOR.bias]: monitor("jobResources", "modelBiasJobOutputConfig"),
  [MONITOR.explainability]: monitor("jobResources", "modelExplainabilityJobOutputConfig"),
};
/** The definitions of a tuning job over several algorithms. */
const SEVERAL = "trainingJobDefinitions";
const SEVERAL_FIELDS = [`${TRAINING}.volumeKmsKeyId`, `${TRAINING}.instanceType`, "outputDataConfig.kmsKeyId"] as const;
const endpointConfigs = tokensOf(ENDPOINT_CONFIG);
const alone = [...tokensOf(NOTEBOOK), STUDIO.domain, STUDIO.classicDomain];

export default rule({
  id: "volumes-encrypted",
  group: "encryption",
  severity: "medium",
  what: "The volumes of instances, or what jobs and endpoints write, are not under a key of the stage's own.",
  why: "Models and data rest on instance volumes, and captured requests are data about people.",
  fix: "Name the stage's key for the volumes and for each output.",
  levels: { dev: "advisory", prod: "mandatory" },
  checks: {
    volume: "The instances' volumes are not under a key of the stage's own.",
    output: "What is written is not under a key of the stage's own.",
    refused: "A key is named for instances that encrypt their own storage, which AWS refuses.",
  } satisfies Record<Check, string>,
  outside: [
    {
      source: "AWS Config",
      ids: ["sagemaker-endpoint-configuration-kms-key-configured", "sagemaker-notebook-instance-kms-key-configured"],
    },
    { source: "checkov", ids: ["CKV_AWS_98", "CKV_AWS_22", "CKV_AWS_187", "CKV_AWS_367", "CKV_AWS_368"] },
    {
      source: "cdk-nag",
      ids: [
        "AwsSolutions-SM2",
        "NIST.800.53.R5-SageMakerEndpointConfigurationKMSKeyConfigured",
        "NIST.800.53.R5-SageMakerNotebookInstanceKMSKeyConfigured",
      ],
      note: "they ask serverless endpoints for a key too, which have no volume",
    },
  ],
  settings: ["volumeKey"],
  resource: {
    reads: allReads(
      reads(endpointConfigs, ...VARIANTS, ...ASYNC, ...CAPTURE),
      { [ENDPOINT_CONFIG.native]: ["kmsKeyId"], [ENDPOINT_CONFIG.classic]: ["kmsKeyArn"] },
      { [ENDPOINT_CONFIG.native]: ["productionVariants[].instancePools[].instanceType"] },
      Object.fromEntries(
        Object.entries(WORK).map(([type, { key, types, output = [] }]) => [type, [key, ...types, ...output]]),
      ),
      { [JOB.tuning]: rowPaths(SEVERAL, SEVERAL_FIELDS) },
      reads(alone, "kmsKeyId"),
    ),
    judge(subject, { settings, report }) {
      const demanded = settings.volumeKey === "demand";
      if (endpointConfigs.some((type) => type === subject.type)) judgeEndpointConfig(subject, demanded, report);
      else if (alone.includes(subject.type)) {
        if (demanded) own(subject.one("kmsKeyId"), "volume", report);
      } else judgeWork(subject, demanded, report);
    },
  },
});

function own(reading: Reading, check: "volume" | "output", report: Reporter<Check>): void {
  const fix = "Name the stage's key.";
  demand(reading, { check, limit: LIMIT, fix, holds: isOwnKey }, report);
}

/** A block that is not there writes nothing. */
function ownIn(subject: Subject, [block, key]: readonly [string, string], report: Reporter<Check>): void {
  if (subject.one(block).state !== "absent") own(subject.one(key), "output", report);
}

function judgeEndpointConfig(subject: Subject, demanded: boolean, report: Reporter<Check>): void {
  if (!demanded) return;
  const types = [...VARIANTS, "productionVariants[].instancePools[].instanceType"]
    .filter((path) => subject.has(path))
    .flatMap((path) => subject.read(path));
  judgeVolume(subject.one(isNative(subject.type) ? "kmsKeyId" : "kmsKeyArn"), types, false, demanded, report);
  ownIn(subject, [ASYNC[0], ASYNC[1]], report);
  const capture = subject.one(CAPTURE[2]);
  // Switched off it captures nothing (absent: SageMaker captures, as the block is there).
  if (valueIn(capture) !== false) ownIn(subject, [CAPTURE[0], CAPTURE[1]], report);
}

function judgeWork(subject: Subject, demanded: boolean, report: Reporter<Check>): void {
  const work = WORK[subject.type];
  if (!work) return;
  const types = work.types.flatMap((path) => subject.read(path));
  judgeVolume(subject.one(work.key), types, work.refuses, demanded, report);
  if (demanded && work.output) ownIn(subject, work.output, report);
  if (!subject.has(`${SEVERAL}[]`)) return;
  const several = rows(subject, SEVERAL, SEVERAL_FIELDS);
  if (demanded) for (const reading of several.unseen) own(reading, "volume", report);
  for (const { at } of several.rows) {
    judgeVolume(at[SEVERAL_FIELDS[0]], [at[SEVERAL_FIELDS[1]]], work.refuses, demanded, report);
    if (demanded) own(at[SEVERAL_FIELDS[2]], "output", report);
  }
}

/** Without instances (serverless, or an instance type nowhere) there is no volume. */
function judgeVolume(
  key: Reading,
  types: readonly Reading[],
  refuses: boolean,
  demanded: boolean,
  report: Reporter<Check>,
): void {
  const named = types.filter(({ state }) => state !== "absent");
  const local = named.map(textOf).filter((type) => type !== undefined && hasLocalStorage(type));
  const [first] = local;
  if (refuses && first) {
    const fix = "Leave it out: these instances encrypt their storage themselves.";
    const limit = `absent beside ${show(first)}`;
    demand(key, { check: "refused", limit, fix, optional: true }, report);
    return;
  }
  if (!demanded || local.length === named.length) return;
  const unknown = named.find(({ state }) => state === "unknown");
  const isOwn = isOwnKey(valueIn(key));
  // Not knowing the type one cannot say whether the key is missing; with one, nothing is.
  if (unknown && local.length + 1 >= named.length && !isOwn && key.state !== "unknown") {
    report.waits(unknown.path, `known, as there is no ${key.path}`);
  } else own(key, "volume", report);
}
