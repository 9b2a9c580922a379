/** The registry's own policy lets named accounts read, and nobody write. */
import { isText } from "../support/actions.ts";
import type { Document, Leaf, Statement } from "../support/document.ts";
import { PACKAGE_GROUP, PACKAGE_GROUP_POLICY } from "../support/families.ts";
import { isAccountId } from "../support/firm.ts";
import { OVERSIGHT } from "../support/frameworks.ts";
import { openDocument } from "../support/open-document.ts";
import type { Reporter } from "../support/report.ts";
import { rule } from "../support/rule.ts";
import type { Settings } from "../support/settings.ts";
import { and, show } from "../support/show.ts";

type Check = "public" | "principal" | "action" | "unreadable";
type Readers = Pick<Settings, "readerAccounts" | "readerOrganizations">;

const NATIVE = "modelPackageGroupPolicy";
const CLASSIC = "resourcePolicy";
/**
 * What reads: SageMaker's operations of a registry that change nothing, and making a model from a package. Writing belongs
 * into roles' own documents, where iam-duties-separated sees it: a resource policy alone is enough within the account.
 */
const READS = /^sagemaker:(?:(?:Describe|List)[A-Za-z]*\*?|BatchDescribeModelPackage|CreateModel)$/i;
const READ_WORDS =
  "sagemaker:Describe..., sagemaker:List..., sagemaker:BatchDescribeModelPackage or sagemaker:CreateModel";
/** Operators that hold only when the request carries the key and it matches. */
const FIRM = /^(?:ForAnyValue:)?String(?:Equals|EqualsIgnoreCase|Like)$/i;

export default rule({
  id: "package-group-closed",
  group: "approval",
  severity: "high",
  what: "The policy of a model package group lets strangers in, or lets others than its own roles write.",
  why: "A public or over-shared registry lets strangers read models, register them or approve them.",
  fix: "Name the accounts that read, and allow them only to describe, to list and to create models.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    public: "Everybody, or everybody but some, is let in.",
    principal: "Somebody is let in who is not of a listed account or organisation.",
    action: "More than reading is allowed.",
    unreadable: "The document cannot be read as a policy.",
  } satisfies Record<Check, string>,
  outside: [{ source: "checkov", ids: ["CKV_AWS_283"], note: "the principle: no public resource policy" }],
  framework: OVERSIGHT,
  settings: ["readerAccounts", "readerOrganizations"],
  resource: {
    reads: { [PACKAGE_GROUP.native]: [NATIVE], [PACKAGE_GROUP_POLICY.classic]: [CLASSIC] },
    judge(subject, { settings, report }) {
      const reading = subject.one(subject.has(NATIVE) ? NATIVE : CLASSIC);
      const limit = "a policy that lets only listed accounts read";
      const document = openDocument(reading, { document: limit, statement: limit }, report);
      if (!document) return;
      const own = accountOf(document);
      for (const statement of document.statements) {
        // A Deny takes away; NotPrincipal and NotAction there are narrow.
        if (statement.effect === "Deny") continue;
        judgeWho(statement, own, settings, report);
        judgeWhat(statement, report);
      }
    },
  },
});

/** The registry's own account: the one that every resource of the document names. */
function accountOf({ statements }: Document): string | undefined {
  const resources = statements.flatMap((statement) => statement.resources);
  const accounts = new Set(resources.map((leaf) => (isText(leaf) ? leaf.value.split(":")[4] : undefined)));
  const [only] = accounts;
  return accounts.size === 1 && isAccountId(only) ? only : undefined;
}

function judgeWho(
  statement: Statement,
  own: string | undefined,
  { readerAccounts, readerOrganizations }: Readers,
  report: Reporter<Check>,
): void {
  const { path, principals, hasNotPrincipal } = statement;
  const limit = `of ${and([
    "the registry's own account",
    ...(readerAccounts.length > 0 ? [`account ${readerAccounts.join(", ")}`] : []),
    ...(readerOrganizations.length > 0 ? [`organisation ${readerOrganizations.join(", ")}`] : []),
  ])}`;
  const fix =
    "Name the account, and list it in readerAccounts; or condition aws:PrincipalOrgID to one of readerOrganizations.";
  if (hasNotPrincipal || principals.length === 0) {
    const [at, value, check]: [string, string, Check] = hasNotPrincipal
      ? ["NotPrincipal", "set", "public"]
      : ["Principal", "absent", "principal"];
    report.fault({ check, path: `${path}.${at}`, value, limit: `a Principal ${limit}`, fix });
  }
  const organization = organizationOf(statement, readerOrganizations);
  if (organization === "inside") return;
  for (const leaf of principals) {
    if (!isText(leaf)) {
      report.waits(leaf.path, limit);
      continue;
    }
    const open = leaf.value.includes("*") || leaf.value.includes("?");
    const account = leaf.kind === "AWS" ? accountIn(leaf.value) : undefined;
    if (!open && account !== undefined && [own, ...readerAccounts].includes(account)) continue;
    if (organization === "unknown") report.waits(`${path}.Condition`, `aws:PrincipalOrgID is ${limit}`);
    else report.fault({ check: open ? "public" : "principal", path: leaf.path, value: show(leaf.value), limit, fix });
  }
}

/** `111122223333` and `arn:aws:iam::111122223333:role/x` name an account; an ARN's `?`, or nothing, does not. */
function accountIn(principal: string): string | undefined {
  return /^(?:arn:aws[a-z-]*:(?:iam|sts)::)?([0-9]{12})(?::.+)?$/.exec(principal)?.[1];
}

/** Whether the statement is, or may turn out to be, for members of a listed organisation only. */
function organizationOf(statement: Statement, listed: readonly string[]): "inside" | "unknown" | undefined {
  const firm = statement.conditions.filter(({ key, operator }) => key === "aws:principalorgid" && FIRM.test(operator));
  const isListed = (leaf: Leaf) => isText(leaf) && listed.includes(leaf.value);
  if (firm.some(({ values }) => values.length > 0 && values.every(isListed))) return "inside";
  const hidden = firm.some(({ values }) => values.some((leaf) => !isText(leaf)));
  return hidden || statement.unknownConditions.length > 0 ? "unknown" : undefined;
}

function judgeWhat({ actions, notActions }: Statement, report: Reporter<Check>): void {
  const fix = "Give writing to named roles in their own policies; whoever reads needs no more.";
  for (const leaf of notActions.slice(0, 1)) {
    const limit = "absent in an Allow";
    report.fault({ check: "action", path: leaf.path, value: show(leaf.value), limit, fix });
  }
  for (const leaf of actions) {
    if (!isText(leaf)) report.waits(leaf.path, READ_WORDS);
    else if (!READS.test(leaf.value)) {
      report.fault({ check: "action", path: leaf.path, value: show(leaf.value), limit: READ_WORDS, fix });
    }
  }
}
