/**
 * The approval statuses that a SageMaker pipeline's definition may give to model packages. Its format: `Parameters[]` with
 * `Name`, `DefaultValue` and `EnumValues`; `Steps[]` with `Arguments`, in which `{"Get": "Parameters.X"}` stands for a
 * parameter (SageMaker Python SDK, `workflow/parameters.py`). Whoever starts the pipeline may give its parameters other values
 * than their defaults (SageMaker developer guide, "Pipeline parameters"), but none outside `EnumValues`.
 */
import { parseJson } from "./document.ts";
import { PIPELINE } from "./families.ts";
import { type Reading, valueIn } from "./read.ts";
import type { Reads, Subject } from "./subject.ts";
import { isTree, join, type Tree, Unknown } from "./unknown.ts";

/** Paths to declare. */
export const PIPELINE_READS: Reads = {
  [PIPELINE.native]: ["pipelineDefinition"],
  [PIPELINE.classic]: ["pipelineDefinition", "pipelineDefinitionS3Location"],
};

export interface Status {
  readonly path: string;
  readonly value: unknown;
  /** The values that it may take; undefined where that cannot be told. */
  readonly possible: readonly unknown[] | undefined;
}

export interface PipelineStatuses {
  readonly statuses: readonly Status[];
  /** Where something is not known yet. */
  readonly unknown: readonly string[];
  /** What cannot be read as a definition. */
  readonly flaws: readonly { readonly path: string; readonly value: unknown }[];
}

/** Deeper than any definition. */
const MAX_DEPTH = 60;
const BODY = "pipelinedefinitionbody";
const LOCATION = "pipelinedefinitions3location";

/** Every `ModelApprovalStatus` in the definition, also in steps inside conditions. Never throws. */
export function statusesIn(subject: Subject): PipelineStatuses {
  const statuses: Status[] = [];
  const unknown: string[] = [];
  const flaws: { path: string; value: unknown }[] = [];
  const elsewhere = subject.has("pipelineDefinitionS3Location")
    ? subject.one("pipelineDefinitionS3Location")
    : undefined;
  if (elsewhere && elsewhere.state !== "absent") flaws.push({ path: elsewhere.path, value: shown(elsewhere) });
  const reading = subject.one("pipelineDefinition");
  if (reading.state === "unknown") unknown.push(reading.path);
  else if (reading.state !== "absent" || flaws.length === 0) open(valueIn(reading), reading.path);
  return { statuses, unknown, flaws };

  /** aws-native wraps the text, or the place in S3, in an object. */
  function open(value: unknown, path: string): void {
    const entries = isTree(value) ? Object.entries(value) : [];
    const wrapped = entries.filter(([key]) => [BODY, LOCATION].includes(key.toLowerCase()));
    if (wrapped.length === 0) {
      parse(value, path);
      return;
    }
    for (const [key, inner] of wrapped) {
      if (key.toLowerCase() === BODY) parse(inner, join(path, key));
      else flaws.push({ path: join(path, key), value: inner });
    }
  }

  function parse(value: unknown, path: string): void {
    const body = typeof value === "string" ? parseJson(value) : value;
    if (value instanceof Unknown) unknown.push(path);
    else if (!isTree(body) || (!Array.isArray(body.Steps) && !(body.Steps instanceof Unknown)))
      flaws.push({ path, value });
    else walk(body, path, body, 0);
  }

  function walk(value: unknown, path: string, body: Tree, depth: number): void {
    if (value instanceof Unknown) unknown.push(path);
    else if (depth > MAX_DEPTH) flaws.push({ path, value: "nested too deeply" });
    else if (Array.isArray(value)) {
      for (const [i, item] of (value as readonly unknown[]).entries()) walk(item, join(path, i), body, depth + 1);
    } else if (isTree(value)) {
      for (const [key, inner] of Object.entries(value)) {
        const here = join(path, key);
        if (key.toLowerCase() !== "modelapprovalstatus" || inner instanceof Unknown) walk(inner, here, body, depth + 1);
        else statuses.push({ path: here, value: inner, possible: possibleOf(inner, body) });
      }
    }
  }
}

const shown = (reading: Reading): unknown =>
  reading.state === "unknown" ? new Unknown(reading.path) : valueIn(reading);

function possibleOf(value: unknown, body: Tree): readonly unknown[] | undefined {
  if (!isTree(value)) return [value];
  const name = typeof value.Get === "string" ? /^Parameters\.(.+)$/.exec(value.Get)?.[1] : undefined;
  const parameters: readonly unknown[] = Array.isArray(body.Parameters) ? body.Parameters : [];
  const own = parameters.filter((one): one is Tree => isTree(one) && one.Name === name);
  const [only] = own;
  if (own.length !== 1 || !only || !Array.isArray(only.EnumValues)) return undefined;
  return only.DefaultValue === undefined ? only.EnumValues : [...only.EnumValues, only.DefaultValue];
}
