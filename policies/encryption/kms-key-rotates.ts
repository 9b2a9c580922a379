/** A key's material is renewed, a deletion by mistake can be taken back, and its policy lets nobody in unnamed. */
import { demand, within } from "../support/demand.ts";
import { isNative, KEY, KEY_POLICY, tokensOf } from "../support/families.ts";
import { cis } from "../support/frameworks.ts";
import { judgeOpen } from "../support/open-principal.ts";
import { textOf, valueIn } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { rule } from "../support/rule.ts";
import { show } from "../support/show.ts";
import type { Subject } from "../support/subject.ts";

type Check = "rotation" | "window" | "policy" | "unreadable";

const SYMMETRIC = "SYMMETRIC_DEFAULT";

export default rule({
  id: "kms-key-rotates",
  group: "encryption",
  severity: "medium",
  what: "A KMS key is not rotated, may be gone within days of a mistaken deletion, or is open to strangers.",
  why: "A key never renewed keeps every old leak open; a key that is gone takes with it all it encrypted.",
  fix: "Set enableKeyRotation to true, leave the deletion window at 30 days, and name the principals of the key policy.",
  levels: { dev: "remediate", prod: "mandatory" },
  checks: {
    rotation: "A symmetric key does not rotate.",
    window: "The key can be gone sooner than the stage allows.",
    policy: "The key policy lets everyone in.",
    unreadable: "The key policy cannot be read.",
  } satisfies Record<Check, string>,
  outside: [
    { source: "Security Hub", ids: ["KMS.4"] },
    { source: "cdk-nag", ids: ["AwsSolutions-KMS5"] },
    { source: "checkov", ids: ["CKV_AWS_7"] },
    {
      source: "checkov",
      ids: ["CKV_AWS_33"],
      note: "it refuses principal * whatever its conditions; here a condition on account and service is enough, as in AWS's own key policies",
    },
    { source: "CIS AWS v5", ids: ["3.6"] },
  ],
  framework: cis("3.6", "Supports that rotation is enabled for symmetric keys that customers create."),
  settings: ["keyDeletionDays"],
  resource: {
    reads: {
      [KEY.native]: ["enableKeyRotation", "keySpec", "origin", "pendingWindowInDays", "keyPolicy"],
      [KEY.classic]: [
        "enableKeyRotation",
        "customerMasterKeySpec",
        "customKeyStoreId",
        "deletionWindowInDays",
        "policy",
      ],
      [KEY_POLICY.classic]: ["policy"],
    },
    judge(subject, { settings, report }) {
      const native = isNative(subject.type);
      judgeOpen(subject.one(native ? "keyPolicy" : "policy"), report);
      if (subject.type === KEY_POLICY.classic) return;
      judgeRotation(subject, native, report);
      // Absent means 30 days (KMS API reference, ScheduleKeyDeletion).
      const window = subject.one(native ? "pendingWindowInDays" : "deletionWindowInDays");
      const limit = `${settings.keyDeletionDays} or more`;
      const fix = "Lengthen it, or leave it out for 30 days: after it nothing brings the key back.";
      const holds = within(settings.keyDeletionDays);
      demand(window, { check: "window", limit, fix, holds, optional: true }, report);
    },
  },
  remediate: {
    types: tokensOf(KEY),
    apply(props) {
      if (props.enableKeyRotation === true) return false;
      const spec = props.keySpec ?? props.customerMasterKeySpec ?? SYMMETRIC;
      if (spec !== SYMMETRIC || (props.origin ?? "AWS_KMS") !== "AWS_KMS" || props.customKeyStoreId) return false;
      props.enableKeyRotation = true;
      return true;
    },
  },
});

/**
 * KMS rotates only symmetric keys whose material it made and keeps itself (KMS API reference, EnableKeyRotation): not
 * asymmetric or HMAC keys, imported material, or keys of a custom key store.
 */
function judgeRotation(subject: Subject, native: boolean, report: Reporter<Check>): void {
  const rotation = subject.one("enableKeyRotation");
  if (valueIn(rotation) === true) return;
  const limit = "true";
  const spec = subject.one(native ? "keySpec" : "customerMasterKeySpec");
  const store = subject.one(native ? "origin" : "customKeyStoreId");
  const kept = textOf(store) ?? "";
  const isElsewhere = kept !== "" && !(native && kept === "AWS_KMS");
  const kind = textOf(spec) ?? SYMMETRIC;
  if (isElsewhere || kind !== SYMMETRIC) return;
  for (const reading of [spec, store, rotation]) {
    if (reading.state !== "unknown") continue;
    report.waits(reading.path, reading === rotation ? limit : "known, as enableKeyRotation is not true");
    return;
  }
  const value = show(valueIn(rotation));
  const fix = "Set it; KMS keeps the old material for what it encrypted.";
  report.fault({ check: "rotation", path: rotation.path, value, limit, fix });
}
