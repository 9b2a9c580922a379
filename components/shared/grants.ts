/** Policy documents, as plain data: what a role may do, who may take it, and the few grants that many share. */
import {
  allow,
  arnOf,
  bucketArn,
  objectsArn,
  type PolicyDocument,
  policyDocument,
  type Statement,
} from "../../contracts/iam.ts";
import type { Site } from "./naming.ts";

/** A trust policy, or a policy on a resource: its statements name who. */
export interface PrincipalStatement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal: "*" | { readonly Service: string } | { readonly AWS: string | readonly string[] };
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}
export interface ResourcePolicy {
  readonly Version: "2012-10-17";
  readonly Statement: readonly PrincipalStatement[];
}

/** Characters that all inline policies of a role may have together, white space not counted (AWS: IAM quotas). */
export const INLINE_POLICY_LIMIT = 10_240;

/**
 * A role's inline policy: the union of its steps' grants.
 *
 * @throws when there is nothing to grant, or more than a role can hold
 */
export function inlinePolicy(statements: readonly Statement[]): PolicyDocument {
  if (statements.length === 0) throw new Error("a role without a grant needs no policy");
  const document = policyDocument(statements);
  const length = JSON.stringify(document).length;
  if (length > INLINE_POLICY_LIMIT) {
    throw new Error(`the inline policy has ${length} characters, a role takes ${INLINE_POLICY_LIMIT}: split the role`);
  }
  return document;
}

/** Services that roles of the estate are made for. */
export type RoleService = "lambda" | "states" | "sagemaker" | "scheduler" | "events";

/**
 * Who may take a role: one service, for this account only, so that the service cannot be made to use it for another.
 *
 * SageMaker's hosting sends exactly `arn:aws:sagemaker:REGION:ACCOUNT:*` as source (AWS: cross-service confused deputy
 * prevention), Step Functions the state machine's ARN, EventBridge the rule's, EventBridge Scheduler its schedule group's; Lambda is known
 * by the account.
 */
export function trustPolicy(site: Site, service: RoleService): ResourcePolicy {
  const source = {
    lambda: undefined,
    states: arnOf(site, "states", "stateMachine:*"),
    sagemaker: arnOf(site, "sagemaker", "*"),
    scheduler: arnOf(site, "scheduler", "schedule-group/default"),
    events: arnOf(site, "events", "rule/*"),
  }[service];
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "ServiceForThisAccount",
        Effect: "Allow",
        Principal: { Service: `${service}.amazonaws.com` },
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: { "aws:SourceAccount": site.account },
          ...(source === undefined ? {} : { ArnLike: { "aws:SourceArn": source } }),
        },
      },
    ],
  };
}

/**
 * Who may take a role that people work in.
 *
 * @param principals ARNs of users and roles; none means whoever this account's own policies let
 */
export function trustPeople(site: Site, principals: readonly string[]): ResourcePolicy {
  const account = `arn:${site.partition}:iam::${site.account}:root`;
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "PeopleOfThisStage",
        Effect: "Allow",
        Principal: { AWS: principals.length > 0 ? [...principals] : account },
        Action: "sts:AssumeRole",
      },
    ],
  };
}

/** What a function needs to write into its own log group, which is made beforehand. */
export function logGrants(logGroupArn: string): Statement[] {
  return [allow("WriteOwnLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], `${logGroupArn}:*`)];
}

/** A bucket's policy: nothing in clear, and what the bucket adds. */
export function bucketPolicy(site: Site, bucket: string, more: readonly PrincipalStatement[] = []): ResourcePolicy {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "DenyClearTransport",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [bucketArn(bucket, site.partition), objectsArn(bucket, "*", site.partition)],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      ...more,
    ],
  };
}

/**
 * Objects below a prefix are written once: a put must say `If-None-Match`, so S3 refuses it where the key exists.
 * `s3:ObjectCreationOperation` leaves out the parts of a multipart upload, which take no such header; its completion must
 * carry it, and so must a copy (AWS: Enforce conditional writes on Amazon S3 buckets; the SDK's CopyObjectRequest has IfNoneMatch).
 */
export function writeOnce(site: Site, bucket: string, ...prefixes: readonly string[]): PrincipalStatement[] {
  const objects = prefixes.map((prefix) => objectsArn(bucket, `${prefix}*`, site.partition));
  return [
    {
      Sid: "DenyOverwriting",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:PutObject",
      Resource: objects.length === 1 ? (objects[0] ?? []) : objects,
      Condition: { Null: { "s3:if-none-match": "true" }, Bool: { "s3:ObjectCreationOperation": "true" } },
    },
  ];
}

/**
 * Objects below a prefix are not deleted, nor hidden by a delete marker, by anybody: not by an administrator, not by root.
 * Whoever has to, takes the bucket's policy away first, and that is on the record. The bucket's lifecycle is no principal
 * and is not bound; it removes only what nothing refers to (unfinished uploads, versions that were replaced).
 */
export function keepObjects(site: Site, bucket: string, prefix: string): PrincipalStatement[] {
  return [
    {
      Sid: "DenyDeleting",
      Effect: "Deny",
      Principal: "*",
      Action: ["s3:DeleteObject", "s3:DeleteObjectVersion"],
      Resource: objectsArn(bucket, `${prefix}*`, site.partition),
    },
  ];
}
