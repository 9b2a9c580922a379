/** The settings' defaults and limits, and how a rule reads them. */
import type { SettingName, Settings } from "./setting-types.ts";

export type { AcceleratedType, SettingName, Settings } from "./setting-types.ts";

interface SettingShape<Name extends SettingName> {
  readonly description: string;
  readonly default: Settings[Name];
  readonly schema: Readonly<Record<string, unknown>>;
}

const strings = { type: "array", items: { type: "string" } } as const;

export const SETTINGS: { readonly [Name in SettingName]: SettingShape<Name> } = {
  tagPrefix: {
    description: "Start of the lineage and estate tag keys.",
    default: "frugal:",
    schema: { type: "string", minLength: 1, maxLength: 64 },
  },
  offline: {
    description: "When AWS cannot be asked: refuse (a violation) or warn (an advisory note).",
    default: "refuse",
    schema: { type: "string", enum: ["refuse", "warn"] },
  },
  unknownPackage: {
    description:
      "A model package not known at preview: refuse (it must be literal) or follow (judge what it refers to).",
    default: "refuse",
    schema: { type: "string", enum: ["refuse", "follow"] },
  },
  registryAccounts: {
    description: "Accounts whose model packages may be used; empty: only that of the model's own execution role.",
    default: [],
    schema: { type: "array", items: { type: "string", pattern: "^[0-9]{12}$" } },
  },
  registryGroups: {
    description: "Model package groups that may be used; empty: any.",
    default: [],
    schema: strings,
  },
  artifactBuckets: {
    description: "Buckets in which model data may lie; empty: any.",
    default: [],
    schema: strings,
  },
  evidenceLockDays: {
    description: "Days for which Object Lock must keep evidence; 0: Object Lock is not demanded.",
    // Not demanded: it can be turned on only when a bucket is made, and SageMaker writes to buckets of evidence too.
    default: 0,
    schema: { type: "integer", minimum: 0, maximum: 36_500 },
  },
  versionedBuckets: {
    description: "Buckets outside this program that are known to keep versions.",
    default: [],
    schema: strings,
  },
  readerAccounts: {
    description: "Other accounts that may read the registry; its own account always may.",
    default: [],
    schema: { type: "array", items: { type: "string", pattern: "^[0-9]{12}$" } },
  },
  readerOrganizations: {
    description: "Organisations (o-...) whose accounts may read the registry.",
    default: [],
    schema: { type: "array", items: { type: "string", pattern: "^o-[a-z0-9]{10,32}$" } },
  },
  approvingStates: {
    description: "State machine states that may set Approved, because a person's answer ends in them.",
    // None: in this estate the approver's answer ends in a function that holds the one grant to decide.
    default: [],
    schema: strings,
  },
  recordingRoles: {
    description: "Values of the role tag of functions that only record events, and so may see undecided packages.",
    default: ["record-lineage"],
    schema: strings,
  },
  passRoleServices: {
    description: "Services that a role may be passed to.",
    default: [
      "sagemaker.amazonaws.com",
      "states.amazonaws.com",
      "scheduler.amazonaws.com",
      "lambda.amazonaws.com",
      "events.amazonaws.com",
    ],
    schema: { type: "array", items: { type: "string", minLength: 1 }, minItems: 1 },
  },
  trustedServices: {
    description: "Services that may take a role.",
    default: [
      "sagemaker.amazonaws.com",
      "states.amazonaws.com",
      "scheduler.amazonaws.com",
      "lambda.amazonaws.com",
      "events.amazonaws.com",
    ],
    schema: { type: "array", items: { type: "string", minLength: 1 }, minItems: 1 },
  },
  accountTrust: {
    description:
      "A trust in a whole account without a condition: refuse, or allow where people's own policies decide who takes the role.",
    default: "refuse",
    schema: { type: "string", enum: ["refuse", "allow"] },
  },
  approvingRoles: {
    description: "Roles, by name or role tag, that may decide on model packages: one of each.",
    default: ["record-decision"],
    schema: strings,
  },
  answeringRoles: {
    description: "Roles, by name or role tag, that hand a person's answer to a waiting workflow: one of each.",
    // The second only repeats an answer that was given before, when a submission comes again.
    default: ["decide-approval", "request-approval"],
    schema: strings,
  },
  deployingRoles: {
    description: "Roles, by name or role tag, that make and change endpoints: one of each.",
    default: ["rollout-workflow"],
    schema: strings,
  },
  requiredTags: {
    description: "Tag keys, after the prefix, that every taggable resource carries.",
    default: ["stage", "project", "owner", "component"],
    schema: strings,
  },
  minInstances: {
    description: "Instances that a variant of a synchronous endpoint has at least.",
    default: 2,
    schema: { type: "integer", minimum: 1 },
  },
  ssmAccess: {
    description: "Whether the instances behind an endpoint may be logged into: refuse or allow.",
    default: "refuse",
    schema: { type: "string", enum: ["refuse", "allow"] },
  },
  serverlessMemoryMb: {
    description: "Megabytes of memory that a serverless variant has at most.",
    default: 4096,
    schema: { type: "integer", minimum: 1024, maximum: 6144 },
  },
  serverlessConcurrency: {
    description: "Requests at once that a serverless variant serves at most.",
    default: 20,
    schema: { type: "integer", minimum: 1, maximum: 200 },
  },
  provisionedConcurrency: {
    description:
      "Whether serverless variants may have provisioned concurrency, which bills by the hour: refuse or allow.",
    default: "allow",
    schema: { type: "string", enum: ["refuse", "allow"] },
  },
  instanceTypes: {
    description: "Instance types without accelerator that may be used.",
    default: ["ml.t3.medium", "ml.t3.large", "ml.m5.large", "ml.m5.xlarge", "ml.c5.large", "ml.c5.xlarge"],
    schema: { type: "array", items: { type: "string", minLength: 1 }, minItems: 1 },
  },
  acceleratedTypes: {
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
  },
  maxInstances: {
    description: "Machines that one variant, job or group has at most.",
    default: 4,
    schema: { type: "integer", minimum: 1 },
  },
  approvalSeconds: {
    description: "Seconds that a state may wait for a person's answer at most.",
    default: 604_800,
    schema: { type: "integer", minimum: 60 },
  },
  maxAttempts: {
    description: "Attempts that one retrier of a state makes at most.",
    default: 100,
    schema: { type: "integer", minimum: 1 },
  },
  logDaysLeast: {
    description: "Days that logs are kept at least.",
    default: 90,
    schema: { type: "integer", minimum: 1 },
  },
  logDaysMost: {
    description: "Days that logs are kept at most.",
    default: 3653,
    schema: { type: "integer", minimum: 1 },
  },
  auditKey: {
    description: "Whether audit log groups need a key of the stage's own: demand or optional.",
    default: "demand",
    schema: { type: "string", enum: ["demand", "optional"] },
  },
  keyDeletionDays: {
    description: "Days between the order to delete a key and its deletion at least.",
    default: 30,
    schema: { type: "integer", minimum: 7, maximum: 30 },
  },
  notebookNetwork: {
    description: "Whether notebooks lie in a network of their own without direct internet access (vpc) or not (open).",
    default: "vpc",
    schema: { type: "string", enum: ["vpc", "open"] },
  },
  notebookPlatforms: {
    description: "Platforms that a notebook instance may run on.",
    default: ["notebook-al2023-v1"],
    schema: { type: "array", items: { type: "string", minLength: 1 }, minItems: 1 },
  },
  openRoutes: {
    description: "Keys of routes without an authorizer, because their function checks a signed link.",
    default: ["GET /approvals/{token}", "POST /approvals/{token}"],
    schema: strings,
  },
  apiRate: {
    description: "Requests a second that a stage of an HTTP API takes at most.",
    default: 100,
    schema: { type: "number", minimum: 0 },
  },
  apiBurst: {
    description: "Requests at once that a stage of an HTTP API takes at most.",
    default: 200,
    schema: { type: "integer", minimum: 0 },
  },
};

/** What a rule sees: the defaults, overlaid by the pack's configuration for that rule. */
export function settingsOf<Name extends SettingName>(
  names: readonly Name[],
  configured: Readonly<Record<string, unknown>>,
): Pick<Settings, Name> {
  const result: Record<string, unknown> = {};
  for (const name of names) result[name] = configured[name] ?? SETTINGS[name].default;
  return result as unknown as Pick<Settings, Name>;
}

/** The JSON schema of the named settings, as the engine wants it. */
export function schemaOf(
  names: readonly SettingName[],
): { properties: Record<string, Record<string, unknown>> } | undefined {
  if (names.length === 0) return undefined;
  return {
    properties: Object.fromEntries(
      names.map((name) => [
        name,
        { ...SETTINGS[name].schema, default: SETTINGS[name].default, description: SETTINGS[name].description },
      ]),
    ),
  };
}
