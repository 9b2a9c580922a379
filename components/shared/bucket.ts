/** A private bucket: versioned, encrypted, closed to the public, TLS only, and tidy. */
import * as s3 from "@pulumi/aws-native/s3/index.js";
import type { FlowComponent } from "./component.ts";
import { bucketPolicy, type PrincipalStatement } from "./grants.ts";
import { bucketName, type Site } from "./naming.ts";

/** Days until S3 drops the parts of an upload that was never finished. */
const ABORT_UPLOAD_DAYS = 7;
/** Days that an overwritten or deleted object can still be brought back. */
const OLD_VERSION_DAYS = 30;
/** The same where the stage is protected. */
const PROTECTED_OLD_VERSION_DAYS = 365;

export interface PrivateBucket {
  /** Known before the bucket exists. */
  readonly name: string;
  readonly resource: s3.Bucket;
  readonly policy: s3.BucketPolicy;
}

/**
 * aws-native has no forceDestroy: a bucket with objects in it is not destroyed, so a stage is emptied before it is taken
 * down. Its objects are the record; nothing here deletes them in passing.
 *
 * @param role what the bucket is for; stands in its name
 * @param args.evidence whether it holds what an audit asks for (tag frugal:keep)
 * @param args.statements what its policy says besides TLS only
 * @param args.lock how long S3 keeps each object from deletion (Object Lock); 0 days means not at all
 */
export function privateBucket(
  component: FlowComponent,
  role: string,
  args: {
    readonly evidence: boolean;
    readonly statements?: readonly PrincipalStatement[];
    readonly lock?: { readonly days: number; readonly mode: "governance" | "compliance" };
  },
): PrivateBucket {
  const { site } = component;
  const name = bucketName(site, role);
  const resource = new s3.Bucket(
    `${role}-bucket`,
    {
      bucketName: name,
      versioningConfiguration: { status: "Enabled" },
      bucketEncryption: { serverSideEncryptionConfiguration: [encryption(site)] },
      publicAccessBlockConfiguration: {
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      ownershipControls: { rules: [{ objectOwnership: "BucketOwnerEnforced" }] },
      lifecycleConfiguration: {
        rules: [
          {
            id: "tidy",
            status: "Enabled",
            abortIncompleteMultipartUpload: { daysAfterInitiation: ABORT_UPLOAD_DAYS },
            noncurrentVersionExpiration: {
              noncurrentDays: site.protect ? PROTECTED_OLD_VERSION_DAYS : OLD_VERSION_DAYS,
            },
          },
        ],
      },
      ...objectLock(args.lock),
      tags: component.tags(args.evidence ? { keep: "evidence" } : {}),
    },
    component.keptPart(site.ready),
  );
  const policy = new s3.BucketPolicy(
    `${role}-bucket-policy`,
    { bucket: name, policyDocument: bucketPolicy(site, name, args.statements) },
    component.part([resource]),
  );
  return { name, resource, policy };
}

/** A key of the stage's own costs 1 USD a month, AES256 nothing. With a bucket key, KMS is asked once for many objects. */
function encryption({ key }: Pick<Site, "key">) {
  if (key === undefined) return { serverSideEncryptionByDefault: { sseAlgorithm: "AES256" as const } };
  return {
    serverSideEncryptionByDefault: { sseAlgorithm: "aws:kms" as const, kmsMasterKeyId: key.arn },
    bucketKeyEnabled: true,
  };
}

function objectLock(lock: { days: number; mode: string } | undefined): Partial<s3.BucketArgs> {
  if (!lock || lock.days === 0) return {};
  const mode = lock.mode === "compliance" ? "COMPLIANCE" : "GOVERNANCE";
  return {
    objectLockEnabled: true,
    objectLockConfiguration: {
      objectLockEnabled: "Enabled",
      rule: { defaultRetention: { mode, days: lock.days } },
    },
  };
}
