/** When a bucket policy statement opens the bucket to anybody. */
import { hasWildcard, isText } from "./actions.ts";
import type { Condition, Leaf, Statement } from "./document.ts";
import { Unknown } from "./unknown.ts";

/**
 * Condition keys that, with fixed values, keep an Allow to everyone from being public: those by which S3 itself decides
 * (S3 API reference, PublicAccessBlockConfiguration: SourceArn, SourceVpc, SourceVpce, SourceOwner, SourceAccount,
 * aws:userid, SourceIp) and those that fix the caller's account or organisation.
 */
const RESTRICTING = new Set([
  "aws:sourcearn",
  "aws:sourcevpc",
  "aws:sourcevpce",
  "aws:sourceowner",
  "aws:sourceaccount",
  "aws:principalarn",
  "aws:principalaccount",
  "aws:principalorgid",
  "aws:sourceip",
]);

/** Operators under which the request must match; negations, `...IfExists` and `ForAllValues:` let others through. */
const FIRM = /^(?:ForAnyValue:)?(?:StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike|IpAddress)$/i;

/** Whether a condition fixes who may come; where that hangs on values that are not known yet, those. */
export function restriction(condition: Condition): "yes" | "no" | readonly Leaf[] {
  if (!RESTRICTING.has(condition.key) || !FIRM.test(condition.operator) || condition.values.length === 0) return "no";
  const isFixed = (value: string): boolean => {
    if (condition.key === "aws:sourceip") return isNarrowCidr(value);
    // An ARN may end in a wildcard as long as its account stands written out.
    if (condition.key.endsWith("arn")) return /^arn:[^:*?]+:[^:*?]+:[^:]*:[0-9]{12}:/.test(value);
    return !hasWildcard(value);
  };
  const hidden = condition.values.filter(({ value }) => value instanceof Unknown);
  if (!condition.values.every((leaf) => leaf.value instanceof Unknown || (isText(leaf) && isFixed(leaf.value))))
    return "no";
  return hidden.length > 0 ? hidden : "yes";
}

/** S3 takes ranges broader than /8 (IPv4) or /32 (IPv6) for public (S3 user guide, The meaning of "public"). */
function isNarrowCidr(text: string): boolean {
  const [address = "", bits] = text.split("/");
  const width = bits === undefined ? Number.POSITIVE_INFINITY : Number(bits);
  return Number.isNaN(width) ? false : address.includes(":") ? width >= 32 : width >= 8;
}

/** The principal by which an Allow is for everyone, if it is. */
export function anyone(statement: Statement): { readonly path: string; readonly value: unknown } | undefined {
  if (statement.effect !== "Allow") return undefined;
  if (statement.hasNotPrincipal) return { path: `${statement.path}.NotPrincipal`, value: "NotPrincipal" };
  // Whatever kind it is said to be of: a document whose kinds are spelt otherwise is not taken for a narrow one.
  return statement.principals.find((leaf) => isText(leaf) && leaf.value.includes("*"));
}
