/** The model packages that a Model's containers name, in either provider. */
import type { Reading } from "./read.ts";
import type { Subject } from "./subject.ts";
import { isTree, join, Unknown } from "./unknown.ts";

/** Paths to declare for a Model. */
export const CONTAINERS = ["primaryContainer", "containers[]"] as const;

/** Container properties that would bring in code or weights besides the package's. `imageConfig` and names do not. */
export const BESIDES = [
  "image",
  "modelDataUrl",
  "modelDataSource",
  "additionalModelDataSources",
  "multiModelConfig",
  // Another specification of the package than the one that was tested.
  "inferenceSpecificationName",
] as const;

/**
 * Variables by which AWS's framework containers load other code or weights than those in the model archive: the first may
 * be an S3 address (sagemaker-containers, sagemaker-inference), the third names a model on a public hub (Hugging Face
 * inference toolkit), the last two a model anywhere (DJL Serving).
 */
export const LOADERS = [
  "SAGEMAKER_SUBMIT_DIRECTORY",
  "SAGEMAKER_PROGRAM",
  "HF_MODEL_ID",
  "OPTION_MODEL_ID",
  "SERVING_LOAD_MODELS",
] as const;

export interface Container {
  readonly path: string;
  /** The reading of its `modelPackageName`. */
  readonly package: Reading;
  /** The value of another property of the container. */
  property(key: string): { readonly path: string; readonly value: unknown };
}

export interface Containers {
  readonly known: readonly Container[];
  /** Where containers stand that cannot be seen yet. */
  readonly unknown: readonly string[];
  readonly malformed: readonly { readonly path: string; readonly value: unknown }[];
}

/** Every container of a Model. The subject's rule must declare `CONTAINERS`. */
export function containersOf(subject: Subject): Containers {
  const known: Container[] = [];
  const unknown: string[] = [];
  const malformed: { path: string; value: unknown }[] = [];
  for (const reading of CONTAINERS.flatMap((path) => subject.read(path))) {
    const { path } = reading;
    if (reading.state === "absent") continue;
    if (reading.state === "unknown") unknown.push(path);
    else if (!isTree(reading.value)) malformed.push({ path, value: reading.value });
    else known.push(containerOf(reading.value, path));
  }
  return { known, unknown, malformed };
}

function containerOf(tree: { readonly [key: string]: unknown }, path: string): Container {
  return {
    path,
    package: leaf(tree.modelPackageName, join(path, "modelPackageName")),
    property: (key) => ({ path: join(path, key), value: tree[key] }),
  };
}

function leaf(value: unknown, path: string): Reading {
  if (value === undefined) return { state: "absent", path };
  return value instanceof Unknown ? { state: "unknown", path } : { state: "known", path, value };
}
