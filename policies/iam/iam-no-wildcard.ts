/** A role may do what its step needs, on what its step touches. */
import { covers, hasWildcard, isAnyResource, isAnything, isText } from "../support/actions.ts";
import { BOUNDARY_READS, isBoundary, namesBoundary } from "../support/boundary.ts";
import type { Statement } from "../support/document.ts";
import { ADMIN_POLICIES, escalationsOf } from "../support/escalation.ts";
import { MANAGED_POLICIES, PERMISSION_DOCUMENTS, tokensOf, USER } from "../support/families.ts";
import { firmValues } from "../support/firm.ts";
import { cis } from "../support/frameworks.ts";
import { documentsIn, openDocument } from "../support/open-document.ts";
import type { Reporter } from "../support/report.ts";
import { resourceless } from "../support/resourceless-actions.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { and, show } from "../support/show.ts";
import type { Subject } from "../support/subject.ts";
import { Unknown } from "../support/unknown.ts";

type Check = "admin" | "action" | "resource" | "escalation" | "assume" | "user" | "unreadable";

const users = tokensOf(USER);

export default rule({
  id: "iam-no-wildcard",
  group: "iam",
  severity: "critical",
  what: "A role may do more than its step needs: whole services, every resource, or a known way to become administrator.",
  why: "An over-wide role turns any bug into the whole account.",
  fix: "List the actions and the ARNs that the step uses.",
  levels: { dev: "mandatory", prod: "mandatory" },
  unexemptable: ["admin"],
  checks: {
    admin: "Everything is allowed, or everything but a list, or an administrator's managed policy is attached.",
    action: "A whole service, or nearly, is allowed by a wildcard.",
    resource: "Every resource is meant, though the action takes one.",
    escalation: "Together the grants are a known way to become administrator.",
    assume: "Roles may be assumed by pattern.",
    user: "An IAM user, or lasting credentials of one, is made: no grant reaches what holds them.",
    unreadable: "The document cannot be read as a policy.",
  } satisfies Record<Check, string>,
  outside: [
    { source: "Security Hub", ids: ["IAM.1", "IAM.21"] },
    {
      source: "cdk-nag",
      ids: ["AwsSolutions-IAM4", "AwsSolutions-IAM5"],
      note: "IAM4 refuses every AWS managed policy, this rule the four widest; IAM5 refuses every wildcard, this one those that mean anything",
    },
    {
      source: "checkov",
      ids: [
        "CKV_AWS_62",
        "CKV_AWS_63",
        "CKV_AWS_286",
        "CKV_AWS_287",
        "CKV_AWS_288",
        "CKV_AWS_289",
        "CKV_AWS_290",
        "CKV_AWS_355",
        "CKV_AWS_274",
        "CKV2_AWS_56",
      ],
    },
    { source: "CIS AWS v5", ids: ["1.15"] },
    {
      source: "prowler",
      ids: ["iam_inline_policy_no_administrative_privileges", "iam_policy_allows_privilege_escalation"],
    },
  ],
  framework: cis("1.15", "Supports that permissions are given narrowly and to roles."),
  settings: ["boundaries"],
  resource: {
    reads: allReads(PERMISSION_DOCUMENTS, MANAGED_POLICIES, BOUNDARY_READS, reads(users)),
    judge(subject, { settings, report }) {
      if (users.includes(subject.type)) {
        const limit = "a role, whose credentials end by themselves";
        const fix = "Let people come from the identity provider and machines take a role.";
        report.fault({ check: "user", path: "type", value: show(subject.type), limit, fix });
      }
      if (isBoundary(subject, settings.boundaries)) return;
      for (const path of MANAGED_POLICIES[subject.type] ?? [])
        judgeAttached(subject, path, settings.boundaries, report);
      const statements: Statement[] = [];
      for (const reading of documentsIn(subject)) {
        const limits = { document: "a document without wildcards", statement: "a statement without wildcards" };
        const document = openDocument(reading, limits, report);
        if (!document) continue;
        for (const statement of document.statements)
          if (statement.effect === "Allow") judgeStatement(statement, report);
        statements.push(...document.statements);
      }
      judgeEscalation(statements, report);
    },
  },
});

function judgeAttached(subject: Subject, path: string, boundaries: readonly string[], report: Reporter<Check>): void {
  for (const reading of subject.read(path)) {
    if (reading.state === "absent") continue;
    const limit = `a managed policy other than ${and(ADMIN_POLICIES)}`;
    if (reading.state === "unknown") report.waits(reading.path, limit);
    else {
      const { value: arn } = reading;
      const isArn = typeof arn === "string" && /^arn:[^:]+:iam::(?:aws|[0-9]{12}):policy\//.test(arn);
      if (isArn && namesBoundary(arn, boundaries, subject.stack)) {
        const fix = "Set it as permissionsBoundary: attached, it would grant what it is there to limit.";
        const value = `${show(arn)}, a boundary`;
        report.fault({ check: "admin", path: reading.path, value, limit: "a policy that is meant to grant", fix });
        continue;
      }
      if (isArn && !ADMIN_POLICIES.some((name) => arn.endsWith(`/${name}`))) continue;
      const fix = "Write a policy with the actions and ARNs that are used.";
      report.fault({ check: "admin", path: reading.path, value: show(arn), limit, fix });
    }
  }
}

