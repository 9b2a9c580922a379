/** An approval says who, when, why and on what grounds; and its own road wrote it. */
import { OVERSIGHT } from "../support/frameworks.ts";
import { factsOf, LIVE_CHECKS, type LiveCheck, type PackageFacts, registry } from "../support/live.ts";
import type { Reporter } from "../support/report.ts";
import { rule } from "../support/rule.ts";
import { SERVED_READS, SERVED_ROADS, type Served, servedBy, servedFromOutside } from "../support/served.ts";
import type { Settings } from "../support/settings.ts";
import { show } from "../support/show.ts";

type Check = "who" | "same-person" | "why" | "metrics" | "by-hand" | LiveCheck;
type Wanted = Pick<Settings, "offline" | "tagPrefix" | "approvingRoles">;

/** Keys after the prefix. The same stand in `contracts/lineage.ts`, which the pack does not import; a test holds them equal. */
export const EVIDENCE = {
  approvedBy: "approved-by",
  approvedAt: "approved-at",
  submittedBy: "submitted-by",
  packetDigest: "packet-digest",
} as const;

const FILLED = (text: string) => text.trim() !== "";
/** What each entry must be; the digest is of the packet that the approver was shown. */
const ENTRIES: readonly (readonly [key: string, limit: string, test: (text: string) => boolean])[] = [
  [EVIDENCE.approvedBy, "who approved it", FILLED],
  [
    EVIDENCE.approvedAt,
    "when, as an ISO 8601 time",
    (text) => /^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(Date.parse(text)),
  ],
  [
    EVIDENCE.packetDigest,
    "sha256:<64 lower-case hex digits> of what the approver saw",
    (text) => /^sha256:[0-9a-f]{64}$/.test(text),
  ],
];

export default rule({
  id: "approval-evidence",
  group: "approval",
  severity: "high",
  what: "A model package that is about to be served was approved without a trace of who, why and on what grounds, or by its submitter.",
  why: "An approval that nobody can account for, or that the submitter gave, is no control.",
  fix: "Have the package approved through the submission, which records all of it; do not set the status by hand.",
  levels: { dev: "advisory", prod: "mandatory" },
  unexemptable: "all",
  checks: {
    who: "The record does not say who approved it, when, or what the approver saw.",
    "same-person": "Whoever submitted it approved it, or it is not recorded who submitted it.",
    why: "The approval has no comment.",
    metrics: "No quality metrics are recorded.",
    "by-hand": "The record was last changed by another than the approving role.",
    ...LIVE_CHECKS,
  } satisfies Record<Check, string>,
  framework: OVERSIGHT,
  settings: ["offline", "tagPrefix", "approvingRoles"],
  resource: {
    reads: SERVED_READS,
    async judge(subject, { settings, report }) {
      for (const served of await servedBy(subject, report)) await judgeEvidence(served, settings, report);
    },
  },
  stack: {
    ...SERVED_ROADS,
    async judge(node, { settings, report, graph }) {
      for (const served of await servedFromOutside(node, graph)) await judgeEvidence(served, settings, report);
    },
  },
});

async function judgeEvidence({ path, arn }: Served, settings: Wanted, report: Reporter<Check>): Promise<void> {
  const subject = `model package ${arn}`;
  const asked = { path, subject, limit: "one whose approval is on record" };
  const facts = factsOf(await registry().modelPackage(arn), asked, settings.offline, report);
  // Not approved at all is package-approved's fault.
  if (facts?.approvalStatus !== "Approved") return;
  const fault = (check: Check, value: string, limit: string, fix: string) =>
    report.fault({ check, path, value: `${subject} with ${value}`, limit: `one with ${limit}`, fix });
  const entry = (key: string) => {
    const name = `${settings.tagPrefix}${key}`;
    return Object.hasOwn(facts.metadata, name) ? facts.metadata[name] : undefined;
  };

  const again = "Have it approved through the submission, which records it.";
  for (const [key, limit, test] of ENTRIES) {
    const value = entry(key);
    if (value === undefined || !test(value)) fault("who", `${settings.tagPrefix}${key} ${show(value)}`, limit, again);
  }
  judgePersons(entry(EVIDENCE.approvedBy), entry(EVIDENCE.submittedBy), settings.tagPrefix, fault);
  // A dash or a dot is what stands there when nobody wrote anything.
  if (!/[\p{L}\p{N}]/u.test(facts.approvalDescription ?? ""))
    fault("why", `ApprovalDescription ${show(facts.approvalDescription)}`, "the approver's comment", again);
  if (!facts.hasQuality)
    fault(
      "metrics",
      "ModelMetrics.ModelQuality.Statistics absent",
      "the figures of its test",
      "Submit the model again.",
    );
  if (!isApprover(facts, settings.approvingRoles)) {
    const limit = `a role of ${settings.approvingRoles.join(" or ") || "nobody"}`;
    const fix = "Find out who changed it, and submit the model again; the roles that may are named in approvingRoles.";
    fault("by-hand", `LastModifiedBy ${show(facts.lastModifiedBy)}`, limit, fix);
  }
}

function judgePersons(
  approver: string | undefined,
  submitter: string | undefined,
  prefix: string,
  fault: (check: Check, value: string, limit: string, fix: string) => void,
): void {
  const name = `${prefix}${EVIDENCE.submittedBy}`;
  if (!submitter?.trim()) {
    fault("same-person", `${name} ${show(submitter)}`, "who submitted it", "Submit the model again.");
  } else if (approver !== undefined && isOneOf(submitter, approver)) {
    const limit = `another than ${prefix}${EVIDENCE.approvedBy}`;
    fault("same-person", `${name} ${show(submitter)}`, limit, "Have somebody else approve it.");
  }
}

/** Addresses differ in case and blanks, not in person. */
const same = (person: string): string => person.trim().toLowerCase();

/** Whether a person is the one named, or one of several that stand there with spaces between. */
function isOneOf(person: string, named: string): boolean {
  return same(named) === same(person) || same(named).split(/\s/).includes(same(person));
}

/**
 * Whether the last hand on the record was an approving role's: its name is a listed one, or ends in one after a hyphen, as
 * names that carry project and stage do. The ARN is the role's, or that of a session in it.
 */
function isApprover({ lastModifiedBy }: PackageFacts, roles: readonly string[]): boolean {
  const session = lastModifiedBy?.match(/^arn:[^:]+:sts::[0-9]{12}:assumed-role\/([^/]+)\/[^/]+$/)?.[1];
  const name = session ?? lastModifiedBy?.match(/^arn:[^:]+:iam::[0-9]{12}:role\/(?:.+\/)?([^/]+)$/)?.[1];
  return name !== undefined && roles.some((role) => role !== "" && (name === role || name.endsWith(`-${role}`)));
}
