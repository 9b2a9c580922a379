/**
 * The stage's own key, as plain data: who may use it, and what a role needs of it beside its own grants. Pure.
 *
 * A key's id is not known before it exists, so grants name the key by its alias (AWS KMS developer guide, "Use aliases to
 * control access to KMS keys"); what changes an alias is denied to every role of the stage by its boundary.
 */
import { allow, arnOf, type Statement } from "../../contracts/iam.ts";
import type { PrincipalStatement, ResourcePolicy } from "./grants.ts";
import { NAME_PREFIX, physicalName, type Site } from "./naming.ts";

/** `alias/frugal-<stage>-data`. */
export function keyAlias(site: Pick<Site, "stage">): string {
  return `alias/${physicalName(site, "keyAlias", "data")}`;
}

/**
 * The key's own policy. People and roles of the account use it as far as their own policies say (the account's root stands for
 * that); services that act by themselves are named.
 */
export function keyPolicy(site: Site): ResourcePolicy {
  const statement = (
    sid: string,
    service: string,
    action: readonly string[],
    condition: PrincipalStatement["Condition"],
  ): PrincipalStatement => ({
    Sid: sid,
    Effect: "Allow",
    Principal: { Service: service },
    Action: action,
    // In a key's policy this is the key.
    Resource: "*",
    Condition: condition,
  });
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "AccountByItsOwnPolicies",
        Effect: "Allow",
        Principal: { AWS: `arn:${site.partition}:iam::${site.account}:root` },
        Action: "kms:*",
        Resource: "*",
      },
      // Alarms publish to the encrypted topic by themselves (Amazon SNS developer guide, "Key management": compatibility
      // between event sources and encrypted topics).
      statement("AlarmsPublish", "cloudwatch.amazonaws.com", ["kms:Decrypt", "kms:GenerateDataKey*"], {
        StringEquals: { "aws:SourceAccount": site.account },
      }),
      // Amazon CloudWatch Logs user guide, "Encrypt log data in CloudWatch Logs using AWS KMS".
      statement(
        "LogsOfThisStage",
        `logs.${site.region}.amazonaws.com`,
        ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        {
          ArnLike: {
            "kms:EncryptionContext:aws:logs:arn": arnOf(site, "logs", `log-group:*${NAME_PREFIX}-${site.stage}-*`),
          },
        },
      ),
    ],
  };
}

const READS = /^s3:GetObject(Version)?$/;
const WRITES = /^s3:PutObject$/;
const PUBLISHES = /^sns:Publish$/;

/**
 * What a role needs of keys so that its grants on buckets and topics work where these are encrypted: `kms:GenerateDataKey` to
 * write, `kms:Decrypt` to read and for uploads in parts (AWS re:Post knowledge center, "S3 large file encryption KMS key"), both
 * to publish (Amazon SNS developer guide, "Key management"). What is encrypted is reached through the service, never directly.
 *
 * @param options.jobs whether SageMaker writes for the role: it tries a key that is named by its alias first (botocore
 *   sagemaker, OutputDataConfig.KmsKeyId: "must include permissions to call kms:Encrypt"; by which way it calls is not said)
 */
export function keyGrants(
  site: Site,
  grants: readonly Statement[],
  options: { readonly jobs?: boolean } = {},
): Statement[] {
  const reached = (wanted: RegExp) =>
    grants
      .filter(({ Effect, Action }) => Effect === "Allow" && [Action].flat().some((action) => wanted.test(action)))
      .flatMap(({ Resource }) => Resource);
  const use = (sid: string, actions: string[], service: string | undefined, alias: string) =>
    allow(sid, actions, arnOf(site, "kms", "key/*"), {
      ...(service ? { StringEquals: { "kms:ViaService": `${service}.${site.region}.amazonaws.com` } } : {}),
      "ForAnyValue:StringLike": { "kms:ResourceAliases": alias },
    });
  const statements: Statement[] = [];
  if (site.key !== undefined) {
    const writes = reached(WRITES).length > 0;
    if (writes || reached(READS).length > 0) {
      const actions = ["kms:Decrypt", ...(writes ? ["kms:GenerateDataKey"] : [])];
      statements.push(use("UseKeyForObjects", actions, "s3", keyAlias(site)));
      if (writes && options.jobs) statements.push(use("TryKey", ["kms:Encrypt"], undefined, keyAlias(site)));
    }
    if (reached(PUBLISHES).length > 0) {
      statements.push(use("UseKeyForNotices", ["kms:Decrypt", "kms:GenerateDataKey"], "sns", keyAlias(site)));
    }
  }
  // A pinned package's artefact lies with the stage that made it, under that stage's key where it has one.
  const own = `:s3:::${NAME_PREFIX}-${site.stage}-`;
  if (reached(READS).some((arn) => arn.includes(`:s3:::${NAME_PREFIX}-`) && !arn.includes(own))) {
    statements.push(use("ReadFromOtherStages", ["kms:Decrypt"], "s3", `alias/${NAME_PREFIX}-*-data`));
  }
  return statements;
}
