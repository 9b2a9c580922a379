/** Keys whose policy the account's owner writes, as against those that AWS keeps for a service. */

/** Whether the text names a key, and not one of AWS's own (`alias/aws/s3`, as an alias or in its ARN). */
export const isOwnKey = (value: unknown): boolean =>
  typeof value === "string" && value.trim() !== "" && !isAwsKey(value);

/** `alias/aws/...` is AWS's key for a service; its policy cannot be changed (KMS developer guide, AWS managed keys). */
export const isAwsKey = (value: unknown): value is string =>
  typeof value === "string" && /(?:^|:)alias\/aws\//.test(value);
