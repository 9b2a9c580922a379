/** The jobs that a state machine starts, and what bounds them. */
import { type Reading, readOne } from "./read.ts";
import { argumentsOf, callsOf } from "./state-calls.ts";
import type { Subject } from "./subject.ts";
import { isTree, join, type Tree, Unknown } from "./unknown.ts";

/** What bounds a job. Only training has all four; `inMachine`: values may be expressions. */
export interface Job {
  readonly runtime: Reading;
  readonly wait?: Reading | undefined;
  readonly spot?: Reading | undefined;
  readonly checkpoint?: Reading | undefined;
  readonly inMachine?: boolean;
}

export interface Started {
  readonly jobs: readonly Job[];
  /** Time limits of the states that start batch transforms, which have none of their own. */
  readonly transforms: readonly Reading[];
  /** Where a job may be started that cannot be seen yet. */
  readonly hidden: readonly string[];
}

/** Key of the limit of an AutoML job, wherever its problem type puts it (botocore sagemaker, AutoMLJobCompletionCriteria). */
const AUTOML = "MaxAutoMLJobRuntimeInSeconds";

export function startedBy(machine: Subject): Started {
  const jobs: Job[] = [];
  const transforms: Reading[] = [];
  const hidden = new Set<string>();
  const of = (action: string) => {
    const found = callsOf(machine, `sagemaker:${action}`);
    for (const path of found.hidden) hidden.add(path);
    // What is handed over is not known yet: that is said, and nothing else.
    return found.calls.filter(({ path }) => !found.hidden.includes(path));
  };
  for (const call of of("createTrainingJob")) jobs.push(trainingIn(call.input, argumentsOf(call)));
  for (const call of of("createProcessingJob")) jobs.push(bareIn(call.input, argumentsOf(call)));
  for (const call of of("createHyperParameterTuningJob")) jobs.push(...tuningIn(call.input, argumentsOf(call)));
  for (const call of of("createAutoMLJob(?:V2)?")) jobs.push({ ...autoMl(call.input, argumentsOf(call)) });
  for (const { state, path } of of("createTransformJob")) transforms.push(at(state, path, "TimeoutSeconds"));
  return { jobs, transforms, hidden: [...hidden] };
}

/** The leaf below `prefix`. JSONPath's `Key.$` is a value as well, but never one that is seen. */
function at(tree: Tree, prefix: string, path: string): Reading {
  const reading = readOne(tree, path);
  if (reading.state === "absent") {
    const computed = readComputed(tree, path.split("."), prefix);
    if (computed) return computed;
  }
  return { ...reading, path: `${prefix}.${reading.path}` };
}

function readComputed(tree: Tree, keys: readonly string[], prefix: string): Reading | undefined {
  let here: unknown = tree;
  let path = prefix;
  for (const key of keys) {
    if (!isTree(here)) return undefined;
    const computed = here[`${key}.$`];
    if (computed !== undefined) return { state: "known", path: join(path, `${key}.$`), value: computed };
    here = here[key];
    path = join(path, key);
  }
  return undefined;
}

function trainingIn(input: Tree, path: string): Job {
  return {
    runtime: at(input, path, "StoppingCondition.MaxRuntimeInSeconds"),
    wait: at(input, path, "StoppingCondition.MaxWaitTimeInSeconds"),
    spot: at(input, path, "EnableManagedSpotTraining"),
    checkpoint: at(input, path, "CheckpointConfig.S3Uri"),
    inMachine: true,
  };
}

const bareIn = (input: Tree, path: string): Job => ({
  runtime: at(input, path, "StoppingCondition.MaxRuntimeInSeconds"),
  inMachine: true,
});

function tuningIn(input: Tree, path: string): Job[] {
  const { TrainingJobDefinition: one, TrainingJobDefinitions: list } = input;
  const found: Job[] = [];
  if (Array.isArray(list)) {
    for (const [index, definition] of (list as readonly unknown[]).entries()) {
      const here = join(join(path, "TrainingJobDefinitions"), index);
      found.push(isTree(definition) ? trainingIn(definition, here) : unseen(definition, here));
    }
  } else if (list !== undefined) found.push(unseen(list, join(path, "TrainingJobDefinitions")));
  if (one !== undefined || found.length === 0) {
    const here = join(path, "TrainingJobDefinition");
    found.push(isTree(one) ? trainingIn(one, here) : unseen(one, here));
  }
  return found;
}

/** A job's definition that is no object, is not there, or is not known yet. */
function unseen(value: unknown, path: string): Job {
  const reading = leaf(value, path);
  const runtime: Reading =
    reading.state === "known" ? { state: "malformed", path, value, expected: "an object" } : reading;
  return { runtime, inMachine: true };
}

function leaf(value: unknown, path: string): Reading {
  if (value instanceof Unknown) return { state: "unknown", path };
  return value === undefined ? { state: "absent", path } : { state: "known", path, value };
}

function autoMl(input: Tree, path: string): Job {
  const found = find(input, path, 0);
  return { runtime: found ?? { state: "absent", path: `${path}.${AUTOML}` }, inMachine: true };
}

/** Deeper than any request. */
const MAX_DEPTH = 20;

function find(value: unknown, path: string, depth: number): Reading | undefined {
  if (!isTree(value) || depth > MAX_DEPTH) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    if (key === AUTOML) return leaf(inner, join(path, key));
    const below = find(inner, join(path, key), depth + 1);
    if (below) return below;
  }
  return undefined;
}

export const isExpression = (value: unknown): boolean => typeof value === "string" && /^\{%.*%\}$/s.test(value.trim());

const MIN = String.raw`\$min\(\[[^[\]]*?,\s*(\d+)\s*\]\)`;
const KEY = `['"]MaxRuntimeInSeconds['"]`;
const ALONE = new RegExp(String.raw`^\{%\s*${MIN}\s*%\}$`, "s");
/** The last of what `$merge` joins wins. */
const MERGED = new RegExp(String.raw`^\{%\s*\$merge\(\[[^[\]]*,\s*\{\s*${KEY}\s*:\s*${MIN}\s*\}\s*\]\)\s*%\}$`, "s");

/** The number that the expression of a running time cannot pass: of `{% $min([…, 3600]) %}`. Others are not bounded in sight. */
export const boundOf = (value: unknown): number | undefined => matched(ALONE, value);

/** The same of a whole stopping condition: `{% $merge([…, {'MaxRuntimeInSeconds': $min([…, 3600])}]) %}`. */
export const boundOfCondition = (value: unknown): number | undefined => matched(MERGED, value);

function matched(pattern: RegExp, value: unknown): number | undefined {
  const found = typeof value === "string" ? pattern.exec(value.trim())?.[1] : undefined;
  return found === undefined ? undefined : Number(found);
}
