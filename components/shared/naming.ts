/**
 * The one authority for physical names. Names are plain text, decided before anything exists, so that preview and the
 * policy pack read whole ARNs, policy documents and state machines.
 */
import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import type { Scope } from "../../contracts/iam.ts";

/** Every name starts so. */
export const NAME_PREFIX = "frugal";

/**
 * Longest name of each kind (AWS: API models of the services; buckets: general purpose bucket naming rules; HTTP API:
 * ApiGatewayV2 `Name`). A kind that is not here has no names yet.
 */
export const nameLimits = {
  bucket: 63,
  role: 64,
  managedPolicy: 128,
  function: 64,
  stateMachine: 80,
  rule: 64,
  schedule: 64,
  table: 255,
  queue: 80,
  topic: 256,
  httpApi: 128,
  alarm: 255,
  packageGroup: 63,
  model: 63,
  endpoint: 63,
  budget: 100,
  // botocore kms, AliasNameType: 256 with "alias/".
  keyAlias: 250,
} as const;
export type NameKind = keyof typeof nameLimits;

/** Where a stage stands: what every name, tag and ARN of it is made of. */
export interface Site extends Scope {
  /** The Pulumi stack's name. */
  readonly stage: string;
  /** The Pulumi project's name. */
  readonly project: string;
  /** Who answers for the stage. */
  readonly owner: string;
  /** AWS account id, 12 digits. */
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  /** Whether data, artefacts, approvals and the registry are kept from deletion. */
  readonly protect: boolean;
  /** The stage's own key, where it has one: buckets, notices and the logs of decisions lie under it. */
  readonly key?: StageKey;
  /** What stands before everything else: the boundary of roles, and the key. */
  readonly ready?: readonly pulumi.Resource[];
}

/** A KMS key of the stage's own. */
export interface StageKey {
  /** Known before the key exists; a key's id is not. */
  readonly aliasArn: string;
  readonly arn: pulumi.Output<string>;
}

/**
 * `frugal-<stage>-<part>`, shortened by a hash of the whole where it would be too long.
 *
 * @throws when the kind is unknown or the part holds anything but lower-case letters, digits and hyphens
 */
export function physicalName(site: Pick<Site, "stage">, kind: NameKind, part: string): string {
  return shorten(kind, `${NAME_PREFIX}-${site.stage}-${checked(part)}`);
}

/** `frugal-<stage>-<role>-<account>-<region>`: bucket names are shared by all accounts, so they carry the account. */
export function bucketName(site: Pick<Site, "stage" | "account" | "region">, role: string): string {
  return shorten("bucket", `${NAME_PREFIX}-${site.stage}-${checked(role)}-${site.account}-${site.region}`);
}

/** Shortens a name to its kind's limit: its head, a hyphen, and 8 hex digits of the SHA-256 of all of it. */
export function shorten(kind: NameKind, name: string): string {
  const limit = Object.hasOwn(nameLimits, kind) ? nameLimits[kind] : undefined;
  if (limit === undefined) {
    throw new Error(`no name limit is known for "${kind}": add it to nameLimits in components/shared/naming.ts`);
  }
  if (name.length <= limit) return name;
  const mark = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, limit - mark.length - 1).replace(/-+$/, "")}-${mark}`;
}

function checked(part: string): string {
  if (!/^[a-z0-9](?:-?[a-z0-9])*$/.test(part)) {
    throw new Error(`"${part}" cannot be part of a name: use lower-case letters, digits and inner hyphens`);
  }
  return part;
}

/** The partition that a region lies in (botocore, partitions.json). */
export function partitionOf(region: string): "aws" | "aws-cn" | "aws-us-gov" {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/** The ARN of a role; IAM has no region. */
export function roleArn(site: Scope, roleName: string): string {
  return `arn:${site.partition ?? "aws"}:iam::${site.account}:role/${roleName}`;
}

/** The ARN of a managed policy of this account. */
export function policyArn(site: Scope, policyName: string): string {
  return `arn:${site.partition ?? "aws"}:iam::${site.account}:policy/${policyName}`;
}

/** The ARN of the stage's permissions boundary; every role of the stage has it. */
export function boundaryArn(site: Pick<Site, "stage"> & Scope): string {
  return policyArn(site, physicalName(site, "managedPolicy", "boundary"));
}
