/**
 * Every job ends: those declared as resources, those that monitors start, and those that state machines start, where what is
 * computed at run time must be bounded in sight: `{% $min([$asked, 3600]) %}`.
 */
import { demand, rowPaths, rows, within } from "../support/demand.ts";
import { JOB, MONITOR, STATE_MACHINE } from "../support/families.ts";
import { boundOf, boundOfCondition, isExpression, type Job, startedBy } from "../support/job-calls.ts";
import { numberOf, type Reading, textOf, valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { DEFINITION } from "../support/states.ts";
import type { Subject } from "../support/subject.ts";

type Check = "runtime" | "wait" | "spot" | "checkpoint" | "transform" | "shape";
interface Limits {
  readonly jobSeconds: number;
  readonly transformSeconds: number;
  readonly spotSeconds: number;
}

const RUNTIME = "stoppingCondition.maxRuntimeInSeconds";
const WAIT = "stoppingCondition.maxWaitTimeInSeconds";
const SPOT = "enableManagedSpotTraining";
const CHECKPOINT = "checkpointConfig.s3Uri";
const TRAINING = [RUNTIME, WAIT, SPOT, CHECKPOINT] as const;
const TUNED = "trainingJobDefinition";
const TUNED_LIST = "trainingJobDefinitions";
const SCHEDULED = "monitoringScheduleConfig.monitoringJobDefinition";
const DEFINITIONS = [
  MONITOR.dataQuality,
  MONITOR.modelQuality,
  MONITOR.bias,
  MONITOR.explainability,
  MONITOR.classicDataQuality,
];
const below = (prefix: string) => TRAINING.map((path) => `${prefix}.${path}`);

export default rule({
  id: "job-runtime-bounded",
  group: "cost",
  severity: "high",
  what: "A job may run for longer than the stage allows, or for as long as AWS lets it.",
  why: "A job that hangs bills until someone looks.",
  fix: "Write the longest running time into the job; where it is computed, bound it in sight.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    runtime: "The job's longest running time is not written, not seen or too long.",
    wait: "Training on spare capacity may wait less long than it may run, or no limit is written.",
    spot: "Long training does not use spare capacity, where the stage asks for it.",
    checkpoint: "Training on spare capacity, which may be interrupted, keeps no checkpoints.",
    transform: "A state machine starts a batch transform, which has no limit of its own, and gives it none.",
    shape: "The job cannot be read.",
  } satisfies Record<Check, string>,
  settings: ["jobSeconds", "transformSeconds", "spotSeconds"],
  resource: {
    reads: allReads(
      reads([JOB.native, ...DEFINITIONS], RUNTIME),
      reads([JOB.training], ...TRAINING),
      reads([JOB.tuning], TUNED, ...below(TUNED), TUNED_LIST, ...rowPaths(TUNED_LIST, TRAINING)),
      reads([MONITOR.schedule], SCHEDULED, `${SCHEDULED}.${RUNTIME}`),
      reads([MONITOR.classicSchedule], SCHEDULED, `${SCHEDULED}.stoppingConditions[].maxRuntimeInSeconds`),
      { [STATE_MACHINE.native]: DEFINITION.native, [STATE_MACHINE.classic]: DEFINITION.classic },
    ),
    judge(subject, { settings, report }) {
      if (subject.has("definition")) judgeMachine(subject, settings, report);
      else if (subject.type === JOB.tuning) judgeTuning(subject, settings, report);
      else if (subject.has(SCHEDULED)) judgeSchedule(subject, settings, report);
      else judgeJob(jobOf(subject, ""), settings, report);
    },
  },
});

function jobOf(subject: Subject, prefix: string): Job {
  const at = (path: string) => (subject.has(`${prefix}${path}`) ? subject.one(`${prefix}${path}`) : undefined);
  return { runtime: subject.one(`${prefix}${RUNTIME}`), wait: at(WAIT), spot: at(SPOT), checkpoint: at(CHECKPOINT) };
}

function judgeTuning(subject: Subject, limits: Limits, report: Reporter<Check>): void {
  const one = subject.one(TUNED);
  const list = subject.one(TUNED_LIST);
  if (one.state !== "absent" || list.state === "absent") judgeJob(jobOf(subject, `${TUNED}.`), limits, report);
  const { rows: found, unseen } = rows(subject, TUNED_LIST, TRAINING);
  for (const reading of unseen) shapeless(reading, report);
  for (const { at } of found) {
    judgeJob({ runtime: at[RUNTIME], wait: at[WAIT], spot: at[SPOT], checkpoint: at[CHECKPOINT] }, limits, report);
  }
}

