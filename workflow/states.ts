/**
 * The small vocabulary that the state machines are written in: each step is a state and the grants that it needs, side by
 * side, so that a role is the union of its steps and nothing else.
 */

import type { Statement } from "../contracts/iam.ts";

/** A state as the Amazon States Language writes it. */
export interface State {
  readonly Type: "Task" | "Choice" | "Pass" | "Wait" | "Succeed" | "Fail";
  readonly [field: string]: unknown;
}
export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: "FULL" | "NONE";
}
export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly Assign?: Readonly<Record<string, unknown>>;
}
export interface Step {
  readonly state: State;
  readonly grants: readonly Statement[];
}
export type Steps = Readonly<Record<string, Step>>;

/** A state machine in JSONata, ready for JSON.stringify. */
export interface StateMachine {
  readonly Comment: string;
  readonly QueryLanguage: "JSONata";
  readonly StartAt: string;
  readonly TimeoutSeconds: number;
  readonly States: Readonly<Record<string, State>>;
}

/** Puts steps together; the first one starts. */
export function machine(comment: string, timeoutSeconds: number, steps: Steps): StateMachine {
  const [first] = Object.keys(steps);
  if (first === undefined) throw new Error("a state machine needs a state");
  return {
    Comment: comment,
    QueryLanguage: "JSONata",
    StartAt: first,
    TimeoutSeconds: timeoutSeconds,
    States: Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, step.state])),
  };
}

/** What all steps together need. */
export function grantsOf(steps: Steps): Statement[] {
  return Object.values(steps).flatMap((step) => step.grants);
}

/** A JSONata expression as a state machine writes it. */
export function expression(jsonata: string): string {
  return `{% ${jsonata} %}`;
}

/** A step without grants: Choice, Pass, Wait, Succeed, Fail. */
export function plain(state: State): Step {
  return { state, grants: [] };
}

/** A step that calls something: always with a time limit, bounded retries and a way out. */
export function task(options: {
  /** Service integration without its ARN prefix: `lambda:invoke`, `sagemaker:createTransformJob.sync`. */
  readonly integration: string;
  readonly partition?: string;
  readonly arguments: unknown;
  /** Seconds until the attempt counts as States.Timeout. */
  readonly timeoutSeconds: number;
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
  readonly next: string;
  readonly assign?: Readonly<Record<string, unknown>>;
  readonly comment?: string;
  readonly grants: readonly Statement[];
}): Step {
  return {
    state: {
      Type: "Task",
      ...(options.comment ? { Comment: options.comment } : {}),
      Resource: `arn:${options.partition ?? "aws"}:states:::${options.integration}`,
      Arguments: options.arguments,
      TimeoutSeconds: options.timeoutSeconds,
      Retry: options.retry,
      Catch: options.catch,
      ...(options.assign ? { Assign: options.assign } : {}),
      Next: options.next,
    },
    grants: options.grants,
  };
}

/** Any failure: keep what it was in the variable `failure` and go there. */
export function catchAll(next: string): Catcher {
  return { ErrorEquals: ["States.ALL"], Assign: { failure: expression("$states.errorOutput") }, Next: next };
}

/** A failure that changes nothing any more, as in a clean-up: go on. */
export function goOn(next: string): Catcher {
  return { ErrorEquals: ["States.ALL"], Next: next };
}
