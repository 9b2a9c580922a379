/** The calls of one AWS action in a state machine, in either query language. */
import { definitionOf, type TaskState } from "./states.ts";
import type { Subject } from "./subject.ts";
import { isTree, join, type Tree, Unknown } from "./unknown.ts";

export interface Call {
  readonly path: string;
  /** The state that makes the call. */
  readonly state: Tree;
  /** What is handed over: `Arguments` (JSONata) or `Parameters` (JSONPath). Keys of JSONPath keep their `.$`. */
  readonly input: Tree;
}

const NOTHING: Tree = Object.create(null);

/**
 * The Task states whose resource is `<action>`, such as `lambda:invoke` or `cloudwatch:describeAlarms`, whatever pattern
 * (`.sync`, `.waitForTaskToken`) follows and whether through an integration of its own or `aws-sdk`. `hidden`: where a call
 * may stand that cannot be seen yet.
 */
export function callsOf(
  machine: Subject,
  action: string,
): { readonly calls: readonly Call[]; readonly hidden: readonly string[] } {
  const { tasks, unknown } = definitionOf(machine);
  const hidden = [...unknown];
  const calls: Call[] = [];
  const wanted = new RegExp(`^arn:[^:]+:states:[^:]*:[^:]*:(?:aws-sdk:)?${action}(?:\\.|$)`, "i");
  for (const { path, state } of tasks) {
    const { Resource: resource, Arguments: args, Parameters: parameters } = state;
    if (resource instanceof Unknown) hidden.push(`${path}.Resource`);
    if (typeof resource !== "string" || !wanted.test(resource)) continue;
    const input = args ?? parameters;
    if (input instanceof Unknown) hidden.push(path);
    calls.push({ path, state, input: isTree(input) ? input : NOTHING });
  }
  return { calls, hidden };
}

/** Where a state says what it hands over. */
export const argumentsOf = ({ path, state }: { readonly path: string; readonly state: Tree }): string =>
  join(path, state.Arguments === undefined && state.Parameters !== undefined ? "Parameters" : "Arguments");

/** The Task states whose known resource matches. */
export function tasksOn(machine: Subject, resource: RegExp): readonly TaskState[] {
  return definitionOf(machine).tasks.filter(
    ({ state }) => typeof state.Resource === "string" && resource.test(state.Resource),
  );
}
