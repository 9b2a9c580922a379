/** Settings of the cost rules. */
import { choice, type Setting, texts, whole } from "./shapes.ts";

/** An accelerated instance type that somebody answers for. */
export interface AcceleratedType {
  readonly type: string;
  readonly owner: string;
  /** Its last day, as YYYY-MM-DD. */
  readonly expires: string;
}

const acceleratedTypes: Setting<readonly AcceleratedType[]> = {
  description: "Instance types with an accelerator that may be used, each with its owner and last day.",
  default: [],
  schema: {
    type: "array",
    items: {
      type: "object",
      properties: {
        type: { type: "string", minLength: 1 },
        owner: { type: "string", minLength: 1 },
        expires: { type: "string", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" },
      },
      required: ["type", "owner", "expires"],
    },
  },
};

export const costSettings = {
  serverlessMemoryMb: whole("Megabytes of memory that a serverless variant has at most.", 4096, 1024, 6144),
  serverlessConcurrency: whole("Requests at once that a serverless variant serves at most.", 20, 1, 200),
  provisionedConcurrency: choice(
    "Whether serverless variants may have provisioned concurrency, which bills by the hour: refuse or allow.",
    "allow",
    "refuse",
  ),
  instanceTypes: texts(
    "Instance types without accelerator that may be used.",
    ["ml.t3.medium", "ml.t3.large", "ml.m5.large", "ml.m5.xlarge", "ml.c5.large", "ml.c5.xlarge"],
    { minItems: 1 },
  ),
  acceleratedTypes,
  maxInstances: whole("Machines that one variant, job or group has at most.", 4, 1),
} as const;
