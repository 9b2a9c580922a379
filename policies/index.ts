/** The roster: every rule, written out, so that a file which is not listed cannot be mistaken for one that judges. */
import approvalEvidence from "./approval/approval-evidence.ts";
import approvedEventFiltered from "./approval/approved-event-filtered.ts";
import endpointServesPackage from "./approval/endpoint-serves-package.ts";
import modelFromPackage from "./approval/model-from-package.ts";
import packageApproved from "./approval/package-approved.ts";
import packageGroupClosed from "./approval/package-group-closed.ts";
import packageNotApprovedInCode from "./approval/package-not-approved-in-code.ts";
import asyncScalesToZero from "./cost/async-scales-to-zero.ts";
import budgetPresent from "./cost/budget-present.ts";
import idleShutdown from "./cost/idle-shutdown.ts";
import instanceTypeAllowed from "./cost/instance-type-allowed.ts";
import jobRuntimeBounded from "./cost/job-runtime-bounded.ts";
import noUnpricedHourly from "./cost/no-unpriced-hourly.ts";
import serverlessCapped from "./cost/serverless-capped.ts";
import stageMonthlyBill from "./cost/stage-monthly-bill.ts";
import bucketEncrypted from "./data/bucket-encrypted.ts";
import bucketNotPublic from "./data/bucket-not-public.ts";
import bucketRetained from "./data/bucket-retained.ts";
import bucketTlsOnly from "./data/bucket-tls-only.ts";
import bucketVersioned from "./data/bucket-versioned.ts";
import apiGuarded from "./encryption/api-guarded.ts";
import kmsKeyRotates from "./encryption/kms-key-rotates.ts";
import messagesEncrypted from "./encryption/messages-encrypted.ts";
import notebookHardened from "./encryption/notebook-hardened.ts";
import volumesEncrypted from "./encryption/volumes-encrypted.ts";
import workloadIsolated from "./encryption/workload-isolated.ts";
import nothingDeprecated from "./hygiene/nothing-deprecated.ts";
import packSettingsValid from "./hygiene/pack-settings-valid.ts";
import regionAllowed from "./hygiene/region-allowed.ts";
import stageTagsAndNames from "./hygiene/stage-tags-and-names.ts";
import iamDutiesSeparated from "./iam/iam-duties-separated.ts";
import iamNoWildcard from "./iam/iam-no-wildcard.ts";
import iamPassRoleConditioned from "./iam/iam-pass-role-conditioned.ts";
import iamPermissionsBoundary from "./iam/iam-permissions-boundary.ts";
import iamTrustConditioned from "./iam/iam-trust-conditioned.ts";
import artifactDigestMatches from "./lineage/artifact-digest-matches.ts";
import lineageTagsPresent from "./lineage/lineage-tags-present.ts";
import lineageTagsTrue from "./lineage/lineage-tags-true.ts";
import modelDataContentAddressed from "./lineage/model-data-content-addressed.ts";
import alarmActs from "./observability/alarm-acts.ts";
import driftMonitorPresent from "./observability/drift-monitor-present.ts";
import endpointCaptured from "./observability/endpoint-captured.ts";
import logGroupRetained from "./observability/log-group-retained.ts";
import stateMachineObservable from "./observability/state-machine-observable.ts";
import endpointUpdateGuarded from "./reliability/endpoint-update-guarded.ts";
import functionBounded from "./reliability/function-bounded.ts";
import functionNoSecrets from "./reliability/function-no-secrets.ts";
import stateProtected from "./reliability/state-protected.ts";
import tasksGuarded from "./reliability/tasks-guarded.ts";
import variantsSound from "./reliability/variants-sound.ts";
import type { Rule } from "./support/rule.ts";

/** In the order in which they are judged and listed: by group, as in RULES.md. */
export const rules: readonly Rule[] = [
  lineageTagsPresent,
  lineageTagsTrue,
  artifactDigestMatches,
  modelDataContentAddressed,
  modelFromPackage,
  endpointServesPackage,
  packageApproved,
  approvalEvidence,
  packageNotApprovedInCode,
  packageGroupClosed,
  approvedEventFiltered,
  bucketVersioned,
  bucketTlsOnly,
  bucketEncrypted,
  bucketNotPublic,
  bucketRetained,
  volumesEncrypted,
  notebookHardened,
  workloadIsolated,
  messagesEncrypted,
  kmsKeyRotates,
  apiGuarded,
  iamNoWildcard,
  iamPassRoleConditioned,
  iamPermissionsBoundary,
  iamTrustConditioned,
  iamDutiesSeparated,
  stageMonthlyBill,
  noUnpricedHourly,
  budgetPresent,
  serverlessCapped,
  instanceTypeAllowed,
  jobRuntimeBounded,
  asyncScalesToZero,
  idleShutdown,
  logGroupRetained,
  endpointUpdateGuarded,
  alarmActs,
  stateMachineObservable,
  endpointCaptured,
  driftMonitorPresent,
  variantsSound,
  functionBounded,
  tasksGuarded,
  functionNoSecrets,
  stateProtected,
  stageTagsAndNames,
  regionAllowed,
  nothingDeprecated,
  // The last: it says which exemptions no rule before it has met.
  packSettingsValid,
];
