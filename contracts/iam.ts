/** IAM statements as plain data: whoever needs a permission states it beside the code that needs it; a role is their union. */

/** One statement of an identity policy. Names and ARNs are plain text, so that previews and policies can read them whole. */
export interface Statement {
  Sid?: string;
  Effect: "Allow" | "Deny";
  Action: string | string[];
  Resource: string | string[];
  /** Operator → condition key → value or values. */
  Condition?: Record<string, Record<string, string | string[]>>;
}

export interface PolicyDocument {
  Version: "2012-10-17";
  Statement: Statement[];
}

/** Where a stage lives; what every ARN of it is made of. */
export interface Scope {
  account: string;
  region: string;
  /** @default "aws" */
  partition?: string;
}

/** A statement that allows; `sid` is letters and digits only (IAM's rule). */
export function allow(
  sid: string,
  action: string | string[],
  resource: string | string[],
  condition?: Statement["Condition"],
): Statement {
  return {
    Sid: sid,
    Effect: "Allow",
    Action: action,
    Resource: resource,
    ...(condition ? { Condition: condition } : {}),
  };
}

/** `arn:<partition>:<service>:<region>:<account>:<resource>` */
export function arnOf(scope: Scope, service: string, resource: string): string {
  return `arn:${scope.partition ?? "aws"}:${service}:${scope.region}:${scope.account}:${resource}`;
}

/** ARN of a bucket; S3's ARNs carry neither region nor account. */
export function bucketArn(bucket: string, partition = "aws"): string {
  return `arn:${partition}:s3:::${bucket}`;
}

/** ARN of a bucket's objects whose keys match `keys`, for example `datasets/*`. */
export function objectsArn(bucket: string, keys: string, partition = "aws"): string {
  return `${bucketArn(bucket, partition)}/${keys}`;
}

/**
 * The union as one document: a statement that is repeated word for word is kept once, and a `Sid` that two different
 * statements share gets a number, because IAM refuses a document with equal ones.
 */
export function policyDocument(statements: readonly Statement[]): PolicyDocument {
  const kept = new Map<string, Statement>();
  for (const statement of statements) kept.set(JSON.stringify(statement), statement);
  const seen = new Set<string>();
  const unique = [...kept.values()].map((statement) => {
    if (statement.Sid === undefined) return statement;
    let sid = statement.Sid;
    for (let n = 2; seen.has(sid); n++) sid = `${statement.Sid}${n}`;
    seen.add(sid);
    return { ...statement, Sid: sid };
  });
  return { Version: "2012-10-17", Statement: unique };
}
