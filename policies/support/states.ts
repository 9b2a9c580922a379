/** State machine definitions in either provider, read down to their Task states. */
import { parseJson } from "./document.ts";
import { valueIn } from "./read.ts";
import type { Subject } from "./subject.ts";
import { isTree, join, type Tree, Unknown } from "./unknown.ts";

/** Paths to declare, by provider: aws-native takes an object, a text or a place in S3; classic a text. */
export const DEFINITION = {
  native: ["definition", "definitionString", "definitionS3Location", "definitionSubstitutions"],
  classic: ["definition"],
} as const;

export interface TaskState {
  readonly name: string;
  readonly path: string;
  readonly state: Tree;
  /** The states beside it, by name: what it may lead to. */
  readonly siblings: Tree;
}

export interface Definition {
  readonly tasks: readonly TaskState[];
  readonly choices: readonly TaskState[];
  /** The machine itself, without those nested in its states; two when it is given twice. */
  readonly roots: readonly { readonly path: string; readonly machine: Tree }[];
  /** Where something is not known yet. */
  readonly unknown: readonly string[];
  /** What cannot be read as a definition. */
  readonly flaws: readonly { readonly path: string; readonly value: unknown; readonly limit: string }[];
}

const LIMIT = "a state machine definition that can be read: an object or JSON text with States";
/** Deeper nesting of Map and Parallel than anybody writes. */
const MAX_NESTING = 30;

/** Every Task of the definition, inside Map and Parallel too. Never throws. */
export function definitionOf(subject: Subject): Definition {
  const tasks: TaskState[] = [];
  const choices: TaskState[] = [];
  const roots: { path: string; machine: Tree }[] = [];
  const unknown: string[] = [];
  const flaws: { path: string; value: unknown; limit: string }[] = [];
  const substitutions = subject.has("definitionSubstitutions") ? subject.one("definitionSubstitutions") : undefined;
  // A place that is known never to be filled: what the state calls cannot be read.
  const isFilled = substitutions?.state !== "unknown" && !hasUnknown(substitutions && valueIn(substitutions));
  let seen = false;
  for (const path of ["definition", "definitionString"].filter((name) => subject.has(name))) {
    const reading = subject.one(path);
    if (reading.state === "absent") continue;
    seen = true;
    if (reading.state === "unknown") {
      unknown.push(path);
      continue;
    }
    const replace = (text: string) =>
      substituted(text, substitutions?.state === "known" ? substitutions.value : undefined);
    const { value } = reading;
    const body = typeof value === "string" ? parseJson(replace(value)) : deepReplace(value, replace);
    walk(body, path, value, 0);
  }
  if (substitutions?.state === "unknown") unknown.push(substitutions.path);
  if (substitutions?.state === "known" && isTree(substitutions.value)) {
    for (const [key, value] of Object.entries(substitutions.value)) {
      if (value instanceof Unknown) unknown.push(join(substitutions.path, key));
    }
  }
  if (!seen) {
    const where = subject.has("definitionS3Location") ? subject.one("definitionS3Location") : undefined;
    const value = where?.state === "known" ? where.value : undefined;
    flaws.push({ path: where && where.state !== "absent" ? where.path : "definition", value, limit: LIMIT });
  }
  return { tasks, choices, roots, unknown, flaws };

  function walk(machine: unknown, path: string, original: unknown, depth: number): void {
    if (machine instanceof Unknown) {
      unknown.push(path);
      return;
    }
    if (!isTree(machine) || depth > MAX_NESTING) {
      flaws.push({ path, value: original, limit: LIMIT });
      return;
    }
    if (depth === 0) roots.push({ path, machine });
    const states = machine.States;
    if (states instanceof Unknown) unknown.push(join(path, "States"));
    else if (!isTree(states)) flaws.push({ path: join(path, "States"), value: states, limit: LIMIT });
    else
      for (const [name, state] of Object.entries(states))
        visit(name, state, join(join(path, "States"), name), states, depth);
  }

  function visit(name: string, state: unknown, path: string, siblings: Tree, depth: number): void {
    if (state instanceof Unknown) unknown.push(path);
    else if (!isTree(state)) flaws.push({ path, value: state, limit: "a state" });
    else if (state.Type instanceof Unknown) unknown.push(join(path, "Type"));
    else if (state.Type === "Task") {
      tasks.push({ name, path, state, siblings });
      const { Resource: resource } = state;
      if (isFilled && typeof resource === "string" && /\$\{|\{%/.test(resource))
        flaws.push({ path: join(path, "Resource"), value: resource, limit: "a resource that is written out" });
    } else if (state.Type === "Choice") choices.push({ name, path, state, siblings });
    else if (state.Type === "Map") {
      const key = state.ItemProcessor === undefined ? "Iterator" : "ItemProcessor";
      walk(state[key], join(path, key), state[key], depth + 1);
    } else if (state.Type === "Parallel") {
      const branches = state.Branches;
      if (branches instanceof Unknown) unknown.push(join(path, "Branches"));
      else if (!Array.isArray(branches))
        flaws.push({ path: join(path, "Branches"), value: branches, limit: "a list of branches" });
      else {
        for (const [i, branch] of branches.entries()) walk(branch, join(join(path, "Branches"), i), branch, depth + 1);
      }
    }
  }
}

const hasUnknown = (substitutions: unknown): boolean =>
  isTree(substitutions) && Object.values(substitutions).some((value) => value instanceof Unknown);

/** `${Key}` replaced by the known substitutions; unknown ones stay and are waited for. */
function substituted(text: string, substitutions: unknown): string {
  if (!isTree(substitutions)) return text;
  return text.replaceAll(/\$\{([A-Za-z0-9_]+)\}/g, (whole, key: string) => {
    const value = substitutions[key];
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : whole;
  });
}

function deepReplace(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === "string") return replace(value);
  if (Array.isArray(value)) return value.map((item: unknown) => deepReplace(item, replace));
  if (!isTree(value)) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, inner] of Object.entries(value)) copy[replace(key)] = deepReplace(inner, replace);
  return copy;
}
