/**
 * Every role has the stage's boundary, and the boundary keeps whoever has it from changing boundaries, users and keys.
 *
 * What the boundary allows is not judged: it grants nothing. Its Deny is demanded in words and without a condition, because
 * what a boundary merely does not allow can still be given by a resource's own policy.
 */
import { covers, isAnything, isText } from "../support/actions.ts";
import { boundaryNames, namesBoundary } from "../support/boundary.ts";
import type { Document, Statement } from "../support/document.ts";
import { ROLE, tokensOf } from "../support/families.ts";
import { openDocument } from "../support/open-document.ts";
import { textOf } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { and, show } from "../support/show.ts";
import type { Subject } from "../support/subject.ts";

type Check = "missing" | "other" | "weak" | "unreadable";

const roles = tokensOf(ROLE);
const POLICIES: Readonly<Record<string, readonly [name: string, document: string]>> = {
  "aws-native:iam:ManagedPolicy": ["managedPolicyName", "policyDocument"],
  "aws:iam/policy:Policy": ["name", "policy"],
};

/** What undoes a boundary, makes somebody without one, or takes the keys away. */
const DENIED = [
  "iam:PutRolePermissionsBoundary",
  "iam:DeleteRolePermissionsBoundary",
  "iam:PutUserPermissionsBoundary",
  "iam:DeleteUserPermissionsBoundary",
  "iam:CreatePolicyVersion",
  "iam:DeletePolicyVersion",
  "iam:SetDefaultPolicyVersion",
  "iam:DeletePolicy",
  "iam:CreateUser",
  "iam:CreateAccessKey",
  "iam:CreateLoginProfile",
  "kms:ScheduleKeyDeletion",
  "kms:DisableKey",
  "kms:PutKeyPolicy",
];

export default rule({
  id: "iam-permissions-boundary",
  group: "iam",
  severity: "medium",
  what: "A role has no permissions boundary, or another than the stage's, or the boundary lets itself be undone.",
  why: "The boundary is what holds when a grant is wrong.",
  fix: "Set permissionsBoundary to the ARN of the stage's boundary, and let that deny changing boundaries, users and keys.",
  levels: { dev: "advisory", prod: "mandatory" },
  checks: {
    missing: "The role has no boundary.",
    other: "The role's boundary is not the stage's.",
    weak: "The boundary does not deny changing boundaries, users or keys.",
    unreadable: "The boundary cannot be read as a policy.",
  } satisfies Record<Check, string>,
  settings: ["boundaries"],
  resource: {
    reads: allReads(reads(roles, "permissionsBoundary"), POLICIES),
    judge(subject, { settings, report }) {
      const policy = POLICIES[subject.type];
      if (policy) judgePolicy(subject, policy, settings.boundaries, report);
      else judgeRole(subject, settings.boundaries, report);
    },
  },
});

function judgeRole(role: Subject, boundaries: readonly string[], report: Reporter<Check>): void {
  const reading = role.one("permissionsBoundary");
  const names = boundaryNames(boundaries, role.stack);
  const limit = names.length > 0 ? `the ARN of ${names.join(" or ")}` : "the ARN of a managed policy";
  const fix = "Give every role the stage's boundary.";
  const { path, state } = reading;
  if (state === "unknown") report.waits(path, limit);
  else if (state === "absent") report.fault({ check: "missing", path, value: show(undefined), limit, fix });
  else {
    const { value } = reading;
    const isArn = typeof value === "string" && /^arn:[^:]+:iam::(?:aws|[0-9]{12}):policy\/./.test(value);
    if (isArn && (names.length === 0 || namesBoundary(value, boundaries, role.stack))) return;
    report.fault({ check: "other", path, value: show(value), limit, fix });
  }
}

function judgePolicy(
  policy: Subject,
  [property, document]: readonly [name: string, document: string],
  boundaries: readonly string[],
  report: Reporter<Check>,
): void {
  const name = textOf(policy.one(property));
  const names = boundaryNames(boundaries, policy.stack);
  if (!names.some((one) => one === name)) return;
  const limit = "a policy that denies changing boundaries, users and keys";
  const reading = policy.one(document);
  const fault = (missing: readonly string[]) =>
    report.fault({
      check: "weak",
      path: reading.path,
      value: `without a Deny of ${and(missing)}`,
      limit,
      fix: 'Deny them on "*", without a condition.',
    });
  if (reading.state === "absent") fault(DENIED);
  const found = openDocument(reading, { document: limit, statement: limit }, report);
  if (!found || found.unknown.length > 0 || found.flaws.length > 0) return;
  const missing = DENIED.filter((action) => !found.statements.some((statement) => denies(statement, action)));
  const hidden = hiddenDeny(found);
  if (missing.length > 0 && hidden !== undefined) report.waits(hidden, limit);
  else if (missing.length > 0) fault(missing);
}

/** A Deny that nothing narrows. `NotAction` denies all it does not name. */
function denies(statement: Statement, action: string): boolean {
  const { effect, conditions, unknownConditions, resources, actions, notActions } = statement;
  if (effect !== "Deny" || conditions.length > 0 || unknownConditions.length > 0) return false;
  if (!resources.some((leaf) => isText(leaf) && isAnything(leaf.value))) return false;
  if (notActions.length > 0) return notActions.every((leaf) => isText(leaf) && !covers(leaf.value, action));
  return actions.some((leaf) => isText(leaf) && covers(leaf.value, action));
}

/** Where a Deny may turn out to hold what is missing. */
function hiddenDeny({ statements }: Document): string | undefined {
  const leaves = statements
    .filter(({ effect }) => effect === "Deny")
    .flatMap(({ actions, notActions, resources }) => [...actions, ...notActions, ...resources]);
  return leaves.find((leaf) => !isText(leaf))?.path;
}
