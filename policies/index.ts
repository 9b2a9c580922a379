/** The roster: every rule, written out, so that a file which is not listed cannot be mistaken for one that judges. */
import endpointServesPackage from "./approval/endpoint-serves-package.ts";
import modelFromPackage from "./approval/model-from-package.ts";
import packageApproved from "./approval/package-approved.ts";
import packageNotApprovedInCode from "./approval/package-not-approved-in-code.ts";
import bucketNotPublic from "./data/bucket-not-public.ts";
import stageTagsAndNames from "./hygiene/stage-tags-and-names.ts";
import iamNoWildcard from "./iam/iam-no-wildcard.ts";
import iamPassRoleConditioned from "./iam/iam-pass-role-conditioned.ts";
import lineageTagsPresent from "./lineage/lineage-tags-present.ts";
import lineageTagsTrue from "./lineage/lineage-tags-true.ts";
import type { Rule } from "./support/rule.ts";

/** In the order in which they are judged and listed: by group, as in RULES.md. */
export const rules: readonly Rule[] = [
  lineageTagsPresent,
  lineageTagsTrue,
  modelFromPackage,
  endpointServesPackage,
  packageApproved,
  packageNotApprovedInCode,
  bucketNotPublic,
  iamNoWildcard,
  iamPassRoleConditioned,
  stageTagsAndNames,
];
