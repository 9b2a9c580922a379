/**
 * Nothing that is no longer patched, or about to stop working.
 *
 * A runtime counts as deprecated from the day that AWS names, or as many days before as the stage wishes
 * (`runtimeNoticeDays`). What the pack's tables do not know is reported as unknown, not passed.
 */
import { demand } from "../support/demand.ts";
import DEPRECATED from "../support/deprecated.generated.json" with { type: "json" };
import { daysUntil } from "../support/exemptions.ts";
import { BUCKET, FUNCTION, NOTEBOOK, tokensOf } from "../support/families.ts";
import type { Reading } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { currentRun } from "../support/run.ts";
import { show } from "../support/show.ts";
import { PLATFORMS, RUNTIMES } from "../support/supported-until.ts";

type Check = "type" | "setting" | "runtime" | "platform";

const types: Readonly<Record<string, string>> = DEPRECATED.types;
const settings: Readonly<Record<string, string>> = DEPRECATED.inputs[BUCKET.classic];

export default rule({
  id: "nothing-deprecated",
  group: "hygiene",
  severity: "medium",
  what: "A resource type, a setting, a function's runtime or a notebook's platform is deprecated.",
  why: "What is deprecated stops being patched, then stops working.",
  fix: "Move to what the message names.",
  levels: { dev: "advisory", prod: "mandatory" },
  checks: {
    type: "The SDK marks the resource type as deprecated.",
    setting: "The setting has moved to a resource of its own.",
    runtime: "AWS no longer supports the function's runtime, or the pack does not know it.",
    platform: "AWS no longer supports the notebook's platform, or the pack does not know it.",
  } satisfies Record<Check, string>,
  outside: [
    { source: "Security Hub", ids: ["Lambda.2"] },
    { source: "checkov", ids: ["CKV_AWS_363"] },
    {
      source: "cdk-nag",
      ids: ["AwsSolutions-L1"],
      note: "it wants the newest version of a language, this rule a supported one",
    },
    { source: "prowler", ids: ["awslambda_function_using_supported_runtimes"] },
  ],
  settings: ["runtimeNoticeDays"],
  resource: {
    reads: allReads(
      { [BUCKET.classic]: Object.keys(settings) },
      reads(tokensOf(FUNCTION), "runtime"),
      reads(tokensOf(NOTEBOOK), "platformIdentifier"),
    ),
    every: ["aws:"],
    judge(subject, { settings: { runtimeNoticeDays: notice }, report }) {
      const instead = Object.hasOwn(types, subject.type) ? types[subject.type] : undefined;
      if (instead !== undefined) {
        const fix = `Use ${instead}; an alias keeps the resource.`;
        report.fault({ check: "type", path: "type", value: show(subject.type), limit: instead, fix });
        return;
      }
      if (subject.type === BUCKET.classic) judgeSettings((path) => subject.one(path), report);
      if (subject.has("runtime")) judgeUntil(subject.one("runtime"), RUNTIMES, "runtime", notice, report);
      if (subject.has("platformIdentifier"))
        judgeUntil(subject.one("platformIdentifier"), PLATFORMS, "platform", notice, report);
    },
  },
});

function judgeSettings(one: (path: string) => Reading, report: Reporter<Check>): void {
  for (const [path, use] of Object.entries(settings)) {
    const reading = one(path);
    const fix = `Use the ${use}.`;
    demand(reading, { check: "setting", limit: "absent", fix, optional: true }, report);
  }
}

/** Absent is a function of an image, whose runtime is in the image, or a notebook on AWS's newest platform. */
function judgeUntil(
  reading: Reading,
  table: Readonly<Record<string, string | undefined>>,
  check: "runtime" | "platform",
  notice: number,
  report: Reporter<Check>,
): void {
  const { today } = currentRun();
  const value = reading.state === "known" ? reading.value : undefined;
  const isListed = typeof value === "string" && Object.hasOwn(table, value);
  const until = isListed ? table[value] : undefined;
  const holds = () => isListed && (until === undefined || daysUntil(until, today) >= notice);
  const limit =
    until === undefined
      ? `a ${check} that the pack knows`
      : `supported ${notice > 0 ? `${notice} days beyond` : "on"} ${today}, which it is until ${until}`;
  const fix =
    until === undefined
      ? "Correct it, or take a newer version of the pack."
      : `Move to a ${check} that is still patched.`;
  demand(reading, { check, limit, fix, holds, optional: true }, report);
}
