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
  /** Names of the state machine states that may set `Approved`, because a person's answer ends in them. */
  readonly approvingStates: readonly string[];
  /** Services a role may be passed to. */
  readonly passRoleServices: readonly string[];
  /** Tag keys (after the prefix) that every taggable resource carries. */
  readonly requiredTags: readonly string[];
}

export type SettingName = keyof Settings;

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
  approvingStates: {
    description: "State machine states that may set Approved, because a person's answer ends in them.",
    // None: in this estate the approver's answer ends in a function that holds the one grant to decide.
    default: [],
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
  requiredTags: {
    description: "Tag keys, after the prefix, that every taggable resource carries.",
    default: ["stage", "project", "owner", "component"],
    schema: strings,
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
