/** Addresses of the AWS console. Pure; they open only to whoever may sign in to the account. */

const consoles: Readonly<Record<string, string>> = {
  "aws-cn": "https://console.amazonaws.cn",
  "aws-us-gov": "https://console.amazonaws-us-gov.com",
};

/**
 * The page of an object in S3, or undefined when the URI names none. Form: as the console itself shows it,
 * `https://REGION.console.aws.amazon.com/s3/object/BUCKET?region=REGION&prefix=KEY`.
 */
export function s3ObjectLink(
  uri: string,
  { region, partition = "aws" }: { region: string; partition?: string },
): string | undefined {
  const found = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/.exec(uri);
  if (!found) return undefined;
  const host = consoles[partition] ?? `https://${region}.console.aws.amazon.com`;
  const query = new URLSearchParams({ region, bucketType: "general", prefix: found[2] ?? "" });
  return `${host}/s3/object/${found[1]}?${query}`;
}
