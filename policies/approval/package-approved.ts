/** Nothing but an approved package is served: asked of the registry, not believed. */
import { APPROVAL_CHECKS, judgeApproval } from "../support/approval.ts";
import { roadInAccount, roadOf, roadOfComponent } from "../support/chain.ts";
import { ENDPOINT, INFERENCE_COMPONENT, MODEL, tokensOf } from "../support/families.ts";
import { OVERSIGHT } from "../support/frameworks.ts";
import { PACKAGE_ARN_WORDS, packageRef } from "../support/lineage.ts";
import { registry } from "../support/live.ts";
import { isUpdate } from "../support/operation.ts";
import { CONTAINERS, containersOf } from "../support/packages.ts";
import { ACCOUNT_READS, ROAD_READS } from "../support/road.ts";
import { allReads, reads, rule } from "../support/rule.ts";

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
  // From the model's inputs, so that at update it stops the model before it exists; and, at update, from what the account
  // holds under the name that the endpoint is about to serve.
  resource: {
    reads: allReads(reads(tokensOf(MODEL), ...CONTAINERS), ACCOUNT_READS),
    async judge(subject, { settings, report }) {
      if (tokensOf(ENDPOINT).includes(subject.type)) {
        const { ends } = isUpdate() ? await roadInAccount(subject) : { ends: [] };
        for (const { path, arn } of ends) {
          if (arn) judgeApproval(await registry().modelPackage(arn), { path, arn }, settings.offline, report);
        }
        return;
      }
      const { known, unknown } = containersOf(subject);
      for (const path of unknown) report.waits(path, PACKAGE_ARN_WORDS);
      for (const container of known) {
        const reading = container.package;
        if (reading.state === "unknown") report.waits(reading.path, PACKAGE_ARN_WORDS);
        // What names no version at all is model-from-package's fault: there is nothing to ask the registry about.
        const found = packageRef(reading.state === "known" ? reading.value : undefined);
        if (!found) continue;
        const answer = await registry().modelPackage(found.arn);
        judgeApproval(answer, { path: reading.path, arn: found.arn }, settings.offline, report);
      }
    },
  },
  // Over the stack, for models that are not in this program: the resource half never sees those.
  stack: {
    types: tokensOf(ENDPOINT, INFERENCE_COMPONENT),
    reads: ROAD_READS,
    async judge(node, { settings, report, graph }) {
      const { ends } = await (node.type === INFERENCE_COMPONENT.native
        ? roadOfComponent(node, graph)
        : roadOf(node, graph));
      for (const { path, arn, declared } of ends) {
        if (declared || arn === undefined) continue;
        judgeApproval(await registry().modelPackage(arn), { path, arn }, settings.offline, report);
      }
    },
  },
});
