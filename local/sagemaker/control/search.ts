/** Search over the front's own records; resources that moto holds are searched there. */
import { validation } from "../server/errors.ts";
import type { Call, Front, Json, Roster } from "../server/front.ts";
import { project } from "../validate/validate.ts";
import { fieldAt, page } from "./listing.ts";
import type { Entry } from "./store.ts";

/** Search resource → the front's kind, and the member of a result that holds it. */
const OWN: Readonly<Record<string, readonly [kind: string, result: string]>> = {
  TrainingJob: ["training-job", "TrainingJob"],
  Endpoint: ["endpoint", "Endpoint"],
  Model: ["model", "Model"],
  ModelPackage: ["model-package", "ModelPackage"],
  ModelPackageGroup: ["model-package-group", "ModelPackageGroup"],
  Experiment: ["experiment", "Experiment"],
  ExperimentTrial: ["experiment-trial", "Trial"],
  ExperimentTrialComponent: ["experiment-trial-component", "TrialComponent"],
};

interface Filter {
  readonly Name: string;
  readonly Operator?: string;
  readonly Value?: string;
}

interface Expression {
  readonly Filters?: readonly Filter[];
  readonly SubExpressions?: readonly Expression[];
  readonly NestedFilters?: readonly unknown[];
  readonly Operator?: string;
}

const OPERATORS: Readonly<Record<string, (actual: unknown, value: string) => boolean>> = {
  Equals: (actual, value) => String(actual) === value,
  NotEquals: (actual, value) => String(actual) !== value,
  Contains: (actual, value) => String(actual ?? "").includes(value),
  Exists: (actual) => actual !== undefined,
  NotExists: (actual) => actual === undefined,
  In: (actual, value) => value.split(",").includes(String(actual)),
  GreaterThan: (actual, value) => compare(actual, value) > 0,
  GreaterThanOrEqualTo: (actual, value) => compare(actual, value) >= 0,
  LessThan: (actual, value) => compare(actual, value) < 0,
  LessThanOrEqualTo: (actual, value) => compare(actual, value) <= 0,
};

/** Numbers by value, times given as text against epoch seconds; NaN (no match) for what cannot be compared. */
function compare(actual: unknown, value: string): number {
  const wanted = Number.isNaN(Number(value)) ? Date.parse(value) / 1000 : Number(value);
  return actual === undefined ? Number.NaN : Number(actual) - wanted;
}

/** A property by name: "Tags.key", or a dotted path; hyper-parameters keep their own dots. */
function property(entry: Entry, name: string): unknown {
  if (name.startsWith("Tags.")) return entry.tags.find((tag) => tag.Key === name.slice(5))?.Value;
  if (name.startsWith("HyperParameters.")) return ((entry.fields.HyperParameters ?? {}) as Json)[name.slice(16)];
  return fieldAt(entry.fields, name);
}

function matches(entry: Entry, expression: Expression): boolean {
  if (expression.NestedFilters?.length)
    throw validation("The rehearsal's Search knows no NestedFilters; add them in local/sagemaker/control/search.ts.");
  const verdicts = [
    ...(expression.Filters ?? []).map(
      ({ Name, Operator = "Equals", Value = "" }) => OPERATORS[Operator]?.(property(entry, Name), Value) ?? false,
    ),
    ...(expression.SubExpressions ?? []).map((inner) => matches(entry, inner)),
  ];
  if (verdicts.length === 0) return true;
  return expression.Operator === "Or" ? verdicts.some(Boolean) : verdicts.every(Boolean);
}

function search(front: Front, call: Call): Json | Promise<Json> {
  const own = OWN[String(call.input.Resource)];
  if (!own) return front.moto.call("Search", call.input);
  const [kind, result] = own;
  const by = String(call.input.SortBy ?? "LastModifiedTime");
  const direction = call.input.SortOrder === "Ascending" ? 1 : -1;
  const found = front.store
    .all(kind)
    .filter((entry) => matches(entry, (call.input.SearchExpression ?? {}) as Expression))
    .sort((a, b) => {
      const [x, y] = [fieldAt(a.fields, by) ?? 0, fieldAt(b.fields, by) ?? 0] as [number, number];
      return direction * (x < y ? -1 : x > y ? 1 : 0);
    });
  const { items, next } = page(call, found);
  const results = items.map((entry) =>
    project(front.model, "SearchRecord", { [result]: { ...entry.fields, Tags: entry.tags } }),
  );
  return { Results: results, ...(next ? { NextToken: next } : {}) };
}

export const searchOperations: Roster = { Search: search };
