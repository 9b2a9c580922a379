/** The same resources for other tools: native ones as a CloudFormation template, classic ones as Terraform. */

import { toCfn } from "../../../local/provider/native/convert.ts";
import { typeSpec } from "../../../local/provider/native/spec.ts";
import type { Resource } from "../support/harness.ts";

const logicalId = (name: string): string => name.replace(/[^A-Za-z0-9]/g, "");

/** A CloudFormation template of native resources. */
export function cloudFormation(resources: readonly Resource[]): object {
  const Resources = Object.fromEntries(
    resources.map(({ type, name, props }) => {
      const spec = typeSpec(type);
      if (!spec) throw new Error(`${type} has no CloudFormation type`);
      return [logicalId(name), { Type: spec.cfnType, Properties: toCfn(spec, props as never) }];
    }),
  );
  return { Resources };
}

const TERRAFORM: Readonly<Record<string, string>> = {
  "aws:s3/bucket:Bucket": "aws_s3_bucket",
  "aws:s3/bucketPolicy:BucketPolicy": "aws_s3_bucket_policy",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "aws_s3_bucket_public_access_block",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "aws_s3_bucket_lifecycle_configuration",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration":
    "aws_s3_bucket_server_side_encryption_configuration",
  "aws:sagemaker/notebookInstance:NotebookInstance": "aws_sagemaker_notebook_instance",
  "aws:sagemaker/endpointConfiguration:EndpointConfiguration": "aws_sagemaker_endpoint_configuration",
  "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": "aws_sagemaker_model_package_group_policy",
  "aws:apigatewayv2/route:Route": "aws_apigatewayv2_route",
  "aws:iam/role:Role": "aws_iam_role",
  "aws:iam/rolePolicy:RolePolicy": "aws_iam_role_policy",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "aws_iam_role_policy_attachment",
  "aws:cloudwatch/logGroup:LogGroup": "aws_cloudwatch_log_group",
  "aws:cloudwatch/metricAlarm:MetricAlarm": "aws_cloudwatch_metric_alarm",
  "aws:sfn/stateMachine:StateMachine": "aws_sfn_state_machine",
  "aws:sqs/queue:Queue": "aws_sqs_queue",
  "aws:sqs/queuePolicy:QueuePolicy": "aws_sqs_queue_policy",
  "aws:sns/topicPolicy:TopicPolicy": "aws_sns_topic_policy",
};
/** Lists of blocks, whose name Terraform writes in the singular. */
const BLOCKS: Readonly<Record<string, string>> = {
  rules: "rule",
  production_variants: "production_variants",
  inline_policies: "inline_policy",
};
/** Values that are theirs, not the provider's: keys stay as they are. */
const FREE = new Set(["tags", "variables", "environment"]);
const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A value on the right of `=`. `${` would begin an interpolation, so only our own references keep it. */
function literal(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)} = ${literal(inner)}`)
    .join(", ")} }`;
}

/** The body of a resource or block: objects are blocks, unless their keys are free. */
function body(props: Readonly<Record<string, unknown>>, indent: string): string {
  return Object.entries(props)
    .map(([key, value]) => {
      const name = BLOCKS[snake(key)] ?? snake(key);
      const blocks = (Array.isArray(value) ? value : [value]).filter((one) => typeof one === "object" && one !== null);
      if (blocks.length === 0 || FREE.has(key)) return `${indent}${name} = ${literal(value)}\n`;
      return blocks.map((one) => `${indent}${name} {\n${body(one, `${indent}  `)}${indent}}\n`).join("");
    })
    .join("");
}

/** Terraform of classic resources; an object where the provider takes a document becomes its text. */
export function terraform(resources: readonly Resource[]): string {
  const bucket = resources.find(({ type }) => type === "aws:s3/bucket:Bucket");
  return resources
    .map(({ type, name, props }) => {
      const token = TERRAFORM[type];
      if (!token) throw new Error(`${type} has no Terraform type here: add it`);
      const texts: Record<string, unknown> = Object.fromEntries(
        Object.entries(props).map(([key, value]) => [
          key,
          /(?:policy|definition)$/i.test(key) && typeof value === "object" ? JSON.stringify(value) : value,
        ]),
      );
      if (bucket && type !== bucket.type && texts.bucket === bucket.props.bucket) {
        texts.bucket = `\${aws_s3_bucket.${logicalId(bucket.name)}.id}`;
      }
      return `resource "${token}" "${logicalId(name)}" {\n${body(texts, "  ")}}\n`;
    })
    .join("\n");
}