/** A schedule may also name a definition, which is judged where it is declared. */
function judgeSchedule(subject: Subject, limits: Limits, report: Reporter<Check>): void {
  if (subject.one(SCHEDULED).state === "absent") return;
  const path = `${SCHEDULED}.${RUNTIME}`;
  if (subject.has(path)) {
    judgeJob({ runtime: subject.one(path) }, limits, report);
    return;
  }
  const list = `${SCHEDULED}.stoppingConditions`;
  const readings = subject.read(`${list}[].maxRuntimeInSeconds`);
  for (const runtime of readings.length > 0 ? readings : [{ state: "absent", path: list } as const])
    judgeJob({ runtime }, limits, report);
}

function judgeMachine(subject: Subject, limits: Limits, report: Reporter<Check>): void {
  const { jobs, transforms, hidden } = startedBy(subject);
  const limit = `jobs of ${limits.jobSeconds} seconds or less`;
  for (const path of hidden) report.waits(path, limit);
  for (const job of jobs) judgeJob(job, limits, report);
  for (const reading of transforms) {
    const most = limits.transformSeconds;
    const fix = "Write it, and let the state's Catch stop the job.";
    const text = `a number of seconds up to ${most}`;
    demand(reading, { check: "transform", limit: text, fix, holds: within(1, most) }, report);
  }
}

function shapeless(reading: Reading, report: Reporter<Check>): void {
  const fix = "Write the jobs out.";
  demand(reading, { check: "shape", limit: "a list of jobs", fix }, report);
}

function judgeJob({ runtime, wait, spot, checkpoint, inMachine }: Job, limits: Limits, report: Reporter<Check>): void {
  const most = limits.jobSeconds;
  const seconds = secondsOf(runtime, inMachine);
  if (!within(1, most)(seconds)) {
    const fix = "Write the longest time that it may run.";
    demand(runtime, { check: "runtime", limit: limitOf(runtime, most, inMachine), fix }, report);
  }
  if (!spot) return;
  const isLong = limits.spotSeconds > 0 && (seconds ?? most) > limits.spotSeconds;
  judgeSpot(spot, isLong, limits.spotSeconds, inMachine, report);
  if (spot.state === "unknown" && !isLong) {
    report.waits(spot.path, "known, as training that may be interrupted needs checkpoints");
  }
  const isSpot = spot.state === "known" && (spot.value === true || (inMachine === true && isExpression(spot.value)));
  if (!isSpot) return;
  if (checkpoint) {
    const fix = "Keep checkpoints: without them an interruption begins at nothing.";
    const holds = (value: unknown) =>
      typeof value === "string" && (value.startsWith("s3://") || (inMachine === true && isExpression(value)));
    demand(checkpoint, { check: "checkpoint", limit: "a place in S3", fix, holds }, report);
  }
  // Where it is decided at run time whether to wait at all, SageMaker itself refuses what does not fit.
  if (wait && spot.value === true) judgeWait(wait, seconds, inMachine, report);
}

/** True where something stands in the place of a whole stopping condition. */
const isCondition = ({ state, path }: Reading): boolean => state === "malformed" && path.endsWith("StoppingCondition");

function limitOf(runtime: Reading, most: number, inMachine: boolean | undefined): string {
  const limit = `a number of seconds up to ${most}`;
  if (!inMachine) return limit;
  const bounded = `$min([…, ${most}])`;
  return isCondition(runtime)
    ? `an object with such a limit, or {% $merge([…, {'MaxRuntimeInSeconds': ${bounded}}]) %}`
    : `${limit}, or an expression that ends there: {% ${bounded} %}`;
}

/** The bound of the running time; of an expression, the number that it cannot pass. */
function secondsOf(reading: Reading, inMachine: boolean | undefined): number | undefined {
  if (isCondition(reading)) return boundOfCondition(valueIn(reading));
  return inMachine ? (numberOf(reading) ?? boundOf(textOf(reading))) : numberOf(reading);
}

/** In a state machine the request may decide: an expression asks for spare capacity as far as a rule can see. */
function judgeSpot(
  spot: Reading,
  isLong: boolean,
  most: number,
  inMachine: boolean | undefined,
  report: Reporter<Check>,
): void {
  if (!isLong) return;
  const holds = (value: unknown) => value === true || (inMachine === true && isExpression(value));
  const fix = "Use spare capacity with checkpoints, or give it less time.";
  demand(spot, { check: "spot", limit: `true for training of more than ${most} seconds`, fix, holds }, report);
}

function judgeWait(
  wait: Reading,
  seconds: number | undefined,
  inMachine: boolean | undefined,
  report: Reporter<Check>,
): void {
  // The whole condition is computed: what is in it is not seen.
  if (wait.state === "malformed") return;
  const fix = "Write how long it may wait for spare capacity and run together.";
  const limit = `a number of seconds, ${seconds ?? "the running time"} or more`;
  const holds = (value: unknown) =>
    (typeof value === "number" && value >= (seconds ?? 1)) || (inMachine === true && isExpression(value));
  demand(wait, { check: "wait", limit, fix, holds }, report);
}
