/** A role is taken, and a function called, by named ones only, and by a service only for this account. */
import { hasWildcard, isText } from "../support/actions.ts";
import type { Condition, Leaf, Statement } from "../support/document.ts";
import { PERMISSION, TRUST_DOCUMENT, tokensOf } from "../support/families.ts";
import { firmValues, isAccountId, isPinnedSubject, namesAccount } from "../support/firm.ts";
import { openDocument } from "../support/open-document.ts";
import { type Reading, textOf, valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import type { Settings } from "../support/settings.ts";
import { and, show } from "../support/show.ts";
import type { Subject } from "../support/subject.ts";
import { Unknown } from "../support/unknown.ts";

type Check = "anyone" | "account" | "service" | "deputy" | "federated" | "function" | "unreadable";
type Trust = Pick<Settings, "trustedServices" | "accountTrust">;
type Principal = Leaf & { readonly kind: string };

const DEPUTY_WORDS = "the account for which the service acts";

export default rule({
  id: "iam-trust-conditioned",
  group: "iam",
  severity: "high",
  what: "A role may be taken, or a function called, by others than were meant.",
  why: "A service that acts for someone else could be made to use it (the confused deputy).",
  fix: "Name who may; condition a service by aws:SourceAccount or aws:SourceArn, an identity provider by audience and subject.",
  levels: { dev: "mandatory", prod: "mandatory" },
  checks: {
    anyone: "Everybody is let in, or everybody but some.",
    account: "A whole account is let in without a condition.",
    service: "A service is let in that is not in the list.",
    deputy: "A service is let in for whomever it acts.",
    federated: "An identity provider's audience or subject is left open.",
    function: "A function may be called by anybody, or by a service for whomever it acts.",
    unreadable: "The document cannot be read as a policy.",
  } satisfies Record<Check, string>,
  outside: [
    { source: "Security Hub", ids: ["Lambda.1"] },
    { source: "checkov", ids: ["CKV_AWS_60", "CKV_AWS_61", "CKV_AWS_364"] },
    { source: "prowler", ids: ["iam_role_cross_service_confused_deputy_prevention"] },
  ],
  settings: ["trustedServices", "accountTrust"],
  resource: {
    reads: allReads(
      Object.fromEntries(Object.entries(TRUST_DOCUMENT).map(([type, path]) => [type, [path]])),
      reads(tokensOf(PERMISSION), "principal", "sourceArn", "sourceAccount", "principalOrgId"),
    ),
    judge(subject, { settings, report }) {
      const path = TRUST_DOCUMENT[subject.type];
      if (path === undefined) judgePermission(subject, report);
      else judgeTrust(subject.one(path), settings, report);
    },
  },
});

function judgeTrust(reading: Reading, settings: Trust, report: Reporter<Check>): void {
  const limit = "a trust in named ones only";
  const document = openDocument(reading, { document: limit, statement: limit }, report);
  if (!document) return;
  for (const statement of document.statements) {
    if (statement.effect === "Deny") continue;
    if (statement.hasNotPrincipal) anyone(`${statement.path}.NotPrincipal`, "set", report);
    for (const principal of statement.principals) judgePrincipal(principal, statement, settings, report);
  }
}

function anyone(path: string, value: string, report: Reporter<Check>): void {
  const fix = "Name the services, roles or users.";
  report.fault({ check: "anyone", path, value, limit: "named ones", fix });
}

function judgePrincipal(principal: Principal, statement: Statement, settings: Trust, report: Reporter<Check>): void {
  const { kind, path, value } = principal;
  if (!isText(principal)) report.waits(path, "a service, role or user by name");
  else if (hasWildcard(principal.value) || kind === "*") anyone(path, show(value), report);
  else if (kind === "Service") judgeService(principal, statement, settings.trustedServices, report);
  else if (kind === "Federated") judgeFederated(principal, statement, report);
  else if (kind !== "AWS") {
    const fix = "Correct the document.";
    report.fault({ check: "unreadable", path, value: show(value), limit: "under AWS, Service or Federated", fix });
  } else if (/^(?:arn:[^:]+:iam::)?[0-9]{12}(?::root)?$/.test(principal.value)) {
    if (settings.accountTrust === "allow") return;
    const restricting = statement.conditions.filter(isRestricting);
    const hidden = restricting.map(({ values }) => values.filter((leaf) => leaf.value instanceof Unknown));
    if (hidden.some((leaves) => leaves.length === 0)) return;
    for (const { path: at } of hidden.flat()) report.waits(at, "a value that says who of the account");
    if (restricting.length > 0) return;
    if (hides(statement, report, "a condition beside a whole account")) return;
    const fix = "Name the roles and users, or add a condition on who they are, such as aws:PrincipalTag.";
    report.fault({ check: "account", path, value: show(value), limit: "named, or conditioned", fix });
  }
}

/** Of the request, not of who makes it: whoever is in the account meets them (IAM user guide, global condition keys). */
const NOT_WHO = new Set([
  "aws:securetransport",
  "aws:currenttime",
  "aws:epochtime",
  "aws:requestedregion",
  "aws:useragent",
  "aws:referer",
  "aws:viaawsservice",
]);

/**
 * Whether a condition says who of an account may come. Negations, `...IfExists`, `ForAllValues:` and `Null` may hold for
 * whoever brings nothing; a value that is a wildcard holds for all.
 */
const isRestricting = ({ operator, key, values }: Condition): boolean =>
  !/IfExists|ForAllValues|Null|Not/i.test(operator) &&
  !NOT_WHO.has(key) &&
  values.length > 0 &&
  !values.some(({ value }) => /^[*?]*$/.test(String(value)));

/** Notes what cannot be seen yet of a statement's conditions; true when there is something. */
function hides(statement: Statement, report: Reporter<Check>, limit: string): boolean {
  for (const path of statement.unknownConditions) report.waits(path, limit);
  return statement.unknownConditions.length > 0;
}

/** `states.us-east-1.amazonaws.com` is `states.amazonaws.com` in one region. */
const withoutRegion = (service: string): string =>
  service.replace(/\.[a-z]{2}(?:-[a-z]+)+-[0-9](?=\.amazonaws\.com)/, "");

function judgeService(
  { path, value }: { readonly path: string; readonly value: string },
  statement: Statement,
  services: readonly string[],
  report: Reporter<Check>,
): void {
  if (!services.includes(withoutRegion(value))) {
    const fix = "Remove it, or list it in trustedServices.";
    report.fault({ check: "service", path, value: show(value), limit: `one of ${and(services)}`, fix });
  }
  const accounts = firmValues(statement, "aws:sourceaccount");
  const sources = firmValues(statement, "aws:sourcearn");
  const openAccounts = accounts.filter((leaf) => !isAccountId(leaf.value));
  const openSources = sources.filter((leaf) => !namesAccount(leaf.value));
  if (accounts.length > 0 && openAccounts.length === 0) return;
  if (sources.length > 0 && openSources.length === 0) return;
  const unknown = [...openAccounts, ...openSources].filter((leaf) => !isText(leaf));
  for (const leaf of unknown) report.waits(leaf.path, DEPUTY_WORDS);
  if (unknown.length > 0 || hides(statement, report, DEPUTY_WORDS)) return;
  const [open] = [...openAccounts, ...openSources];
  report.fault({
    check: "deputy",
    path: open?.path ?? `${statement.path}.Condition`,
    value: open ? show(open.value) : `without aws:SourceAccount and aws:SourceArn beside ${show(value)}`,
    limit: DEPUTY_WORDS,
    fix: 'Add Condition: {"StringEquals": {"aws:SourceAccount": "<this account>"}}, and aws:SourceArn where it is known.',
  });
}

function judgeFederated(
  { value: provider }: { readonly value: string },
  statement: Statement,
  report: Reporter<Check>,
): void {
  const issuer = provider.includes("saml-provider/") ? "saml" : provider.split("oidc-provider/").at(-1);
  const demands: readonly (readonly [string, string, (text: string) => boolean])[] = [
    ["aud", "a literal audience", (text: string) => text !== "" && !hasWildcard(text)],
    ...(issuer === "saml"
      ? []
      : [
          [
            "sub",
            "a subject that is pinned before any wildcard, such as repo:OWNER/REPOSITORY:*",
            isPinnedSubject,
          ] as const,
        ]),
  ];
  for (const [key, limit, test] of demands) {
    const name = `${issuer}:${key}`;
    const values = firmValues(statement, name.toLowerCase());
    const fix = `Condition ${name} by StringEquals or, for a subject, StringLike.`;
    for (const leaf of values) {
      if (!isText(leaf)) report.waits(leaf.path, limit);
      else if (!test(leaf.value)) {
        report.fault({ check: "federated", path: leaf.path, value: show(leaf.value), limit, fix });
      }
    }
    if (values.length > 0 || hides(statement, report, limit)) continue;
    const path = `${statement.path}.Condition`;
    report.fault({ check: "federated", path, value: `without ${name}`, limit: `with ${limit}`, fix });
  }
}

/** A function's own policy: one statement, spelt as properties. */
function judgePermission(subject: Subject, report: Reporter<Check>): void {
  const principal = subject.one("principal");
  const text = valueIn(principal);
  if (principal.state === "unknown") report.waits(principal.path, "a service, account or role by name");
  else if (typeof text !== "string") {
    const fix = "Name the service, account or role.";
    report.fault({ check: "function", path: principal.path, value: show(text), limit: "named", fix });
  }
  if (text === "*") {
    const organization = subject.one("principalOrgId");
    if (organization.state === "unknown") report.waits(organization.path, "the organisation that may call");
    if (organization.state !== "absent") return;
    const fix = "Name the service, account or role, or the organisation by principalOrgId.";
    report.fault({ check: "function", path: principal.path, value: '"*"', limit: "named", fix });
  } else if (typeof text === "string" && /\.amazonaws\.com(?:\.cn)?$/.test(text)) judgeCaller(subject, text, report);
}

function judgeCaller(subject: Subject, service: string, report: Reporter<Check>): void {
  const source = subject.one("sourceArn");
  const account = subject.one("sourceAccount");
  // A bucket's ARN names no account, and a bucket that is gone may be made again by another: S3 needs both.
  const both = service.startsWith("s3.");
  const isAccount = isAccountId(textOf(account));
  const arn = textOf(source);
  const isSource = arn?.startsWith("arn:");
  if (isAccount && (!both || isSource)) return;
  if (!both && namesAccount(arn)) return;
  const limit = both ? "sourceArn and sourceAccount of the one bucket" : "a sourceArn or sourceAccount of this account";
  const unknown = [source, account].filter(({ state }) => state === "unknown");
  for (const { path } of unknown) report.waits(path, limit);
  if (unknown.length > 0) return;
  const missing = both && isSource ? account : source;
  const value = valueIn(missing);
  const fix = `Say for which source ${service} may call.`;
  report.fault({ check: "function", path: missing.path, value: show(value), limit, fix });
}
