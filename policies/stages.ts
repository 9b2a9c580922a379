/**
 * The one table of what stages relax. Production's values are the rules' own levels and the settings' defaults, so that a
 * forgotten configuration file means production. `generate.ts` turns this into `config/<stage>.json`.
 */
import type { Level, Stage } from "./support/rule.ts";
import type { Settings } from "./support/settings.ts";

export const STAGES: readonly Stage[] = ["dev", "prod"];

/** A rule that a stage runs below its own level, for a reason, until a day. */
export interface Relaxation {
  readonly rule: string;
  readonly level: Level;
  /** Why, in a sentence that a reviewer can judge. */
  readonly reason: string;
  /** The last day on which it holds, in UTC, at most 180 days ahead: `2027-01-31`. */
  readonly until: string;
}

/**
 * Levels below the catalogue's. `pack-settings-valid` lets no rule run below its level in prod unless it is declared here and
 * the day has not passed.
 */
export const RELAXATIONS: Readonly<Record<Stage, readonly Relaxation[]>> = {
  dev: [],
  prod: [
    {
      rule: "endpoint-update-guarded",
      level: "advisory",
      reason:
        "The estate's serverless endpoint has no router that could shift traffic back before that router is built.",
      until: "2027-04-30",
    },
    {
      rule: "endpoint-captured",
      level: "advisory",
      reason: "A serverless endpoint captures nothing itself; the router that will, is not built yet.",
      until: "2027-04-30",
    },
    {
      rule: "drift-monitor-present",
      level: "advisory",
      reason: "The function that will look for drift on a schedule is not built yet.",
      until: "2027-04-30",
    },
  ],
};

export const STAGE_SETTINGS: Readonly<Record<Stage, Partial<Settings>>> = {
  dev: {
    stage: "dev",
    offline: "warn",
    unknownPackage: "follow",
    // People take the sandbox role by what the account itself lets them do.
    accountTrust: "allow",
    minInstances: 1,
    ssmAccess: "allow",
    provisionedConcurrency: "refuse",
    limitUsdPerMonth: 10,
    // Nobody looks at it for months: it must cost next to nothing meanwhile.
    idleUsdPerMonth: 1,
    hourlyReason: "demand",
    jobSeconds: 3600,
    transformSeconds: 3600,
    spotSeconds: 600,
    logDaysLeast: 7,
    logDaysMost: 90,
    auditKey: "optional",
    // A key of our own costs by the month.
    bucketKey: "optional",
    topicKey: "optional",
    volumeKey: "optional",
    executionLogs: "ERROR",
    // Taking the stage down leaves nothing; until then the approvals are the record.
    protection: "refuse",
    recovery: "listed",
    keyDeletionDays: 7,
    // The endpoints of a network bill by the hour.
    notebookNetwork: "open",
  },
  prod: { stage: "prod" },
};
