/** Calls that make or change what serves, or declare it, from where no rule follows them: schedules, automation, pipelines. */
import { parseJson } from "./document.ts";
import { AUTOMATION, PIPELINE, SCHEDULE, STATE_MACHINE, tokensOf } from "./families.ts";
import { PIPELINE_READS } from "./pipelines.ts";
import { type Reading, valueIn } from "./read.ts";
import type { Reporter } from "./report.ts";
import { allReads, reads } from "./rule.ts";
import { and, show } from "./show.ts";
import { DEFINITION, definitionOf } from "./states.ts";
import type { Reads, Subject } from "./subject.ts";
import { insideTemplate } from "./templates.ts";
import { isTree, join, Opaque, Unknown } from "./unknown.ts";

const schedules = tokensOf(SCHEDULE);
const documents = tokensOf(AUTOMATION);
const pipelines = tokensOf(PIPELINE);

/** What a rule must declare that asks. */
export const CALLED_READS: Reads = allReads(
  reads(schedules, "target.arn"),
  reads(documents, "content"),
  PIPELINE_READS,
  {
    [STATE_MACHINE.native]: DEFINITION.native,
    [STATE_MACHINE.classic]: DEFINITION.classic,
  },
);

/** botocore: operations by which what is handed over becomes resources, or calls of their own. */
const CARRIERS: Readonly<Record<string, string>> = {
  cloudformation: "(?:create|update)Stack(?:Set|Instances)?|createChangeSet|executeChangeSet|importStacksToStackSet",
  cloudcontrol: "(?:create|update)Resource",
  sfn: "(?:create|update)StateMachine",
  scheduler: "(?:create|update)Schedule",
  ssm: "(?:create|update)Document|startAutomationExecution|startChangeRequestExecution",
  servicecatalog: "provisionProduct|updateProvisionedProduct",
  serverlessapplicationrepository: "createCloudFormationChangeSet",
  sagemaker: "(?:create|update)Pipeline",
};
const carries = alternatives(CARRIERS);
/** The same, and what serves, makes models or changes packages. */
const serves = alternatives({
  ...CARRIERS,
  sagemaker:
    "(?:create|update)(?:Pipeline|ModelPackage|Model|EndpointConfig|EndpointWeightsAndCapacities|Endpoint|InferenceComponent|InferenceComponentRuntimeConfig|InferenceExperiment)|startInferenceExperiment",
});
/** Types of a pipeline's steps that deploy (botocore sagemaker, PipelineExecutionStepMetadata). */
const DEPLOYS: readonly unknown[] = ["Endpoint", "EndpointConfig", "InferenceComponent"];
const MAX_DEPTH = 60;

const NOTHING = "without a call that makes models, endpoints or model packages, or declares resources";
const FIX = "Declare it as a resource of this program, or make the call in a state machine's own state.";

function alternatives(calls: Readonly<Record<string, string>>): string {
  return Object.entries(calls)
    .map(([service, actions]) => `${service}:(?:${actions})`)
    .join("|");
}

/** @param unseen what is done about a state machine that declares resources */
export function judgeCalled(subject: Subject, unseen: "refuse" | "allow", report: Reporter<"called">): void {
  if (schedules.includes(subject.type)) judgeSchedule(subject.one("target.arn"), report);
  else if (documents.includes(subject.type)) judgeDocument(subject.one("content"), report);
  else if (pipelines.includes(subject.type)) judgePipeline(subject.one("pipelineDefinition"), report);
  else judgeMachine(subject, unseen, report);
}

function fault(path: string, value: string, report: Reporter<"called">): void {
  report.fault({ check: "called", path, value, limit: NOTHING, fix: FIX });
}

/** EventBridge Scheduler's universal targets name service and action. */
function judgeSchedule(reading: Reading, report: Reporter<"called">): void {
  if (reading.state === "unknown") report.waits(reading.path, NOTHING);
  const arn = valueIn(reading);
  if (typeof arn === "string" && new RegExp(`:aws-sdk:(?:${serves})$`, "i").test(arn))
    fault(reading.path, show(arn), report);
}

function judgeMachine(subject: Subject, unseen: "refuse" | "allow", report: Reporter<"called">): void {
  if (unseen === "allow") return;
  const { tasks, unknown } = definitionOf(subject);
  for (const path of unknown) report.waits(path, NOTHING);
  const wanted = new RegExp(`^arn:[^:]+:states:[^:]*:[^:]*:aws-sdk:(?:${carries})(?:\\.|$)`, "i");
  for (const { path, state } of tasks) {
    if (typeof state.Resource === "string" && wanted.test(state.Resource))
      fault(`${path}.Resource`, show(state.Resource), report);
  }
}

/** Automation is JSON or YAML: a mention counts, as in templates, because YAML is searched as text. */
function judgeDocument(reading: Reading, report: Reporter<"called">): void {
  if (reading.state === "unknown") report.waits(reading.path, NOTHING);
  if (reading.state === "absent" || reading.state === "unknown") return;
  const texts: string[] = [];
  walk(reading.value, reading.path, (value, path) => {
    if (value instanceof Unknown) report.waits(path, NOTHING);
    else if (typeof value === "string") texts.push(value);
  });
  const whole = texts.join("\n");
  const found = Object.entries(CARRIERS_AND_SERVING).flatMap(([service, actions]) => {
    const action = new RegExp(`\\b(?:${actions})\\b`, "i").exec(whole)?.[0];
    return action !== undefined && new RegExp(`\\b${service}\\b`, "i").test(whole) ? [`${service}:${action}`] : [];
  });
  found.push(...insideTemplate(whole, reading.path).declares);
  if (found.length > 0) fault(reading.path, `a document with ${and(found)}`, report);
}

/** In automation, services go by their names in boto3 (Systems Manager user guide, `aws:executeAwsApi`). */
const CARRIERS_AND_SERVING: Readonly<Record<string, string>> = {
  ...CARRIERS,
  stepfunctions: CARRIERS.sfn ?? "",
  serverlessrepo: CARRIERS.serverlessapplicationrepository ?? "",
  sagemaker:
    "(?:create|update)(?:_?(?:pipeline|model|model_?package|endpoint|endpoint_?config|endpoint_?weights_?and_?capacities|inference_?component|inference_?experiment))|start_?inference_?experiment",
};

function judgePipeline(reading: Reading, report: Reporter<"called">): void {
  if (reading.state === "unknown") report.waits(reading.path, NOTHING);
  walk(valueIn(reading), reading.path, (value, path, key) => {
    if (value instanceof Unknown) report.waits(path, NOTHING);
    else if (key === "Type" && DEPLOYS.includes(value)) fault(path, show(value), report);
  });
}

/** Every leaf, also inside JSON text. */
function walk(
  value: unknown,
  path: string,
  visit: (value: unknown, path: string, key: string) => void,
  key = "",
  depth = 0,
): void {
  if (depth > MAX_DEPTH) return;
  if (typeof value === "string" && /^\s*\{/.test(value)) {
    const tree = parseJson(value);
    if (isTree(tree)) {
      walk(tree, path, visit, key, depth + 1);
      return;
    }
  }
  if (Array.isArray(value)) {
    for (const [i, item] of (value as readonly unknown[]).entries()) walk(item, join(path, i), visit, key, depth + 1);
  } else if (isTree(value)) {
    for (const [name, inner] of Object.entries(value)) walk(inner, join(path, name), visit, name, depth + 1);
  } else if (!(value instanceof Opaque)) visit(value, path, key);
}
