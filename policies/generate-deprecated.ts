/**
 * Writes `support/deprecated.generated.json`: the resource types that the pinned classic SDK marks as deprecated, and the inputs
 * of its bucket that moved to resources of their own, each with what to use instead. Text only: the SDK is not loaded.
 * `node policies/generate-deprecated.ts` writes; with `--check` it writes nothing and exits 1 when stale.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const FILE = "support/deprecated.generated.json";
const BUCKET = { token: "aws:s3/bucket:Bucket", declarations: "s3/bucket.d.ts" };
const sdk = dirname(createRequire(import.meta.url).resolve("@pulumi/aws/package.json"));

/** Token → what to use instead, from the warning that the class prints when it is used. */
function deprecatedTypes(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const folder of readdirSync(sdk, { withFileTypes: true })) {
    if (!folder.isDirectory() || folder.name === "node_modules" || folder.name === "types") continue;
    for (const file of readdirSync(join(sdk, folder.name))) {
      if (!file.endsWith(".js")) continue;
      const text = readFileSync(join(sdk, folder.name, file), "utf8");
      const token = /__pulumiType = '([^']+)'/.exec(text)?.[1];
      const instead = /log\.warn\("\w+ is deprecated: .* in favor of ([\w./]+)"/.exec(text)?.[1];
      if (token !== undefined && instead !== undefined) found[token] = named(instead);
    }
  }
  return sorted(found);
}

/** `aws.s3/bucketacl.BucketAcl` and `s3.Bucket` as a program writes them: `aws.s3.BucketAcl`. */
function named(text: string): string {
  const parts = text.replace(/^aws\./, "").split(/[./]/);
  return `aws.${parts[0]}.${parts.at(-1)}`;
}

/** Input → what to use instead, from the bucket's declared arguments. */
function deprecatedInputs(): Record<string, string> {
  const text = readFileSync(join(sdk, BUCKET.declarations), "utf8");
  const args = text.slice(text.indexOf("export interface BucketArgs"));
  const found: Record<string, string> = {};
  for (const [, use = "", property = ""] of args.matchAll(
    /@deprecated \w+ is deprecated\. Use the (.+?) instead\.\s*\*\/\s*(\w+)\?:/g,
  )) {
    found[property] = use;
  }
  return sorted(found);
}

const sorted = (found: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));

const { version } = JSON.parse(readFileSync(join(sdk, "package.json"), "utf8")) as { version: string };
const text = `${JSON.stringify({ sdk: `@pulumi/aws ${version}`, types: deprecatedTypes(), inputs: { [BUCKET.token]: deprecatedInputs() } }, null, 2)}\n`;
const path = join(import.meta.dirname, FILE);
if (!process.argv.includes("--check")) writeFileSync(path, text);
else if (readFileSync(path, "utf8") !== text) {
  console.error(`stale: policies/${FILE}. Run: node policies/generate-deprecated.ts`);
  process.exitCode = 1;
}
