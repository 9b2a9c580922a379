/** Live state of buckets and bucket policies. */
import type { Client } from "../../emulator/client.ts";
import { listAt, textAt, type Xml } from "../../emulator/xml.ts";
import type { CfnProps } from "../convert.ts";
import { document, optional, plain, type Reader, tagList } from "./reader.ts";

function part(client: Client, bucket: string, name: string): Promise<Xml | undefined> {
  return optional(client.restXml("s3", { path: `/${bucket}`, query: { [name]: "" } }));
}

function publicAccess(xml: Xml | undefined): CfnProps | undefined {
  const names = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];
  return xml === undefined ? undefined : Object.fromEntries(names.map((name) => [name, textAt(xml, name) === "true"]));
}

function encryption(xml: Xml | undefined): CfnProps | undefined {
  if (xml === undefined) return undefined;
  return {
    ServerSideEncryptionConfiguration: listAt(xml, "Rule").map((rule) => ({
      BucketKeyEnabled: textAt(rule, "BucketKeyEnabled") === "true",
      ServerSideEncryptionByDefault: {
        SSEAlgorithm: textAt(rule, "ApplyServerSideEncryptionByDefault", "SSEAlgorithm"),
        KMSMasterKeyID: textAt(rule, "ApplyServerSideEncryptionByDefault", "KMSMasterKeyID"),
      },
    })),
  };
}

/** The recorded value, unless its live rules are gone or are not as many. */
function unless(recorded: unknown, rules: string, live: readonly Xml[]): unknown {
  const wanted = (recorded as CfnProps | undefined)?.[rules];
  return Array.isArray(wanted) && wanted.length === live.length ? recorded : undefined;
}

const bucket: Reader = {
  covers: [
    "VersioningConfiguration",
    "PublicAccessBlockConfiguration",
    "BucketEncryption",
    "OwnershipControls",
    "LifecycleConfiguration",
    "CorsConfiguration",
    "Tags",
  ],
  async read(client, [name = ""], recorded) {
    await client.raw("s3", { method: "HEAD", path: `/${name}` });
    const [versioning, access, crypt, tagging, ownership, lifecycle, cors] = await Promise.all(
      ["versioning", "publicAccessBlock", "encryption", "tagging", "ownershipControls", "lifecycle", "cors"].map(
        (item) => part(client, name, item),
      ),
    );
    const status = textAt(versioning, "Status");
    const { region } = client.place;
    return {
      BucketName: name,
      VersioningConfiguration: status && { Status: status },
      PublicAccessBlockConfiguration: publicAccess(access),
      BucketEncryption: encryption(crypt),
      OwnershipControls: ownership && { Rules: listAt(ownership, "Rule").map(plain) },
      // S3 words these two otherwise than CloudFormation: seen are their existence and their number of rules.
      LifecycleConfiguration: unless(recorded.LifecycleConfiguration, "Rules", listAt(lifecycle, "Rule")),
      CorsConfiguration: unless(recorded.CorsConfiguration, "CorsRules", listAt(cors, "CORSRule")),
      Tags: tagList(listAt(tagging, "TagSet", "Tag").map(plain)),
      Arn: `arn:aws:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
    };
  },
};

const bucketPolicy: Reader = {
  covers: ["PolicyDocument"],
  async read(client, [name = ""]) {
    const response = await client.raw("s3", { path: `/${name}`, query: { policy: "" } });
    return { Bucket: name, PolicyDocument: document(await response.text()) };
  },
};

export const s3: Readonly<Record<string, Reader>> = {
  "AWS::S3::Bucket": bucket,
  "AWS::S3::BucketPolicy": bucketPolicy,
};
