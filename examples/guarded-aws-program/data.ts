/** The bucket of training data. The violating one can be read by anybody and overwritten without a trace. */
import * as s3 from "@pulumi/aws/s3/index.js";
import { account, key, stage, tags, type Variant } from "./context.ts";

export const dataBucketName = `guarded-${stage}-data-${account}`;
const arn = `arn:aws:s3:::${dataBucketName}`;

const overTlsOnly = {
  Sid: "OverTlsOnly",
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: [arn, `${arn}/*`],
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};
const anybodyReads = { Sid: "Share", Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `${arn}/*` };

export function dataBucket(variant: Variant): void {
  const good = variant === "compliant";
  const bucket = new s3.Bucket("data", { bucket: dataBucketName, tags: tags("data") }, { protect: good });
  const after = { dependsOn: bucket };
  new s3.BucketPolicy(
    "data",
    {
      bucket: dataBucketName,
      policy: JSON.stringify({ Version: "2012-10-17", Statement: [good ? overTlsOnly : anybodyReads] }),
    },
    after,
  );
  if (!good) return;
  new s3.BucketPublicAccessBlock(
    "data",
    {
      bucket: dataBucketName,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    after,
  );
  new s3.BucketVersioning("data", { bucket: dataBucketName, versioningConfiguration: { status: "Enabled" } }, after);
  new s3.BucketServerSideEncryptionConfiguration(
    "data",
    {
      bucket: dataBucketName,
      rules: [
        {
          applyServerSideEncryptionByDefault: {
            sseAlgorithm: "aws:kms",
            kmsMasterKeyId: key,
          },
          bucketKeyEnabled: true,
        },
      ],
    },
    after,
  );
  new s3.BucketLifecycleConfiguration(
    "data",
    {
      bucket: dataBucketName,
      rules: [
        {
          id: "tidy",
          status: "Enabled",
          filter: {},
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          noncurrentVersionExpiration: { noncurrentDays: 30 },
        },
      ],
    },
    after,
  );
}
