/** Sub-resources of a bucket, by S3's own XML. */
import { createHash } from "node:crypto";
import type { Client } from "../../emulator/client.ts";
import type { Step } from "./index.ts";

type Bag = Record<string, unknown>;

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Objects to elements, lists to repeated elements. */
function xml(name: string, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map((item) => xml(name, item)).join("");
  if (typeof value !== "object") return `<${name}>${escaped(String(value))}</${name}>`;
  return `<${name}>${Object.entries(value)
    .map(([child, item]) => xml(child, item))
    .join("")}</${name}>`;
}

/** A step that writes one sub-resource (`?lifecycle`), or deletes it. */
function part(query: string, root: string, convert: (wanted: Bag) => Bag): Step {
  return async (client: Client, bucket: string, wanted: unknown) => {
    const request = { path: `/${bucket}`, query: { [query]: "" } };
    if (wanted === undefined) {
      await client.raw("s3", { ...request, method: "DELETE" });
      return;
    }
    const body = xml(root, convert(wanted as Bag));
    const md5 = createHash("md5").update(body).digest("base64");
    await client.raw("s3", {
      ...request,
      method: "PUT",
      body,
      headers: { "content-md5": md5, "content-type": "application/xml" },
    });
  };
}

/** CloudFormation's lifecycle rule in the API's words (API reference: PutBucketLifecycleConfiguration). */
export function lifecycleRule(rule: Bag): Bag {
  const filter: Bag = {};
  if (rule.ObjectSizeGreaterThan !== undefined) filter.ObjectSizeGreaterThan = rule.ObjectSizeGreaterThan;
  if (rule.ObjectSizeLessThan !== undefined) filter.ObjectSizeLessThan = rule.ObjectSizeLessThan;
  if (rule.TagFilters) filter.Tag = rule.TagFilters;
  if (rule.Prefix !== undefined || Object.keys(filter).length === 0) filter.Prefix = rule.Prefix ?? "";
  const conditions = Object.keys(filter).length + (Array.isArray(filter.Tag) ? filter.Tag.length - 1 : 0);
  const expiration = {
    Date: rule.ExpirationDate,
    Days: rule.ExpirationInDays,
    ExpiredObjectDeleteMarker: rule.ExpiredObjectDeleteMarker,
  };
  const transitions = [rule.Transitions ?? rule.Transition ?? []].flat() as Bag[];
  const noncurrent = [rule.NoncurrentVersionTransitions ?? rule.NoncurrentVersionTransition ?? []].flat() as Bag[];
  const older = rule.NoncurrentVersionExpirationInDays;
  return {
    ID: rule.Id,
    Filter: conditions > 1 ? { And: filter } : filter,
    Status: rule.Status,
    Transition: transitions.map((item) => ({
      Date: item.TransitionDate,
      Days: item.TransitionInDays,
      StorageClass: item.StorageClass,
    })),
    NoncurrentVersionTransition: noncurrent.map((item) => ({
      NoncurrentDays: item.TransitionInDays,
      StorageClass: item.StorageClass,
      NewerNoncurrentVersions: item.NewerNoncurrentVersions,
    })),
    Expiration: Object.values(expiration).some((value) => value !== undefined) ? expiration : undefined,
    NoncurrentVersionExpiration:
      rule.NoncurrentVersionExpiration ?? (older === undefined ? undefined : { NoncurrentDays: older }),
    AbortIncompleteMultipartUpload: rule.AbortIncompleteMultipartUpload,
  };
}

function corsRule(rule: Bag): Bag {
  return {
    ID: rule.Id,
    AllowedMethod: rule.AllowedMethods,
    AllowedOrigin: rule.AllowedOrigins,
    AllowedHeader: rule.AllowedHeaders,
    ExposeHeader: rule.ExposedHeaders,
    MaxAgeSeconds: rule.MaxAge,
  };
}

const list = (value: unknown) => (value ?? []) as Bag[];

export const s3: Readonly<Record<string, Readonly<Record<string, Step>>>> = {
  "AWS::S3::Bucket": {
    Tags: part("tagging", "Tagging", (tags) => ({ TagSet: { Tag: tags } })),
    LifecycleConfiguration: part("lifecycle", "LifecycleConfiguration", ({ Rules }) => ({
      Rule: list(Rules).map(lifecycleRule),
    })),
    CorsConfiguration: part("cors", "CORSConfiguration", ({ CorsRules }) => ({
      CORSRule: list(CorsRules).map(corsRule),
    })),
    PublicAccessBlockConfiguration: part("publicAccessBlock", "PublicAccessBlockConfiguration", (access) => access),
    OwnershipControls: part("ownershipControls", "OwnershipControls", ({ Rules }) => ({ Rule: Rules })),
    BucketEncryption: part(
      "encryption",
      "ServerSideEncryptionConfiguration",
      ({ ServerSideEncryptionConfiguration: rules }) => ({
        Rule: list(rules).map(
          ({ ServerSideEncryptionByDefault: ApplyServerSideEncryptionByDefault, BucketKeyEnabled }) => ({
            ApplyServerSideEncryptionByDefault,
            BucketKeyEnabled,
          }),
        ),
      }),
    ),
  },
};
