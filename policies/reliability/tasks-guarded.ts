/** No task of a state machine waits without end, gives up at the first hiccup, or leaves its resources behind. */
import { STATE_MACHINE } from "../support/families.ts";
import { isExpression } from "../support/job-calls.ts";
import type { Fault, Reporter } from "../support/report.ts";
import { rule } from "../support/rule.ts";
import { show } from "../support/show.ts";
import { DEFINITION, definitionOf, type TaskState } from "../support/states.ts";
import { isTree, join, Unknown } from "../support/unknown.ts";

type Check = "timeout" | "token" | "retry" | "catch" | "default" | "machine" | "unreadable";
interface Limits {
  readonly approvalSeconds: number;
  readonly maxAttempts: number;
}

/** How long an execution may last at most (Step Functions developer guide, quotas): a limit of that is none. */
const YEAR = 365 * 24 * 3600;
const SECONDS = "a number of seconds above 0 and below a year";

export default rule({
  id: "tasks-guarded",
  group: "reliability",
  severity: "high",
  what: "A state machine's task has no time limit, no retry or no catch, or a choice has no default.",
  why: "A task without a time limit waits for a year; without a catch it leaves its resources behind.",
  fix: "Give each task TimeoutSeconds, a Retry for transient errors and a Catch of States.ALL that leads to the clean-up, each choice a Default, and the machine a time limit.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    timeout: "A task has no time limit.",
    token: "A task that waits for an answer waits longer than the stage allows, or for a time that is not literal.",
    retry: "A task retries nothing transient, or almost without end.",
    catch: "A task does not lead every error to another state.",
    default: "A choice has no default.",
    machine: "The machine as a whole has no time limit.",
    unreadable: "The definition cannot be read.",
  } satisfies Record<Check, string>,
  settings: ["approvalSeconds", "maxAttempts"],
  resource: {
    reads: { [STATE_MACHINE.native]: DEFINITION.native, [STATE_MACHINE.classic]: DEFINITION.classic },
    judge(subject, { settings, report }) {
      const { tasks, choices, roots, unknown, flaws } = definitionOf(subject);
      for (const path of unknown) report.waits(path, "tasks with a time limit, a retry and a catch");
      for (const { path, value, limit } of flaws) {
        report.fault({
          check: "unreadable",
          path,
          value: show(value),
          limit,
          fix: "Give the definition in the program.",
        });
      }
      for (const { path, machine } of roots) {
        const fix = "Add it: an execution may last a year.";
        const at = join(path, "TimeoutSeconds");
        if (!isSeconds(machine.TimeoutSeconds))
          say(at, machine.TimeoutSeconds, { check: "machine", limit: SECONDS, fix }, report);
      }
      for (const task of tasks) {
        judgeTime(task, settings, report);
        judgeRetry(task, settings, report);
        judgeCatch(task, report);
      }
      for (const { path, state, siblings } of choices) {
        const isThere = typeof state.Default === "string" && Object.hasOwn(siblings, state.Default);
        const limit = "the name of a state beside it";
        const fix = "Say where to go when nothing matches; otherwise the execution fails there.";
        if (!isThere) say(join(path, "Default"), state.Default, { check: "default", limit, fix }, report);
      }
    },
  },
});

/** A note when the value is not known yet, else the fault. */
function say(
  path: string,
  value: unknown,
  rest: Pick<Fault<Check>, "check" | "limit" | "fix">,
  report: Reporter<Check>,
): void {
  if (value instanceof Unknown) report.waits(path, rest.limit);
  else report.fault({ path, value: show(value), ...rest });
}

const isSeconds = (value: unknown): value is number => typeof value === "number" && value > 0 && value < YEAR;

