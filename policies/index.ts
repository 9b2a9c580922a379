/** The roster: every rule, written out, so that a file which is not listed cannot be mistaken for one that judges. */
import approvalEvidence from "./approval/approval-evidence.ts";
import approvedEventFiltered from "./approval/approved-event-filtered.ts";
import endpointServesPackage from "./approval/endpoint-serves-package.ts";
import modelFromPackage from "./approval/model-from-package.ts";
import packageApproved from "./approval/package-approved.ts";
import packageGroupClosed from "./approval/package-group-closed.ts";
import packageNotApprovedInCode from "./approval/package-not-approved-in-code.ts";
import instanceTypeAllowed from "./cost/instance-type-allowed.ts";
import serverlessCapped from "./cost/serverless-capped.ts";
import bucketNotPublic from "./data/bucket-not-public.ts";
import bucketRetained from "./data/bucket-retained.ts";
import bucketTlsOnly from "./data/bucket-tls-only.ts";
import bucketVersioned from "./data/bucket-versioned.ts";
import apiGuarded from "./encryption/api-guarded.ts";
import kmsKeyRotates from "./encryption/kms-key-rotates.ts";
import notebookHardened from "./encryption/notebook-hardened.ts";
import stageTagsAndNames from "./hygiene/stage-tags-and-names.ts";
import iamDutiesSeparated from "./iam/iam-duties-separated.ts";
import iamNoWildcard from "./iam/iam-no-wildcard.ts";
import iamPassRoleConditioned from "./iam/iam-pass-role-conditioned.ts";
import iamTrustConditioned from "./iam/iam-trust-conditioned.ts";
import artifactDigestMatches from "./lineage/artifact-digest-matches.ts";
import lineageTagsPresent from "./lineage/lineage-tags-present.ts";
import lineageTagsTrue from "./lineage/lineage-tags-true.ts";
import modelDataContentAddressed from "./lineage/model-data-content-addressed.ts";
import logGroupRetained from "./observability/log-group-retained.ts";
import functionNoSecrets from "./reliability/function-no-secrets.ts";
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
  bucketNotPublic,
  bucketRetained,
  kmsKeyRotates,
  notebookHardened,
  apiGuarded,
  iamNoWildcard,
  iamPassRoleConditioned,
  iamTrustConditioned,
  iamDutiesSeparated,
  serverlessCapped,
  instanceTypeAllowed,
  logGroupRetained,
  variantsSound,
  tasksGuarded,
  functionNoSecrets,
  stageTagsAndNames,
];
