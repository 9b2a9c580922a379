/**
 * The outside rules named in our rules' metadata, each with resources that both should pass and one broken field that both
 * should refuse. A native case is put to the other tool as CloudFormation, a classic one as Terraform.
 */
import { broken, compliant, type Provider } from "../support/fixtures.ts";
import type { Resource } from "../support/harness.ts";

export interface AgreementCase {
  readonly id: string;
  readonly tool: "checkov" | "cdk-nag";
  readonly rule: string;
  readonly provider: Provider;
  readonly good: readonly Resource[];
  readonly bad: readonly Resource[];
}

type Row = readonly [
  tool: AgreementCase["tool"],
  ids: string,
  rule: string,
  provider: Provider,
  /** Families put together; the first is the broken one. */
  families: string,
  /** Path that is broken, or a family that is left out. */
  path: string,
  value?: unknown,
  /** What both halves have besides: a path and its value. */
  besides?: readonly [string, unknown],
];

const open = { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" };
const admin = { Effect: "Allow", Action: "*", Resource: "*" };
const star = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
const escalating = { Effect: "Allow", Action: "iam:CreatePolicyVersion", Resource: "*" };
const document = (statement: object) => ({ Version: "2012-10-17", Statement: [statement] });
const text = (statement: object) => JSON.stringify(document(statement));
const trust = (principal: unknown) => ({ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" });
const BUCKET = "bucket bucketPolicy";
const PUBLIC = "publicAccessBlockConfiguration";
const POLICY = "policies[0].policyDocument";

const anyone = (action: string) => ({ Effect: "Allow", Principal: "*", Action: action, Resource: "*" });

const ROWS: readonly Row[] = [
  ["checkov", "CKV_AWS_98", "volumes-encrypted", "classic", "instanceConfig", "kmsKeyArn"],
  ["checkov", "CKV_AWS_22", "volumes-encrypted", "classic", "notebook", "kmsKeyId"],
  ["checkov", "CKV_AWS_187", "volumes-encrypted", "native", "domain", "kmsKeyId"],
  [
    "checkov",
    "CKV_AWS_367",
    "volumes-encrypted",
    "native",
    "dataQualityJobDefinition",
    "dataQualityJobOutputConfig.kmsKeyId",
  ],
  [
    "checkov",
    "CKV_AWS_368",
    "volumes-encrypted",
    "native",
    "dataQualityJobDefinition",
    "jobResources.clusterConfig.volumeKmsKeyId",
  ],
  ["cdk-nag", "AwsSolutions-SM2", "volumes-encrypted", "native", "notebook", "kmsKeyId"],
  [
    "cdk-nag",
    "NIST.800.53.R5-SageMakerEndpointConfigurationKMSKeyConfigured",
    "volumes-encrypted",
    "native",
    "instanceConfig",
    "kmsKeyId",
  ],
  [
    "cdk-nag",
    "NIST.800.53.R5-SageMakerNotebookInstanceKMSKeyConfigured",
    "volumes-encrypted",
    "native",
    "notebook",
    "kmsKeyId",
  ],
  ["checkov", "CKV_AWS_370", "workload-isolated", "native", "isolatedModel", "enableNetworkIsolation", false],
  [
    "checkov",
    "CKV_AWS_369",
    "workload-isolated",
    "native",
    "dataQualityJobDefinition",
    "networkConfig.enableInterContainerTrafficEncryption",
    false,
    ["jobResources.clusterConfig.instanceCount", 2],
  ],
  ["checkov", "CKV_AWS_26", "messages-encrypted", "native", "topic topicPolicy", "kmsMasterKeyId"],
  ["checkov", "CKV_AWS_27", "messages-encrypted", "native", "queue queueInlinePolicy", "sqsManagedSseEnabled", false],
  [
    "checkov",
    "CKV_AWS_168",
    "messages-encrypted",
    "classic",
    "queuePolicy queue",
    "policy",
    text(anyone("sqs:SendMessage")),
  ],
  ["checkov", "CKV_AWS_169", "messages-encrypted", "classic", "topicPolicy", "policy", text(anyone("sns:Publish"))],
  [
    "cdk-nag",
    "AwsSolutions-SQS2",
    "messages-encrypted",
    "native",
    "queue queueInlinePolicy",
    "sqsManagedSseEnabled",
    false,
  ],
  ["cdk-nag", "AwsSolutions-SQS4", "messages-encrypted", "native", "queue queueInlinePolicy", "-queueInlinePolicy"],
  ["cdk-nag", "AwsSolutions-SNS3", "messages-encrypted", "native", "topic topicPolicy", "-topicPolicy"],
  [
    "cdk-nag",
    "AwsSolutions-DDB3",
    "state-protected",
    "native",
    "table",
    "pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled",
    false,
  ],
  [
    "checkov",
    "CKV_AWS_28",
    "state-protected",
    "native",
    "table",
    "pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled",
    false,
  ],
  [
    "checkov",
    "CKV_AWS_165",
    "state-protected",
    "native",
    "globalTable",
    "replicas[0].pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled",
    false,
  ],
  ["checkov", "CKV_AWS_363", "nothing-deprecated", "native", "function", "runtime", "nodejs16.x"],
  ["cdk-nag", "AwsSolutions-L1", "nothing-deprecated", "native", "function", "runtime", "nodejs16.x"],
  ["checkov", "CKV_AWS_21", "bucket-versioned", "native", BUCKET, "versioningConfiguration.status", "Suspended"],
  [
    "cdk-nag",
    "NIST.800.53.R5-S3BucketVersioningEnabled",
    "bucket-versioned",
    "native",
    BUCKET,
    "versioningConfiguration.status",
    "Suspended",
  ],
  ["cdk-nag", "AwsSolutions-S10", "bucket-tls-only", "native", BUCKET, "-bucketPolicy"],
  ["checkov", "CKV_AWS_379", "bucket-tls-only", "classic", "bucket", "policy"],
  ["checkov", "CKV_AWS_19", "bucket-encrypted", "native", BUCKET, "bucketEncryption"],
  [
    "checkov",
    "CKV_AWS_145",
    "bucket-encrypted",
    "classic",
    "encryption bucket",
    "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm",
    "AES256",
  ],
  ["cdk-nag", "NIST.800.53.R5-S3DefaultEncryptionKMS", "bucket-encrypted", "native", BUCKET, "bucketEncryption"],
  ["cdk-nag", "AwsSolutions-S2", "bucket-not-public", "native", BUCKET, `${PUBLIC}.blockPublicAcls`, false],
  ["checkov", "CKV_AWS_53", "bucket-not-public", "native", BUCKET, `${PUBLIC}.blockPublicAcls`, false],
  ["checkov", "CKV_AWS_54", "bucket-not-public", "native", BUCKET, `${PUBLIC}.blockPublicPolicy`, false],
  ["checkov", "CKV_AWS_55", "bucket-not-public", "native", BUCKET, `${PUBLIC}.ignorePublicAcls`, false],
  ["checkov", "CKV_AWS_56", "bucket-not-public", "native", BUCKET, `${PUBLIC}.restrictPublicBuckets`, false],
  ["checkov", "CKV2_AWS_6", "bucket-not-public", "classic", "publicAccessBlock bucket", "blockPublicAcls", false],
  [
    "checkov",
    "CKV_AWS_70",
    "bucket-not-public",
    "classic",
    "bucketPolicy bucket publicAccessBlock",
    "policy",
    text(open),
  ],
  [
    "checkov",
    "CKV_AWS_300",
    "bucket-retained",
    "classic",
    "bucketLifecycle bucket",
    "rules[0].abortIncompleteMultipartUpload",
  ],
  ["checkov", "CKV_AWS_7", "kms-key-rotates", "native", "key", "enableKeyRotation", false],
  ["cdk-nag", "AwsSolutions-KMS5", "kms-key-rotates", "native", "key", "enableKeyRotation", false],
  [
    "checkov",
    "CKV_AWS_33",
    "kms-key-rotates",
    "native",
    "key",
    "keyPolicy",
    document({ Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" }),
  ],
  ["cdk-nag", "AwsSolutions-SM1", "notebook-hardened", "native", "notebook", "subnetId"],
  ["cdk-nag", "AwsSolutions-SM3", "notebook-hardened", "native", "notebook", "directInternetAccess", "Enabled"],
  ["checkov", "CKV_AWS_122", "notebook-hardened", "classic", "notebook", "directInternetAccess", "Enabled"],
  ["checkov", "CKV_AWS_306", "notebook-hardened", "classic", "notebook", "subnetId"],
  ["checkov", "CKV_AWS_307", "notebook-hardened", "classic", "notebook", "rootAccess", "Enabled"],
  [
    "checkov",
    "CKV_AWS_371",
    "notebook-hardened",
    "native",
    "notebook",
    "instanceMetadataServiceConfiguration.minimumInstanceMetadataServiceVersion",
    "1",
  ],
  ["checkov", "CKV_AWS_309", "api-guarded", "classic", "route", "authorizationType", "NONE"],
  ["checkov", "CKV_AWS_95", "api-guarded", "native", "apiStage", "accessLogSettings"],
  ["checkov", "CKV_AWS_258", "api-guarded", "native", "functionUrl", "authType", "NONE"],
  ["cdk-nag", "AwsSolutions-APIG1", "api-guarded", "native", "apiStage", "accessLogSettings"],
  ["cdk-nag", "AwsSolutions-APIG4", "api-guarded", "native", "route", "authorizationType", "NONE"],
  ["cdk-nag", "AwsSolutions-IAM5", "iam-no-wildcard", "native", "role", POLICY, document(star)],
  [
    "cdk-nag",
    "AwsSolutions-IAM4",
    "iam-no-wildcard",
    "native",
    "role",
    "managedPolicyArns",
    ["arn:aws:iam::aws:policy/AdministratorAccess"],
  ],
  ["checkov", "CKV_AWS_62", "iam-no-wildcard", "classic", "rolePolicy", "policy", text(admin)],
  ["checkov", "CKV_AWS_63", "iam-no-wildcard", "classic", "rolePolicy", "policy", text(admin)],
  ["checkov", "CKV_AWS_286", "iam-no-wildcard", "classic", "rolePolicy", "policy", text(escalating)],
  [
    "checkov",
    "CKV_AWS_287",
    "iam-no-wildcard",
    "classic",
    "rolePolicy",
    "policy",
    text({ ...star, Action: "iam:CreateAccessKey" }),
  ],
  ["checkov", "CKV_AWS_288", "iam-no-wildcard", "classic", "rolePolicy", "policy", text(star)],
  [
    "checkov",
    "CKV_AWS_289",
    "iam-no-wildcard",
    "classic",
    "rolePolicy",
    "policy",
    text({ ...star, Action: "s3:PutBucketPolicy" }),
  ],
  [
    "checkov",
    "CKV_AWS_290",
    "iam-no-wildcard",
    "classic",
    "rolePolicy",
    "policy",
    text({ ...star, Action: "s3:PutObject" }),
  ],
  ["checkov", "CKV_AWS_355", "iam-no-wildcard", "classic", "rolePolicy", "policy", text(star)],
  [
    "checkov",
    "CKV_AWS_274",
    "iam-no-wildcard",
    "classic",
    "attachment",
    "policyArn",
    "arn:aws:iam::aws:policy/AdministratorAccess",
  ],
  [
    "checkov",
    "CKV2_AWS_56",
    "iam-no-wildcard",
    "classic",
    "attachment",
    "policyArn",
    "arn:aws:iam::aws:policy/IAMFullAccess",
  ],
  [
    "checkov",
    "CKV_AWS_60",
    "iam-trust-conditioned",
    "native",
    "role",
    "assumeRolePolicyDocument",
    document(trust({ AWS: "*" })),
  ],
  [
    "checkov",
    "CKV_AWS_61",
    "iam-trust-conditioned",
    "native",
    "role",
    "assumeRolePolicyDocument",
    document(trust({ AWS: ["arn:aws:iam::111122223333:root"] })),
  ],
  ["checkov", "CKV_AWS_364", "iam-trust-conditioned", "native", "permission", "sourceArn"],
  ["checkov", "CKV_AWS_66", "log-group-retained", "native", "logGroup", "retentionInDays"],
  ["checkov", "CKV_AWS_338", "log-group-retained", "classic", "auditLogGroup", "retentionInDays", 180],
  ["checkov", "CKV_AWS_158", "log-group-retained", "native", "auditLogGroup", "kmsKeyId"],
  [
    "cdk-nag",
    "NIST.800.53.R5-CloudWatchLogGroupRetentionPeriod",
    "log-group-retained",
    "native",
    "logGroup",
    "retentionInDays",
  ],
  ["checkov", "CKV_AWS_319", "alarm-acts", "classic", "alarm", "actionsEnabled", false],
  ["cdk-nag", "NIST.800.53.R5-CloudWatchAlarmAction", "alarm-acts", "native", "alarm", "alarmActions"],
  [
    "cdk-nag",
    "AwsSolutions-SF1",
    "state-machine-observable",
    "native",
    "stateMachine",
    "loggingConfiguration.level",
    "OFF",
  ],
  [
    "cdk-nag",
    "AwsSolutions-SF2",
    "state-machine-observable",
    "native",
    "stateMachine",
    "tracingConfiguration.enabled",
    false,
  ],
  [
    "checkov",
    "CKV_AWS_284",
    "state-machine-observable",
    "classic",
    "stateMachine",
    "tracingConfiguration.enabled",
    false,
  ],
  ["checkov", "CKV_AWS_285", "state-machine-observable", "classic", "stateMachine", "loggingConfiguration"],
  ["checkov", "CKV_AWS_115", "function-bounded", "native", "function functionUrl", "reservedConcurrentExecutions"],
  ["checkov", "CKV_AWS_116", "function-bounded", "native", "function subscription invokeConfig", "-invokeConfig"],
  [
    "cdk-nag",
    "NIST.800.53.R5-LambdaConcurrency",
    "function-bounded",
    "native",
    "function functionUrl",
    "reservedConcurrentExecutions",
  ],
  [
    "cdk-nag",
    "NIST.800.53.R5-LambdaDLQ",
    "function-bounded",
    "native",
    "function subscription invokeConfig",
    "-invokeConfig",
  ],
  [
    "checkov",
    "CKV_AWS_45",
    "function-no-secrets",
    "native",
    "function",
    "environment",
    { variables: { KEY: "AKIAIOSFODNN7EXAMPLE" } },
  ],
  ["checkov", "CKV_AWS_384", "function-no-secrets", "native", "parameter", "value", "AKIAIOSFODNN7EXAMPLE"],
  [
    "checkov",
    "CKV_AWS_283",
    "package-group-closed",
    "classic",
    "packageGroupPolicy",
    "resourcePolicy",
    text({ Effect: "Allow", Principal: "*", Action: "sagemaker:DescribeModelPackage", Resource: "*" }),
  ],
];

export const CASES: readonly AgreementCase[] = ROWS.map(
  ([tool, id, rule, provider, families, path, value, besides]) => {
    const good = families
      .split(" ")
      .map((family) => compliant(provider, family))
      .map((one, place) => (besides && place === 0 ? broken(one, ...besides) : one));
    const [first, ...rest] = good as [Resource, ...Resource[]];
    const bad = path.startsWith("-")
      ? good.filter((_, place) => families.split(" ")[place] !== path.slice(1))
      : [broken(first, path, value), ...rest];
    return { id, tool, rule, provider, good, bad };
  },
);
