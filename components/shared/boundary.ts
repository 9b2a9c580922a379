/**
 * The permissions boundary of a stage's roles, as plain data: it grants nothing, and no grant reaches beyond it. A role that is
 * granted too much by mistake still cannot make itself or anybody else an administrator, destroy the stage's key, or carry
 * anything out of the account. Pure.
 */
import { allow, arnOf, type PolicyDocument, policyDocument, type Statement } from "../../contracts/iam.ts";
import { NAME_PREFIX, roleArn, type Site } from "./naming.ts";

/** Characters of a managed policy, white space not counted (AWS: IAM and STS quotas). */
export const MANAGED_POLICY_LIMIT = 6144;

/** What steps do to data and to each other, by service. */
const WORK = [
  "cloudwatch:PutMetricData",
  "dynamodb:*Item",
  "dynamodb:Query",
  "ecr:BatchCheckLayerAvailability",
  "ecr:BatchGetImage",
  "ecr:Get*",
  "events:DescribeRule",
  "events:PutEvents",
  "kms:Decrypt",
  "kms:DescribeKey",
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "lambda:InvokeFunction",
  "logs:CreateLog*",
  "logs:DeleteLogDelivery",
  "logs:Describe*",
  "logs:Get*",
  "logs:ListLogDeliveries",
  "logs:PutLogEvents",
  "logs:PutResourcePolicy",
  "logs:UpdateLogDelivery",
  "s3:AbortMultipartUpload",
  "s3:*Object*",
  "s3:Get*",
  "s3:List*",
  "sagemaker:*",
  "ses:SendEmail",
  "sns:Publish",
  "sqs:SendMessage",
  "ssm:GetParameter*",
  "states:*Execution*",
  "states:SendTask*",
  "xray:Get*",
  "xray:Put*",
];

/** Who one is and what one may do: no step changes that. Whoever deploys does, with rights of their own. */
const IDENTITY = [
  "iam:Add*",
  "iam:Attach*",
  "iam:Create*",
  "iam:Delete*",
  "iam:Detach*",
  "iam:Put*",
  "iam:Remove*",
  "iam:Set*",
  "iam:Update*",
  "iam:Upload*",
  "account:*",
  "organizations:*",
  "sts:AssumeRole*",
];

/** What takes the key away, or hands it to others: all that lies under it would be lost. */
const KEYS = [
  "kms:CreateAlias",
  "kms:CreateGrant",
  "kms:DeleteAlias",
  "kms:DisableKey",
  "kms:PutKeyPolicy",
  "kms:ScheduleKeyDeletion",
  "kms:UpdateAlias",
];

/** What puts something somewhere, and could put it elsewhere. */
const CARRYING = [
  "dynamodb:BatchWriteItem",
  "dynamodb:DeleteItem",
  "dynamodb:PutItem",
  "dynamodb:UpdateItem",
  "lambda:InvokeFunction",
  "s3:DeleteObject*",
  "s3:PutObject*",
  "sns:Publish",
  "sqs:SendMessage",
  "states:StartExecution",
];

function deny(sid: string, action: string[], condition?: Statement["Condition"]): Statement {
  return { Sid: sid, Effect: "Deny", Action: action, Resource: "*", ...(condition ? { Condition: condition } : {}) };
}

/** @throws when it is longer than a managed policy can be */
export function boundaryPolicy(site: Site): PolicyDocument {
  const document = policyDocument([
    allow("WorkOfTheStage", WORK, "*"),
    // Rules by which Step Functions hears of its jobs' ends, and nobody's else.
    allow("HearOfJobs", ["events:PutRule", "events:PutTargets"], arnOf(site, "events", "rule/StepFunctions*")),
    allow("HandJobsTheirRoles", "iam:PassRole", roleArn(site, `${NAME_PREFIX}-${site.stage}-*`), {
      StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" },
    }),
    deny("ChangeNobodysRights", IDENTITY),
    deny("KeepTheKey", KEYS),
    // Whatever a role is granted by mistake: a package is approved by the function that records a person's decision alone.
    deny("ApproveByDecisionOnly", ["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"], {
      StringEquals: { "sagemaker:ModelApprovalStatus": "Approved" },
      ArnNotEquals: { "aws:PrincipalArn": roleArn(site, `${NAME_PREFIX}-${site.stage}-record-decision`) },
    }),
    // Another account's registry may be read, and AWS's images; nothing is carried out. Not every service says whose a thing is.
    deny("StayInTheAccount", CARRYING, {
      StringNotEqualsIfExists: { "aws:ResourceAccount": site.account },
    }),
  ]);
  const { length } = JSON.stringify(document);
  if (length > MANAGED_POLICY_LIMIT) {
    throw new Error(`the boundary has ${length} characters, a managed policy takes ${MANAGED_POLICY_LIMIT}`);
  }
  return document;
}
