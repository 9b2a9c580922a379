/** What a rule may be told by the pack's configuration: the names and types of the settings; defaults stand in settings.ts. */

/** An accelerated instance type that somebody answers for. */
export interface AcceleratedType {
  readonly type: string;
  readonly owner: string;
  /** Its last day, as YYYY-MM-DD. */
  readonly expires: string;
}

/**
 * Every setting a rule may read, with its default. Defaults are production's; `stages.ts` relaxes. A rule names the ones it
 * uses, and only those become its `configSchema`.
 */
export interface Settings {
  /** Start of the lineage and estate tag keys. */
  readonly tagPrefix: string;
  /** What a live rule does when AWS cannot be asked: `refuse` is a violation, `warn` an advisory "not verified". */
  readonly offline: "refuse" | "warn";
  /** What an unknown model package means at preview: `refuse` (it must be literal) or `follow` (judge what it refers to). */
  readonly unknownPackage: "refuse" | "follow";
  /** Accounts whose model packages may be used. Empty: only the account of the model's own execution role. */
  readonly registryAccounts: readonly string[];
  /** Model package groups that may be used. Empty: any. */
  readonly registryGroups: readonly string[];
  /** Buckets in which model data may lie. Empty: any. */
  readonly artifactBuckets: readonly string[];
  /** Days for which Object Lock must keep evidence; 0: Object Lock is not demanded. */
  readonly evidenceLockDays: number;
  /** Buckets outside this program that are known to keep versions. */
  readonly versionedBuckets: readonly string[];
  /** Other accounts that may read the registry; its own account always may. */
  readonly readerAccounts: readonly string[];
  /** Organisations (`o-…`) whose accounts may read the registry. */
  readonly readerOrganizations: readonly string[];
  /** Names of the state machine states that may set `Approved`, because a person's answer ends in them. */
  readonly approvingStates: readonly string[];
  /** Values of the tag `<prefix>role` of functions that only record events, and so may see undecided packages. */
  readonly recordingRoles: readonly string[];
  /** Services a role may be passed to. */
  readonly passRoleServices: readonly string[];
  /** Services that may take a role. */
  readonly trustedServices: readonly string[];
  /** A trust in a whole account, without a condition: `refuse`, or `allow` where people's own policies decide. */
  readonly accountTrust: "refuse" | "allow";
  /** Roles, by name or by the tag `<prefix>role`, that may decide on model packages: one of each. */
  readonly approvingRoles: readonly string[];
  /** The same, of those that hand a person's answer to a waiting workflow. */
  readonly answeringRoles: readonly string[];
  /** The same, of those that make and change endpoints. */
  readonly deployingRoles: readonly string[];
  /** Tag keys (after the prefix) that every taggable resource carries. */
  readonly requiredTags: readonly string[];
  /** Instances that a variant of a synchronous endpoint has at least. */
  readonly minInstances: number;
  /** Whether the instances behind an endpoint may be logged into: refuse or allow. */
  readonly ssmAccess: "refuse" | "allow";
  /** Megabytes of memory that a serverless variant has at most. */
  readonly serverlessMemoryMb: number;
  /** Requests at once that a serverless variant serves at most. */
  readonly serverlessConcurrency: number;
  /** Whether serverless variants may have provisioned concurrency, which bills by the hour: refuse or allow. */
  readonly provisionedConcurrency: "refuse" | "allow";
  /** Instance types without accelerator that may be used. */
  readonly instanceTypes: readonly string[];
  /** Instance types with an accelerator that may be used, each with its owner and last day. */
  readonly acceleratedTypes: readonly AcceleratedType[];
  /** Machines that one variant, job or group has at most. */
  readonly maxInstances: number;
  /** Seconds that a state may wait for a person's answer at most. */
  readonly approvalSeconds: number;
  /** Attempts that one retrier of a state makes at most. */
  readonly maxAttempts: number;
  /** Days that logs are kept at least. */
  readonly logDaysLeast: number;
  /** Days that logs are kept at most. */
  readonly logDaysMost: number;
  /** Whether audit log groups need a key of the stage's own: demand or optional. */
  readonly auditKey: "demand" | "optional";
  /** Days between the order to delete a key and its deletion at least. */
  readonly keyDeletionDays: number;
  /** Whether notebooks lie in a network of their own without direct internet access (vpc) or not (open). */
  readonly notebookNetwork: "vpc" | "open";
  /** Platforms that a notebook instance may run on. */
  readonly notebookPlatforms: readonly string[];
  /** Keys of routes without an authorizer, because their function checks a signed link. */
  readonly openRoutes: readonly string[];
  /** Requests a second that a stage of an HTTP API takes at most. */
  readonly apiRate: number;
  /** Requests at once that a stage of an HTTP API takes at most. */
  readonly apiBurst: number;
}

export type SettingName = keyof Settings;
