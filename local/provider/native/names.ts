/**
 * How pulumi-aws-native spells CloudFormation's names.
 *
 * The rule (provider/pkg/naming of pulumi/pulumi-aws-native, which the SDK is generated with): a run of two or more capitals
 * or digits is one acronym, of which only the first letter stays a capital; the last capital of a run begins the next word
 * (`KMSKeyArn` is `kmsKeyArn`) unless the name ends there or a single plural `s` follows (`TargetGroupARNs` is
 * `targetGroupArns`); then the first letter is lowered. A property called `Id` is `awsId`, because `id` is Pulumi's own.
 */

const ACRONYM = /[A-Z0-9]{2,}/g;

function lowerAcronyms(name: string): string {
  return name.replace(ACRONYM, (run, offset: number) => {
    const rest = name.slice(offset + run.length);
    const wholeWord = rest === "" || rest === "s" || /^s[A-Z0-9]/.test(rest);
    const end = wholeWord ? run.length : run.length - 1;
    return run.slice(0, 1) + run.slice(1, end).toLowerCase() + run.slice(end);
  });
}

/** `S3Bucket` to `s3Bucket`, `PrincipalOrgID` to `principalOrgId`. */
export function sdkName(cfnName: string): string {
  const lowered = lowerAcronyms(cfnName);
  return lowered.slice(0, 1).toLowerCase() + lowered.slice(1);
}

/** The same for a property of a resource itself, where `id` is taken. */
export function topLevelSdkName(cfnName: string): string {
  const name = sdkName(cfnName);
  return name === "id" ? "awsId" : name;
}
