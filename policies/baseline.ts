/**
 * What the pack is for a program that knows nothing of it: `config/baseline.json`, a place to begin. Everything is advisory,
 * so nothing is refused; rules that only make sense with this project's tags, roles and scripts are off; settings that are
 * this project's choice are neutral. A rule that is new is advisory here until it is named below.
 */
import type { Settings } from "./support/settings.ts";

/** Rules that are off, each with what a program must have before it turns them on. */
export const NEED_OUR_ESTATE: Readonly<Record<string, string>> = {
  "lineage-tags-present": "Models, endpoints and jobs carry the lineage tags.",
  "lineage-tags-true": "Model packages record their lineage under the same keys.",
  "artifact-digest-matches": "Artefacts are tagged with and stored under their digest.",
  "model-data-content-addressed": "Artefacts are stored under their digest.",
  "approval-evidence": "Approvals are recorded in the package by a function of their own.",
  "iam-duties-separated": "Deciding, answering and deploying have a role each, named in the settings.",
  "iam-permissions-boundary": "The account has a boundary for the roles of each stage.",
  "idle-shutdown": "Notebooks install the idle stopper that idleMarker names.",
  "stage-tags-and-names":
    "Every resource is tagged with stage, project, owner and component, or what requiredTags says.",
};

export const BASELINE_SETTINGS: Partial<Settings> = {
  // Whatever the stack is called, it is judged by this file.
  stage: "baseline",
  stageOfStack: { "*": "baseline" },
  offline: "warn",
  unknownPackage: "follow",
  hiddenTemplates: "allow",
  accountTrust: "allow",
  boundaries: [],
  bucketKey: "optional",
  topicKey: "optional",
  volumeKey: "optional",
  auditKey: "optional",
  openRoutes: [],
  recordingRoles: [],
  recoveryTables: [],
  logDaysLeast: 1,
  executionLogs: "ERROR",
  minInstances: 1,
};
