/** A double of the registry port, and the facts that the compliant fixtures claim. */
import type {
  Answer,
  AutoMlJobFacts,
  EndpointConfigFacts,
  ModelFacts,
  PackageFacts,
  Registry,
  TrainingJobFacts,
} from "../../../policies/support/live.ts";
import { useRegistry } from "../../../policies/support/live.ts";
import { type ObjectFacts, type Objects, useObjects } from "../../../policies/support/live-objects.ts";

export const PACKAGE_ARN = "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/3";
const HEX = "ab".repeat(32);
export const DIGEST = `sha256:${HEX}`;
export const MODEL_URI = `s3://frugal-prod-artifacts/models/sha256/${HEX}/model.tar.gz`;

const DATASET_HEX = "cd".repeat(32);
/** The dataset version that the fixtures' model was trained on. */
export const DATASET_URI = `s3://frugal-prod-data/datasets/churn/${DATASET_HEX}/`;
/** The job that trained it. */
export const JOB: TrainingJobFacts = {
  arn: "arn:aws:sagemaker:us-east-1:111122223333:training-job/churn-train-7",
  channels: [`${DATASET_URI}train/`],
};

/** What the registry records of the fixtures' package: approved, complete, and the origin that their tags claim. */
export const RECORDED: PackageFacts = {
  approvalStatus: "Approved",
  status: "Completed",
  metadata: {
    "frugal:dataset-version": `churn@sha256:${DATASET_HEX}`,
    "frugal:run": "run-2026-11-01",
    "frugal:training-job": "churn-train-7",
    "frugal:artifact-digest": DIGEST,
    "frugal:submitted-by": "ada@example.com",
    "frugal:approved-by": "grace@example.com",
    "frugal:approved-at": "2026-11-02T09:30:00.000Z",
    "frugal:packet-digest": `sha256:${"ef".repeat(32)}`,
  },
  approvalDescription: "Better on every segment.",
  hasQuality: true,
  lastModifiedBy: "arn:aws:sts::111122223333:assumed-role/frugal-prod-record-decision/frugal-prod-record-decision",
  modelData: [{ path: "Containers[0]", uri: MODEL_URI }],
};

/** What S3 keeps of an object whose bytes have the digest. */
export const stored = (hex: string): ObjectFacts => ({
  checksumSha256: Buffer.from(hex, "hex").toString("base64"),
  checksumType: "FULL_OBJECT",
  versionId: "v1",
});

export const answered = <Facts>(facts: Facts): Answer<Facts> => ({ state: "answered", facts });
const notFound: Answer<never> = { state: "not-found", words: "Could not find it." };

export interface Double extends Registry {
  /** Every question asked, in order. */
  readonly asked: string[];
}

/** Answers from maps; whatever is not in them does not exist. The fixtures' training job does, unless jobs are given. */
export function double(known: {
  packages?: Record<string, Answer<PackageFacts>>;
  configs?: Record<string, Answer<EndpointConfigFacts>>;
  models?: Record<string, Answer<ModelFacts>>;
  jobs?: Record<string, Answer<TrainingJobFacts>>;
  searches?: Record<string, Answer<AutoMlJobFacts>>;
}): Double {
  const asked: string[] = [];
  return {
    asked,
    modelPackage: async (arn) => {
      asked.push(arn);
      return known.packages?.[arn] ?? notFound;
    },
    endpointConfig: async (name, region) => {
      asked.push(`${region} ${name}`);
      return known.configs?.[name] ?? notFound;
    },
    model: async (name, region) => {
      asked.push(`${region} ${name}`);
      return known.models?.[name] ?? notFound;
    },
    trainingJob: async (name, region) => {
      asked.push(`${region} ${name}`);
      return (known.jobs ?? { "churn-train-7": answered(JOB) })[name] ?? notFound;
    },
    autoMlJob: async (name, region) => {
      asked.push(`${region} AutoML ${name}`);
      return known.searches?.[name] ?? notFound;
    },
  };
}

/** A store that holds these objects, by address; whatever is not in it does not exist. */
export function store(known: Record<string, Answer<ObjectFacts>>): Objects & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    object: async (bucket, key, region) => {
      asked.push(`${region} s3://${bucket}/${key}`);
      return known[`s3://${bucket}/${key}`] ?? notFound;
    },
  };
}

/** The store in which the compliant fixtures are true. */
export const trueStore = () =>
  store({ [MODEL_URI]: answered(stored(HEX)), [`${DATASET_URI}manifest.json`]: answered(stored(HEX)) });

/** Runs `test` against `registry` and `objects`, and puts the former ones back whatever happens. */
export async function against<Result>(
  registry: Registry,
  test: () => Promise<Result>,
  objects: Objects = trueStore(),
): Promise<Result> {
  const restores = [useRegistry(registry), useObjects(objects)];
  try {
    return await test();
  } finally {
    for (const restore of restores) restore();
  }
}

/** The registry in which the compliant fixtures are true. */
export const trueRegistry = (): Double => double({ packages: { [PACKAGE_ARN]: answered(RECORDED) } });

/** Runs `test` as if in an update, as the language host would say. */
export async function atUpdate<Result>(test: () => Promise<Result>): Promise<Result> {
  const before = process.env.PULUMI_NODEJS_DRY_RUN;
  process.env.PULUMI_NODEJS_DRY_RUN = "false";
  try {
    return await test();
  } finally {
    if (before === undefined) delete process.env.PULUMI_NODEJS_DRY_RUN;
    else process.env.PULUMI_NODEJS_DRY_RUN = before;
  }
}
