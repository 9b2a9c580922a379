/** A double of the registry port, and the facts that the compliant fixtures claim. */
import type {
  Answer,
  EndpointConfigFacts,
  ModelFacts,
  PackageFacts,
  Registry,
} from "../../../policies/support/live.ts";
import { useRegistry } from "../../../policies/support/live.ts";

export const PACKAGE_ARN = "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/3";
export const DIGEST = `sha256:${"ab".repeat(32)}`;

/** What the registry records of the fixtures' package: approved, complete, and the origin that their tags claim. */
export const RECORDED: PackageFacts = {
  approvalStatus: "Approved",
  status: "Completed",
  metadata: {
    "frugal:dataset-version": `churn@sha256:${"cd".repeat(32)}`,
    "frugal:run": "run-2026-11-01",
    "frugal:training-job": "churn-train-7",
    "frugal:artifact-digest": DIGEST,
  },
};

export const answered = <Facts>(facts: Facts): Answer<Facts> => ({ state: "answered", facts });
const notFound: Answer<never> = { state: "not-found", words: "Could not find it." };

export interface Double extends Registry {
  /** Every question asked, in order. */
  readonly asked: string[];
}

/** Answers from maps; whatever is not in them does not exist. */
export function double(known: {
  packages?: Record<string, Answer<PackageFacts>>;
  configs?: Record<string, Answer<EndpointConfigFacts>>;
  models?: Record<string, Answer<ModelFacts>>;
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
  };
}

/** Runs `test` against `registry`, and puts the former one back whatever happens. */
export async function against<Result>(registry: Registry, test: () => Promise<Result>): Promise<Result> {
  const restore = useRegistry(registry);
  try {
    return await test();
  } finally {
    restore();
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
