/** A resource policy that lets everyone in, said in the words shared by the rules that ask for it. */
import type { Condition, Document } from "./document.ts";
import { openDocument } from "./open-document.ts";
import { anyone, restriction } from "./public-access.ts";
import type { Reading } from "./read.ts";
import type { Reporter } from "./report.ts";
import { show } from "./show.ts";

/** KMS's own name for the caller's account (IAM service authorization reference, AWS KMS). */
const narrowsKey = (condition: Condition): ReturnType<typeof restriction> =>
  restriction(condition.key === "kms:calleraccount" ? { ...condition, key: "aws:principalaccount" } : condition);

/** Judges the policy document of `reading`; absent is none. */
export function judgeOpen(reading: Reading, report: Reporter<"policy" | "unreadable">): void {
  const limit = "a policy that lets nobody in without a restricting condition";
  const document = openDocument(reading, { document: limit, statement: limit }, report);
  if (!document) return;
  judgeOpenStatements(document, narrowsKey, report);
}

/** Judges each statement that lets everyone in; `narrows` says which conditions fix who may come (see `restriction`). */
export function judgeOpenStatements(document: Document, narrows: typeof restriction, report: Reporter<"policy">): void {
  for (const statement of document.statements) {
    const open = anyone(statement);
    if (!open) continue;
    const found = statement.conditions.map(narrows);
    if (found.includes("yes")) continue;
    const leaves = found.flatMap((one) => (typeof one === "string" ? [] : one.map(({ path }) => path)));
    const hidden = [...statement.unknownConditions, ...leaves];
    for (const path of hidden) report.waits(path, "a condition that fixes who may come");
    if (hidden.length > 0) continue;
    const fix =
      "Name the principals, or fix who may come by a condition such as aws:PrincipalAccount or aws:SourceArn.";
    const named = "named principals in an Allow";
    report.fault({ check: "policy", path: open.path, value: show(open.value), limit: named, fix });
  }
}
