/** Whether current objects of a bucket end by themselves, by the bucket's lifecycle rules in either provider's spelling. */
import { partsOf } from "./bucket-parts.ts";
import { BUCKET, BUCKET_LIFECYCLE, nameAt, tokensOf } from "./families.ts";
import type { Graph, Node } from "./graph.ts";
import type { Reading } from "./read.ts";
import { allReads, reads } from "./rule.ts";
import type { Reads } from "./subject.ts";
import { isTree, type Tree, Unknown } from "./unknown.ts";

export const BUCKETS = tokensOf(BUCKET);
const lifecycles = tokensOf(BUCKET_LIFECYCLE);
const NATIVE_RULES = "lifecycleConfiguration.rules[]";
const INLINE_RULES = "lifecycleRules[]";

/** What a rule must declare that asks. */
export const EXPIRY_READS: Reads = allReads(
  Object.fromEntries(BUCKETS.map((type) => [type, [nameAt(type)]])),
  { [BUCKET.native]: [NATIVE_RULES] },
  reads([BUCKET.classic, BUCKET.classicV2], INLINE_RULES),
  reads(lifecycles, "bucket", "rules[]"),
);

/** Whether an enabled rule removes current objects whose key begins with `key`. */
export function expires(bucket: Node, graph: Graph, key: string): "yes" | "no" | "unknown" {
  const readings: Reading[] =
    bucket.type === BUCKET.native
      ? bucket.read(NATIVE_RULES)
      : [
          ...partsOf(bucket, graph, lifecycles, BUCKETS).flatMap((part) => part.read("rules[]")),
          // AWS fills these in after creation, so being unknown means something only where the program computed it.
          ...bucket.read(INLINE_RULES).filter(({ state }) => state !== "unknown" || bucket.derives("lifecycleRules")),
        ];
  const sights = readings.map((reading) =>
    reading.state === "unknown"
      ? "unknown"
      : reading.state === "known" && isTree(reading.value)
        ? ruleExpires(reading.value, key)
        : "no",
  );
  return sights.includes("yes") ? "yes" : sights.includes("unknown") ? "unknown" : "no";
}

function ruleExpires(rule: Tree, key: string): "yes" | "no" | "unknown" {
  if (rule.status !== undefined && !(rule.status instanceof Unknown) && rule.status !== "Enabled") return "no";
  if (rule.status === undefined && rule.enabled !== true && !(rule.enabled instanceof Unknown)) return "no";
  const filter = isTree(rule.filter) ? rule.filter : {};
  const and = isTree(filter.and) ? filter.and : {};
  // A rule for some tags or sizes only leaves the rest.
  const narrow = [rule, filter, and].some((part) =>
    Object.entries(part).some(([name, value]) => /^(?:tag|objectSize)/.test(name) && !isEmpty(value)),
  );
  if (narrow) return "no";
  const prefixes = [rule.prefix, filter.prefix, and.prefix];
  if (prefixes.some((prefix) => typeof prefix === "string" && !key.startsWith(prefix))) return "no";
  const ends = [
    rule.expirationInDays,
    ...[rule.expiration, ...(Array.isArray(rule.expirations) ? rule.expirations : [])].map((one: unknown) =>
      isTree(one) ? one.days : one,
    ),
  ];
  const isOpen = [rule.status, rule.enabled, rule.filter, filter.and, ...prefixes].some(
    (one) => one instanceof Unknown,
  );
  if (ends.some((days) => typeof days === "number" && days >= 1)) return isOpen ? "unknown" : "yes";
  return ends.some((days) => days instanceof Unknown) ? "unknown" : "no";
}

const isEmpty = (value: unknown): boolean =>
  value === "" || value === 0 || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
