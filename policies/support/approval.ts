/** What "approved" means, in one place, for every road on which a package is found. */
import { type Answer, factsOf, LIVE_CHECKS, type LiveCheck, type PackageFacts } from "./live.ts";
import type { Reporter } from "./report.ts";
import { show } from "./show.ts";

export type ApprovalCheck = "status" | "incomplete" | LiveCheck;

export const APPROVAL_CHECKS = {
  status: "The package's ModelApprovalStatus is not Approved.",
  incomplete: "The package's registration has not completed.",
  ...LIVE_CHECKS,
} as const satisfies Record<ApprovalCheck, string>;

/** Judges the registry's answer about the package named at `path`. */
export function judgeApproval(
  answer: Answer<PackageFacts>,
  asked: { readonly path: string; readonly arn: string },
  offline: "refuse" | "warn",
  report: Reporter<ApprovalCheck>,
): void {
  const { path, arn } = asked;
  const subject = `model package ${arn}`;
  const limit = "an approved model package version";
  const facts = factsOf(answer, { path, subject, limit }, offline, report);
  if (!facts) return;
  if (facts.approvalStatus !== "Approved") {
    report.fault({
      check: "status",
      path,
      value: `${subject} with ModelApprovalStatus ${show(facts.approvalStatus)}`,
      limit: 'one with "Approved"',
      fix: "Pin a version that has been approved, or have this one approved through the submission first.",
    });
  }
  if (facts.status !== "Completed") {
    report.fault({
      check: "incomplete",
      path,
      value: `${subject} with ModelPackageStatus ${show(facts.status)}`,
      limit: 'one with "Completed"',
      fix: "Wait for the registration to complete, or see why it failed.",
    });
  }
}