function judgeStatement(statement: Statement, report: Reporter<Check>): void {
  for (const leaf of statement.notActions.slice(0, 1)) {
    const fix = "List what is allowed; everything that AWS adds later would be allowed too.";
    report.fault({ check: "admin", path: leaf.path, value: show(leaf.value), limit: "absent in an Allow", fix });
  }
  const everywhere = everyResource(statement);
  const narrow: string[] = [];
  for (const leaf of statement.actions) {
    if (!isText(leaf)) report.waits(leaf.path, "an action without a wildcard");
    else if (isAnything(leaf.value.replace(":", ""))) {
      const fix = "List the actions that the step uses.";
      const value = everywhere ? `${show(leaf.value)} on ${show(everywhere.value)}` : show(leaf.value);
      report.fault({ check: "admin", path: leaf.path, value, limit: "a list of actions", fix });
    } else if (isWide(leaf.value)) {
      const fix = "List the actions, or at least a verb and a noun before the wildcard.";
      report.fault({
        check: "action",
        path: leaf.path,
        value: show(leaf.value),
        limit: "an action of at least 3 letters before any wildcard",
        fix,
      });
    } else narrow.push(leaf.value);
  }
  if (narrow.length > 0) judgeResources(statement, narrow, everywhere, report);
  if (narrow.some((action) => ASSUMING.some((one) => covers(action, one)))) judgeAssume(statement, report);
}

/** `service:*`, `service:*Object`, `service:G*`: fewer than three letters say what is allowed. */
function isWide(action: string): boolean {
  const letters = /^[^*?:]+:([^*?]*)/.exec(action)?.[1];
  return hasWildcard(action) && (letters === undefined || letters.length < 3);
}

/** The place by which a statement means every resource. No Resource at all counts: identity policies must have one. */
function everyResource(statement: Statement): { readonly path: string; readonly value: unknown } | undefined {
  const [excluded] = statement.notResources;
  if (excluded) return excluded;
  if (statement.resources.length === 0) return { path: `${statement.path}.Resource`, value: undefined };
  return statement.resources.find((leaf) => isText(leaf) && isAnyResource(leaf.value));
}

function judgeResources(
  statement: Statement,
  actions: readonly string[],
  everywhere: { readonly path: string; readonly value: unknown } | undefined,
  report: Reporter<Check>,
): void {
  for (const leaf of statement.resources)
    if (!isText(leaf)) report.waits(leaf.path, "an ARN that names what is touched");
  if (!everywhere) return;
  const refused: string[] = [];
  const unconditioned: string[] = [];
  for (const action of actions) {
    const known = resourceless(action);
    if (!known) refused.push(action);
    else if (known.condition) {
      const pinned = firmValues(statement, known.condition);
      const hidden = pinned.filter((leaf) => leaf.value instanceof Unknown);
      for (const { path } of hidden) report.waits(path, `a value of ${known.condition} that is no wildcard`);
      const isOpen = pinned.some(({ value }) => isAnything(String(value)));
      if (isOpen || (pinned.length === 0 && statement.unknownConditions.length === 0))
        unconditioned.push(`${action} (by ${known.condition})`);
      for (const path of pinned.length === 0 ? statement.unknownConditions : [])
        report.waits(path, `a condition on ${known.condition}`);
    }
  }
  if (refused.length > 0) {
    report.fault({
      check: "resource",
      path: everywhere.path,
      value: `${show(everywhere.value)} for ${and(refused)}`,
      limit: "the ARNs that are touched",
      fix: "Name them; only actions for which AWS has no narrower form may stand beside *, in a statement of their own.",
    });
  }
  if (unconditioned.length > 0) {
    report.fault({
      check: "resource",
      path: everywhere.path,
      value: `${show(everywhere.value)} for ${and(unconditioned)}`,
      limit: "narrowed by that condition key",
      fix: "Add the condition.",
    });
  }
}

const ASSUMING = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];

/** `sts:AssumeRole` on `role/*` is every role that trusts the account. */
function judgeAssume(statement: Statement, report: Reporter<Check>): void {
  for (const leaf of statement.resources) {
    if (!isText(leaf) || isAnyResource(leaf.value) || !hasWildcard(leaf.value)) continue;
    const fix = "Name the role.";
    report.fault({ check: "assume", path: leaf.path, value: show(leaf.value), limit: "the ARN of one role", fix });
  }
}

/** Whole-service wildcards have been reported; what remains are pairs of narrow grants. */
function judgeEscalation(statements: readonly Statement[], report: Reporter<Check>): void {
  const narrow = statements.map((one) => ({
    ...one,
    notActions: [],
    actions: one.actions.filter((leaf) => isText(leaf) && !isWide(leaf.value)),
  }));
  for (const { actions, path } of escalationsOf(narrow)) {
    report.fault({
      check: "escalation",
      path,
      value: `a grant of ${and(actions)}`,
      limit: actions.length > 1 ? "in separate roles" : "absent",
      fix: "Take one of them away from this role; deployment of infrastructure belongs to the deployer's role, not to a step's.",
    });
  }
}