/** `TimeoutSecondsPath` is JSONPath's form, an expression JSONata's. */
function judgeTime({ path, state }: TaskState, { approvalSeconds }: Limits, report: Reporter<Check>): void {
  const { TimeoutSeconds: seconds, TimeoutSecondsPath: from, Resource: resource } = state;
  const at = join(path, from === undefined || seconds !== undefined ? "TimeoutSeconds" : "TimeoutSecondsPath");
  const value = seconds ?? from;
  if (resource instanceof Unknown) report.waits(join(path, "Resource"), "literal, as the time limit hangs on it");
  if (typeof resource === "string" && resource.endsWith(".waitForTaskToken")) {
    if (isSeconds(seconds) && seconds <= approvalSeconds) return;
    const fix = "Write the number; whoever has not answered by then is not asked for ever.";
    say(at, value, { check: "token", limit: `a number of seconds up to ${approvalSeconds}`, fix }, report);
    return;
  }
  if (isSeconds(seconds) || isExpression(seconds) || (seconds === undefined && typeof from === "string")) return;
  say(
    at,
    value,
    { check: "timeout", limit: `${SECONDS}, or an expression`, fix: "Add it: a task may last a year." },
    report,
  );
}

function judgeRetry({ path, state }: TaskState, { maxAttempts }: Limits, report: Reporter<Check>): void {
  const at = join(path, "Retry");
  const limit = `a list with a retrier for transient errors, of 1 to ${maxAttempts} attempts`;
  const fix = "Retry throttling and service errors, a bounded number of times.";
  const { Retry: retriers } = state;
  if (!Array.isArray(retriers)) {
    say(at, retriers, { check: "retry", limit, fix }, report);
    return;
  }
  let isRetried = false;
  let isHidden = false;
  for (const [i, retrier] of (retriers as readonly unknown[]).entries()) {
    const here = join(at, i);
    if (retrier instanceof Unknown || (isTree(retrier) && retrier.ErrorEquals instanceof Unknown)) {
      report.waits(here, "a retrier with a bound");
      isHidden = true;
      continue;
    }
    const errors: unknown = isTree(retrier) ? retrier.ErrorEquals : undefined;
    if (!isTree(retrier) || !Array.isArray(errors)) {
      say(here, retrier, { check: "retry", limit: "a retrier with ErrorEquals", fix }, report);
      continue;
    }
    // Absent means three attempts (Amazon States Language, Retriers).
    const attempts = retrier.MaxAttempts ?? 3;
    if (typeof attempts !== "number" || attempts > maxAttempts) {
      say(join(here, "MaxAttempts"), attempts, { check: "retry", limit: `${maxAttempts} or less`, fix }, report);
      if (attempts instanceof Unknown) isHidden = true;
    }
    // Lambda.Unknown is a function that died: out of memory or time, which a repetition rarely mends.
    const isTransient = errors.some((error: unknown) => error !== "Lambda.Unknown");
    if (isTransient && typeof attempts === "number" && attempts >= 1) isRetried = true;
  }
  if (!isRetried && !isHidden) report.fault({ check: "retry", path: at, value: show(retriers), limit, fix });
}

/** Which state cleans up cannot be told from a definition; that every error leads to another state can. */
function judgeCatch({ name, path, state, siblings }: TaskState, report: Reporter<Check>): void {
  const at = join(path, "Catch");
  const limit = "a list with a catcher of States.ALL that leads to another state";
  const fix = "Lead every error to the state that cleans up and tells.";
  const { Catch: catchers } = state;
  if (!Array.isArray(catchers)) {
    say(at, catchers, { check: "catch", limit, fix }, report);
    return;
  }
  let isHidden = false;
  const isCaught = (catchers as readonly unknown[]).some((catcher, i) => {
    if (catcher instanceof Unknown) {
      report.waits(join(at, i), "a catcher");
      isHidden = true;
    }
    if (!isTree(catcher)) return false;
    const { ErrorEquals: errors, Next: next } = catcher;
    for (const [key, value] of Object.entries({ ErrorEquals: errors, Next: next })) {
      if (!(value instanceof Unknown)) continue;
      report.waits(join(join(at, i), key), "what leads every error to another state");
      isHidden = true;
    }
    if (!Array.isArray(errors) || !errors.includes("States.ALL")) return false;
    return typeof next === "string" && next !== name && Object.hasOwn(siblings, next);
  });
  if (!isCaught && !isHidden) report.fault({ check: "catch", path: at, value: show(catchers), limit, fix });
}
