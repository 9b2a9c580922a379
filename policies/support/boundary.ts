/**
 * Managed policies that serve as a permissions boundary. A boundary grants nothing: it says how far grants may reach, so the
 * rules on grants leave it alone. They may, because iam-no-wildcard refuses to see it attached, from either side.
 */
import type { Reads, Subject } from "./subject.ts";

const POLICY = { native: "aws-native:iam:ManagedPolicy", classic: "aws:iam/policy:Policy" } as const;
const NAME: Readonly<Record<string, string>> = { [POLICY.native]: "managedPolicyName", [POLICY.classic]: "name" };
/** aws-native alone attaches a managed policy in the policy itself. */
const ATTACHED = ["groups", "roles", "users"];

/** What a rule that asks must declare. */
export const BOUNDARY_READS: Reads = {
  [POLICY.native]: [NAME[POLICY.native] ?? "", ...ATTACHED],
  [POLICY.classic]: [NAME[POLICY.classic] ?? ""],
};

/** The names of the stack's boundaries: `<stack>` in the setting stands for the stack. */
export const boundaryNames = (setting: readonly string[], stack: string): string[] =>
  setting.map((name) => name.replaceAll("<stack>", stack));

/** Whether the resource is a managed policy that is a boundary by its name, and attaches itself to nobody. */
export function isBoundary(subject: Subject, setting: readonly string[]): boolean {
  const property = NAME[subject.type];
  if (property === undefined) return false;
  const name = subject.one(property);
  if (name.state !== "known" || !boundaryNames(setting, subject.stack).some((one) => one === name.value)) return false;
  return ATTACHED.filter((path) => subject.has(path)).every((path) => {
    const reading = subject.one(path);
    return (
      reading.state === "absent" ||
      (reading.state === "known" && Array.isArray(reading.value) && reading.value.length === 0)
    );
  });
}

/** Whether the ARN of a managed policy is that of one of the stack's boundaries. */
export const namesBoundary = (arn: string, setting: readonly string[], stack: string): boolean =>
  boundaryNames(setting, stack).some((name) => arn.split("/").at(-1) === name);
