/** Conditions that hold only when the request brings the key with a matching value. */
import { hasWildcard } from "./actions.ts";
import type { Leaf, Statement } from "./document.ts";

/** `...IfExists` and `ForAllValues:` hold when the key is absent, negations for everybody else: they pin nothing. */
const FIRM = /^(?:ForAnyValue:)?(?:String(?:Equals|EqualsIgnoreCase|Like)|Arn(?:Equals|Like))$/i;

/** All values to which firm conditions of the statement pin `key` (lower case). Empty: it is not pinned. */
export function firmValues(statement: Statement, key: string): Leaf[] {
  return statement.conditions
    .filter((condition) => condition.key === key && FIRM.test(condition.operator))
    .flatMap((condition) => condition.values);
}

/** Whether a value is an account's id. */
export const isAccountId = (value: unknown): value is string => typeof value === "string" && /^[0-9]{12}$/.test(value);

/** Whether an ARN, or a pattern of ARNs, has its account written out. */
export const namesAccount = (arn: unknown): boolean =>
  typeof arn === "string" && /^arn:[^:*?]+:[^:*?]+:[^:]*:[0-9]{12}:/.test(arn);

/**
 * Whether a subject of an identity provider is pinned: literal, or with at least one whole segment after its kind before any
 * wildcard. `repo:owner/*` is, `repo:*` and `repo:own*` are not: owners are free to take.
 */
export function isPinnedSubject(subject: string): boolean {
  if (subject === "") return false;
  if (!hasWildcard(subject)) return true;
  const fixed = (subject.split(/[*?]/, 1)[0] ?? "").replace(/^[A-Za-z_]+:/, "");
  return /[^/:][/:]/.test(fixed);
}
