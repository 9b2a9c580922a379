/** Nothing but an approved package is served: asked of the registry, not believed. */
import { APPROVAL_CHECKS, judgeApproval } from "../support/approval.ts";
import { OVERSIGHT } from "../support/frameworks.ts";
import { registry } from "../support/live.ts";
import { rule } from "../support/rule.ts";
import { SERVED_READS, SERVED_ROADS, servedBy, servedFromOutside } from "../support/served.ts";

export default rule({
  id: "package-approved",
  group: "approval",
  severity: "critical",
  what: "A model package that is not approved is about to be served.",
  why: "This is the one rule that stops an unapproved model at review time; without it approval is a note in a registry.",
  fix: "Pin a version that the registry shows as Approved.",
  levels: { dev: "advisory", prod: "mandatory" },
  unexemptable: "all",
  checks: APPROVAL_CHECKS,
  framework: OVERSIGHT,
  settings: ["offline"],
  resource: {
    reads: SERVED_READS,
    async judge(subject, { settings, report }) {
      for (const served of await servedBy(subject, report))
        judgeApproval(await registry().modelPackage(served.arn), served, settings.offline, report);
    },
  },
  stack: {
    ...SERVED_ROADS,
    async judge(node, { settings, report, graph }) {
      for (const served of await servedFromOutside(node, graph))
        judgeApproval(await registry().modelPackage(served.arn), served, settings.offline, report);
    },
  },
});
