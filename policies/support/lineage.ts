/**
 * The lineage record as the pack demands it. The same keys stand in `contracts/lineage.ts`; the pack does not import them,
 * because its folder must work alone in other people's programs. A test holds the two equal.
 */

/** SageMaker's name rule: 1 to 63 letters, digits and inner hyphens (botocore sagemaker 2017-07-24). */
const NAME = "[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}";

/** A version in a model package group: the only reference that says exactly what is served. */
export const PACKAGE_ARN = new RegExp(
  `^arn:(?<partition>aws[a-z-]*):sagemaker:(?<region>[a-z0-9-]+):(?<account>[0-9]{12}):model-package/(?<group>${NAME})/(?<version>[0-9]{1,9})$`,
);
export const PACKAGE_ARN_WORDS =
  "the ARN of a model package version (arn:aws:sagemaker:REGION:ACCOUNT:model-package/GROUP/VERSION)";

export interface PackageRef {
  readonly arn: string;
  readonly region: string;
  readonly account: string;
  readonly group: string;
  readonly version: number;
}

/** The parts of a versioned package ARN, or undefined when `value` is not one. */
export function packageRef(value: unknown): PackageRef | undefined {
  if (typeof value !== "string" || value.length > 256) return undefined;
  const found = PACKAGE_ARN.exec(value)?.groups;
  if (!found?.region || !found.account || !found.group || !found.version) return undefined;
  return {
    arn: value,
    region: found.region,
    account: found.account,
    group: found.group,
    version: Number(found.version),
  };
}

export interface LineageKey {
  /** Key after the tag prefix. */
  readonly key: string;
  readonly pattern: RegExp;
  /** What the value must be, for messages. */
  readonly words: string;
}

/** Tag and metadata values: 1 to 256 characters of this alphabet, and not only blanks (botocore, TagValue). */
const TEXT = /^(?=.*[^\p{Z}])[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$/u;

export const LINEAGE = {
  datasetVersion: {
    key: "dataset-version",
    pattern: /^[a-z0-9](?:-?[a-z0-9]){0,62}@sha256:[0-9a-f]{64}$/,
    words: "<dataset name>@sha256:<64 lower-case hex digits>",
  },
  run: { key: "run", pattern: TEXT, words: "the run's name, not empty" },
  trainingJob: { key: "training-job", pattern: new RegExp(`^${NAME}$`), words: "a training job's name" },
  artifactDigest: {
    key: "artifact-digest",
    pattern: /^sha256:[0-9a-f]{64}$/,
    words: "sha256:<64 lower-case hex digits>",
  },
  modelPackage: { key: "model-package", pattern: PACKAGE_ARN, words: PACKAGE_ARN_WORDS },
} as const satisfies Record<string, LineageKey>;

/** Of a record: the AutoML job whose best candidate the model is, and which read the dataset; "-" or absent where there is none. */
export const AUTO_ML_JOB = "automl-job";

/**
 * Where a dataset version lies in its bucket, by a layout such as `datasets/{name}/{hex}/manifest.json`: the prefix of its
 * objects ends with the digest. Undefined when `version` is none.
 */
export function datasetKeys(layout: string, version: string): { prefix: string; manifest: string } | undefined {
  if (!LINEAGE.datasetVersion.pattern.test(version)) return undefined;
  const [name = "", hex = ""] = version.split("@sha256:");
  const fill = (text: string) => text.replaceAll("{name}", name).replaceAll("{hex}", hex);
  return { prefix: fill(layout.slice(0, layout.indexOf("{hex}/") + "{hex}/".length)), manifest: fill(layout) };
}

/** The package group's one key: which model its versions are of. */
export const GROUP_MODEL: LineageKey = { key: "model", pattern: TEXT, words: "the model's name, not empty" };
