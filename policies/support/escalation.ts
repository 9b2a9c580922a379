/**
 * Known ways to grow from a grant to the whole account, after the public list of IAM privilege escalation methods (Rhino
 * Security Labs; prowler's iam_policy_allows_privilege_escalation holds the same). A role that may do all actions of one
 * entry is an administrator in waiting.
 */
import { grantOf } from "./actions.ts";
import type { Statement } from "./document.ts";

/** Each entry: all of these actions together. Spelt as IAM spells them, for messages. */
export const ESCALATIONS: readonly (readonly string[])[] = [
  ["iam:CreatePolicyVersion"],
  ["iam:SetDefaultPolicyVersion"],
  ["iam:AttachRolePolicy"],
  ["iam:AttachUserPolicy"],
  ["iam:AttachGroupPolicy"],
  ["iam:PutRolePolicy"],
  ["iam:PutUserPolicy"],
  ["iam:PutGroupPolicy"],
  ["iam:AddUserToGroup"],
  ["iam:UpdateAssumeRolePolicy"],
  ["iam:CreateAccessKey"],
  ["iam:CreateLoginProfile"],
  ["iam:UpdateLoginProfile"],
  ["iam:DeleteRolePermissionsBoundary"],
  ["iam:PutRolePermissionsBoundary"],
  ["iam:PassRole", "lambda:CreateFunction"],
  ["iam:PassRole", "ec2:RunInstances"],
  ["iam:PassRole", "cloudformation:CreateStack"],
  ["iam:PassRole", "glue:CreateDevEndpoint"],
  ["iam:PassRole", "glue:CreateJob"],
  ["iam:PassRole", "codebuild:CreateProject"],
  ["iam:PassRole", "datapipeline:CreatePipeline"],
  ["iam:PassRole", "ecs:RunTask"],
  ["iam:PassRole", "states:CreateStateMachine"],
  ["iam:PassRole", "sagemaker:CreateNotebookInstance"],
  ["sagemaker:CreatePresignedNotebookInstanceUrl"],
  ["sagemaker:CreatePresignedDomainUrl"],
  ["lambda:UpdateFunctionCode"],
  ["glue:UpdateDevEndpoint"],
];

/** The complete entries that the statements of one identity grant, with the place of the first grant. */
export function escalationsOf(
  statements: readonly Statement[],
): { readonly actions: readonly string[]; readonly path: string }[] {
  return ESCALATIONS.flatMap((actions) => {
    const grants = actions.map((action) =>
      statements.map((one) => grantOf(one, action)).find((leaf) => leaf !== undefined),
    );
    const [first] = grants;
    return first && grants.every((leaf) => leaf !== undefined) ? [{ actions, path: first.path }] : [];
  });
}

/** AWS managed policies that are as good as everything. */
export const ADMIN_POLICIES = ["AdministratorAccess", "IAMFullAccess", "PowerUserAccess", "AmazonSageMakerFullAccess"];
