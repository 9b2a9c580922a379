/**
 * The one table of what stages relax. Production's values are the rules' own levels and the settings' defaults, so that a
 * forgotten configuration file means production. `generate.ts` turns this into `config/<stage>.json`.
 */
import type { Stage } from "./support/rule.ts";
import type { Settings } from "./support/settings.ts";

export const STAGES: readonly Stage[] = ["dev", "prod"];

export const STAGE_SETTINGS: Readonly<Record<Stage, Partial<Settings>>> = {
  dev: {
    offline: "warn",
    unknownPackage: "follow",
    // People take the sandbox role by what the account itself lets them do.
    accountTrust: "allow",
    minInstances: 1,
    ssmAccess: "allow",
    provisionedConcurrency: "refuse",
    logDaysLeast: 7,
    logDaysMost: 90,
    auditKey: "optional",
    keyDeletionDays: 7,
    // The endpoints of a network bill by the hour.
    notebookNetwork: "open",
  },
  prod: {},
};
