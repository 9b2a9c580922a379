/** A role is passed to one named service, and by name. */
import { grantOf, hasWildcard, isText } from "../support/actions.ts";
import { BOUNDARY_READS, isBoundary } from "../support/boundary.ts";
import type { Condition, Statement } from "../support/document.ts";
import { PERMISSION_DOCUMENTS } from "../support/families.ts";
import { documentsIn, openDocument } from "../support/open-document.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, rule } from "../support/rule.ts";
import { and, show } from "../support/show.ts";

type Check = "resource" | "service" | "unreadable";

export default rule({
  id: "iam-pass-role-conditioned",
  group: "iam",
  severity: "high",
  what: "A grant of iam:PassRole leaves the roles or the services to the caller's choice.",
  why: "Passing a role to a service of choice is becoming that role.",
  fix: "Name the role's ARN and condition iam:PassedToService to the one service that runs it.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    resource: "The roles are not named.",
    service: "The service is not exactly one allowed service.",
    unreadable: "The document cannot be read as a policy.",
  } satisfies Record<Check, string>,
  outside: [{ source: "prowler", ids: ["iam_inline_policy_allows_privilege_escalation"] }],
  settings: ["passRoleServices", "boundaries"],
  resource: {
    reads: allReads(PERMISSION_DOCUMENTS, BOUNDARY_READS),
    judge(subject, { settings, report }) {
      if (isBoundary(subject, settings.boundaries)) return;
      for (const reading of documentsIn(subject)) {
        const limits = {
          document: "a document in which iam:PassRole is conditioned",
          statement: "a statement in which iam:PassRole is conditioned",
        };
        const document = openDocument(reading, limits, report);
        if (!document) continue;
        for (const statement of document.statements) judgeStatement(statement, settings.passRoleServices, report);
      }
    },
  },
});

function judgeStatement(statement: Statement, services: readonly string[], report: Reporter<Check>): void {
  if (statement.effect !== "Allow") return;
  const grant = grantOf(statement, "iam:PassRole");
  if (!grant) {
    for (const leaf of statement.actions) {
      if (!isText(leaf)) report.waits(leaf.path, "an action other than iam:PassRole, or one that is conditioned");
    }
    return;
  }
  judgeResources(statement, grant.path, report);
  judgeCondition(statement, grant.path, services, report);
}

function judgeResources(statement: Statement, grant: string, report: Reporter<Check>): void {
  const limit = "ARNs of roles without wildcards";
  const fix = "Name the one role; a pattern also matches roles made later.";
  for (const leaf of statement.notResources.slice(0, 1)) {
    report.fault({ check: "resource", path: leaf.path, value: show(leaf.value), limit, fix });
  }
  if ([...statement.resources, ...statement.notResources].length === 0) {
    report.fault({
      check: "resource",
      path: `${statement.path}.Resource`,
      value: `absent beside ${grant}`,
      limit,
      fix,
    });
  }
  for (const leaf of statement.resources) {
    if (!isText(leaf)) report.waits(leaf.path, limit);
    else if (hasWildcard(leaf.value) || !/^arn:[^:]+:iam::[0-9]{12}:role\/./.test(leaf.value)) {
      report.fault({ check: "resource", path: leaf.path, value: show(leaf.value), limit, fix });
    }
  }
}

/**
 * `...IfExists` and `ForAllValues:` hold when the key is absent, so they restrict nothing; `StringLike` is fine as long as
 * the value has no wildcard.
 */
const isFirm = (condition: Condition): boolean =>
  /^(?:ForAnyValue:)?String(?:Equals|EqualsIgnoreCase|Like)$/i.test(condition.operator);

function judgeCondition(
  statement: Statement,
  grant: string,
  services: readonly string[],
  report: Reporter<Check>,
): void {
  const limit = `exactly one of ${and(services)}`;
  const fix = 'Add Condition: {"StringEquals": {"iam:PassedToService": "<the service>"}}.';
  const fault = (path: string, value: string) => report.fault({ check: "service", path, value, limit, fix });
  const condition = statement.conditions.find((one) => one.key === "iam:passedtoservice" && isFirm(one));
  if (!condition) {
    const weak = statement.conditions.find((one) => one.key === "iam:passedtoservice");
    if (weak)
      fault(`${statement.path}.Condition.${weak.operator}`, "an operator that holds without the key or excludes");
    else if (statement.unknownConditions.length > 0) {
      for (const path of statement.unknownConditions) report.waits(path, `iam:PassedToService is ${limit}`);
    } else fault(`${statement.path}.Condition["iam:PassedToService"]`, `absent beside ${grant}`);
    return;
  }
  const [value] = condition.values;
  const path = value?.path ?? `${statement.path}.Condition`;
  if (!value || condition.values.length !== 1) fault(path, `${condition.values.length} services`);
  else if (!isText(value)) report.waits(value.path, limit);
  else if (!services.includes(value.value)) fault(value.path, show(value.value));
}
