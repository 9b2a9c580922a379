/**
 * Every setting that the pack's configuration may give a rule, by group. A rule names the ones it uses, and only those
 * become its `configSchema`.
 */
import { approvalSettings } from "./settings/approval.ts";
import { commonSettings } from "./settings/common.ts";
import { costSettings } from "./settings/cost.ts";
import { dataSettings } from "./settings/data.ts";
import { encryptionSettings } from "./settings/encryption.ts";
import { hygieneSettings } from "./settings/hygiene.ts";
import { iamSettings } from "./settings/iam.ts";
import { operationSettings } from "./settings/operation.ts";
import type { Setting } from "./settings/shapes.ts";

const groups = {
  ...commonSettings,
  ...approvalSettings,
  ...dataSettings,
  ...iamSettings,
  ...costSettings,
  ...encryptionSettings,
  ...operationSettings,
  ...hygieneSettings,
};

export type SettingName = keyof typeof groups;
/** What a rule sees of its settings: each name's value. */
export type Settings = {
  readonly [Name in SettingName]: (typeof groups)[Name] extends Setting<infer Value> ? Value : never;
};
export const SETTINGS: { readonly [Name in SettingName]: Setting<Settings[Name]> } = groups;

/** The defaults, overlaid by the pack's configuration for that rule. */
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
