/** A resource policy that lets everyone in, said in the words shared by the rules that ask for it. */
import { type Condition, parseDocument } from "./document.ts";
import { anyone, isRestricting } from "./public-access.ts";
import type { Reading } from "./read.ts";
import type { Reporter } from "./report.ts";
import { show } from "./show.ts";

/** KMS's own name for the caller's account (IAM service authorization reference, AWS KMS). */
const narrows = (condition: Condition): boolean =>
  isRestricting(condition.key === "kms:calleraccount" ? { ...condition, key: "aws:principalaccount" } : condition);

/** Judges the policy document of `reading`; absent is none. */
export function judgeOpen(reading: Reading, report: Reporter<"policy" | "unreadable">): void {
  if (reading.state === "absent") return;
  const limit = "a policy that lets nobody in without a restricting condition";
  if (reading.state === "unknown") {
    report.waits(reading.path, limit);
    return;
  }
  const { unknown, flaws, statements } = parseDocument(reading.value, reading.path);
  for (const path of unknown) report.waits(path, limit);
  for (const flaw of flaws) {
    const fix = "Correct the document.";
    report.fault({ check: "unreadable", path: flaw.path, value: show(flaw.value), limit: flaw.limit, fix });
  }
  for (const statement of statements) {
    const open = anyone(statement);
    if (!open || statement.conditions.some(narrows)) continue;
    for (const path of statement.unknownConditions) report.waits(path, "a condition that fixes who may come");
    if (statement.unknownConditions.length > 0) continue;
    const fix =
      "Name the principals, or fix who may come by a condition such as aws:PrincipalAccount or aws:SourceArn.";
    const named = "named principals in an Allow";
    report.fault({ check: "policy", path: open.path, value: show(open.value), limit: named, fix });
  }
}
