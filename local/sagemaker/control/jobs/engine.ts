/**
 * What training, processing and transform jobs have in common: accepted as AWS accepts them, run in the background by the
 * run half with a session of the job's role, stopped, listed, and told about in events and lineage.
 */
import type { SageMakerEvent } from "../../events/bus.ts";
import type { Credentials, JobResult } from "../../run/types.ts";
import { type AwsError, failureReason, messageOf, validation } from "../../server/errors.ts";
import type { Call, Front, Handler, Json, Roster } from "../../server/front.ts";
import { arnOf } from "../../server/front.ts";
import { type JobLineage, recordJob } from "../lineage/automatic.ts";
import { respond, respondList } from "../listing.ts";
import { newEntry } from "../resource.ts";
import { assumeRole } from "../sessions.ts";
import { type Entry, now } from "../store.ts";

export interface JobKind {
  /** As in the operation names, e.g. "TrainingJob". */
  readonly noun: string;
  /** ARN type, e.g. "training-job". */
  readonly kind: string;
  /** In AWS's sentences, e.g. "training job". */
  readonly words: string;
  readonly missing: (name: string) => AwsError;
  readonly exists: (arn: string) => AwsError;
  readonly event: (entry: Entry) => SageMakerEvent;
  readonly lineage: (entry: Entry) => JobLineage;
  /** AWS's checks beyond the shapes; throws. */
  readonly check: (front: Front, call: Call) => void;
  /** ARN of the role the job runs with. */
  readonly role: (front: Front, input: Json) => string;
  /** Fields a new job has besides the request's. */
  readonly initial: (input: Json) => Json;
  readonly run: (
    front: Front,
    entry: Entry,
    request: Json,
    credentials: Credentials,
    signal: AbortSignal,
  ) => Promise<JobResult>;
  /** Writes the result's own fields; the common ones are written already. */
  readonly finish: (entry: Entry, result: JobResult) => void;
}

/** Jobs that run at once; the others stay InProgress until one has ended. AWS's limit is the account's quota. */
const AT_ONCE = 3;

class Gate {
  #free = AT_ONCE;
  readonly #waiting: (() => void)[] = [];

  async enter(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}

const gates = new WeakMap<Front, Gate>();
const stoppers = new WeakMap<Entry, AbortController>();

function gateOf(front: Front): Gate {
  const gate = gates.get(front) ?? new Gate();
  gates.set(front, gate);
  return gate;
}

/** Status of the lineage component that stands for the job. */
const componentStatus = (status: string): Json => ({ PrimaryStatus: status, Message: `Status: ${status}` });

function settle(front: Front, job: JobKind, entry: Entry, result: JobResult): void {
  const { fields } = entry;
  const prefix = job.noun.replace(/Job$/, "");
  fields[`${prefix}StartTime`] = result.startTime / 1000;
  fields[`${prefix}EndTime`] = result.endTime / 1000;
  fields.LastModifiedTime = now();
  if (result.status === "Failed")
    fields.FailureReason = failureReason(result.failureReason ?? "AlgorithmError: no reason was given");
  job.finish(entry, result);
  fields[`${job.noun}Status`] = result.status;
  recordJob(front, entry, job.lineage(entry), componentStatus(result.status), true);
  front.events.publish(job.event(entry));
}

async function execute(
  front: Front,
  job: JobKind,
  entry: Entry,
  request: Json,
  credentials: Credentials,
): Promise<void> {
  const stopper = new AbortController();
  stoppers.set(entry, stopper);
  front.background.add(stopper);
  const startTime = Date.now();
  const gate = gateOf(front);
  await gate.enter();
  let result: JobResult;
  try {
    result = stopper.signal.aborted
      ? { status: "Stopped", startTime, endTime: Date.now() }
      : await job.run(front, entry, request, credentials, stopper.signal);
  } catch (fault) {
    front.log(`${entry.arn}: ${fault instanceof Error ? fault.stack : String(fault)}`);
    const reason = `InternalServerError: the rehearsal could not run the job: ${messageOf(fault)}`;
    result = { status: "Failed", failureReason: reason, startTime, endTime: Date.now() };
  } finally {
    gate.leave();
    front.background.delete(stopper);
  }
  settle(front, job, entry, result);
}

function findJob(front: Front, job: JobKind, call: Call): Entry {
  const name = String(call.input[`${job.noun}Name`]);
  const entry = front.store.get(job.kind, name);
  if (!entry) throw job.missing(name);
  return entry;
}

const create =
  (job: JobKind): Handler =>
  async (front, call) => {
    const name = String(call.input[`${job.noun}Name`]);
    const arn = arnOf(front, job.kind, name);
    const taken = (): void => {
      if (front.store.get(job.kind, name)) throw job.exists(arn);
    };
    taken();
    job.check(front, call);
    const credentials = await assumeRole(front, job.role(front, call.input), "SageMaker", arn);
    taken();
    const entry = newEntry(call, job.kind, name, arn, {
      [`${job.noun}Arn`]: arn,
      [`${job.noun}Status`]: "InProgress",
      ...job.initial(call.input),
    });
    front.store.add(entry);
    recordJob(front, entry, job.lineage(entry), componentStatus("InProgress"), false);
    front.events.publish(job.event(entry));
    void execute(front, job, entry, call.input, credentials);
    return respond(front, call, entry.fields);
  };

const stop =
  (job: JobKind): Handler =>
  (front, call) => {
    const entry = findJob(front, job, call);
    const status = entry.fields[`${job.noun}Status`];
    if (status !== "InProgress")
      throw validation(`The request was rejected because the ${job.words} is in status ${status}.`);
    entry.fields[`${job.noun}Status`] = "Stopping";
    if (job.kind === "training-job") entry.fields.SecondaryStatus = "Stopping";
    entry.fields.LastModifiedTime = now();
    front.events.publish(job.event(entry));
    stoppers.get(entry)?.abort();
    return undefined;
  };

const remove =
  (job: JobKind): Handler =>
  (front, call) => {
    const entry = findJob(front, job, call);
    const status = String(entry.fields[`${job.noun}Status`]);
    if (!["Completed", "Failed", "Stopped"].includes(status))
      throw validation(`The request was rejected because the ${job.words} is in status ${status}.`);
    front.store.remove(entry);
    return undefined;
  };

/** Create, Describe, List, Stop, and Delete where AWS has it. */
export const jobOperations = (job: JobKind): Roster => ({
  [`Create${job.noun}`]: create(job),
  [`Describe${job.noun}`]: (front, call) => respond(front, call, findJob(front, job, call).fields),
  [`List${job.noun}s`]: (front, call) =>
    respondList(front, call, front.store.all(job.kind), { status: `${job.noun}Status` }),
  [`Stop${job.noun}`]: stop(job),
  ...(job.kind === "transform-job" ? {} : { [`Delete${job.noun}`]: remove(job) }),
});
